// SPDX-License-Identifier: BSD-2-Clause
/*
 * Attributes. Reading a file owes it an access time: the debt is a flag that readers set without the
 * exclusive lock, and it is paid when somebody asks for the times, or when the inode leaves memory.
 *
 * Locks: i_lock of the file.
 */
#include "ext2fs.h"

#define LINK_MAX_SHOWN 65000

/* ---- times -----------------------------------------------------------------------------------------------
 */

void ext2_now(const struct ext2_mount *mnt, struct timespec *ts)
{
    nanotime(ts);
    if (mnt->m_inode_size == E2_OLD_INODE)
        ts->tv_nsec = 0;
}

void ext2_touch_ctime(struct ext2_inode *ip)
{
    ext2_now(ip->i_mount, &ip->i_ctime);
    ext2_inode_dirty(ip);
}

void ext2_changed(struct ext2_inode *ip)
{
    ext2_touch_ctime(ip);
    ip->i_mtime = ip->i_ctime;
}

void ext2_owe_atime(struct ext2_inode *ip)
{
    if (ip->i_mount->m_rdonly || (vfs_flags(ip->i_mount->m_mount) & MNT_NOATIME) ||
        (ip->i_flags & E2_NOATIME_FL))
        return;
    if (!(atomic_load_explicit(&ip->i_state, memory_order_relaxed) & I2_OWES_ATIME))
        atomic_fetch_or_explicit(&ip->i_state, I2_OWES_ATIME, memory_order_relaxed);
}

void ext2_pay_times(struct ext2_inode *ip)
{
    if (!(atomic_load_explicit(&ip->i_state, memory_order_relaxed) & I2_OWES_ATIME))
        return;
    atomic_fetch_and(&ip->i_state, ~(uint32_t)I2_OWES_ATIME);
    ext2_now(ip->i_mount, &ip->i_atime);
    ext2_inode_dirty(ip);
}

/* ---- flags -----------------------------------------------------------------------------------------------
 */

static const struct {
    uint32_t disk, shown;
} flag_pairs[] = {
    {E2_IMMUTABLE_FL, SF_IMMUTABLE},
    {E2_APPEND_FL, SF_APPEND},
    {E2_NODUMP_FL, UF_NODUMP},
};
#define NFLAG_PAIRS (sizeof(flag_pairs) / sizeof(*flag_pairs))

static uint32_t flags_shown(uint32_t disk)
{
    uint32_t shown = 0;

    for (size_t i = 0; i < NFLAG_PAIRS; i++)
        if (disk & flag_pairs[i].disk)
            shown |= flag_pairs[i].shown;
    return shown;
}

/* FALSE: there is one that has no place on the disk. */
static boolean_t flags_stored(uint32_t shown, uint32_t *disk)
{
    for (size_t i = 0; i < NFLAG_PAIRS; i++) {
        *disk &= ~flag_pairs[i].disk;
        if (shown & flag_pairs[i].shown)
            *disk |= flag_pairs[i].disk;
        shown &= ~flag_pairs[i].shown;
    }
    return shown == 0;
}

/* ---- asking ----------------------------------------------------------------------------------------------
 */

static uint64_t bytes_allocated(struct ext2_inode *ip)
{
    lck_rw_lock_shared(ip->i_map_lock);
    /* What is promised counts: it is there for the file. */
    uint64_t blocks = ip->i_blocks + ((uint64_t)ip->i_promised << (ip->i_mount->m_block_shift - 9));
    lck_rw_unlock_shared(ip->i_map_lock);
    return blocks * 512;
}

static void getattr_locked(struct ext2_inode *ip, struct vnode_attr *vap)
{
    enum vtype type = ext2_vtype(ip->i_mode);

    VATTR_RETURN(vap, va_type, type);
    VATTR_RETURN(vap, va_mode, ip->i_mode & ALLPERMS);
    VATTR_RETURN(vap, va_uid, ip->i_uid);
    VATTR_RETURN(vap, va_gid, ip->i_gid);
    VATTR_RETURN(vap, va_nlink, ip->i_nlink);
    VATTR_RETURN(vap, va_rdev, type == VBLK || type == VCHR ? ext2_rdev(ip) : 0);
    VATTR_RETURN(vap, va_flags, flags_shown(ip->i_flags));
    VATTR_RETURN(vap, va_fileid, ip->i_ino);
    VATTR_RETURN(vap, va_linkid, ip->i_ino);
    VATTR_RETURN(vap, va_gen, ip->i_generation);
    VATTR_RETURN(vap, va_filerev, 0);
    VATTR_RETURN(vap, va_encoding, 0);
    VATTR_RETURN(vap, va_iosize, ip->i_mount->m_block_size);
    VATTR_RETURN(vap, va_data_size, ip->i_size);
    VATTR_RETURN(vap, va_total_size, ip->i_size);
    if (VATTR_IS_ACTIVE(vap, va_data_alloc) || VATTR_IS_ACTIVE(vap, va_total_alloc)) {
        uint64_t bytes = bytes_allocated(ip);
        VATTR_RETURN(vap, va_data_alloc, bytes);
        VATTR_RETURN(vap, va_total_alloc, bytes);
    }
    VATTR_RETURN(vap, va_access_time, ip->i_atime);
    VATTR_RETURN(vap, va_modify_time, ip->i_mtime);
    VATTR_RETURN(vap, va_change_time, ip->i_ctime);
    if (ip->i_extra_isize)
        VATTR_RETURN(vap, va_create_time, ip->i_btime);
    if (type == VDIR)
        VATTR_RETURN(vap, va_dirlinkcount, ip->i_nlink);
    if (ip->i_parent)
        VATTR_RETURN(vap, va_parentid, ip->i_parent);
}

