// SPDX-License-Identifier: BSD-2-Clause
/*
 * File attributes between their users and the file system: vnode_getattr() and vnode_setattr(). What the file
 * system does not know is made up from what it does, so that callers find the usual fields filled in; what it
 * cannot set is refused.
 *
 * Takes no lock. The caller holds an iocount. Called by the system-call layer, authorisation, file systems
 * (KPI).
 */
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "vfs/mount_internal.h"
#include "vfs/vnop_iface.h"

#define UNKNOWN_ID 99u /* stands for "whoever asks" on volumes whose owners are not known */

#define SIZE_ATTRS                                                                                           \
    (VNODE_ATTR_BIT(va_data_size) | VNODE_ATTR_BIT(va_data_alloc) | VNODE_ATTR_BIT(va_total_size) |          \
     VNODE_ATTR_BIT(va_total_alloc))
#define DERIVED_SIZE_ATTRS                                                                                   \
    (VNODE_ATTR_BIT(va_data_alloc) | VNODE_ATTR_BIT(va_total_size) | VNODE_ATTR_BIT(va_total_alloc))
#define ACL_ATTRS (VNODE_ATTR_BIT(va_acl) | VNODE_ATTR_BIT(va_uuuid) | VNODE_ATTR_BIT(va_guuid))

#define MAKE_UP(vap, field, value)                                                                           \
    do {                                                                                                     \
        if (!VATTR_IS_SUPPORTED(vap, field))                                                                 \
            VATTR_RETURN(vap, field, value);                                                                 \
    } while (0)

/* An access control list that the file system does not keep is an empty one. */
static void make_up_acl(struct vnode_attr *vap)
{
    static const guid_t nobody;
    if (VATTR_NOT_RETURNED(vap, va_acl))
        VATTR_RETURN(vap, va_acl, NULL);
    if (VATTR_NOT_RETURNED(vap, va_uuuid))
        VATTR_RETURN(vap, va_uuuid, nobody);
    if (VATTR_NOT_RETURNED(vap, va_guuid))
        VATTR_RETURN(vap, va_guuid, nobody);
}

static void make_up_owner(struct vnode_attr *vap, mount_t mp, vfs_context_t ctx)
{
    bool ignored = (vfs_flags(mp) & MNT_IGNORE_OWNERSHIP) != 0;
    kauth_cred_t cred = vfs_context_ucred(ctx);
    if (VATTR_IS_ACTIVE(vap, va_uid)) {
        MAKE_UP(vap, va_uid, mp->mnt_vfsstat.f_owner);
        if (ignored && vap->va_uid == UNKNOWN_ID)
            vap->va_uid = kauth_cred_getuid(cred);
    }
    if (VATTR_IS_ACTIVE(vap, va_gid)) {
        MAKE_UP(vap, va_gid, 0);
        if (ignored && vap->va_gid == UNKNOWN_ID)
            vap->va_gid = kauth_cred_getgid(cred);
    }
}

static uint64_t round_to(uint64_t bytes, uint64_t unit)
{
    uint64_t rest = bytes % unit;
    return rest ? bytes - rest + unit : bytes;
}

static void make_up_sizes(struct vnode_attr *vap, mount_t mp, uint64_t asked, vfs_context_t ctx)
{
    MAKE_UP(vap, va_data_size, 0);
    if (vap->va_data_size > INT64_MAX)
        vap->va_data_size = INT64_MAX; /* callers put it in an off_t */
    if (!(asked & DERIVED_SIZE_ATTRS))
        return;
    if (mp->mnt_vfsstat.f_bsize == 0)
        vfs_update_vfsstat(mp, ctx, VFS_KERNEL_EVENT); /* a type without statistics gets the device's unit */
    uint64_t unit = mp->mnt_vfsstat.f_bsize ? mp->mnt_vfsstat.f_bsize : (uint64_t)vfs_devblocksize(mp);
    MAKE_UP(vap, va_data_alloc, round_to(vap->va_data_size, unit));
    MAKE_UP(vap, va_total_size, vap->va_data_size);
    MAKE_UP(vap, va_total_alloc, round_to(vap->va_total_size, unit));
}

