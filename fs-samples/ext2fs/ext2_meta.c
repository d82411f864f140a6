// SPDX-License-Identifier: BSD-2-Clause
/*
 * Buffers of metadata: blocks on the device's vnode, nodes of a file's map on the file's.
 *
 * Takes no lock. Blocks for the buffer's owner and for the device.
 */
#include "ext2fs.h"

static int outside(struct ext2_mount *mnt, e2_block_t block)
{
    return ext2_damaged(mnt, "block %llu of metadata lies outside of the file system", block);
}

int ext2_meta_read(struct ext2_mount *mnt, e2_block_t block, buf_t *bpp)
{
    *bpp = NULL;
    if (block >= mnt->m_blocks)
        return outside(mnt, block);
    int error = buf_meta_bread(mnt->m_dev, ext2_daddr(mnt, block), (int)mnt->m_block_size, NOCRED, bpp);
    if (error) {
        buf_brelse(*bpp);
        *bpp = NULL;
        ext2_report(mnt, "block %llu of metadata cannot be read: error %d", block, error);
    }
    return error;
}

int ext2_meta_new(struct ext2_mount *mnt, e2_block_t block, buf_t *bpp)
{
    *bpp = NULL;
    if (block >= mnt->m_blocks)
        return outside(mnt, block);
    *bpp = buf_getblk(mnt->m_dev, ext2_daddr(mnt, block), (int)mnt->m_block_size, 0, 0, BLK_META);
    if (!*bpp)
        return EIO;
    buf_clear(*bpp);
    return 0;
}

static daddr64_t node_lblkno(e2_block_t block)
{
    return -1 - (daddr64_t)block;
}

/* Reads a busy buffer of the file whose place on the device is known already. */
static int node_fill(struct ext2_inode *ip, e2_block_t block, buf_t bp)
{
    buf_reset(bp, B_READ);
    buf_setblkno(bp, ext2_daddr(ip->i_mount, block));
    (void)VNOP_STRATEGY(bp); /* what goes wrong is told by the wait */
    int error = buf_biowait(bp);
    if (error)
        ext2_report(ip->i_mount, "block %llu of the map of file %u cannot be read: error %d", block,
                    ip->i_ino, error);
    return error;
}

static int node_get(struct ext2_inode *ip, e2_block_t block, buf_t *bpp)
{
    struct ext2_mount *mnt = ip->i_mount;

    *bpp = NULL;
    if (!ext2_block_valid(mnt, block, 1))
        return ext2_damaged(mnt, "file %u: its map leads to block %llu, which cannot be a part of it",
                            ip->i_ino, block);
    *bpp = buf_getblk(ip->i_vnode, node_lblkno(block), (int)mnt->m_block_size, 0, 0, BLK_META);
    return *bpp ? 0 : EIO;
}

int ext2_node_read(struct ext2_inode *ip, e2_block_t block, buf_t *bpp)
{
    if (!ip->i_vnode) {
        *bpp = NULL;
        if (!ext2_block_valid(ip->i_mount, block, 1))
            return outside(ip->i_mount, block);
        return ext2_meta_read(ip->i_mount, block, bpp);
    }
    int error = node_get(ip, block, bpp);
    if (error)
        return error;
    if (!buf_valid(*bpp))
        error = node_fill(ip, block, *bpp);
    if (error) {
        buf_brelse(*bpp);
        *bpp = NULL;
    }
    return error;
}

int ext2_node_new(struct ext2_inode *ip, e2_block_t block, buf_t *bpp)
{
    if (!ip->i_vnode)
        return ext2_meta_new(ip->i_mount, block, bpp);
    int error = node_get(ip, block, bpp);
    if (error)
        return error;
    buf_setblkno(*bpp, ext2_daddr(ip->i_mount, block));
    buf_clear(*bpp);
    return 0;
}

void ext2_node_forget(struct ext2_inode *ip, e2_block_t block)
{
    if (ip->i_vnode)
        (void)buf_invalblkno(ip->i_vnode, node_lblkno(block), BUF_WAIT);
    else
        (void)buf_invalblkno(ip->i_mount->m_dev, ext2_daddr(ip->i_mount, block), BUF_WAIT);
}
