// SPDX-License-Identifier: BSD-2-Clause
/*
 * Making and removing names: mkdir, mknod, symlink, link, unlink, rmdir. Renaming is in sys_rename.c.
 *
 * A call looks the name up for the operation that follows, asks for permission, and lets the file system do
 * the rest, which checks under its own locks that things still are as lookup found them. Where it says that
 * they are not, the call starts again, so that a name which is replaced all the time is never seen to be
 * missing.
 *
 * New objects: owner is the caller, group as authorize_attr.c says. What the file system does not take of a
 * new object's attributes (a file system without owners, say) stays as the file system has it; the host sees
 * that in the answer. No lock.
 */
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <string.h>

#include "vfs/sys_internal.h"
#include "vfs/vnop_iface.h"

int call_new_attr(const struct sys_call *call, struct lookup *lk, enum vtype type, uint32_t mode,
                  struct vnode_attr *vap)
{
    struct authorize_attr dir;
    kauth_action_t right = type == VDIR ? KAUTH_VNODE_ADD_SUBDIRECTORY : KAUTH_VNODE_ADD_FILE;
    int error = call_permit_dir(call, lk->lk_dvp, right, &dir);
    if (error)
        return error;
    VATTR_INIT(vap);
    VATTR_SET(vap, va_type, type);
    VATTR_SET(vap, va_mode, (mode_t)(mode & ALLPERMS));
    error = authorize_new(&dir, vap, call->c_preauth, call->c_ctx);
    if (!error)
        call_setid_noted(vap->va_mode);
    return error;
}

/* ---- making -------------------------------------------------------------------------------------------- */

struct new_object {
    enum vtype type;
    uint32_t mode;
    uint32_t rdev;
    const char *target; /* symbolic links */
};

static int object_make(const struct sys_call *call, struct lookup *lk, const struct new_object *obj,
                       vnode_t *vpp)
{
    struct vnode_attr va;
    int error = call_new_attr(call, lk, obj->type, obj->mode, &va);
    if (error)
        return error;
    switch (obj->type) {
    case VREG:
        va.va_vaflags |= VA_EXCLUSIVE; /* an open that may find a file does not come this way */
        return VNOP_CREATE(lk->lk_dvp, vpp, &lk->lk_cn, &va, call->c_ctx);
    case VDIR:
        return VNOP_MKDIR(lk->lk_dvp, vpp, &lk->lk_cn, &va, call->c_ctx);
    case VLNK:
        return VNOP_SYMLINK(lk->lk_dvp, vpp, &lk->lk_cn, &va, (char *)(uintptr_t)obj->target, call->c_ctx);
    case VBLK:
    case VCHR:
        VATTR_SET(&va, va_rdev, (dev_t)obj->rdev);
        /* FALLTHROUGH */
    default:
        return VNOP_MKNOD(lk->lk_dvp, vpp, &lk->lk_cn, &va, call->c_ctx);
    }
}

/* lk_vp NULL and a directory to make it in; otherwise why not. */
static int name_is_free(const struct lookup *lk, bool may_end_in_slash)
{
    if (lk->lk_vp)
        return EEXIST;
    if (lk->lk_slash && !may_end_in_slash)
        return ENOENT;
    return 0;
}

static int make(sys_caller_t *who, const char *op, const struct sys_node *at, const char *path,
                uint32_t at_flags, const struct new_object *obj, struct sys_node *node, struct sys_attr *attr)
{
    struct sys_call call;
    struct lookup lk;
    vnode_t vp = NULL;
    if (!path || !*path)
        return ENOENT;
    call_enter(&call, who, op);
    int error = call_lookup_at(&call, &lk, at, path, at_flags, CREATE, false);
    if (error)
        goto leave;
    error = name_is_free(&lk, obj->type == VDIR);
    if (!error)
        error = object_make(&call, &lk, obj, &vp);
    if (!error) {
        error = call_describe(&call, vp, node, attr);
        vnode_put(vp);
    }
    lookup_done(&lk);
leave:
    call_leave(&call);
    return error;
}

int sys_mkdir(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
              uint32_t mode, struct sys_node *node, struct sys_attr *attr)
{
    struct new_object obj = {.type = VDIR, .mode = mode};
    return make(who, __func__, at, path, at_flags, &obj, node, attr);
}

int sys_mknod(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
              uint32_t type, uint32_t mode, uint32_t rdev, struct sys_node *node, struct sys_attr *attr)
{
    switch (type) {
    case SYS_VREG:
    case SYS_VFIFO:
    case SYS_VSOCK:
        break;
    case SYS_VBLK:
    case SYS_VCHR:
        if (kauth_cred_getuid(who->sc_cred) != 0)
            return EPERM;
        break;
    case SYS_VDIR:
        return EPERM;
    default:
        return EINVAL;
    }
    struct new_object obj = {.type = (enum vtype)type, .mode = mode, .rdev = rdev};
    return make(who, __func__, at, path, at_flags, &obj, node, attr);
}

