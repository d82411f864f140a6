// SPDX-License-Identifier: BSD-2-Clause
/*
 * Symbolic links: a short target lies in the inode, where block numbers would be, a longer one in one block
 * of the file's own.
 */
#include "ext2fs.h"

static boolean_t is_fast(const struct ext2_inode *ip)
{
    uint64_t of_xattr = ip->i_file_acl ? ip->i_mount->m_block_size / 512 : 0;

    return ip->i_size < sizeof(ip->i_block) && ip->i_blocks == of_xattr && !(ip->i_flags & E2_EXTENTS_FL);
}

static int slow_read(struct ext2_inode *ip, uio_t uio)
{
    e2_block_t block;
    uint32_t count;
    boolean_t fresh;
    buf_t bp;

    if (ip->i_size >= ip->i_mount->m_block_size)
        return ext2_damaged(ip->i_mount, "symbolic link %u: its target has %llu bytes", ip->i_ino,
                            ip->i_size);
    lck_rw_lock_shared(ip->i_map_lock);
    int error = ext2_map_find(ip, 0, 1, &block, &count, &fresh);
    lck_rw_unlock_shared(ip->i_map_lock);
    if (!error && (block == 0 || fresh))
        error = ext2_damaged(ip->i_mount, "symbolic link %u has no target", ip->i_ino);
    if (!error)
        error = buf_meta_bread(ip->i_vnode, 0, (int)ip->i_mount->m_block_size, NOCRED, &bp);
    else
        return error;
    if (!error)
        error = uiomove((const char *)buf_dataptr(bp), (int)ip->i_size, uio);
    buf_brelse(bp);
    return error;
}

int ext2_vnop_readlink(struct vnop_readlink_args *ap)
{
    struct ext2_inode *ip = vtoi(ap->a_vp);
    int error;

    if (!vnode_islnk(ap->a_vp))
        return EINVAL;
    lck_rw_lock_shared(ip->i_lock);
    if (is_fast(ip))
        error = uiomove((const char *)ip->i_block, (int)ip->i_size, ap->a_uio);
    else
        error = slow_read(ip, ap->a_uio);
    lck_rw_unlock_shared(ip->i_lock);
    return error;
}
