// SPDX-License-Identifier: BSD-2-Clause
/*
 * Callers: on whose behalf a call is made, and the frame around every call.
 *
 * A caller is a credential and a process handle, immutable and counted, so that a host makes one for a client
 * and uses it on many threads at once. call_enter() makes both the calling thread's own for the length of the
 * call.
 *
 * No lock. call_enter() may reclaim vnodes before the call holds anything. Called by all sys_*.c.
 */
#include <sys/errno.h>

#include "vfs/sys_internal.h"

static struct sys_caller kernel_caller;

int sys_caller_create(const struct sys_identity *id, sys_caller_t **out)
{
    if (!id || !out || (id->ngroups && !id->groups) ||
        (id->flags & ~(SYS_CALLER_PREAUTHORISED | SYS_CALLER_READONLY)) || id->pid < 0)
        return EINVAL;
    sys_caller_t *who = kern_alloc_try(sizeof(*who), "sys_caller");
    if (!who)
        return ENOMEM;
    uint32_t groups = id->ngroups < SYS_NGROUPS ? id->ngroups : SYS_NGROUPS;
    _Static_assert(SYS_NGROUPS <= KERN_CRED_GROUPS_MAX, "a credential holds all groups of a caller");
    atomic_init(&who->sc_refs, 1);
    who->sc_flags = id->flags;
    who->sc_mount_id = 0;
    who->sc_cred = kern_cred_create(id->uid, id->gid, id->groups, groups);
    who->sc_proc = kern_proc_get(id->pid);
    *out = who;
    return 0;
}

void sys_caller_retain(sys_caller_t *who)
{
    if (who != &kernel_caller)
        atomic_fetch_add_explicit(&who->sc_refs, 1, memory_order_relaxed);
}

void sys_caller_release(sys_caller_t *who)
{
    if (!who || who == &kernel_caller)
        return;
    uint32_t before = atomic_fetch_sub_explicit(&who->sc_refs, 1, memory_order_acq_rel);
    KASSERT(before > 0, "caller %p released once too often", who);
    if (before > 1)
        return;
    kauth_cred_unref(&who->sc_cred);
    proc_rele(who->sc_proc);
    kern_free(who, sizeof(*who));
}

sys_caller_t *sys_caller_kernel(void)
{
    return &kernel_caller;
}

void call_boot(void)
{
    kernel_caller.sc_cred = kern_cred_kernel();
    kernel_caller.sc_proc = kern_proc_kernel();
}

void call_shutdown(void)
{
    kernel_caller.sc_cred = NULL;
    kernel_caller.sc_proc = NULL;
}

void call_enter(struct sys_call *call, const sys_caller_t *who, const char *name)
{
    KASSERT(who && who->sc_cred, "%s: no caller, or the kernel half is not up", name);
    bool nested = kern_call_current_id() != 0; /* from readdir's emit */
    kern_enter_named(&call->c_kern, who->sc_cred, who->sc_proc, name);
    call->c_ctx = vfs_context_current();
    call->c_preauth = (who->sc_flags & SYS_CALLER_PREAUTHORISED) != 0;
    call->c_readonly = (who->sc_flags & SYS_CALLER_READONLY) != 0;
    if (!nested)
        vnode_balance();
    vnop_call_begin(&call->c_mark, name, !nested);
}

void call_leave(struct sys_call *call)
{
    vnop_call_end(&call->c_mark);
    kern_leave(&call->c_kern);
}

uint64_t sys_call_running(uint32_t thread)
{
    return kern_call_running(thread);
}

bool sys_call_interrupt(uint64_t call)
{
    return kern_call_interrupt(call);
}

void sys_call_where(uint32_t thread, char *buf, size_t size)
{
    kern_thread_where(thread, buf, size);
}
