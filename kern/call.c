// SPDX-License-Identifier: BSD-2-Clause
/*
 * call.c: the call in progress on a thread: on whose behalf it runs and whether it was interrupted. No locks:
 * a thread's calls are its own business; the interrupter writes one atomic word (thread.c).
 */
#include <stdatomic.h>

#include "kern/thread_internal.h"

void kern_enter_named(struct kern_call *call, kauth_cred_t cred, proc_t proc, const char *name)
{
    struct kthread *self = thread_self();

    KASSERT(cred && proc, "a call begins without credential or process");
    call->kc_previous = self->t_call;
    call->kc_context.vc_thread = (thread_t)(void *)self;
    call->kc_context.vc_ucred = cred;
    call->kc_context.vc_proc = proc;
    call->kc_ranges = NULL;
    call->kc_locks_held = self->t_mutexes + self->t_spins + self->t_rws;
    if (!self->t_call) {
        atomic_store_explicit(&self->t_call_name, name, memory_order_relaxed);
        atomic_store_explicit(&self->t_call_id, ++self->t_calls * HOST_THREAD_MAX + self->t_number,
                              memory_order_relaxed);
    }
    call->kc_id = atomic_load_explicit(&self->t_call_id, memory_order_relaxed);
    self->t_call = call;
}

void kern_enter(struct kern_call *call, kauth_cred_t cred, proc_t proc)
{
    kern_enter_named(call, cred, proc, NULL);
}

static void __attribute__((noreturn, cold)) locks_left(unsigned before, unsigned now)
{
    char which[512];

    kern_locks_describe(before, which, sizeof which);
    panic("a call began with %u locks held and ends with %u: %s", before, now, which);
}

void kern_leave(struct kern_call *call)
{
    struct kthread *self = thread_self();
    unsigned held = self->t_mutexes + self->t_spins + self->t_rws;

    KASSERT(self->t_call == call, "calls are left in another order than they were entered");
    if (__builtin_expect(held != call->kc_locks_held, 0))
        locks_left(call->kc_locks_held, held);
    KASSERT(!call->kc_ranges, "a call ends with user memory still lent to it");
    self->t_call = call->kc_previous;
    if (!self->t_call)
        atomic_store_explicit(&self->t_call_id, 0, memory_order_relaxed);
}

uint64_t kern_call_current_id(void)
{
    return atomic_load_explicit(&thread_self()->t_call_id, memory_order_relaxed);
}

void kern_call_since(uint64_t ns)
{
    atomic_store_explicit(&thread_self()->t_call_since_ns, ns, memory_order_relaxed);
}
