// SPDX-License-Identifier: BSD-2-Clause
/*
 * Contents: reading through the page cache, and what that asks of the file system, which is where the blocks
 * lie. The latter comes with pages busy and takes i_map_lock only.
 */
#include "ext2fs.h"

int ext2_vnop_read(struct vnop_read_args *ap)
{
    struct ext2_inode *ip = vtoi(ap->a_vp);
    int error = 0;

    if (!vnode_isreg(ap->a_vp))
        return vnode_isdir(ap->a_vp) ? EISDIR : EPERM;
    if (uio_offset(ap->a_uio) < 0)
        return EINVAL;
    lck_rw_lock_shared(ip->i_lock);
    if ((uint64_t)uio_offset(ap->a_uio) < ip->i_size && uio_resid(ap->a_uio) > 0)
        error = cluster_read(ap->a_vp, ap->a_uio, (off_t)ip->i_size, ap->a_ioflag);
    lck_rw_unlock_shared(ip->i_lock);
    return error;
}

int ext2_vnop_pagein(struct vnop_pagein_args *ap)
{
    return cluster_pagein(ap->a_vp, ap->a_pl, ap->a_pl_offset, ap->a_f_offset, (int)ap->a_size,
                          ubc_getsize(ap->a_vp), ap->a_flags);
}

int ext2_vnop_blockmap(struct vnop_blockmap_args *ap)
{
    struct ext2_inode *ip = vtoi(ap->a_vp);
    struct ext2_mount *mnt = ip->i_mount;
    uint64_t within = (uint64_t)ap->a_foffset & (mnt->m_block_size - 1);
    uint64_t want = ext2_blocks_of(mnt, within + ap->a_size);
    e2_block_t block;
    uint32_t count;
    boolean_t fresh;

    if (ap->a_foffset < 0 || (uint64_t)ap->a_foffset >> mnt->m_block_shift > E2_LBLK_MAX)
        return EFBIG;
    if (want > INT32_MAX)
        want = INT32_MAX;
    lck_rw_lock_shared(ip->i_map_lock);
    int error =
        ext2_map_find(ip, ext2_lblk_of(mnt, (uint64_t)ap->a_foffset), (uint32_t)want, &block, &count, &fresh);
    lck_rw_unlock_shared(ip->i_map_lock);
    if (error)
        return error;
    *ap->a_bpn = block == 0 || fresh ? -1 : ext2_daddr(mnt, block);
    uint64_t run = ((uint64_t)count << mnt->m_block_shift) - within;
    if (ap->a_run)
        *ap->a_run = run < ap->a_size ? (size_t)run : ap->a_size;
    if (ap->a_poff)
        *(int *)ap->a_poff = (int)within;
    return 0;
}

int ext2_vnop_strategy(struct vnop_strategy_args *ap)
{
    return buf_strategy(vtoi(buf_vnode(ap->a_bp))->i_mount->m_dev, ap);
}

int ext2_vnop_blktooff(struct vnop_blktooff_args *ap)
{
    *ap->a_offset = (off_t)((uint64_t)ap->a_lblkno << vtoi(ap->a_vp)->i_mount->m_block_shift);
    return 0;
}

int ext2_vnop_offtoblk(struct vnop_offtoblk_args *ap)
{
    *ap->a_lblkno = ap->a_offset >> vtoi(ap->a_vp)->i_mount->m_block_shift;
    return 0;
}

int ext2_vnop_mmap(struct vnop_mmap_args *ap)
{
    (void)ap;
    return 0;
}

/* Nothing is ever newer than the disk on a volume that is only read. */
int ext2_vnop_fsync(struct vnop_fsync_args *ap)
{
    (void)ap;
    return 0;
}
