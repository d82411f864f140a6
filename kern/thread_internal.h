// SPDX-License-Identifier: BSD-2-Clause
/*
 * thread_internal.h: the kernel's block for one thread, shared by the files of kern/ that keep something in
 * it.
 */
#ifndef KEXTBED_KERN_THREAD_INTERNAL_H
#define KEXTBED_KERN_THREAD_INTERNAL_H

#include <stdatomic.h>
#include <kern/locks.h>
#include <kern/thread.h>

#include "kern/kern_iface.h"
#include "host/host.h"

enum sleep_state {
    SLEEP_NONE,    /* not on a sleep queue */
    SLEEP_WAITING, /* on one: between assert_wait and the wake-up */
    SLEEP_WOKEN,   /* taken off, the result is set; thread_block has not seen it yet */
};

/* A lock that a thread has taken: its group and where that was. */
struct held_lock {
    const void *lock;
    const lck_grp_t *group;
    const void *pc;
};
#define HELD_LOCKS_MAX 12u

/* Field legend: [i] constant after the start, [t] the thread itself only, [q] sleep queue bucket lock, [a]
 * atomic, [l] thread table lock. */
struct kthread {
    struct host_thread *t_host; /* [i] */
    uint32_t t_number;          /* [i] host_thread_id */
    _Atomic uint32_t t_refs;    /* [a] the running thread, and thread_reference() */
    uint64_t t_tid;             /* [i] never reused */

    /* sleep.c */
    struct kthread *t_sleep_next, *t_sleep_previous; /* [q] */
    event_t t_sleep_event;                           /* [t] to set while not queued, [q] to read */
    uint64_t t_sleep_deadline;                       /* [t] nanoseconds or HOST_FOREVER */
    const char *t_sleep_message;                     /* [t] */
    wait_result_t t_wait_result;                     /* [q] while queued, else [t] */
    bool t_sleep_interruptible;                      /* [t] */
    _Atomic uint32_t t_sleep_state;                  /* [a] the last thing a waker touches */

    /* lock_*.c: what the thread holds */
    unsigned t_mutexes, t_spins, t_rws;           /* [t] */
    unsigned t_held;                              /* [t] rows in use */
    struct held_lock t_held_rows[HELD_LOCKS_MAX]; /* [t] which, for reports; what does not fit is not told */

    /* call.c */
    struct kern_call *t_call;   /* [t] innermost */
    _Atomic uint64_t t_call_id; /* [a] written by [t] */
    _Atomic uint64_t
        t_interrupted_id;             /* [a] the call that was interrupted; counts while equal to t_call_id */
    uint64_t t_calls;                 /* [t] calls begun, for ids */
    const char *_Atomic t_call_name;  /* [a] what the outermost call is called; means nothing without one */
    _Atomic uint64_t t_call_since_ns; /* [a] when it began, where that is noted */

    /* thread_kernel.c */
    bool t_kernel;                                 /* [i] made by kernel_thread_start */
    uint32_t t_owner;                              /* [i] of the code that started it */
    void (*t_continuation)(void *, wait_result_t); /* [t] */
    void *t_parameter;                             /* [t] */

    void *t_slots[KERN_THREAD_SLOTS]; /* [t] */
    char t_name[64];                  /* [t] to write */
};

extern __thread struct kthread *thread_self_block;

/** thread_adopt - make the calling thread's block. */
struct kthread *thread_adopt(void);

static inline struct kthread *thread_self(void)
{
    struct kthread *self = thread_self_block;

    return __builtin_expect(self != NULL, 1) ? self : thread_adopt();
}

void thread_init(void);
/** thread_block_alloc - a block that no thread runs yet, with one reference. NULL: no memory. */
struct kthread *thread_block_alloc(void);
/** thread_block_attach - make @thread the calling thread's block. */
void thread_block_attach(struct kthread *thread);
void thread_release(struct kthread *thread);
/** thread_exit_upcall - the host's news that the thread of this block has ended. */
void thread_exit_upcall(void *data);
uint32_t thread_kernel_count(void);
uint32_t thread_kernel_owner_count(uint32_t owner);
void thread_kernel_ended(struct kthread *thread);
/** thread_continue_with - leave the calling kernel thread's stack and go on in @continuation. Does not
 * return. */
void thread_continue_with(thread_continue_t continuation, void *parameter, wait_result_t result)
    __attribute__((noreturn));

/** call_interrupted - was the call that @self runs interrupted? */
static inline bool call_interrupted(struct kthread *self)
{
    uint64_t id = atomic_load_explicit(&self->t_call_id, memory_order_relaxed);

    return id && atomic_load_explicit(&self->t_interrupted_id, memory_order_relaxed) == id;
}

#endif
