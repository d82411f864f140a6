// SPDX-License-Identifier: BSD-2-Clause
/*
 * lock_sleep.c: waiting for an event with a lock released meanwhile. The thread is on the event's queue
 * before the lock is let go, so no wake-up in between is lost.
 */
#include "kern/lock_internal.h"
#include "kern/sleep_internal.h"

static uint64_t deadline_of(uint64_t deadline)
{
    return deadline ? deadline : HOST_FOREVER;
}

static wait_result_t mtx_sleep(lck_mtx_t *lck, lck_sleep_action_t action, event_t event,
                               wait_interrupt_t interruptible, uint64_t deadline)
{
    wait_result_t result = sleep_begin(event, interruptible != THREAD_UNINT, deadline, "lck_mtx_sleep");

    if (result == THREAD_WAITING) {
        lck_mtx_unlock(lck);
        result = sleep_wait();
        if (!(action & LCK_SLEEP_UNLOCK))
            lck_mtx_lock(lck);
    } else if (action & LCK_SLEEP_UNLOCK) {
        lck_mtx_unlock(lck);
    }
    return result;
}

wait_result_t lck_mtx_sleep(lck_mtx_t *lck, lck_sleep_action_t action, event_t event,
                            wait_interrupt_t interruptible)
{
    return mtx_sleep(lck, action, event, interruptible, HOST_FOREVER);
}

wait_result_t lck_mtx_sleep_deadline(lck_mtx_t *lck, lck_sleep_action_t action, event_t event,
                                     wait_interrupt_t interruptible, uint64_t deadline)
{
    return mtx_sleep(lck, action, event, interruptible, deadline_of(deadline));
}

static wait_result_t spin_sleep(lck_spin_t *lck, lck_sleep_action_t action, event_t event,
                                wait_interrupt_t interruptible, uint64_t deadline)
{
    wait_result_t result = sleep_begin(event, interruptible != THREAD_UNINT, deadline, "lck_spin_sleep");

    if (result == THREAD_WAITING) {
        lck_spin_unlock(lck);
        result = sleep_wait();
        if (!(action & LCK_SLEEP_UNLOCK))
            lck_spin_lock(lck);
    } else if (action & LCK_SLEEP_UNLOCK) {
        lck_spin_unlock(lck);
    }
    return result;
}

wait_result_t lck_spin_sleep(lck_spin_t *lck, lck_sleep_action_t action, event_t event,
                             wait_interrupt_t interruptible)
{
    return spin_sleep(lck, action, event, interruptible, HOST_FOREVER);
}

wait_result_t lck_spin_sleep_deadline(lck_spin_t *lck, lck_sleep_action_t action, event_t event,
                                      wait_interrupt_t interruptible, uint64_t deadline)
{
    return spin_sleep(lck, action, event, interruptible, deadline_of(deadline));
}

static wait_result_t rw_sleep(lck_rw_t *lck, lck_sleep_action_t action, event_t event,
                              wait_interrupt_t interruptible, uint64_t deadline)
{
    wait_result_t result = sleep_begin(event, interruptible != THREAD_UNINT, deadline, "lck_rw_sleep");
    lck_rw_type_t held;

    if (result != THREAD_WAITING) {
        if (action & LCK_SLEEP_UNLOCK)
            (void)lck_rw_done(lck);
        return result;
    }
    held = lck_rw_done(lck);
    result = sleep_wait();
    if (action & LCK_SLEEP_UNLOCK)
        return result;
    if (action & LCK_SLEEP_EXCLUSIVE)
        held = LCK_RW_TYPE_EXCLUSIVE;
    else if (action & LCK_SLEEP_SHARED)
        held = LCK_RW_TYPE_SHARED;
    lck_rw_lock(lck, held);
    return result;
}

wait_result_t lck_rw_sleep(lck_rw_t *lck, lck_sleep_action_t action, event_t event,
                           wait_interrupt_t interruptible)
{
    return rw_sleep(lck, action, event, interruptible, HOST_FOREVER);
}

wait_result_t lck_rw_sleep_deadline(lck_rw_t *lck, lck_sleep_action_t action, event_t event,
                                    wait_interrupt_t interruptible, uint64_t deadline)
{
    return rw_sleep(lck, action, event, interruptible, deadline_of(deadline));
}
