// SPDX-License-Identifier: BSD-2-Clause
/*
 * The permission decision: may these credentials do this to that vnode?
 *
 * The order is fixed: what the mount forbids, then (on mounts whose permissions only the file system knows)
 * the file system's own answer, then the immutable and append-only flags, which bind the superuser too, then
 * owner, group and other bits. A refusal is EACCES where more permission bits would have helped and EPERM
 * where only another user (owner, superuser) or other file flags would.
 *
 * Takes no lock and keeps no state. Blocks in VNOP_GETATTR and VNOP_ACCESS. Called by the system-call layer,
 * by lookup for each directory on the way, and by kexts. The caller holds an iocount on every vnode given.
 */
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vnode_if.h>

#include "vfs/authorize_internal.h"
#include "vfs/vnop_iface.h"

/* Rights that need the read, write and execute bit of a file or directory. READ_ATTRIBUTES, READ_SECURITY and
 * SYNCHRONIZE need none. */
#define NEED_READ (KAUTH_VNODE_READ_DATA | KAUTH_VNODE_READ_EXTATTRIBUTES)
#define NEED_WRITE                                                                                           \
    (KAUTH_VNODE_WRITE_DATA | KAUTH_VNODE_APPEND_DATA | KAUTH_VNODE_DELETE_CHILD |                           \
     KAUTH_VNODE_WRITE_EXTATTRIBUTES)
#define NEED_EXECUTE KAUTH_VNODE_EXECUTE
#define NEED_OWNER   (KAUTH_VNODE_WRITE_ATTRIBUTES | KAUTH_VNODE_WRITE_SECURITY)
#define NEED_SUPER   KAUTH_VNODE_TAKE_OWNERSHIP

/* What stays possible on an append-only file: to append, to add a name, and whatever does not change the
 * file. */
#define APPEND_ONLY_DENIES                                                                                   \
    (KAUTH_VNODE_DELETE | KAUTH_VNODE_DELETE_CHILD | KAUTH_VNODE_WRITE_ATTRIBUTES |                          \
     KAUTH_VNODE_WRITE_EXTATTRIBUTES | KAUTH_VNODE_WRITE_SECURITY | KAUTH_VNODE_TAKE_OWNERSHIP)

bool authorize_is_super(vfs_context_t ctx)
{
    return vfs_context_suser(ctx) == 0;
}

int authorize_attr_get(vnode_t vp, struct authorize_attr *attr, vfs_context_t ctx)
{
    struct vnode_attr va;
    VATTR_INIT(&va);
    VATTR_WANTED(&va, va_mode);
    VATTR_WANTED(&va, va_uid);
    VATTR_WANTED(&va, va_gid);
    VATTR_WANTED(&va, va_flags);
    int error = vnode_getattr(vp, &va, ctx);
    if (error)
        return error;
    attr->aa_type = vnode_vtype(vp);
    attr->aa_mode = VATTR_IS_SUPPORTED(&va, va_mode) ? (mode_t)(va.va_mode & ALLPERMS) : ACCESSPERMS;
    attr->aa_flags = VATTR_IS_SUPPORTED(&va, va_flags) ? va.va_flags : 0;
    if (vfs_flags(vnode_mount(vp)) & MNT_IGNORE_OWNERSHIP) {
        attr->aa_uid = kauth_cred_getuid(vfs_context_ucred(ctx));
        attr->aa_gid = kauth_cred_getgid(vfs_context_ucred(ctx));
    } else {
        attr->aa_uid = VATTR_IS_SUPPORTED(&va, va_uid) ? va.va_uid : 0;
        attr->aa_gid = VATTR_IS_SUPPORTED(&va, va_gid) ? va.va_gid : 0;
    }
    return 0;
}

/* Writing to a device, FIFO or socket changes nothing on the file system that the node lies on. */
static bool writes_elsewhere(vnode_t vp)
{
    switch (vnode_vtype(vp)) {
    case VBLK:
    case VCHR:
    case VFIFO:
    case VSOCK:
        return true;
    default:
        return false;
    }
}

int authorize_mount(vnode_t vp, kauth_action_t action)
{
    mount_t mp = vnode_mount(vp);
    kauth_action_t changes = action & KAUTH_VNODE_WRITE_RIGHTS;
    if (writes_elsewhere(vp))
        changes &= ~(kauth_action_t)(KAUTH_VNODE_WRITE_DATA | KAUTH_VNODE_APPEND_DATA);
    if (changes && vfs_isrdonly(mp))
        return EROFS;
    if ((action & KAUTH_VNODE_EXECUTE) && vnode_isreg(vp) && (vfs_flags(mp) & MNT_NOEXEC))
        return EACCES;
    return 0;
}

int authorize_immutable(const struct authorize_attr *attr, kauth_action_t action)
{
    if (!(action & KAUTH_VNODE_WRITE_RIGHTS) || (action & KAUTH_VNODE_NOIMMUTABLE) ||
        !(attr->aa_flags & (IMMUTABLE | APPEND)))
        return 0;
    if (attr->aa_flags & IMMUTABLE)
        return EPERM;
    kauth_action_t denies = APPEND_ONLY_DENIES | KAUTH_VNODE_CHECKIMMUTABLE | KAUTH_VNODE_LINKTARGET;
    if (attr->aa_type != VDIR) /* the same bit is ADD_FILE on a directory */
        denies |= KAUTH_VNODE_WRITE_DATA;
    return action & denies ? EPERM : 0;
}

static unsigned needed_bits(kauth_action_t action)
{
    unsigned need = 0;
    if (action & NEED_READ)
        need |= S_IROTH;
    if (action & NEED_WRITE)
        need |= S_IWOTH;
    if (action & NEED_EXECUTE)
        need |= S_IXOTH;
    return need;
}

