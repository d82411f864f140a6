// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is written of the superblock: the counts, and whether the file system is clean. The copies in other
 * groups are left as mke2fs made them.
 *
 * Locks: m_state_lock over a change of "clean", with the write and the flush that make it true; the
 * superblock's buffer, then m_super_lock, so that of two writers the later one's contents stay.
 */
#include "ext2fs.h"

static uint64_t count_of(int64_t n)
{
    return n > 0 ? (uint64_t)n : 0;
}

/* m_super_lock held. */
static void counts_set(struct ext2_mount *mnt)
{
    struct e2_super *super = &mnt->m_super;
    uint64_t blocks = count_of(atomic_load(&mnt->m_free_blocks)) + mnt->m_pending_blocks;
    struct timespec now;

    super->s_free_blocks_count_lo = e2_to32((uint32_t)blocks);
    if (ext2_has(mnt->m_incompat, E2_INCOMPAT_64BIT))
        super->s_free_blocks_count_hi = e2_to32((uint32_t)(blocks >> 32));
    super->s_free_inodes_count = e2_to32((uint32_t)count_of(atomic_load(&mnt->m_free_inodes)));
    if (atomic_load(&mnt->m_damaged))
        super->s_state = e2_to16(e2_le16(super->s_state) | E2_STATE_ERROR);
    nanotime(&now);
    super->s_wtime = e2_to32((uint32_t)now.tv_sec);
    ext2_csum_super_set(mnt, super);
}

int ext2_super_write(struct ext2_mount *mnt, int waitfor)
{
    buf_t bp;
    int error = ext2_meta_read(mnt, E2_SUPER_OFFSET >> mnt->m_block_shift, &bp);

    if (error)
        return error;
    lck_mtx_lock(mnt->m_super_lock);
    counts_set(mnt);
    memcpy((char *)buf_dataptr(bp) + (E2_SUPER_OFFSET & (mnt->m_block_size - 1)), &mnt->m_super,
           sizeof(mnt->m_super));
    mnt->m_super_dirty = FALSE;
    lck_mtx_unlock(mnt->m_super_lock);
    if (waitfor != MNT_WAIT)
        return buf_bdwrite(bp);
    error = buf_bwrite(bp);
    if (error) {
        lck_mtx_lock(mnt->m_super_lock);
        mnt->m_super_dirty = TRUE;
        lck_mtx_unlock(mnt->m_super_lock);
    }
    return error;
}

/* m_state_lock held. */
static int state_write(struct ext2_mount *mnt, uint16_t state)
{
    lck_mtx_lock(mnt->m_super_lock);
    mnt->m_super.s_state = e2_to16(state);
    lck_mtx_unlock(mnt->m_super_lock);
    int error = ext2_super_write(mnt, MNT_WAIT);
    return error ? error : ext2_device_flush(mnt, mnt->m_context);
}

int ext2_unclean(struct ext2_mount *mnt)
{
    int error = 0;

    if (atomic_load_explicit(&mnt->m_unclean, memory_order_acquire))
        return 0;
    lck_mtx_lock(mnt->m_state_lock);
    if (!atomic_load(&mnt->m_unclean)) {
        error = state_write(mnt, mnt->m_state_clean & (uint16_t)~E2_STATE_VALID);
        atomic_store(&mnt->m_unclean, !error);
    }
    lck_mtx_unlock(mnt->m_state_lock);
    return error;
}

int ext2_clean(struct ext2_mount *mnt)
{
    int error = 0;

    lck_mtx_lock(mnt->m_state_lock);
    if (atomic_load(&mnt->m_unclean)) {
        error = ext2_device_flush(mnt, mnt->m_context);
        if (!error)
            error = state_write(mnt, mnt->m_state_clean);
        if (!error)
            atomic_store(&mnt->m_unclean, FALSE);
    }
    lck_mtx_unlock(mnt->m_state_lock);
    return error;
}

void ext2_large_file(struct ext2_mount *mnt)
{
    lck_mtx_lock(mnt->m_super_lock);
    uint32_t features = e2_le32(mnt->m_super.s_feature_ro_compat);
    if (!ext2_has(features, E2_ROCOMPAT_LARGE_FILE) && e2_le32(mnt->m_super.s_rev_level) == E2_REV_DYNAMIC) {
        mnt->m_super.s_feature_ro_compat = e2_to32(features | E2_ROCOMPAT_LARGE_FILE);
        mnt->m_super_dirty = TRUE;
    }
    lck_mtx_unlock(mnt->m_super_lock);
}
