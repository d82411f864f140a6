// SPDX-License-Identifier: BSD-2-Clause
/*
 * Calls on one file that is not open: access, readlink, finding it again by number, and holds.
 *
 * A hold is a usecount and nothing else: its handle is the vnode itself, so taking and giving one allocates
 * nothing. No lock, no state.
 */
#include <sys/errno.h>
#include <sys/mount.h>

#include "vfs/mount_internal.h"
#include "vfs/sys_internal.h"
#include "vfs/vnop_iface.h"

int sys_access(sys_caller_t *who, const struct sys_node *node, uint32_t rwx)
{
    if (rwx & ~7u)
        return EINVAL;
    kauth_action_t action = (kauth_action_t)KAUTH_VNODE_ACCESS;
    if (rwx & 4)
        action |= KAUTH_VNODE_READ_DATA;
    if (rwx & 2)
        action |= KAUTH_VNODE_WRITE_DATA;
    if (rwx & 1)
        action |= KAUTH_VNODE_EXECUTE;

    struct sys_call call;
    vnode_t vp;
    CALL_ENTER(&call, who);
    int error = call_node_get(node, &vp);
    if (!error) {
        if (rwx)
            error = call_permit(&call, vp, action);
        vnode_put(vp);
    }
    call_leave(&call);
    return error;
}

int sys_readlink(sys_caller_t *who, const struct sys_node *node, char *buf, size_t size, size_t *len)
{
    struct sys_call call;
    struct call_uio transfer;
    vnode_t vp;
    CALL_ENTER(&call, who);
    int error = call_node_get(node, &vp);
    if (error)
        goto leave;
    error = vnode_islnk(vp) ? 0 : EINVAL;
    if (!error)
        error = call_uio_begin(&transfer, &(struct sys_iovec){buf, size}, 1, 0, UIO_READ);
    if (!error) {
        error = VNOP_READLINK(vp, transfer.su_uio, call.c_ctx);
        if (!error)
            *len = call_uio_done(&transfer);
        call_uio_end(&transfer);
    }
    vnode_put(vp);
leave:
    call_leave(&call);
    return error;
}

/* Whose file it is, or the superuser, may take it away. */
static int may_revoke(const struct sys_call *call, vnode_t vp)
{
    struct vnode_attr va;
    if (vfs_context_issuser(call->c_ctx))
        return 0;
    VATTR_INIT(&va);
    VATTR_WANTED(&va, va_uid);
    int error = vnode_getattr(vp, &va, call->c_ctx);
    return error ? error : va.va_uid == kauth_cred_getuid(vfs_context_ucred(call->c_ctx)) ? 0 : EPERM;
}

int sys_revoke(sys_caller_t *who, const struct sys_node *node)
{
    struct sys_call call;
    vnode_t vp;
    CALL_ENTER(&call, who);
    int error = call_node_get(node, &vp);
    if (!error) {
        error = may_revoke(&call, vp);
        if (!error)
            error = VNOP_REVOKE(vp, REVOKEALL, call.c_ctx);
        if (error == ENOTSUP)
            error = vn_revoke(vp, REVOKEALL, call.c_ctx);
        vnode_put(vp);
    }
    call_leave(&call);
    return error;
}

int sys_recover(sys_caller_t *who, uint32_t mount_id, uint64_t fileid, struct sys_node *node,
                struct sys_attr *attr)
{
    struct sys_call call;
    mount_t mp;
    vnode_t vp;
    CALL_ENTER(&call, who);
    int error = mount_find_busy(mount_id, &mp);
    if (error) {
        error = error == EINTR ? EINTR : ESTALE;
        goto leave;
    }
    error = VFS_VGET(mp, fileid, &vp, call.c_ctx);
    if (!error) {
        error = call_describe(&call, vp, node, attr);
        vnode_put(vp);
    } else if (error == ENOENT) {
        error = ESTALE;
    }
    vfs_unbusy(mp);
leave:
    call_leave(&call);
    return error;
}

/* ---- holds --------------------------------------------------------------------------------------------- */

int call_hold_take(vnode_t vp, sys_hold_t **out)
{
    int error = vnode_ref(vp);
    if (!error)
        *out = (sys_hold_t *)vp;
    return error;
}

/* The file system saw it as it was in use before, not with a reference of ours: it may have deleted it at
 * once. What it has left until nobody uses the file is done by VNOP_INACTIVE, which comes when a usecount
 * goes: so there must have been one. */
void call_hold_nameless(vnode_t vp, sys_hold_t **hold)
{
    sys_hold_t *kept = NULL;
    if (call_hold_take(vp, &kept))
        kept = NULL; /* taken away by force meanwhile */
    if (hold)
        *hold = kept;
    else
        call_hold_drop(kept);
}

void call_hold_drop(sys_hold_t *hold)
{
    if (hold)
        vnode_rele((vnode_t)hold);
}

int sys_hold(const struct sys_node *node, sys_hold_t **out)
{
    struct sys_call call;
    vnode_t vp;
    CALL_ENTER(&call, sys_caller_kernel());
    int error = call_node_get(node, &vp);
    if (!error) {
        error = call_hold_take(vp, out) ? ESTALE : 0;
        vnode_put(vp);
    }
    call_leave(&call);
    return error;
}

void sys_hold_release(sys_hold_t *hold)
{
    struct sys_call call;
    if (!hold)
        return;
    CALL_ENTER(&call, sys_caller_kernel());
    call_hold_drop(hold);
    call_leave(&call);
}

int sys_hold_node(sys_hold_t *hold, struct sys_node *node)
{
    struct sys_call call;
    vnode_t vp = (vnode_t)hold;
    CALL_ENTER(&call, sys_caller_kernel());
    int error = vnode_get(vp) ? ESTALE : 0;
    if (!error) {
        error = call_describe(&call, vp, node, NULL);
        vnode_put(vp);
    }
    call_leave(&call);
    return error;
}
