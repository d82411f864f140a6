// SPDX-License-Identifier: BSD-2-Clause
/*
 * thread_call.c: the public functions of thread calls. The lists and threads are in thread_call_run.c, whose
 * queue lock (rank 820) protects every call's state.
 */
#include <stdatomic.h>

#include "kern/kern_iface.h"
#include "kern/thread_call_internal.h"
#include "host/host.h"

static _Atomic uint32_t n_calls;
static _Atomic uint32_t owner_calls[KERN_OWNER_MAX];

uint32_t thread_call_count(void)
{
    return atomic_load_explicit(&n_calls, memory_order_acquire);
}

uint32_t thread_call_owner_count(uint32_t owner)
{
    return owner < KERN_OWNER_MAX ? atomic_load_explicit(&owner_calls[owner], memory_order_acquire) : 0;
}

static thread_call_t call_make(thread_call_func_t func, thread_call_param_t param0, bool once,
                               const void *caller)
{
    thread_call_t call = kern_alloc(sizeof *call, "thread call");

    call->tc_func = func;
    call->tc_param0 = param0;
    call->tc_once = once;
    call->tc_owner = kern_owner_of(caller);
    atomic_fetch_add_explicit(&n_calls, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&owner_calls[call->tc_owner], 1, memory_order_relaxed);
    return call;
}

/* The counts go last, the owner's at the very end: whoever waits for one finds all that is said of it gone.
 */
void thread_call_dispose(thread_call_t call)
{
    uint32_t owner = call->tc_owner;

    kern_free(call, sizeof *call);
    atomic_fetch_sub_explicit(&n_calls, 1, memory_order_release);
    atomic_fetch_sub_explicit(&owner_calls[owner], 1, memory_order_release);
}

thread_call_t thread_call_allocate(thread_call_func_t func, thread_call_param_t param0)
{
    return call_make(func, param0, false, __builtin_return_address(0));
}

thread_call_t thread_call_allocate_with_priority(thread_call_func_t func, thread_call_param_t param0,
                                                 thread_call_priority_t pri)
{
    (void)pri;
    return call_make(func, param0, false, __builtin_return_address(0));
}

thread_call_t thread_call_allocate_with_options(thread_call_func_t func, thread_call_param_t param0,
                                                thread_call_priority_t pri, thread_call_options_t options)
{
    (void)pri;
    return call_make(func, param0, (options & THREAD_CALL_OPTIONS_ONCE) != 0, __builtin_return_address(0));
}

boolean_t thread_call_free(thread_call_t call)
{
    bool now = false, pending;

    queue_lock();
    pending = call->tc_state != CALL_IDLE;
    if (!pending) {
        KASSERT(!call->tc_freed, "a thread call is freed twice");
        if (call->tc_running)
            call->tc_freed = true;
        else
            now = true;
    }
    queue_unlock();
    if (now)
        thread_call_dispose(call);
    return !pending;
}

static boolean_t call_enter(thread_call_t call, thread_call_param_t param1)
{
    enum call_state before;

    queue_lock();
    before = call->tc_state;
    call->tc_param1 = param1;
    if (before == CALL_DELAYED)
        queue_take_off(call);
    if (before != CALL_READY)
        queue_ready(call);
    queue_unlock();
    return before != CALL_IDLE;
}

boolean_t thread_call_enter(thread_call_t call)
{
    return call_enter(call, NULL);
}

boolean_t thread_call_enter1(thread_call_t call, thread_call_param_t param1)
{
    return call_enter(call, param1);
}

static boolean_t call_enter_delayed(thread_call_t call, thread_call_param_t param1, uint64_t deadline)
{
    enum call_state before;

    queue_lock();
    before = call->tc_state;
    call->tc_param1 = param1;
    if (before != CALL_IDLE)
        queue_take_off(call);
    queue_delayed(call, deadline);
    queue_unlock();
    return before != CALL_IDLE;
}

boolean_t thread_call_enter_delayed(thread_call_t call, uint64_t deadline)
{
    return call_enter_delayed(call, NULL, deadline);
}

boolean_t thread_call_enter1_delayed(thread_call_t call, thread_call_param_t param1, uint64_t deadline)
{
    return call_enter_delayed(call, param1, deadline);
}

boolean_t thread_call_cancel(thread_call_t call)
{
    bool pending;

    queue_lock();
    pending = call->tc_state != CALL_IDLE;
    if (pending)
        queue_take_off(call);
    queue_unlock();
    return pending;
}

boolean_t thread_call_cancel_wait(thread_call_t call)
{
    bool pending;

    KASSERT(call->tc_once, "thread_call_cancel_wait needs a call made with THREAD_CALL_OPTIONS_ONCE");
    queue_lock();
    pending = call->tc_state != CALL_IDLE;
    if (pending)
        queue_take_off(call);
    queue_wait_idle(call);
    queue_unlock();
    return pending;
}
