// SPDX-License-Identifier: BSD-2-Clause
/*
 * Permission to change attributes, and the attributes that a new object gets.
 *
 * A change of attributes is first translated into the rights that it needs (and adjusted where POSIX drops a
 * set-id bit instead of refusing), then these rights are asked for as for any other operation.
 *
 * New objects follow what users of Linux expect, not BSD: the group is the creator's, unless the directory
 * has its set-group-id bit, which passes the directory's group on and, to directories, the bit itself.
 *
 * Takes no lock and keeps no state. Called by the system-call layer and by kexts.
 */
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "vfs/authorize_internal.h"

#define SET_IDS (S_ISUID | S_ISGID)

/* Owner and group. The owner may pass a file on to a group of theirs, everything else is the superuser's. */
static kauth_action_t rights_for_ids(const struct authorize_attr *attr, const struct vnode_attr *vap,
                                     vfs_context_t ctx)
{
    kauth_action_t rights = 0;
    if (VATTR_IS_ACTIVE(vap, va_uid))
        rights |= vap->va_uid == attr->aa_uid ? KAUTH_VNODE_WRITE_SECURITY : KAUTH_VNODE_TAKE_OWNERSHIP;
    if (VATTR_IS_ACTIVE(vap, va_gid)) {
        bool own = vap->va_gid == attr->aa_gid || authorize_is_member(ctx, vap->va_gid);
        rights |= own ? KAUTH_VNODE_WRITE_SECURITY : KAUTH_VNODE_TAKE_OWNERSHIP;
    }
    return rights;
}

/* Times. The present time may be set by whoever may write the file. */
static kauth_action_t rights_for_times(const struct authorize_attr *attr, const struct vnode_attr *vap,
                                       vfs_context_t ctx)
{
    bool now = (vap->va_vaflags & VA_UTIMES_NULL) != 0;
    bool owner = kauth_cred_getuid(vfs_context_ucred(ctx)) == attr->aa_uid;
    if (VATTR_IS_ACTIVE(vap, va_create_time) || VATTR_IS_ACTIVE(vap, va_change_time) ||
        VATTR_IS_ACTIVE(vap, va_backup_time))
        return KAUTH_VNODE_WRITE_ATTRIBUTES;
    if (VATTR_IS_ACTIVE(vap, va_access_time) || VATTR_IS_ACTIVE(vap, va_modify_time))
        return now && !owner ? KAUTH_VNODE_WRITE_DATA : KAUTH_VNODE_WRITE_ATTRIBUTES;
    return 0;
}

static int rights_for_flags(const struct authorize_attr *attr, const struct vnode_attr *vap,
                            kauth_action_t *rights, vfs_context_t ctx)
{
    if (!VATTR_IS_ACTIVE(vap, va_flags))
        return 0;
    *rights |= KAUTH_VNODE_WRITE_SECURITY;
    uint32_t changed = vap->va_flags ^ attr->aa_flags;
    bool super_bits = (changed & SF_SETTABLE) || (attr->aa_flags & (SF_IMMUTABLE | SF_APPEND));
    if (changed && super_bits && !authorize_is_super(ctx))
        return EPERM;
    /* Taking the immutable flag off must not fail for the flag itself, if nothing else is changed with it. */
    if ((vap->va_active & ~VNODE_ATTR_va_flags) == 0)
        *rights |= KAUTH_VNODE_NOIMMUTABLE;
    return 0;
}

/* Which set-id bits a change takes away: passing the file on takes both; changing its contents leaves a
 * set-group-id bit without group execution, which means something else. */
static mode_t set_ids_to_drop(const struct authorize_attr *attr, const struct vnode_attr *vap)
{
    if (attr->aa_type == VDIR)
        return 0;
    if (VATTR_IS_ACTIVE(vap, va_uid) || VATTR_IS_ACTIVE(vap, va_gid))
        return attr->aa_mode & SET_IDS;
    if (VATTR_IS_ACTIVE(vap, va_data_size))
        return authorize_set_ids_written(attr->aa_mode);
    return 0;
}

mode_t authorize_set_ids_written(mode_t mode)
{
    mode_t drop = mode & S_ISUID;
    if (mode & S_IXGRP)
        drop |= mode & S_ISGID;
    return drop;
}

/* All of this for other than the superuser, who also may not set set-group-id for a group that is not theirs.
 */
static void drop_set_ids(const struct authorize_attr *attr, struct vnode_attr *vap, bool preauthorised,
                         vfs_context_t ctx)
{
    if (authorize_is_super(ctx))
        return;
    mode_t drop = set_ids_to_drop(attr, vap);
    if (drop && !VATTR_IS_ACTIVE(vap, va_mode))
        VATTR_SET(vap, va_mode, (mode_t)(attr->aa_mode & ~drop));
    if (!preauthorised && VATTR_IS_ACTIVE(vap, va_mode) && (vap->va_mode & S_ISGID)) {
        gid_t gid = VATTR_IS_ACTIVE(vap, va_gid) ? vap->va_gid : attr->aa_gid;
        if (!authorize_is_member(ctx, gid))
            vap->va_mode &= (mode_t)~S_ISGID;
    }
}