bool authorize_is_member(vfs_context_t ctx, gid_t gid)
{
    int member = 0;
    return kauth_cred_ismember_gid(vfs_context_ucred(ctx), gid, &member) == 0 && member;
}

int authorize_mode(const struct authorize_attr *attr, kauth_action_t action, vfs_context_t ctx)
{
    unsigned need = needed_bits(action);
    if (authorize_is_super(ctx)) {
        /* Nothing can be executed that nobody may execute; directories can always be searched. */
        bool dead = attr->aa_type != VDIR && !(attr->aa_mode & (S_IXUSR | S_IXGRP | S_IXOTH));
        return (need & S_IXOTH) && dead ? EACCES : 0;
    }
    bool owner = kauth_cred_getuid(vfs_context_ucred(ctx)) == attr->aa_uid;
    if (action & NEED_SUPER)
        return EPERM;
    if ((action & NEED_OWNER) && !owner)
        return EPERM;
    if (!need)
        return 0;
    unsigned have = attr->aa_mode;
    if (owner)
        have >>= 6;
    else if (authorize_is_member(ctx, attr->aa_gid))
        have >>= 3;
    return (need & ~have) ? EACCES : 0;
}

int authorize_delete(const struct authorize_attr *dir, const struct authorize_attr *file, bool preauthorised,
                     vfs_context_t ctx)
{
    if ((dir->aa_flags | file->aa_flags) & (IMMUTABLE | APPEND) || (file->aa_flags & SF_NOUNLINK))
        return EPERM;
    if (preauthorised || authorize_is_super(ctx))
        return 0;
    int error = authorize_mode(dir, KAUTH_VNODE_DELETE_CHILD | KAUTH_VNODE_SEARCH, ctx);
    if (error)
        return error;
    uid_t uid = kauth_cred_getuid(vfs_context_ucred(ctx));
    if ((dir->aa_mode & S_ISVTX) && uid != dir->aa_uid && uid != file->aa_uid)
        return EPERM;
    return 0;
}

/* The file system alone knows: ask it, for the directory too when a name is to be taken away. */
static int authorize_opaque(vnode_t vp, vnode_t dvp, kauth_action_t action, vfs_context_t ctx)
{
    int error = VNOP_ACCESS(vp, (int)action, ctx);
    if (!error && dvp && (action & KAUTH_VNODE_DELETE))
        error = VNOP_ACCESS(dvp, KAUTH_VNODE_DELETE_CHILD, ctx);
    /* Without an answer the operation itself decides. */
    return error == ENOTSUP ? 0 : error;
}

static int authorize_parent(vnode_t dvp, const struct authorize_attr *attr, kauth_action_t action,
                            vfs_context_t ctx)
{
    struct authorize_attr dir;
    int error = authorize_attr_get(dvp, &dir, ctx);
    if (error)
        return error;
    return authorize_delete(&dir, attr, false, ctx) ?: authorize_mount(dvp, action);
}

static int authorize_vnode(vnode_t vp, vnode_t dvp, kauth_action_t action, vfs_context_t ctx)
{
    int error = authorize_mount(vp, action);
    if (error)
        return error;
    if (vfs_authopaque(vnode_mount(vp)))
        return authorize_opaque(vp, dvp, action, ctx);
    /* The superuser's search needs no attribute, and is the most frequent question of all. */
    if (action == KAUTH_VNODE_SEARCH && vnode_isdir(vp) && authorize_is_super(ctx))
        return 0;
    struct authorize_attr attr;
    error = authorize_attr_get(vp, &attr, ctx);
    if (error)
        return error;
    error = authorize_immutable(&attr, action);
    if (!error && (action & KAUTH_VNODE_DELETE) && dvp)
        error = authorize_parent(dvp, &attr, action, ctx);
    if (!error)
        error = authorize_mode(&attr, action & ~(kauth_action_t)KAUTH_VNODE_DELETE, ctx);
    return error;
}

/** vnode_authorize - see authorize_internal.h for the parts.
 *  @vp      in   what is to be used; for a directory the _ADD_, _LIST_ and _SEARCH names of the rights apply.
 *  @dvp     in   its directory where KAUTH_VNODE_DELETE is asked, else NULL is allowed.
 *  @action  in   KAUTH_VNODE_* rights, all of which must be granted.
 *  Refs:    none; the caller holds iocounts.     Blocks: yes.
 *  Errno:   0; EACCES, EPERM, EROFS; the file system's; a listener's. */
int vnode_authorize(vnode_t vp, vnode_t dvp, kauth_action_t action, vfs_context_t ctx)
{
    return authorize_heard(vp, dvp, action, authorize_vnode(vp, dvp, action, ctx), ctx);
}

/* ---- the same question, as file systems without VFS's checks put it ------------------------------------ */

int vn_authorize_unlink(vnode_t dvp, vnode_t vp, struct componentname *cnp, vfs_context_t ctx, void *reserved)
{
    (void)cnp;
    (void)reserved;
    return vnode_isdir(vp) ? EPERM : vnode_authorize(vp, dvp, KAUTH_VNODE_DELETE, ctx);
}

int vn_authorize_rmdir(vnode_t dvp, vnode_t vp, struct componentname *cnp, vfs_context_t ctx, void *reserved)
{
    (void)cnp;
    (void)reserved;
    if (!vnode_isdir(vp))
        return ENOTDIR;
    return dvp == vp ? EINVAL : vnode_authorize(vp, dvp, KAUTH_VNODE_DELETE, ctx);
}