int ext2_vnop_getattr(struct vnop_getattr_args *ap)
{
    struct ext2_inode *ip = vtoi(ap->a_vp);

    if (atomic_load_explicit(&ip->i_state, memory_order_relaxed) & I2_OWES_ATIME) {
        lck_rw_lock_exclusive(ip->i_lock);
        ext2_pay_times(ip);
        lck_rw_lock_exclusive_to_shared(ip->i_lock);
    } else {
        lck_rw_lock_shared(ip->i_lock);
    }
    getattr_locked(ip, ap->a_vap);
    lck_rw_unlock_shared(ip->i_lock);
    return 0;
}

/* ---- changing --------------------------------------------------------------------------------------------
 */

static void set_times(struct ext2_inode *ip, struct vnode_attr *vap)
{
    ext2_pay_times(ip);
    if (VATTR_IS_ACTIVE(vap, va_access_time)) {
        ip->i_atime = vap->va_access_time;
        VATTR_SET_SUPPORTED(vap, va_access_time);
    }
    if (VATTR_IS_ACTIVE(vap, va_modify_time)) {
        ip->i_mtime = vap->va_modify_time;
        VATTR_SET_SUPPORTED(vap, va_modify_time);
    }
    if (VATTR_IS_ACTIVE(vap, va_create_time) && ip->i_extra_isize) {
        ip->i_btime = vap->va_create_time;
        VATTR_SET_SUPPORTED(vap, va_create_time);
    }
    if (VATTR_IS_ACTIVE(vap, va_change_time)) {
        ip->i_ctime = vap->va_change_time;
        VATTR_SET_SUPPORTED(vap, va_change_time);
    }
}

static void set_owner(struct ext2_inode *ip, struct vnode_attr *vap)
{
    if (VATTR_IS_ACTIVE(vap, va_uid)) {
        ip->i_uid = vap->va_uid;
        VATTR_SET_SUPPORTED(vap, va_uid);
    }
    if (VATTR_IS_ACTIVE(vap, va_gid)) {
        ip->i_gid = vap->va_gid;
        VATTR_SET_SUPPORTED(vap, va_gid);
    }
    if (VATTR_IS_ACTIVE(vap, va_mode)) {
        ip->i_mode = (uint16_t)((ip->i_mode & S_IFMT) | (vap->va_mode & ALLPERMS));
        VATTR_SET_SUPPORTED(vap, va_mode);
    }
}

/* What may fail comes first. i_lock held exclusive. */
static int setattr_locked(struct ext2_inode *ip, struct vnode_attr *vap, vfs_context_t context)
{
    uint32_t flags = ip->i_flags;

    if (VATTR_IS_ACTIVE(vap, va_flags) && !flags_stored(vap->va_flags, &flags))
        return ENOTSUP;
    if (VATTR_IS_ACTIVE(vap, va_data_size)) {
        if (!S_ISREG(ip->i_mode))
            return S_ISDIR(ip->i_mode) ? EISDIR : EINVAL;
        int error = ext2_truncate(ip, vap->va_data_size, context);
        if (error)
            return error;
        ext2_changed(ip);
        VATTR_SET_SUPPORTED(vap, va_data_size);
    }
    if (VATTR_IS_ACTIVE(vap, va_flags)) {
        ip->i_flags = flags;
        VATTR_SET_SUPPORTED(vap, va_flags);
    }
    ext2_touch_ctime(ip);
    set_owner(ip, vap);
    set_times(ip, vap);
    return vfs_issynchronous(ip->i_mount->m_mount) ? ext2_inode_write(ip, MNT_WAIT) : 0;
}

int ext2_vnop_setattr(struct vnop_setattr_args *ap)
{
    struct ext2_inode *ip = vtoi(ap->a_vp);
    int error = ext2_unclean(ip->i_mount);

    if (error)
        return error;
    lck_rw_lock_exclusive(ip->i_lock);
    error = setattr_locked(ip, ap->a_vap, ap->a_context);
    lck_rw_unlock_exclusive(ip->i_lock);
    return error;
}

int ext2_vnop_pathconf(struct vnop_pathconf_args *ap)
{
    switch (ap->a_name) {
    case _PC_LINK_MAX:
        *ap->a_retval = LINK_MAX_SHOWN;
        return 0;
    case _PC_NAME_MAX:
        *ap->a_retval = (int32_t)E2_NAME_MAX;
        return 0;
    case _PC_CHOWN_RESTRICTED:
    case _PC_NO_TRUNC:
    case _PC_CASE_SENSITIVE:
    case _PC_CASE_PRESERVING:
        *ap->a_retval = 1;
        return 0;
    case _PC_FILESIZEBITS:
        *ap->a_retval = 44;
        return 0;
    default:
        return EINVAL;
    }
}
