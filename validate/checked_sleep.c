// SPDX-License-Identifier: BSD-2-Clause
/*
 * checked_sleep.c: the checking variants of what sleeps: with a lock that is released meanwhile, and without.
 * Other locks but spin locks may be held over it. Called by kexts, and by the stubs of checked_block.S.
 */
#include <sys/malloc.h>
#include <sys/param.h>

#include "validate/checked_internal.h"

#define CALLER __builtin_return_address(0)

struct sleeper {
    struct thread_record *record;
    struct lock_entry *entry; /* NULL: it sleeps without a lock */
    bool shared, spins;
};

/* The lock goes from the record before it goes, and nothing that spins may be left. */
static void sleep_begin(struct sleeper *sleeper, const void *lock, enum lock_kind kind, const void *event,
                        const char *name, const char *call, const void *caller)
{
    *sleeper = (struct sleeper){.record = thread_record_self()};
    if (lock) {
        sleeper->entry = checked_find(lock, kind, call, caller);
        struct held_lock *held = checked_held(sleeper->record, sleeper->entry, call);
        sleeper->shared = held->shared;
        sleeper->spins = held->spins;
        record_drop(sleeper->record, held);
    }
    validate_no_spins(call, caller);
    record_wait_begin(sleeper->record, NULL, event, name ? name : call);
}

static void sleep_end(struct sleeper *sleeper, bool locked)
{
    record_wait_end(sleeper->record);
    if (sleeper->entry && locked)
        record_push(sleeper->record, sleeper->entry, sleeper->shared, sleeper->spins);
}

static wait_result_t mtx_sleep(lck_mtx_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t how,
                               uint64_t deadline, const char *call, const void *caller)
{
    struct sleeper sleeper;
    sleep_begin(&sleeper, lck, LOCK_MTX, (const void *)event, NULL, call, caller);
    wait_result_t result = lck_mtx_sleep_deadline(lck, action, event, how, deadline);
    sleep_end(&sleeper, !(action & LCK_SLEEP_UNLOCK));
    return result;
}

wait_result_t checked_lck_mtx_sleep(lck_mtx_t *lck, lck_sleep_action_t action, event_t event,
                                    wait_interrupt_t interruptible)
{
    return mtx_sleep(lck, action, event, interruptible, 0, "lck_mtx_sleep", CALLER);
}

wait_result_t checked_lck_mtx_sleep_deadline(lck_mtx_t *lck, lck_sleep_action_t action, event_t event,
                                             wait_interrupt_t interruptible, uint64_t deadline)
{
    return mtx_sleep(lck, action, event, interruptible, deadline, "lck_mtx_sleep_deadline", CALLER);
}

static wait_result_t spin_sleep(lck_spin_t *lck, lck_sleep_action_t action, event_t event,
                                wait_interrupt_t how, uint64_t deadline, const char *call, const void *caller)
{
    struct sleeper sleeper;
    sleep_begin(&sleeper, lck, LOCK_SPIN, (const void *)event, NULL, call, caller);
    wait_result_t result = lck_spin_sleep_deadline(lck, action, event, how, deadline);
    sleep_end(&sleeper, !(action & LCK_SLEEP_UNLOCK));
    return result;
}

wait_result_t checked_lck_spin_sleep(lck_spin_t *lck, lck_sleep_action_t action, event_t event,
                                     wait_interrupt_t interruptible)
{
    return spin_sleep(lck, action, event, interruptible, 0, "lck_spin_sleep", CALLER);
}

wait_result_t checked_lck_spin_sleep_deadline(lck_spin_t *lck, lck_sleep_action_t action, event_t event,
                                              wait_interrupt_t interruptible, uint64_t deadline)
{
    return spin_sleep(lck, action, event, interruptible, deadline, "lck_spin_sleep_deadline", CALLER);
}

static wait_result_t rw_sleep(lck_rw_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t how,
                              uint64_t deadline, const char *call, const void *caller)
{
    struct sleeper sleeper;
    sleep_begin(&sleeper, lck, LOCK_RW, (const void *)event, NULL, call, caller);
    wait_result_t result = lck_rw_sleep_deadline(lck, action, event, how, deadline);
    /* One that did not sleep at all has kept the lock as it was. */
    if (result != THREAD_INTERRUPTED && (action & LCK_SLEEP_SHARED))
        sleeper.shared = true;
    if (result != THREAD_INTERRUPTED && (action & LCK_SLEEP_EXCLUSIVE))
        sleeper.shared = false;
    if (result == THREAD_INTERRUPTED)
        sleeper.shared = !lck_rw_held_exclusive(lck);
    sleep_end(&sleeper, !(action & LCK_SLEEP_UNLOCK));
    return result;
}

wait_result_t checked_lck_rw_sleep(lck_rw_t *lck, lck_sleep_action_t action, event_t event,
                                   wait_interrupt_t interruptible)
{
    return rw_sleep(lck, action, event, interruptible, 0, "lck_rw_sleep", CALLER);
}

wait_result_t checked_lck_rw_sleep_deadline(lck_rw_t *lck, lck_sleep_action_t action, event_t event,
                                            wait_interrupt_t interruptible, uint64_t deadline)
{
    return rw_sleep(lck, action, event, interruptible, deadline, "lck_rw_sleep_deadline", CALLER);
}

/* ---- BSD ----------------------------------------------------------------------------------------------- */

int checked_msleep(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, struct timespec *ts)
{
    struct sleeper sleeper;
    sleep_begin(&sleeper, mtx, LOCK_MTX, chan, wmesg, "msleep", CALLER);
    int error = msleep(chan, mtx, pri, wmesg, ts);
    sleep_end(&sleeper, !(pri & PDROP));
    return error;
}

/* The continuation runs when the lock is back, so it comes after the bookkeeping. */
int checked_msleep0(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, int timo,
                    int (*continuation)(int))
{
    struct sleeper sleeper;
    sleep_begin(&sleeper, mtx, LOCK_MTX, chan, wmesg, "msleep0", CALLER);
    int error = msleep0(chan, mtx, pri, wmesg, timo, NULL);
    sleep_end(&sleeper, !(pri & PDROP));
    return continuation ? continuation(error) : error;
}

int checked_msleep1(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, uint64_t abstime)
{
    struct sleeper sleeper;
    sleep_begin(&sleeper, mtx, LOCK_MTX, chan, wmesg, "msleep1", CALLER);
    int error = msleep1(chan, mtx, pri, wmesg, abstime);
    sleep_end(&sleeper, !(pri & PDROP));
    return error;
}

int checked_tsleep(void *chan, int pri, const char *wmesg, int timo)
{
    struct sleeper sleeper;
    sleep_begin(&sleeper, NULL, LOCK_MTX, chan, wmesg, "tsleep", CALLER);
    int error = tsleep(chan, pri, wmesg, timo);
    sleep_end(&sleeper, false);
    return error;
}

/* ---- everything else that may sleep -------------------------------------------------------------------- */

void checked_before_block(const char *name, const void *caller, const uint64_t *registers)
{
    (void)registers;
    validate_no_spins(name, caller);
}

/* The third argument of _MALLOC and its like says whether it may. */
void checked_before_malloc(const char *name, const void *caller, const uint64_t *registers)
{
    if (!(registers[2] & M_NOWAIT))
        validate_no_spins(name, caller);
}
