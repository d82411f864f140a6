// SPDX-License-Identifier: BSD-2-Clause
/*
 * posix_internal.h: what the files of host/posix share. Nobody else includes it.
 */
#ifndef KEXTBED_HOST_POSIX_INTERNAL_H
#define KEXTBED_HOST_POSIX_INTERNAL_H

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>

#include "host/host.h"

/* The permit word of a thread: any combination of these. */
#define PARK_PERMIT    1u /* host_unpark() was called and not consumed */
#define PARK_INTERRUPT 2u /* host_thread_interrupt() was called and not consumed */
#define PARK_ASLEEP    4u /* the thread waits in the futex, or is about to */

/* One per thread that ever called in; allocated once, then only reused (type-stable). Field legend: [t] the
 * thread itself, [l] thread list lock, [a] atomic, [i] set before the thread runs. */
struct host_thread {
    _Atomic uint32_t park_word;  /* [a] */
    uint32_t id;                 /* [i] index in the table, constant for the life of the memory */
    _Atomic uint32_t refs;       /* [a] the running thread, and the creator until join or detach */
    bool alive;                  /* [l] attached to a thread that runs */
    bool created;                /* [i] made by host_thread_create, not adopted */
    pthread_t handle;            /* [i] */
    void (*fn)(void *);          /* [t] what to run (again) from the bottom of the stack */
    void *arg;                   /* [t] */
    void *data;                  /* [t] for the thread_exit upcall */
    uintptr_t stack_low;         /* [t] bounds of the normal stack, for backtraces */
    uintptr_t stack_high;        /* [t] */
    void *signal_stack;          /* [t] our alternate stack, NULL when there is none */
    void *previous_signal_stack; /* [t] what was installed before ours (a sanitizer's), restored at the end */
    size_t previous_signal_stack_size;
    jmp_buf bottom;           /* [t] */
    struct host_thread *next; /* [l] free list */
    char name[16];            /* [i] */
};

extern struct host_upcalls host_upcalls_given; /* init.c; constant after host_init */

int thread_table_init(void);
/** thread_self_if_known - the calling thread's token, NULL when it was never adopted. Signal-safe. */
struct host_thread *thread_self_if_known(void);
/** thread_signal - send @signo to the running thread with that id. False: there is none. */
bool thread_signal(uint32_t id, int signo);
/** sample_init - the handler behind host_thread_backtrace(). */
int sample_init(void);
/** thread_blocks - the calling thread is about to sleep: tell whoever asked for it. */
void thread_blocks(void);
int arena_init(void);
int fault_init(void);
/** fault_stack_install / _remove - the calling thread's alternate signal stack. */
void fault_stack_install(struct host_thread *self);
void fault_stack_remove(struct host_thread *self);

/** futex_wait - sleep while *word == expected; @deadline_ns absolute monotonic or HOST_FOREVER. False: timed
 * out. */
bool futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns);
void futex_wake(_Atomic uint32_t *word, int count);

/* How often a locker looks again before it sleeps; 0 where only one processor may run. Most locks are held
 * for less time than a sleep and a wake-up take. Each look takes the lock's cache line from its holder, who
 * needs it back to let go, so the looks soon are far apart: some 150 pauses in all, a few microseconds. */
#define SPIN_LOOKS      12u
#define SPIN_PAUSES_MAX 16u
extern unsigned spin_looks; /* futex.c; set by host_init */

/** spin_pause - before look number @look, from 0. */
static inline void spin_pause(unsigned look)
{
    unsigned pauses = look < 4 ? 1u << look : SPIN_PAUSES_MAX;

    while (pauses--)
        __builtin_ia32_pause();
}

/* The smallest lock there is. What these words say: */
#define WORD_FREE   0u
#define WORD_HELD   1u
#define WORD_WANTED 2u /* held, and somebody may be waiting */

/** word_lock_slow, word_unlock_slow - the rest of the two below, where there is competition. futex.c. */
void word_lock_slow(_Atomic uint32_t *word);
void word_unlock_slow(_Atomic uint32_t *word);

static inline bool word_trylock(_Atomic uint32_t *word)
{
    uint32_t seen = WORD_FREE;

    return atomic_compare_exchange_strong_explicit(word, &seen, WORD_HELD, memory_order_acquire,
                                                   memory_order_relaxed);
}

static inline void word_lock(_Atomic uint32_t *word)
{
    if (__builtin_expect(!word_trylock(word), 0))
        word_lock_slow(word);
}

static inline void word_unlock(_Atomic uint32_t *word)
{
    if (__builtin_expect(atomic_exchange_explicit(word, WORD_FREE, memory_order_release) == WORD_WANTED, 0))
        word_unlock_slow(word);
}

#endif
