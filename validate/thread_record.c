// SPDX-License-Identifier: BSD-2-Clause
/*
 * thread_record.c: for each thread what it holds, waits for and does. Records are found by thread number and
 * pass on to the next thread of that number; they live until shutdown, so that a listing may look at any of
 * them.
 *
 * Lock: one for a share of the records (rank 720, never two), so that a listing sees a whole state; the table
 * of records is filled by atomic stores, each slot by the one thread that has its number. Called by the
 * checking variants and the listings.
 */
#include <mach/mach_time.h>
#include <string.h>
#include <libkern/OSDebug.h>

#include "validate/validate_internal.h"

#define THREADS_MAX 16384u
#define LOCKS       64u
#define OWN_FRAMES  3u /* of every stack, at most: those that take it; calls in tail position have none */

static struct thread_record *_Atomic *records;
static _Atomic uint32_t highest; /* number with a record */
static lck_spin_t *locks[LOCKS];
static lck_grp_t *group;

uint64_t now_ns(void)
{
    return mach_absolute_time();
}

__attribute__((noinline)) void validate_stack_take(struct validate_stack *stack)
{
    const void *caller = __builtin_return_address(0);
    void *pc[VALIDATE_DEPTH + OWN_FRAMES];
    unsigned depth = OSBacktrace(pc, VALIDATE_DEPTH + OWN_FRAMES), own = 0;

    while (own < depth && own < OWN_FRAMES && pc[own] != caller)
        own++;
    stack->depth = depth - own < VALIDATE_DEPTH ? depth - own : VALIDATE_DEPTH;
    memcpy(stack->pc, pc + own, stack->depth * sizeof(pc[0]));
}

void thread_record_boot(void)
{
    group = lck_grp_alloc_init("validate.thread", LCK_GRP_ATTR_NULL);
    for (unsigned i = 0; i < LOCKS; i++)
        locks[i] = lck_spin_alloc_init(group, LCK_ATTR_NULL);
    records = kern_alloc(THREADS_MAX * sizeof(*records), "validator");
}

void thread_record_shutdown(void)
{
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        struct thread_record *record = atomic_load_explicit(&records[i], memory_order_acquire);
        if (!record)
            continue;
        kern_free(record, sizeof(*record));
    }
    kern_free((void *)(uintptr_t)records, THREADS_MAX * sizeof(*records));
    records = NULL;
    for (unsigned i = 0; i < LOCKS; i++)
        lck_spin_free(locks[i], group);
    atomic_store(&highest, 0);
    lck_grp_free(group);
}

static void record_adopt(struct thread_record *record, struct kthread *self, uint32_t number)
{
    lck_spin_lock(record->lock);
    record->owner = self;
    record->number = number;
    record->n_held = 0;
    record->operation = NULL;
    record->waits = WAIT_NONE;
    record->told = 0;
    strlcpy(record->thread_name, kern_thread_name(self), sizeof(record->thread_name));
    lck_spin_unlock(record->lock);
}

struct thread_record *thread_record_self(void)
{
    struct kthread *self = kern_thread();
    uint32_t number = kern_thread_number(self) % THREADS_MAX;
    struct thread_record *record = atomic_load_explicit(&records[number], memory_order_acquire);

    if (__builtin_expect(record != NULL, 1)) {
        if (record->owner != self)
            record_adopt(record, self, number);
        return record;
    }
    record = kern_alloc(sizeof(*record), "validator");
    record->lock = locks[number % LOCKS];
    record_adopt(record, self, number);
    atomic_store_explicit(&records[number], record, memory_order_release);
    uint32_t most = atomic_load_explicit(&highest, memory_order_relaxed);
    while (number > most && !atomic_compare_exchange_weak_explicit(
                                &highest, &most, number, memory_order_release, memory_order_relaxed))
        ;
    return record;
}

struct thread_record *thread_record_at(uint32_t *index)
{
    while (*index <= atomic_load_explicit(&highest, memory_order_acquire)) {
        struct thread_record *record = atomic_load_explicit(&records[(*index)++], memory_order_acquire);
        if (record)
            return record;
    }
    return NULL;
}

void thread_record_each(void (*fn)(void *arg, struct thread_record *record), void *arg)
{
    struct thread_record *record;
    for (uint32_t i = 0; (record = thread_record_at(&i)) != NULL;) {
        lck_spin_lock(record->lock);
        fn(arg, record);
        lck_spin_unlock(record->lock);
    }
}

/* ---- what it holds ------------------------------------------------------------------------------------- */

struct held_lock *record_find(struct thread_record *record, const struct lock_entry *entry)
{
    for (unsigned i = record->n_held; i-- > 0;) {
        if (record->held[i].entry == entry)
            return &record->held[i];
    }
    return NULL;
}

void record_push(struct thread_record *record, struct lock_entry *entry, bool shared, bool spins)
{
    struct held_lock held = {.entry = entry, .shared = shared, .spins = spins, .since_ns = now_ns()};

    validate_stack_take(&held.stack);
    held.operation = record->operation ? record->operation->name : NULL;
    if (record->n_held == HELD_MAX)
        report_text("too-many-locks", true, NULL, NULL, "it holds more than %u locks at once", HELD_MAX);
    lck_spin_lock(record->lock);
    record->held[record->n_held++] = held;
    lck_spin_unlock(record->lock);
}

void record_drop(struct thread_record *record, struct held_lock *held)
{
    unsigned at = (unsigned)(held - record->held);

    lck_spin_lock(record->lock);
    record->n_held--;
    memmove(held, held + 1, (record->n_held - at) * sizeof(*held));
    lck_spin_unlock(record->lock);
}

/* ---- what it waits for --------------------------------------------------------------------------------- */

void record_wait_begin(struct thread_record *record, struct lock_entry *entry, const void *event,
                       const char *name)
{
    struct validate_stack stack;

    validate_stack_take(&stack);
    lck_spin_lock(record->lock);
    record->waits = entry ? WAIT_LOCK : WAIT_EVENT;
    record->wait_entry = entry;
    record->wait_event = event;
    record->wait_name = name;
    record->wait_since_ns = now_ns();
    record->wait_stack = stack;
    lck_spin_unlock(record->lock);
}

void record_wait_end(struct thread_record *record)
{
    lck_spin_lock(record->lock);
    record->waits = WAIT_NONE;
    lck_spin_unlock(record->lock);
}
