// SPDX-License-Identifier: BSD-2-Clause
/*
 * sleep.c: the sleep queues: a hash of event addresses to lists of waiting threads, first come first woken.
 *
 * A sleeper queues itself while it still holds the lock of its condition, so a wake-up after that lock was
 * released finds it. A waker takes it off the queue and gives its host thread a permit; the sleeper leaves
 * only after it is off the queue. Most wake-ups find nobody: the waker looks at the count of a bucket's
 * sleepers first, after a fence that stands against the sleeper's, which counts itself before it looks at its
 * condition for the last time.
 *
 * Locks: one per bucket (rank 900). Nothing is taken inside. Called from msleep, wakeup, lck_*_sleep,
 * thread_call...
 */
#include <stdatomic.h>

#include "kern/sleep_internal.h"

#define N_BUCKETS  256u /* a power of two */
#define WAKE_BATCH 32u

struct bucket {
    struct host_mutex lock;
    struct kthread *first, *last;
    _Atomic uint32_t sleepers; /* changes under the lock */
} __attribute__((aligned(64)));

static struct bucket buckets[N_BUCKETS];

/* What was stored before is seen by everybody before anything is loaded that comes after. */
static inline void fence(void)
{
    __asm__ volatile("lock; orl $0, (%%rsp)" : : : "memory", "cc");
}

void sleep_init(void)
{
    for (unsigned i = 0; i < N_BUCKETS; i++)
        host_mutex_init(&buckets[i].lock);
}

static struct bucket *bucket_of(event_t event)
{
    return &buckets[((uintptr_t)event * 0x9e3779b97f4a7c15ULL) >> 56];
}

static void queue_append(struct bucket *bucket, struct kthread *thread)
{
    thread->t_sleep_next = NULL;
    thread->t_sleep_previous = bucket->last;
    if (bucket->last)
        bucket->last->t_sleep_next = thread;
    else
        bucket->first = thread;
    bucket->last = thread;
    atomic_fetch_add(&bucket->sleepers, 1);
}

static void queue_remove(struct bucket *bucket, struct kthread *thread)
{
    atomic_fetch_sub_explicit(&bucket->sleepers, 1, memory_order_relaxed);
    if (thread->t_sleep_previous)
        thread->t_sleep_previous->t_sleep_next = thread->t_sleep_next;
    else
        bucket->first = thread->t_sleep_next;
    if (thread->t_sleep_next)
        thread->t_sleep_next->t_sleep_previous = thread->t_sleep_previous;
    else
        bucket->last = thread->t_sleep_previous;
}

wait_result_t sleep_begin(event_t event, bool interruptible, uint64_t deadline, const char *message)
{
    struct kthread *self = thread_self();
    struct bucket *bucket = bucket_of(event);

    KASSERT(atomic_load_explicit(&self->t_sleep_state, memory_order_relaxed) == SLEEP_NONE,
            "thread %u waits for two events at once (%s)", self->t_number, message);
    if (interruptible && call_interrupted(self)) {
        self->t_wait_result = THREAD_INTERRUPTED;
        return THREAD_INTERRUPTED;
    }
    self->t_sleep_event = event;
    self->t_sleep_interruptible = interruptible;
    self->t_sleep_deadline = deadline;
    self->t_sleep_message = message;
    self->t_wait_result = THREAD_WAITING;
    host_mutex_lock(&bucket->lock);
    atomic_store_explicit(&self->t_sleep_state, SLEEP_WAITING, memory_order_relaxed);
    queue_append(bucket, self);
    host_mutex_unlock(&bucket->lock);
    return THREAD_WAITING;
}

/* The sleeper gives up by itself, unless a waker was faster. */
static void sleep_cancel(struct kthread *self, wait_result_t result)
{
    struct bucket *bucket = bucket_of(self->t_sleep_event);

    host_mutex_lock(&bucket->lock);
    if (atomic_load_explicit(&self->t_sleep_state, memory_order_relaxed) == SLEEP_WAITING) {
        queue_remove(bucket, self);
        self->t_wait_result = result;
        atomic_store_explicit(&self->t_sleep_state, SLEEP_WOKEN, memory_order_relaxed);
    }
    host_mutex_unlock(&bucket->lock);
}