static void make_up_rest(struct vnode_attr *vap, vnode_t vp, mount_t mp)
{
    MAKE_UP(vap, va_iosize, (uint32_t)mp->mnt_vfsstat.f_iosize);
    MAKE_UP(vap, va_flags, 0);
    MAKE_UP(vap, va_filerev, 0);
    MAKE_UP(vap, va_gen, 0);
    if (VATTR_IS_SUPPORTED(vap, va_modify_time))
        MAKE_UP(vap, va_change_time, vap->va_modify_time);
    VATTR_RETURN(vap, va_type, vnode_vtype(vp));
    if (VATTR_IS_ACTIVE(vap, va_fsid) &&
        !(VATTR_IS_SUPPORTED(vap, va_fsid) && (vap->va_vaflags & VA_USEFSID)))
        VATTR_RETURN(vap, va_fsid, (uint32_t)mp->mnt_vfsstat.f_fsid.val[0]);
    if (VATTR_IS_ACTIVE(vap, va_fsid64))
        MAKE_UP(vap, va_fsid64, mp->mnt_vfsstat.f_fsid);
}

#define FSID_ATTRS (VNODE_ATTR_BIT(va_fsid) | VNODE_ATTR_BIT(va_fsid64))

/* A file system that knows all it was asked leaves next to nothing to make up; most do, at most calls. */
static bool is_complete(const struct vnode_attr *vap, uint64_t asked, mount_t mp)
{
    return !(asked & (~vap->va_supported | FSID_ATTRS)) && !(vfs_flags(mp) & MNT_IGNORE_OWNERSHIP) &&
           !(VATTR_IS_SUPPORTED(vap, va_data_size) && vap->va_data_size > INT64_MAX);
}

int vnode_getattr(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx)
{
    mount_t mp = vnode_mount_of(vp);
    if (vap->va_active & ~(uint64_t)VNODE_ATTR_ALL)
        return EINVAL;
    if (!mount_kern_is(mp, MNTK_EXTENDED_SECURITY))
        vap->va_active &= ~(uint64_t)ACL_ATTRS;
    uint64_t asked = vap->va_active;
    if (asked & DERIVED_SIZE_ATTRS)
        vap->va_active |= SIZE_ATTRS; /* the file system may know better than we can derive */
    vap->va_vaflags &= ~VA_USEFSID;

    int error = VNOP_GETATTR(vp, vap, ctx);
    if (!error && is_complete(vap, asked, mp)) {
        VATTR_RETURN(vap, va_type, vnode_vtype(vp));
    } else if (!error) {
        make_up_acl(vap);
        make_up_owner(vap, mp, ctx);
        make_up_sizes(vap, mp, asked, ctx);
        make_up_rest(vap, vp, mp);
    }
    vap->va_vaflags &= ~VA_USEFSID;
    return error;
}

/* A size can be set on regular files only. EJUSTRETURN: nothing else was to be set, so there is nothing to
 * do. */
static int setattr_size(vnode_t vp, struct vnode_attr *vap)
{
    if (!VATTR_IS_ACTIVE(vap, va_data_size) || vnode_isreg(vp))
        return 0;
    if (vnode_isdir(vp))
        return EISDIR;
    VATTR_CLEAR_ACTIVE(vap, va_data_size); /* "truncating" a device or FIFO means nothing and succeeds */
    return vap->va_active ? 0 : EJUSTRETURN;
}

int vnode_setattr(vnode_t vp, struct vnode_attr *vap, vfs_context_t ctx)
{
    mount_t mp = vnode_mount_of(vp);
    if (vap->va_active & ~(uint64_t)VNODE_ATTR_ALL)
        return EINVAL;
    if (vfs_isrdonly(mp))
        return EROFS;
    int error = setattr_size(vp, vap);
    if (error)
        return error == EJUSTRETURN ? 0 : error;
    if (vfs_flags(mp) & MNT_IGNORE_OWNERSHIP) {
        VATTR_CLEAR_ACTIVE(vap, va_uid);
        VATTR_CLEAR_ACTIVE(vap, va_gid);
    }
    if ((vap->va_active & ACL_ATTRS) && !mount_kern_is(mp, MNTK_EXTENDED_SECURITY))
        return ENOTSUP;
    if (VATTR_IS_ACTIVE(vap, va_flags))
        vap->va_flags &= SF_SUPPORTED | UF_SETTABLE;

    error = VNOP_SETATTR(vp, vap, ctx);
    /* An access control list is kept by the file system or not at all. */
    if (!error && (vap->va_active & ~vap->va_supported & ACL_ATTRS))
        error = ENOTSUP;
    return error;
}
