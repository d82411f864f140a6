// SPDX-License-Identifier: BSD-2-Clause
/*
 * The list of orphans: files that have lost their last name and are still in use. On the disk it begins in
 * the superblock and goes on in i_dtime, so that whoever mounts or checks after a crash can free them. Here
 * it is a list of inodes in memory in the same order; superblock and inodes follow with the next sync.
 *
 * Locks: m_super_lock.
 */
#include "ext2fs.h"

static uint32_t ino_of(const struct ext2_inode *ip)
{
    return ip ? ip->i_ino : 0;
}

/* m_super_lock held. */
static void head_set(struct ext2_mount *mnt, struct ext2_inode *ip)
{
    mnt->m_orphans = ip;
    mnt->m_super.s_last_orphan = e2_to32(ino_of(ip));
    mnt->m_super_dirty = TRUE;
}

int ext2_orphan_add(struct ext2_inode *ip)
{
    struct ext2_mount *mnt = ip->i_mount;

    lck_mtx_lock(mnt->m_super_lock);
    if (!ip->i_is_orphan) {
        ip->i_is_orphan = TRUE;
        ip->i_orphan_prev = NULL;
        ip->i_orphan_next = mnt->m_orphans;
        if (ip->i_orphan_next)
            ip->i_orphan_next->i_orphan_prev = ip;
        head_set(mnt, ip);
        ext2_inode_dirty(ip);
    }
    lck_mtx_unlock(mnt->m_super_lock);
    return 0;
}

int ext2_orphan_remove(struct ext2_inode *ip)
{
    struct ext2_mount *mnt = ip->i_mount;

    lck_mtx_lock(mnt->m_super_lock);
    if (ip->i_is_orphan) {
        struct ext2_inode *prev = ip->i_orphan_prev, *next = ip->i_orphan_next;
        if (next)
            next->i_orphan_prev = prev;
        if (prev) {
            prev->i_orphan_next = next;
            ext2_inode_dirty(prev);
        } else {
            head_set(mnt, next);
        }
        ip->i_is_orphan = FALSE;
        ip->i_orphan_prev = ip->i_orphan_next = NULL;
        ext2_inode_dirty(ip);
    }
    lck_mtx_unlock(mnt->m_super_lock);
    return 0;
}

uint32_t ext2_orphan_next(struct ext2_inode *ip, uint32_t dtime)
{
    lck_mtx_lock(ip->i_mount->m_super_lock);
    uint32_t next = ip->i_is_orphan ? ino_of(ip->i_orphan_next) : dtime;
    lck_mtx_unlock(ip->i_mount->m_super_lock);
    return next;
}

/* ---- at a mount ------------------------------------------------------------------------------------------
 */

/* One that kept a name was being cut to its size. */
static int cut_to_size(struct ext2_inode *ip)
{
    lck_rw_lock_exclusive(ip->i_lock);
    lck_rw_lock_exclusive(ip->i_map_lock);
    int error =
        S_ISREG(ip->i_mode) ? ext2_map_cut(ip, (e2_lblk_t)ext2_blocks_of(ip->i_mount, ip->i_size)) : 0;
    lck_rw_unlock_exclusive(ip->i_map_lock);
    ip->i_dtime = 0;
    ext2_inode_dirty(ip);
    lck_rw_unlock_exclusive(ip->i_lock);
    return error;
}

static int orphan_clean(struct ext2_mount *mnt, uint32_t ino, uint32_t *next)
{
    vnode_t vp;
    int error = ext2_inode_get_nameless(mnt, ino, &vp);

    if (error)
        return error == ESTALE ? ext2_damaged(mnt, "the list of orphans leads to %u, which is none", ino)
                               : error;
    struct ext2_inode *ip = vtoi(vp);
    *next = ip->i_dtime;
    if (ip->i_nlink > 0)
        error = cut_to_size(ip);
    ext2_inode_abandon(vp); /* and with it, where there is no name, the file */
    return error;
}

int ext2_orphans_clean(struct ext2_mount *mnt)
{
    uint32_t count = 0;
    int error = 0;

    lck_mtx_lock(mnt->m_super_lock);
    uint32_t ino = e2_le32(mnt->m_super.s_last_orphan);
    mnt->m_super.s_last_orphan = e2_to32(0);
    mnt->m_super_dirty = ino != 0;
    lck_mtx_unlock(mnt->m_super_lock);
    for (; ino != 0 && !error; count++) {
        uint32_t next = 0;
        error = count < mnt->m_inodes ? orphan_clean(mnt, ino, &next)
                                      : ext2_damaged(mnt, "the list of orphans has no end");
        ino = next;
    }
    if (count && !error)
        ext2_report(mnt, "%u files without a name, left over by a crash, were freed", count);
    return error == EIO ? 0 : error; /* damage there is e2fsck's, and no reason not to mount */
}
