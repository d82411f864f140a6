// SPDX-License-Identifier: BSD-2-Clause
/*
 * The scope of rights on vnodes: kexts that listen to it hear of every such question and may deny what the
 * permission bits grant. As on Darwin, allowing has no say against a refusal: it only outweighs silence.
 *
 * A listener is called with (context, vnode, directory or NULL, pointer to an errno that it may set), and
 * without any lock of VFS's held. Questions that the host has answered itself (preauthorised callers) reach
 * no listener: the mount has to be an exact one.
 *
 * No lock; the scope is made at boot and taken down at shutdown.
 */
#include <sys/errno.h>

#include "kern/kern_iface.h"
#include "vfs/authorize_internal.h"

static kauth_scope_t vnode_scope;

/* What VFS itself has decided is in the errno already. */
static int decided(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t ctx, uintptr_t vp,
                   uintptr_t dvp, uintptr_t errorp)
{
    (void)cred, (void)idata, (void)action, (void)ctx, (void)vp, (void)dvp;
    return *(const int *)errorp ? KAUTH_RESULT_DENY : KAUTH_RESULT_ALLOW;
}

int authorize_scope_boot(void)
{
    vnode_scope = kauth_register_scope(KAUTH_SCOPE_VNODE, decided, NULL);
    return vnode_scope ? 0 : ENOMEM;
}

void authorize_scope_shutdown(void)
{
    kauth_deregister_scope(vnode_scope);
    vnode_scope = NULL;
}

int authorize_heard(vnode_t vp, vnode_t dvp, kauth_action_t action, int error, vfs_context_t ctx)
{
    if (!kern_vnode_listeners())
        return error;
    int denied = kauth_authorize_action(vnode_scope, vfs_context_ucred(ctx), action, (uintptr_t)ctx,
                                        (uintptr_t)vp, (uintptr_t)dvp, (uintptr_t)&error);
    if (!denied)
        return 0;
    return error ? error : EACCES;
}
