// SPDX-License-Identifier: BSD-2-Clause
/*
 * thread_call_internal.h: the inside of a thread call, shared by thread_call.c (the public functions) and
 * thread_call_run.c (the threads).
 */
#ifndef KEXTBED_KERN_THREAD_CALL_INTERNAL_H
#define KEXTBED_KERN_THREAD_CALL_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <kern/thread_call.h>

enum call_state {
    CALL_IDLE,
    CALL_DELAYED, /* on the list of delayed calls, by deadline */
    CALL_READY,   /* on the list that worker threads take from */
};

/* All fields under the queue lock, except those that are constant after allocation [i]. */
struct thread_call {
    thread_call_func_t tc_func;    /* [i] */
    thread_call_param_t tc_param0; /* [i] */
    thread_call_param_t tc_param1;
    uint64_t tc_deadline;
    struct thread_call *tc_next, *tc_previous;
    enum call_state tc_state;
    uint32_t tc_running; /* threads inside tc_func */
    bool tc_once;        /* [i] never two at once */
    bool tc_freed;       /* thread_call_free was called while it ran: the last runner frees */
    uint32_t tc_owner;   /* [i] */
};

void thread_call_init(void);
int thread_call_start(void);
void thread_call_stop(void);
uint32_t thread_call_count(void);
uint32_t thread_call_owner_count(uint32_t owner);

/* thread_call_run.c; all need the queue lock held, except where said. */
void queue_lock(void);
void queue_unlock(void);
/** queue_ready / queue_delayed - put an idle call on a list and tell who has to know. */
void queue_ready(thread_call_t call);
void queue_delayed(thread_call_t call, uint64_t deadline);
/** queue_take_off - make a queued call idle. */
void queue_take_off(thread_call_t call);
/** queue_wait_idle - wait until nobody runs @call; drops the lock meanwhile. Panics inside the call itself.
 */
void queue_wait_idle(thread_call_t call);
/** thread_call_dispose - free a call that is idle and not running. Lock not needed. */
void thread_call_dispose(thread_call_t call);

#endif
