// SPDX-License-Identifier: BSD-2-Clause
/*
 * thread_call_run.c: the threads behind thread calls: workers that run what is ready, as many as there are
 * calls that block, up to a limit; and one timer thread that moves delayed calls over when their time has
 * come.
 *
 * Lock: call_lock (rank 820) over both lists and every call; never held while a call's function runs. Idle
 * threads wait in host_park for a permit.
 */
#include <stdatomic.h>
#include <sys/errno.h>

#include "kern/sleep_internal.h"
#include "kern/thread_call_internal.h"
#include "host/host.h"

#define WORKERS_MAX 16u

struct worker {
    struct host_thread *thread; /* NULL: slot not used */
    _Atomic bool idle;          /* parked, or about to; cleared by whoever gives it work */
};

struct call_list {
    thread_call_t first, last;
};

static struct host_mutex call_lock;
static struct call_list ready, delayed;
static struct worker workers[WORKERS_MAX];
static struct host_thread *timer_thread;
static bool started; /* threads may be made and work is taken */

/* The call whose function this thread is in. */
static __thread thread_call_t running_call;

void thread_call_init(void)
{
    host_mutex_init(&call_lock);
}

void queue_lock(void)
{
    host_mutex_lock(&call_lock);
}

void queue_unlock(void)
{
    host_mutex_unlock(&call_lock);
}

/* Inserts @call before @at; NULL: at the end. */
static void list_insert(struct call_list *list, thread_call_t call, thread_call_t at)
{
    call->tc_next = at;
    call->tc_previous = at ? at->tc_previous : list->last;
    if (call->tc_previous)
        call->tc_previous->tc_next = call;
    else
        list->first = call;
    if (at)
        at->tc_previous = call;
    else
        list->last = call;
}

static void list_remove(struct call_list *list, thread_call_t call)
{
    if (call->tc_previous)
        call->tc_previous->tc_next = call->tc_next;
    else
        list->first = call->tc_next;
    if (call->tc_next)
        call->tc_next->tc_previous = call->tc_previous;
    else
        list->last = call->tc_previous;
}

void queue_take_off(thread_call_t call)
{
    list_remove(call->tc_state == CALL_READY ? &ready : &delayed, call);
    call->tc_state = CALL_IDLE;
}

static thread_call_t first_runnable(void)
{
    thread_call_t call = ready.first;

    while (call && call->tc_once && call->tc_running)
        call = call->tc_next;
    return call;
}

/* Lock held; dropped around the function. */
static void run_one(thread_call_t call)
{
    thread_call_param_t param1 = call->tc_param1;

    queue_take_off(call);
    call->tc_running++;
    queue_unlock();
    running_call = call;
    call->tc_func(call->tc_param0, param1);
    running_call = NULL;
    KASSERT(!kern_thread_locks_held(), "a thread call's function returned with %u locks held",
            kern_thread_locks_held());
    queue_lock();
    if (--call->tc_running)
        return;
    if (call->tc_freed) {
        KASSERT(call->tc_state == CALL_IDLE, "a freed thread call was entered again");
        thread_call_dispose(call);
    } else {
        (void)sleep_wake((event_t)&call->tc_running, false, THREAD_AWAKENED);
    }
}

static void worker_main(void *arg)
{
    struct worker *self = arg;
    thread_call_t call;

    queue_lock();
    while ((call = first_runnable()) || started) {
        if (call) {
            run_one(call);
            continue;
        }
        atomic_store_explicit(&self->idle, true, memory_order_relaxed);
        queue_unlock();
        while (atomic_load_explicit(&self->idle, memory_order_acquire))
            (void)host_park(HOST_FOREVER, false);
        queue_lock();
    }
    queue_unlock();
}

static bool worker_release(struct worker *worker)
{
    if (!worker->thread || !atomic_load_explicit(&worker->idle, memory_order_relaxed))
        return false;
    atomic_store_explicit(&worker->idle, false, memory_order_release);
    host_unpark(worker->thread);
    return true;
}

/* Lock held: a call became runnable; find a thread for it. */
static void kick_worker(void)
{
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        if (worker_release(&workers[i]))
            return;
    for (unsigned i = 0; i < WORKERS_MAX && started; i++) {
        if (workers[i].thread)
            continue;
        if (host_thread_create(worker_main, &workers[i], "thread call", 0, &workers[i].thread))
            workers[i].thread = NULL; /* those that exist will get to it */
        return;
    }
}

void queue_ready(thread_call_t call)
{
    call->tc_state = CALL_READY;
    list_insert(&ready, call, NULL);
    kick_worker();
}

void queue_delayed(thread_call_t call, uint64_t deadline)
{
    thread_call_t at = delayed.last;

    while (at && at->tc_deadline > deadline)
        at = at->tc_previous;
    call->tc_state = CALL_DELAYED;
    call->tc_deadline = deadline;
    list_insert(&delayed, call, at ? at->tc_next : delayed.first);
    if (delayed.first == call && timer_thread)
        host_unpark(timer_thread);
}

static void timer_main(void *arg)
{
    (void)arg;
    queue_lock();
    while (started) {
        uint64_t now = host_time_mono_ns(), next = HOST_FOREVER;

        while (delayed.first && delayed.first->tc_deadline <= now) {
            thread_call_t call = delayed.first;

            queue_take_off(call);
            queue_ready(call);
        }
        if (delayed.first)
            next = delayed.first->tc_deadline;
        queue_unlock();
        (void)host_park(next, false);
        queue_lock();
    }
    queue_unlock();
}

void queue_wait_idle(thread_call_t call)
{
    KASSERT(running_call != call, "a thread call waits for its own end");
    while (call->tc_running) {
        (void)sleep_begin((event_t)&call->tc_running, false, HOST_FOREVER, "thread_call_cancel_wait");
        queue_unlock();
        (void)sleep_wait();
        queue_lock();
    }
}

int thread_call_start(void)
{
    int error = 0;

    queue_lock();
    started = true;
    if (host_thread_create(timer_main, NULL, "timer", 0, &timer_thread)) {
        timer_thread = NULL;
        started = false;
        error = ENOMEM;
    }
    for (thread_call_t call = ready.first; call && !error; call = call->tc_next)
        kick_worker();
    queue_unlock();
    return error;
}

void thread_call_stop(void)
{
    queue_lock();
    started = false;
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        (void)worker_release(&workers[i]);
    host_unpark(timer_thread);
    queue_unlock();
    host_thread_join(timer_thread);
    timer_thread = NULL;
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        if (workers[i].thread)
            host_thread_join(workers[i].thread);
        workers[i].thread = NULL;
    }
}
