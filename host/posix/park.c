// SPDX-License-Identifier: BSD-2-Clause
/*
 * park.c: waiting for a permit. The whole state is the thread's park_word; there is no lock.
 * Under the kernel half's sleep queues, timers and worker threads.
 *
 * The sleeper announces itself (PARK_ASLEEP) in the same word that wakers set, and the system call refuses to
 * sleep when the word has changed since, so a wake-up between the check and the sleep is not lost.
 */
#include "host/posix/posix_internal.h"

int host_park(uint64_t deadline_ns, bool interruptible)
{
    _Atomic uint32_t *word = &host_thread_self()->park_word;
    uint32_t seen = atomic_load_explicit(word, memory_order_acquire);
    bool expired = false;

    for (;;) {
        uint32_t taken;

        if (seen & PARK_PERMIT)
            taken = PARK_PERMIT;
        else if (interruptible && (seen & PARK_INTERRUPT))
            taken = PARK_INTERRUPT;
        else
            taken = 0;
        if (taken || expired) {
            if (!atomic_compare_exchange_weak_explicit(word, &seen, seen & ~(taken | PARK_ASLEEP),
                                                       memory_order_acquire, memory_order_acquire))
                continue;
            return taken == PARK_PERMIT ? HOST_OK : taken ? HOST_EINTERRUPTED : HOST_ETIMEDOUT;
        }
        if (!(seen & PARK_ASLEEP)) {
            if (!atomic_compare_exchange_weak_explicit(word, &seen, seen | PARK_ASLEEP, memory_order_acquire,
                                                       memory_order_acquire))
                continue;
            seen |= PARK_ASLEEP;
        }
        expired = !futex_wait(word, seen, deadline_ns);
        seen = atomic_load_explicit(word, memory_order_acquire);
    }
}

static void park_signal(struct host_thread *thread, uint32_t bit)
{
    uint32_t before = atomic_fetch_or_explicit(&thread->park_word, bit, memory_order_release);

    if ((before & PARK_ASLEEP) && !(before & bit))
        futex_wake(&thread->park_word, 1);
}

void host_unpark(struct host_thread *thread)
{
    park_signal(thread, PARK_PERMIT);
}

void host_thread_interrupt(struct host_thread *thread)
{
    park_signal(thread, PARK_INTERRUPT);
}

void host_thread_interrupt_clear(void)
{
    atomic_fetch_and_explicit(&host_thread_self()->park_word, ~PARK_INTERRUPT, memory_order_relaxed);
}
