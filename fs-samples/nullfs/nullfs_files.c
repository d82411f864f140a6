// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on one file, passed on as they are. The one answer that is not the lower file system's is which
 * file system the file lies on.
 *
 * No lock is held over any call of the lower file system.
 */
#include "nullfs.h"

int nullfs_vnop_getattr(struct vnop_getattr_args *ap)
{
    struct vnode_attr *vap = ap->a_vap;
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_GETATTR(lower, vap, ap->a_context);
    vnode_put(lower);
    if (!error)
        VATTR_RETURN(vap, va_fsid, (uint32_t)vfs_statfs(vnode_mount(ap->a_vp))->f_fsid.val[0]);
    return error;
}

int nullfs_vnop_open(struct vnop_open_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_OPEN(lower, ap->a_mode, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_close(struct vnop_close_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_CLOSE(lower, ap->a_fflag, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_access(struct vnop_access_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_ACCESS(lower, ap->a_action, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_setattr(struct vnop_setattr_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_SETATTR(lower, ap->a_vap, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_read(struct vnop_read_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_READ(lower, ap->a_uio, ap->a_ioflag, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_write(struct vnop_write_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_WRITE(lower, ap->a_uio, ap->a_ioflag, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_ioctl(struct vnop_ioctl_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_IOCTL(lower, ap->a_command, ap->a_data, ap->a_fflag, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_allocate(struct vnop_allocate_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error =
        VNOP_ALLOCATE(lower, ap->a_length, ap->a_flags, ap->a_bytesallocated, ap->a_offset, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_fsync(struct vnop_fsync_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_FSYNC(lower, ap->a_waitfor, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_mmap(struct vnop_mmap_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_MMAP(lower, ap->a_fflags, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_mnomap(struct vnop_mnomap_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_MNOMAP(lower, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_pathconf(struct vnop_pathconf_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_PATHCONF(lower, ap->a_name, ap->a_retval, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_getxattr(struct vnop_getxattr_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_GETXATTR(lower, ap->a_name, ap->a_uio, ap->a_size, ap->a_options, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_setxattr(struct vnop_setxattr_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_SETXATTR(lower, ap->a_name, ap->a_uio, ap->a_options, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_listxattr(struct vnop_listxattr_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_LISTXATTR(lower, ap->a_uio, ap->a_size, ap->a_options, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_removexattr(struct vnop_removexattr_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_REMOVEXATTR(lower, ap->a_name, ap->a_options, ap->a_context);
    vnode_put(lower);
    return error;
}
