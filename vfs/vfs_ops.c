// SPDX-License-Identifier: BSD-2-Clause
/*
 * Calls into a file system's VFS operations, with the answers for operations that a type does not have, and
 * the volume attributes and statistics made of them.
 *
 * Takes no lock. The caller keeps the mount; see mount_internal.h.
 * Called by mount_life.c, mount_cross.c, lookup, the system-call layer.
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "vfs/mount_internal.h"
#include "vfs/vnop_internal.h"

/* Calls an operation, watched where the validator is on. @flags VALIDATE_OP_*; @vpp gets a vnode with an
 * iocount, or is NULL. */
#define VFS_CALL(mp, op, name, flags, vpp, ...)                                                              \
    ({                                                                                                       \
        struct vfs_watch watch_;                                                                             \
        bool on_ = validate_on();                                                                            \
        vnode_t *vpp_ = (vpp);                                                                               \
        if (on_)                                                                                             \
            vfs_watch_begin(&watch_, name, (const void *)(uintptr_t)(mp)->mnt_op->op, (mp), (mp), flags);    \
        int error_ = (mp)->mnt_op->op(__VA_ARGS__);                                                          \
        if (on_)                                                                                             \
            vfs_watch_end(&watch_, error_, vpp_ && !error_ ? *vpp_ : NULLVP);                                \
        error_;                                                                                              \
    })

/* Operations in which a file system begins or ends what it keeps for the life of the mount. */
#define KEEPS VALIDATE_OP_USES_FREE

int VFS_MOUNT(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t ctx)
{
    return mp->mnt_op->vfs_mount ? VFS_CALL(mp, vfs_mount, "vfs_mount", KEEPS, NULL, mp, devvp, data, ctx)
                                 : ENOTSUP;
}

int VFS_START(mount_t mp, int flags, vfs_context_t ctx)
{
    return mp->mnt_op->vfs_start ? VFS_CALL(mp, vfs_start, "vfs_start", KEEPS, NULL, mp, flags, ctx) : 0;
}

int VFS_UNMOUNT(mount_t mp, int flags, vfs_context_t ctx)
{
    return mp->mnt_op->vfs_unmount ? VFS_CALL(mp, vfs_unmount, "vfs_unmount", KEEPS, NULL, mp, flags, ctx)
                                   : ENOTSUP;
}

/* A vnode that a VFS operation returns: nothing on error, and one iocount on success. */
static int returned(int error, vnode_t *vpp)
{
    if (error)
        *vpp = NULLVP;
    KASSERT(error || *vpp, "a VFS operation returned success and no vnode");
    return error;
}

int VFS_ROOT(mount_t mp, vnode_t *vpp, vfs_context_t ctx)
{
    *vpp = NULLVP;
    return mp->mnt_op->vfs_root ? returned(VFS_CALL(mp, vfs_root, "vfs_root", 0, vpp, mp, vpp, ctx), vpp)
                                : ENOTSUP;
}

int VFS_QUOTACTL(mount_t mp, int cmds, uid_t uid, caddr_t arg, vfs_context_t ctx)
{
    return mp->mnt_op->vfs_quotactl
               ? VFS_CALL(mp, vfs_quotactl, "vfs_quotactl", KEEPS, NULL, mp, cmds, uid, arg, ctx)
               : ENOTSUP;
}

int VFS_GETATTR(mount_t mp, struct vfs_attr *vfa, vfs_context_t ctx)
{
    return mp->mnt_op->vfs_getattr ? VFS_CALL(mp, vfs_getattr, "vfs_getattr", 0, NULL, mp, vfa, ctx)
                                   : ENOTSUP;
}

int VFS_SETATTR(mount_t mp, struct vfs_attr *vfa, vfs_context_t ctx)
{
    return mp->mnt_op->vfs_setattr ? VFS_CALL(mp, vfs_setattr, "vfs_setattr", 0, NULL, mp, vfa, ctx)
                                   : ENOTSUP;
}

int VFS_SYNC(mount_t mp, int waitfor, vfs_context_t ctx)
{
    return mp->mnt_op->vfs_sync ? VFS_CALL(mp, vfs_sync, "vfs_sync", 0, NULL, mp, waitfor, ctx) : 0;
}

int VFS_VGET(mount_t mp, ino64_t ino, vnode_t *vpp, vfs_context_t ctx)
{
    *vpp = NULLVP;
    return mp->mnt_op->vfs_vget ? returned(VFS_CALL(mp, vfs_vget, "vfs_vget", 0, vpp, mp, ino, vpp, ctx), vpp)
                                : ENOTSUP;
}

int VFS_FHTOVP(mount_t mp, int fhlen, unsigned char *fhp, vnode_t *vpp, vfs_context_t ctx)
{
    *vpp = NULLVP;
    return mp->mnt_op->vfs_fhtovp
               ? returned(VFS_CALL(mp, vfs_fhtovp, "vfs_fhtovp", 0, vpp, mp, fhlen, fhp, vpp, ctx), vpp)
               : ENOTSUP;
}