int sys_symlink(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
                const char *target, struct sys_node *node, struct sys_attr *attr)
{
    if (!*target)
        return ENOENT;
    if (strnlen(target, SYS_PATH_MAX) >= SYS_PATH_MAX)
        return ENAMETOOLONG;
    struct new_object obj = {.type = VLNK, .mode = ACCESSPERMS, .target = target};
    return make(who, __func__, at, path, at_flags, &obj, node, attr);
}

static void link_tell(const struct sys_call *call, const struct lookup *lk, vnode_t vp)
{
    char *file = fileop_path_of(vp), *link = fileop_path(lk->lk_dvp, &lk->lk_cn);
    fileop_tell_paths(KAUTH_FILEOP_LINK, file, link, vfs_context_ucred(call->c_ctx));
    fileop_path_free(link);
    fileop_path_free(file);
}

static int link_make(const struct sys_call *call, struct lookup *lk, vnode_t vp)
{
    struct authorize_attr dir;
    int error = name_is_free(lk, false);
    if (!error && vnode_mount(vp) != vnode_mount(lk->lk_dvp))
        error = EXDEV;
    if (!error)
        error = call_permit(call, vp, KAUTH_VNODE_LINKTARGET);
    if (!error)
        error = call_permit_dir(call, lk->lk_dvp, KAUTH_VNODE_ADD_FILE, &dir);
    if (!error)
        error = VNOP_LINK(vp, lk->lk_dvp, &lk->lk_cn, call->c_ctx);
    if (!error && fileop_is_heard())
        link_tell(call, lk, vp);
    return error;
}

int sys_link(sys_caller_t *who, const struct sys_node *file, const struct sys_node *at, const char *path,
             uint32_t at_flags, struct sys_attr *attr)
{
    struct sys_call call;
    struct lookup lk;
    vnode_t vp;
    if (!path || !*path)
        return ENOENT;
    CALL_ENTER(&call, who);
    int error = call_node_get(file, &vp);
    if (error)
        goto leave;
    error = vnode_isdir(vp) ? EPERM : 0;
    if (!error)
        error = call_lookup_at(&call, &lk, at, path, at_flags, CREATE, false);
    if (!error) {
        error = link_make(&call, &lk, vp);
        if (!error)
            error = call_describe(&call, vp, NULL, attr);
        lookup_done(&lk);
    }
    vnode_put(vp);
leave:
    call_leave(&call);
    return error;
}

/* ---- removing ------------------------------------------------------------------------------------------ */

static int removable(const struct lookup *lk, bool directory)
{
    if (lk->lk_last == LOOKUP_LAST_NONE)
        return directory ? EBUSY : EISDIR;
    if (!directory)
        return vnode_isdir(lk->lk_vp) ? EISDIR : 0;
    if (lk->lk_last == LOOKUP_LAST_DOT)
        return EINVAL;
    if (lk->lk_last == LOOKUP_LAST_DOTDOT)
        return ENOTEMPTY;
    if (!vnode_isdir(lk->lk_vp))
        return ENOTDIR;
    return call_is_mount_point(lk->lk_vp) ? EBUSY : 0;
}

static int remove_found(const struct sys_call *call, struct lookup *lk, bool directory, sys_hold_t **hold)
{
    int error = removable(lk, directory);
    if (!error)
        error = call_permit_delete(call, lk->lk_dvp, lk->lk_vp);
    if (error)
        return error;
    char *path = fileop_path(lk->lk_dvp, &lk->lk_cn);
    if (directory)
        error = VNOP_RMDIR(lk->lk_dvp, lk->lk_vp, &lk->lk_cn, call->c_ctx);
    else
        error = VNOP_REMOVE(lk->lk_dvp, lk->lk_vp, &lk->lk_cn, 0, call->c_ctx);
    if (!error)
        fileop_tell_delete(lk->lk_vp, path, vfs_context_ucred(call->c_ctx));
    fileop_path_free(path);
    if (!error)
        call_hold_nameless(lk->lk_vp, hold);
    return error;
}

static int remove_name(sys_caller_t *who, const char *op, const struct sys_node *at, const char *path,
                       uint32_t at_flags, bool directory, sys_hold_t **hold)
{
    struct sys_call call;
    struct lookup lk;
    int error;
    if (!path || !*path)
        return ENOENT;
    call_enter(&call, who, op);
    for (unsigned attempt = 0; attempt < CALL_RETRIES; attempt++) {
        error = call_lookup_at(&call, &lk, at, path, at_flags, DELETE, false);
        if (error)
            break;
        error = remove_found(&call, &lk, directory, hold);
        lookup_done(&lk);
        /* Gone between lookup and removal: if another file has the name now, it is that one that is meant. */
        if (error != ENOENT)
            break;
    }
    call_leave(&call);
    return error;
}

int sys_unlink(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
               sys_hold_t **hold)
{
    return remove_name(who, __func__, at, path, at_flags, false, hold);
}

int sys_rmdir(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
              sys_hold_t **hold)
{
    return remove_name(who, __func__, at, path, at_flags, true, hold);
}