int authorize_setattr(const struct authorize_attr *attr, struct vnode_attr *vap, kauth_action_t *action,
                      bool preauthorised, vfs_context_t ctx)
{
    kauth_action_t rights = rights_for_ids(attr, vap, ctx) | rights_for_times(attr, vap, ctx);
    if (VATTR_IS_ACTIVE(vap, va_mode) || VATTR_IS_ACTIVE(vap, va_acl) || VATTR_IS_ACTIVE(vap, va_uuuid) ||
        VATTR_IS_ACTIVE(vap, va_guuid))
        rights |= KAUTH_VNODE_WRITE_SECURITY;
    if (VATTR_IS_ACTIVE(vap, va_data_size) || VATTR_IS_ACTIVE(vap, va_data_alloc))
        rights |= KAUTH_VNODE_WRITE_DATA;
    int error = rights_for_flags(attr, vap, &rights, ctx);
    if (error)
        return error;
    drop_set_ids(attr, vap, preauthorised, ctx);
    *action = rights;
    return 0;
}

/** vnode_authattr - which rights does a change of attributes need?
 *  @vp      in      the file; the caller holds an iocount.
 *  @vap     in/out  the change: active fields are to be set. A set-id bit that must not survive it is taken
 * out.
 *  @action  out     rights to ask vnode_authorize() for; 0 when none is needed.
 *  Blocks:  yes.    Errno: 0; EPERM where no right would do; VNOP_GETATTR's. */
int vnode_authattr(vnode_t vp, struct vnode_attr *vap, kauth_action_t *action, vfs_context_t ctx)
{
    struct authorize_attr attr;
    *action = 0;
    int error = authorize_attr_get(vp, &attr, ctx);
    if (error)
        return error;
    return authorize_setattr(&attr, vap, action, false, ctx);
}

/* May the caller give these ids away at all? */
static int check_new_ids(const struct authorize_attr *dir, const struct vnode_attr *vap, vfs_context_t ctx)
{
    if (authorize_is_super(ctx))
        return 0;
    if (VATTR_IS_ACTIVE(vap, va_uid) && vap->va_uid != kauth_cred_getuid(vfs_context_ucred(ctx)))
        return EPERM;
    if (VATTR_IS_ACTIVE(vap, va_gid) && vap->va_gid != dir->aa_gid && !authorize_is_member(ctx, vap->va_gid))
        return EPERM;
    return 0;
}

/* Owner, group and set-id bits that the caller has not chosen. */
static void fill_new(const struct authorize_attr *dir, struct vnode_attr *vap, bool preauthorised,
                     vfs_context_t ctx)
{
    bool inherits = (dir->aa_mode & S_ISGID) != 0;
    if (!VATTR_IS_ACTIVE(vap, va_uid))
        VATTR_SET(vap, va_uid, kauth_cred_getuid(vfs_context_ucred(ctx)));
    if (!VATTR_IS_ACTIVE(vap, va_gid))
        VATTR_SET(vap, va_gid, inherits ? dir->aa_gid : kauth_cred_getgid(vfs_context_ucred(ctx)));
    if (!VATTR_IS_ACTIVE(vap, va_mode))
        VATTR_SET(vap, va_mode, 0);
    if (vap->va_type == VDIR) {
        if (inherits)
            vap->va_mode |= S_ISGID;
    } else if (!preauthorised && (vap->va_mode & S_ISGID) && !authorize_is_super(ctx) &&
               !authorize_is_member(ctx, vap->va_gid)) {
        vap->va_mode &= (mode_t)~S_ISGID;
    }
}

int authorize_new(const struct authorize_attr *dir, struct vnode_attr *vap, bool preauthorised,
                  vfs_context_t ctx)
{
    int error = check_new_ids(dir, vap, ctx);
    if (!error)
        fill_new(dir, vap, preauthorised, ctx);
    return error;
}

/** vnode_authattr_new - complete and check the attributes of a new object.
 *  @dvp     in      the directory it will lie in; the caller holds an iocount.
 *  @vap     in/out  va_type and what else is wanted; owner, group and mode are filled in where missing.
 *  @noauth  in      not zero: fill in only, refuse nothing.
 *  Blocks:  yes.    Errno: 0; EPERM an owner or group that the caller may not give; VNOP_GETATTR's. */
int vnode_authattr_new(vnode_t dvp, struct vnode_attr *vap, int noauth, vfs_context_t ctx)
{
    struct authorize_attr dir;
    int error = authorize_attr_get(dvp, &dir, ctx);
    if (error)
        return error;
    if (!noauth)
        return authorize_new(&dir, vap, false, ctx);
    fill_new(&dir, vap, false, ctx);
    return 0;
}