int VFS_VPTOFH(vnode_t vp, int *fhlenp, unsigned char *fhp, vfs_context_t ctx)
{
    mount_t mp = vnode_mount_of(vp);
    return mp->mnt_op && mp->mnt_op->vfs_vptofh
               ? VFS_CALL(mp, vfs_vptofh, "vfs_vptofh", 0, NULL, vp, fhlenp, fhp, ctx)
               : ENOTSUP;
}

int VFS_IOCTL(mount_t mp, u_long command, caddr_t data, int flags, vfs_context_t ctx)
{
    return mp->mnt_op->vfs_ioctl
               ? VFS_CALL(mp, vfs_ioctl, "vfs_ioctl", KEEPS, NULL, mp, command, data, flags, ctx)
               : ENOTSUP;
}

/* ---- volume attributes --------------------------------------------------------------------------------- */

/* What the file system left out and the mount or other fields tell. */
static void complete_attr(mount_t mp, struct vfs_attr *vfa)
{
    const struct vfsstatfs *sfs = &mp->mnt_vfsstat;
    if (VFSATTR_IS_ACTIVE(vfa, f_fsid) && !VFSATTR_IS_SUPPORTED(vfa, f_fsid))
        VFSATTR_RETURN(vfa, f_fsid, sfs->f_fsid);
    if (VFSATTR_IS_ACTIVE(vfa, f_owner) && !VFSATTR_IS_SUPPORTED(vfa, f_owner))
        VFSATTR_RETURN(vfa, f_owner, sfs->f_owner);
    if (VFSATTR_IS_ACTIVE(vfa, f_bsize) && !VFSATTR_IS_SUPPORTED(vfa, f_bsize))
        VFSATTR_RETURN(vfa, f_bsize, sfs->f_bsize ? sfs->f_bsize : (uint32_t)vfs_devblocksize(mp));
    if (VFSATTR_IS_ACTIVE(vfa, f_iosize) && !VFSATTR_IS_SUPPORTED(vfa, f_iosize))
        VFSATTR_RETURN(vfa, f_iosize, sfs->f_iosize ? sfs->f_iosize : vfa->f_bsize);
    if (VFSATTR_IS_ACTIVE(vfa, f_bavail) && !VFSATTR_IS_SUPPORTED(vfa, f_bavail) &&
        VFSATTR_IS_SUPPORTED(vfa, f_bfree))
        VFSATTR_RETURN(vfa, f_bavail, vfa->f_bfree);
    if (VFSATTR_IS_ACTIVE(vfa, f_bused) && !VFSATTR_IS_SUPPORTED(vfa, f_bused) &&
        VFSATTR_IS_SUPPORTED(vfa, f_blocks) && VFSATTR_IS_SUPPORTED(vfa, f_bfree))
        VFSATTR_RETURN(vfa, f_bused, vfa->f_blocks >= vfa->f_bfree ? vfa->f_blocks - vfa->f_bfree : 0);
}

int vfs_getattr(mount_t mp, struct vfs_attr *vfa, vfs_context_t ctx)
{
    int error = VFS_GETATTR(mp, vfa, ctx);
    if (!error)
        complete_attr(mp, vfa);
    return error;
}

int vfs_setattr(mount_t mp, struct vfs_attr *vfa, vfs_context_t ctx)
{
    return vfs_isrdonly(mp) ? EROFS : VFS_SETATTR(mp, vfa, ctx);
}

int vfs_update_vfsstat(mount_t mp, vfs_context_t ctx, int eventtype)
{
    (void)eventtype;
    struct vfs_attr vfa;
    VFSATTR_INIT(&vfa);
    VFSATTR_WANTED(&vfa, f_bsize);
    VFSATTR_WANTED(&vfa, f_iosize);
    VFSATTR_WANTED(&vfa, f_blocks);
    VFSATTR_WANTED(&vfa, f_bfree);
    VFSATTR_WANTED(&vfa, f_bavail);
    VFSATTR_WANTED(&vfa, f_bused);
    VFSATTR_WANTED(&vfa, f_files);
    VFSATTR_WANTED(&vfa, f_ffree);
    int error = vfs_getattr(mp, &vfa, ctx);
    if (error)
        return error;

        /* What a type does not know is zero. Only what changed is stored: others read block sizes without the
         * lock. */
#define STORE(field, value)                                                                                  \
    do {                                                                                                     \
        __typeof__(sfs->field) new_ = (value);                                                               \
        if (sfs->field != new_)                                                                              \
            sfs->field = new_;                                                                               \
    } while (0)
#define STORE_NUMBER(field) STORE(field, VFSATTR_IS_SUPPORTED(&vfa, field) ? vfa.field : 0)
    struct vfsstatfs *sfs = &mp->mnt_vfsstat;
    lck_mtx_lock(&mp->mnt_lock);
    STORE_NUMBER(f_bsize);
    STORE_NUMBER(f_iosize);
    STORE_NUMBER(f_blocks);
    STORE_NUMBER(f_bfree);
    STORE_NUMBER(f_bavail);
    STORE_NUMBER(f_bused);
    STORE_NUMBER(f_files);
    STORE_NUMBER(f_ffree);
    STORE(f_flags, vfs_flags(mp));
    lck_mtx_unlock(&mp->mnt_lock);
#undef STORE_NUMBER
#undef STORE
    return 0;
}