wait_result_t sleep_wait(void)
{
    struct kthread *self = thread_self();

    KASSERT(!self->t_spins, "thread %u goes to sleep (%s) with %u spin locks held", self->t_number,
            self->t_sleep_message ? self->t_sleep_message : "", self->t_spins);
    while (atomic_load_explicit(&self->t_sleep_state, memory_order_acquire) == SLEEP_WAITING) {
        switch (host_park(self->t_sleep_deadline, self->t_sleep_interruptible)) {
        case HOST_ETIMEDOUT:
            sleep_cancel(self, THREAD_TIMED_OUT);
            break;
        case HOST_EINTERRUPTED:
            if (call_interrupted(self))
                sleep_cancel(self, THREAD_INTERRUPTED);
            break;
        default:
            break;
        }
    }
    atomic_store_explicit(&self->t_sleep_state, SLEEP_NONE, memory_order_relaxed);
    self->t_sleep_message = NULL;
    return self->t_wait_result;
}

static void unpark_batch(struct host_thread **batch, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        host_unpark(batch[i]);
}

/* Bucket lock held. The state is the last thing touched: the block may be gone as soon as it says
 * SLEEP_WOKEN. */
static struct host_thread *sleep_release(struct bucket *bucket, struct kthread *thread, wait_result_t result)
{
    struct host_thread *host = thread->t_host;

    queue_remove(bucket, thread);
    thread->t_wait_result = result;
    atomic_store_explicit(&thread->t_sleep_state, SLEEP_WOKEN, memory_order_release);
    return host;
}

unsigned sleep_wake(event_t event, bool one, wait_result_t result)
{
    struct bucket *bucket = bucket_of(event);
    struct host_thread *batch[WAKE_BATCH];
    struct kthread *thread, *next;
    unsigned n = 0, total = 0;

    fence();
    if (atomic_load_explicit(&bucket->sleepers, memory_order_relaxed) == 0)
        return 0;
    host_mutex_lock(&bucket->lock);
    for (thread = bucket->first; thread && !(one && total); thread = next) {
        next = thread->t_sleep_next;
        if (thread->t_sleep_event != event)
            continue;
        batch[n++] = sleep_release(bucket, thread, result);
        total++;
        if (n == WAKE_BATCH) {
            unpark_batch(batch, n);
            n = 0;
        }
    }
    host_mutex_unlock(&bucket->lock);
    unpark_batch(batch, n);
    return total;
}

static bool sleep_interruptible(wait_interrupt_t interruptible)
{
    return interruptible != THREAD_UNINT;
}

wait_result_t assert_wait(event_t event, wait_interrupt_t interruptible)
{
    return sleep_begin(event, sleep_interruptible(interruptible), HOST_FOREVER, "assert_wait");
}

wait_result_t assert_wait_deadline(event_t event, wait_interrupt_t interruptible, uint64_t deadline)
{
    return sleep_begin(event, sleep_interruptible(interruptible), deadline ? deadline : HOST_FOREVER,
                       "assert_wait_deadline");
}

wait_result_t assert_wait_timeout(event_t event, wait_interrupt_t interruptible, uint32_t interval,
                                  uint32_t scale_factor)
{
    return sleep_begin(event, sleep_interruptible(interruptible),
                       host_time_mono_ns() + (uint64_t)interval * scale_factor, "assert_wait_timeout");
}

wait_result_t thread_block_parameter(thread_continue_t continuation, void *parameter)
{
    struct kthread *self = thread_self();
    wait_result_t result;

    if (atomic_load_explicit(&self->t_sleep_state, memory_order_relaxed) == SLEEP_NONE) {
        host_thread_yield();
        result = self->t_wait_result;
    } else {
        result = sleep_wait();
    }
    if (continuation)
        thread_continue_with(continuation, parameter, result);
    return result;
}

wait_result_t thread_block(thread_continue_t continuation)
{
    return thread_block_parameter(continuation, thread_self()->t_parameter);
}

kern_return_t thread_wakeup_prim(event_t event, boolean_t one_thread, wait_result_t result)
{
    return sleep_wake(event, one_thread, result) ? KERN_SUCCESS : KERN_NOT_WAITING;
}

kern_return_t thread_wakeup_thread(event_t event, thread_t thread)
{
    struct kthread *wanted = (struct kthread *)(void *)thread, *at;
    struct bucket *bucket = bucket_of(event);
    struct host_thread *host = NULL;

    host_mutex_lock(&bucket->lock);
    for (at = bucket->first; at && !(at == wanted && at->t_sleep_event == event); at = at->t_sleep_next)
        ;
    if (at)
        host = sleep_release(bucket, at, THREAD_AWAKENED);
    host_mutex_unlock(&bucket->lock);
    if (!host)
        return KERN_NOT_WAITING;
    host_unpark(host);
    return KERN_SUCCESS;
}
