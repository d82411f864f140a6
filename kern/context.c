// SPDX-License-Identifier: BSD-2-Clause
/*
 * context.c: vfs_context: who makes a call. No locks: a context is constant.
 */
#include <sys/errno.h>
#include <sys/vnode.h>

#include "kern/cred_internal.h"
#include "kern/proc_internal.h"
#include "kern/thread_internal.h"

static struct vfs_context kernel_context; /* constant after the start */
static _Atomic uint32_t n_contexts;

uint32_t context_count(void)
{
    return atomic_load_explicit(&n_contexts, memory_order_relaxed);
}

void context_init(void)
{
    kernel_context.vc_ucred = kern_cred_kernel();
    kernel_context.vc_proc = kern_proc_kernel();
}

vfs_context_t vfs_context_kernel(void)
{
    return &kernel_context;
}

vfs_context_t vfs_context_current(void)
{
    struct kern_call *call = thread_self()->t_call;

    return call ? &call->kc_context : vfs_context_kernel();
}

vfs_context_t vfs_context_create(vfs_context_t from)
{
    struct vfs_context *made = kern_alloc_try(sizeof *made, "vfs_context");

    if (!made)
        return NULL;
    if (!from)
        from = vfs_context_current();
    made->vc_thread = from->vc_thread;
    made->vc_ucred = from->vc_ucred;
    kauth_cred_ref(made->vc_ucred);
    made->vc_proc = kern_proc_get(from->vc_proc->p_pid);
    atomic_fetch_add_explicit(&n_contexts, 1, memory_order_relaxed);
    return made;
}

int vfs_context_rele(vfs_context_t ctx)
{
    if (!ctx)
        return 0;
    kauth_cred_unref(&ctx->vc_ucred);
    (void)proc_rele(ctx->vc_proc);
    kern_free(ctx, sizeof *ctx);
    atomic_fetch_sub_explicit(&n_contexts, 1, memory_order_relaxed);
    return 0;
}

proc_t vfs_context_proc(vfs_context_t ctx)
{
    return ctx ? ctx->vc_proc : kern_proc_kernel();
}

kauth_cred_t vfs_context_ucred(vfs_context_t ctx)
{
    return ctx ? ctx->vc_ucred : kern_cred_kernel();
}

thread_t vfs_context_thread(vfs_context_t ctx)
{
    return ctx ? ctx->vc_thread : NULL;
}

int vfs_context_pid(vfs_context_t ctx)
{
    return proc_pid(vfs_context_proc(ctx));
}

int vfs_context_issignal(vfs_context_t ctx, sigset_t mask)
{
    /* Only the call's own thread can be asked: another one may be gone by now. */
    return ctx && ctx->vc_thread == current_thread() ? proc_pending_signals(mask) : 0;
}

int vfs_context_issuser(vfs_context_t ctx)
{
    return kauth_cred_issuser(vfs_context_ucred(ctx));
}

int vfs_context_iskernel(vfs_context_t ctx)
{
    return vfs_context_ucred(ctx) == kern_cred_kernel();
}

int vfs_context_suser(vfs_context_t ctx)
{
    return vfs_context_issuser(ctx) ? 0 : EPERM;
}

int vfs_context_is64bit(vfs_context_t ctx)
{
    (void)ctx;
    return 1;
}
