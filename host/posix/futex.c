// SPDX-License-Identifier: BSD-2-Clause
/*
 * futex.c: the system's wait-on-a-word call, under park.c, mutex.c and rwlock.c, and the smallest lock made
 * of it.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host/posix/posix_internal.h"

unsigned spin_looks;

bool futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    struct timespec at, *timeout = NULL;
    long result;

    if (deadline_ns != HOST_FOREVER) {
        at.tv_sec = (time_t)(deadline_ns / 1000000000u);
        at.tv_nsec = (long)(deadline_ns % 1000000000u);
        timeout = &at;
    }
    thread_blocks();
    /* The bitset form is the one whose time-out is absolute and monotonic. */
    result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected, timeout, NULL,
                     FUTEX_BITSET_MATCH_ANY);
    return !(result < 0 && errno == ETIMEDOUT);
}

void futex_wake(_Atomic uint32_t *word, int count)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, NULL, NULL, 0);
}

void word_lock_slow(_Atomic uint32_t *word)
{
    for (unsigned i = 0; i < spin_looks; i++) {
        spin_pause(i);
        if (atomic_load_explicit(word, memory_order_relaxed) == WORD_FREE && word_trylock(word))
            return;
    }
    while (atomic_exchange_explicit(word, WORD_WANTED, memory_order_acquire) != WORD_FREE)
        (void)futex_wait(word, WORD_WANTED, HOST_FOREVER);
}

void word_unlock_slow(_Atomic uint32_t *word)
{
    futex_wake(word, 1);
}
