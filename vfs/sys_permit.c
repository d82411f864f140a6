// SPDX-License-Identifier: BSD-2-Clause
/*
 * Permission as the system-call layer asks for it. A caller whose host has checked permission bits already is
 * only asked about what the host cannot know: read-only mounts, and the immutable and append-only flags.
 *
 * Set-id bits: POSIX takes them from a file that is written by other than the superuser. Looking for them at
 * every write would cost a VNOP_GETATTR each time, so an open file remembers at which generation it last
 * looked; whatever gives a file such bits through this layer starts a new generation.
 *
 * No lock; one global atomic. Called by sys_*.c and vfs_open.c, inside a call.
 */
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "vfs/sys_internal.h"
#include "vfs/vnop_iface.h"

/* Never 0, which an open file that has not looked yet carries. */
static _Atomic(uint64_t) setid_generation = 1;

int call_permit(const struct sys_call *call, vnode_t vp, kauth_action_t action)
{
    if (call->c_readonly && (action & KAUTH_VNODE_WRITE_RIGHTS))
        return EROFS;
    if (!call->c_preauth)
        return vnode_authorize(vp, NULL, action, call->c_ctx);
    int error = authorize_mount(vp, action);
    if (error || !(action & KAUTH_VNODE_WRITE_RIGHTS))
        return error;
    struct authorize_attr attr;
    error = authorize_attr_get(vp, &attr, call->c_ctx);
    return error ? error : authorize_immutable(&attr, action);
}

static int decide_dir(const struct sys_call *call, vnode_t dvp, kauth_action_t right,
                      struct authorize_attr *dir)
{
    int error = authorize_mount(dvp, right);
    if (!error)
        error = authorize_attr_get(dvp, dir, call->c_ctx);
    if (!error)
        error = authorize_immutable(dir, right);
    if (error || call->c_preauth)
        return error;
    return authorize_mode(dir, right | KAUTH_VNODE_SEARCH, call->c_ctx);
}

int call_permit_dir(const struct sys_call *call, vnode_t dvp, kauth_action_t right,
                    struct authorize_attr *dir)
{
    if (call->c_readonly)
        return EROFS;
    if (!call->c_preauth && vfs_authopaque(vnode_mount(dvp))) {
        int error = authorize_attr_get(dvp, dir, call->c_ctx);
        return error ? error : vnode_authorize(dvp, NULL, right, call->c_ctx);
    }
    int error = decide_dir(call, dvp, right, dir);
    return call->c_preauth ? error : authorize_heard(dvp, NULL, right, error, call->c_ctx);
}

static int decide_delete(const struct sys_call *call, vnode_t dvp, vnode_t vp)
{
    int error = authorize_mount(dvp, KAUTH_VNODE_DELETE_CHILD);
    if (error)
        return error;
    struct authorize_attr dir, file;
    error = authorize_attr_get(dvp, &dir, call->c_ctx);
    if (!error)
        error = authorize_attr_get(vp, &file, call->c_ctx);
    return error ? error : authorize_delete(&dir, &file, call->c_preauth, call->c_ctx);
}

int call_permit_delete(const struct sys_call *call, vnode_t dvp, vnode_t vp)
{
    if (call->c_readonly)
        return EROFS;
    if (!call->c_preauth && vfs_authopaque(vnode_mount(dvp)))
        return vnode_authorize(vp, dvp, KAUTH_VNODE_DELETE, call->c_ctx);
    int error = decide_delete(call, dvp, vp);
    return call->c_preauth ? error : authorize_heard(vp, dvp, KAUTH_VNODE_DELETE, error, call->c_ctx);
}

int call_permit_setattr(const struct sys_call *call, vnode_t vp, struct vnode_attr *vap)
{
    struct authorize_attr attr;
    kauth_action_t action = 0;
    if (call->c_readonly)
        return EROFS;
    int error = authorize_attr_get(vp, &attr, call->c_ctx);
    if (!error)
        error = authorize_setattr(&attr, vap, &action, call->c_preauth, call->c_ctx);
    if (error || !action)
        return error;
    if (!call->c_preauth && vfs_authopaque(vnode_mount(vp)))
        return vnode_authorize(vp, NULL, action, call->c_ctx);
    error = authorize_mount(vp, action);
    if (!error)
        error = authorize_immutable(&attr, action);
    if (call->c_preauth)
        return error;
    if (!error)
        error = authorize_mode(&attr, action, call->c_ctx);
    return authorize_heard(vp, NULL, action, error, call->c_ctx);
}

void call_setid_noted(uint32_t mode)
{
    if (mode & (S_ISUID | S_ISGID))
        atomic_fetch_add_explicit(&setid_generation, 1, memory_order_release);
}

int call_setid_drop(const struct sys_call *call, vnode_t vp, _Atomic(uint64_t) *seen)
{
    uint64_t now = atomic_load_explicit(&setid_generation, memory_order_acquire);
    if (atomic_load_explicit(seen, memory_order_relaxed) == now || authorize_is_super(call->c_ctx))
        return 0;
    struct authorize_attr attr;
    int error = authorize_attr_get(vp, &attr, call->c_ctx);
    if (error)
        return error;
    mode_t drop = attr.aa_type == VREG ? authorize_set_ids_written(attr.aa_mode) : 0;
    if (drop) {
        struct vnode_attr va;
        VATTR_INIT(&va);
        VATTR_SET(&va, va_mode, (mode_t)(attr.aa_mode & ~drop));
        error = vnode_setattr(vp, &va, call->c_ctx);
    }
    if (!error)
        atomic_store_explicit(seen, now, memory_order_relaxed);
    return error;
}
