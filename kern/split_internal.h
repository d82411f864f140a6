// SPDX-License-Identifier: BSD-2-Clause
/*
 * split_internal.h: counters that every thread changes and hardly anybody reads. One word that all CPUs add
 * to is a cache line that travels at every addition, which soon costs more than what is counted; so a counter
 * is split into ways, a line each, and a thread keeps to one of them. Exact once the threads that count are
 * quiet; a sum taken meanwhile may miss what is being counted. No locks.
 */
#ifndef KEXTBED_KERN_SPLIT_INTERNAL_H
#define KEXTBED_KERN_SPLIT_INTERNAL_H

#include <stdatomic.h>
#include <stdint.h>

#include "kern/thread_internal.h"

#define SPLIT_WAYS  8u
#define SPLIT_BYTES 64u /* from one way to the next */

struct split_count {
    struct {
        _Atomic int64_t n;
        char pad[SPLIT_BYTES - sizeof(int64_t)];
    } ways[SPLIT_WAYS];
};

/** split_way - the calling thread's. Any thread may ask, one that the kernel half does not know too. */
static inline unsigned split_way(void)
{
    const struct kthread *self = thread_self_block;

    return self ? self->t_number % SPLIT_WAYS : 0;
}

/* What is done before a subtraction happened before whatever is done by who sees its result in a sum. */
static inline void split_add(struct split_count *count, int64_t n)
{
    atomic_fetch_add_explicit(&count->ways[split_way()].n, n, memory_order_release);
}

static inline int64_t split_sum(struct split_count *count)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < SPLIT_WAYS; i++)
        sum += atomic_load_explicit(&count->ways[i].n, memory_order_acquire);
    return sum;
}

#endif
