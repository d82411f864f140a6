// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading the superblock: every field that something is computed from is checked here, so that nobody has to
 * do it later. What is wrong gives EINVAL and a line that names field and value.
 *
 * The device is not set to the file system's block size yet, so it is read through a buffer of its own.
 * Called at mount, before anybody else uses the file system; no lock.
 */
#include <sys/disk.h>

#include "ext2fs.h"

#define BLOCK_LOG_MAX 2u /* 4 KiB: a page */
#define GROUPS_MAX    (1u << 25)

static int refused(const struct ext2_mount *mnt, const char *field, uint64_t value)
{
    ext2_report(mnt, "the superblock's %s is %llu, which makes no sense", field, value);
    return EINVAL;
}

static int super_fetch(struct ext2_mount *mnt, uint32_t dev_block)
{
    uint32_t end = E2_SUPER_OFFSET + E2_SUPER_SIZE, bytes = dev_block > end ? dev_block : end;
    char *room = ext2_alloc(bytes);

    if (!room)
        return ENOMEM;
    buf_t bp = buf_alloc(mnt->m_dev);
    buf_setflags(bp, B_READ);
    buf_setblkno(bp, 0);
    buf_setcount(bp, bytes);
    buf_setsize(bp, bytes);
    buf_setdataptr(bp, (uintptr_t)room);
    (void)VNOP_STRATEGY(bp); /* what goes wrong is told by the wait */
    int error = buf_biowait(bp);
    if (!error && buf_resid(bp))
        error = EINVAL; /* the device ends before it */
    buf_free(bp);
    if (!error)
        memcpy(&mnt->m_super, room + E2_SUPER_OFFSET, sizeof(mnt->m_super));
    else
        ext2_report(mnt, "the superblock cannot be read: error %d", error);
    ext2_free(room, bytes);
    return error;
}

/* ---- what kind it is -------------------------------------------------------------------------------------
 */

static int kind_check(struct ext2_mount *mnt, boolean_t writable)
{
    const struct e2_super *super = &mnt->m_super;
    uint32_t revision = e2_le32(super->s_rev_level);

    if (e2_le16(super->s_magic) != E2_MAGIC) {
        ext2_report(mnt, "there is no ext2, ext3 or ext4 on it (magic %#x)", e2_le16(super->s_magic));
        return EINVAL;
    }
    if (revision > E2_REV_DYNAMIC)
        return refused(mnt, "s_rev_level", revision);
    if (revision == E2_REV_DYNAMIC) {
        mnt->m_compat = e2_le32(super->s_feature_compat);
        mnt->m_incompat = e2_le32(super->s_feature_incompat);
        mnt->m_rocompat = e2_le32(super->s_feature_ro_compat);
    }
    int error = ext2_features_check(mnt, writable);
    if (error)
        return error;
    if (!ext2_has(mnt->m_rocompat, E2_ROCOMPAT_METADATA_CSUM))
        return 0;
    if (super->s_checksum_type != 1)
        return refused(mnt, "s_checksum_type", super->s_checksum_type);
    if (!ext2_csum_super_ok(super)) {
        ext2_report(mnt, "the superblock's checksum is wrong");
        return EINVAL;
    }
    return 0;
}

/* ---- sizes -----------------------------------------------------------------------------------------------
 */

static uint64_t wide(const struct ext2_mount *mnt, e2_le32_t lo, e2_le32_t hi)
{
    return e2_le32(lo) | (ext2_has(mnt->m_incompat, E2_INCOMPAT_64BIT) ? (uint64_t)e2_le32(hi) << 32 : 0);
}

static int blocks_check(struct ext2_mount *mnt, uint64_t device_bytes)
{
    const struct e2_super *super = &mnt->m_super;
    uint32_t log = e2_le32(super->s_log_block_size), first = e2_le32(super->s_first_data_block);

    if (log > 6)
        return refused(mnt, "s_log_block_size", log);
    if (log > BLOCK_LOG_MAX) {
        ext2_report(mnt, "its blocks of %u bytes are larger than a page: it cannot be mounted", 1024u << log);
        return ENOTSUP;
    }
    mnt->m_block_shift = 10 + log;
    mnt->m_block_size = 1u << mnt->m_block_shift;
    mnt->m_dev_per_block = 1;
    if (mnt->m_block_size < mnt->m_dev_block) {
        ext2_report(mnt, "its blocks of %u bytes are smaller than those of the device, %u", mnt->m_block_size,
                    mnt->m_dev_block);
        return ENOTSUP;
    }
    if (e2_le32(super->s_log_cluster_size) != log && e2_le32(super->s_rev_level) == E2_REV_DYNAMIC)
        return refused(mnt, "s_log_cluster_size", e2_le32(super->s_log_cluster_size));
    if (first != (mnt->m_block_size == 1024))
        return refused(mnt, "s_first_data_block", first);
    mnt->m_first_block = first;
    mnt->m_blocks = wide(mnt, super->s_blocks_count_lo, super->s_blocks_count_hi);
    if (mnt->m_blocks <= (e2_block_t)first + 1)
        return refused(mnt, "s_blocks_count", mnt->m_blocks);
    if (mnt->m_blocks > device_bytes >> mnt->m_block_shift) {
        ext2_report(mnt, "it has %llu blocks of %u bytes, and the device ends before that", mnt->m_blocks,
                    mnt->m_block_size);
        return EINVAL;
    }
    mnt->m_reserved = wide(mnt, super->s_r_blocks_count_lo, super->s_r_blocks_count_hi);
    if (mnt->m_reserved > mnt->m_blocks)
        return refused(mnt, "s_r_blocks_count", mnt->m_reserved);
    return 0;
}

static int inodes_check(struct ext2_mount *mnt)
{
    const struct e2_super *super = &mnt->m_super;
    boolean_t dynamic = e2_le32(super->s_rev_level) == E2_REV_DYNAMIC;

    mnt->m_inode_size = dynamic ? e2_le16(super->s_inode_size) : E2_OLD_INODE;
    if (mnt->m_inode_size < E2_OLD_INODE || mnt->m_inode_size > mnt->m_block_size ||
        (mnt->m_inode_size & (mnt->m_inode_size - 1)))
        return refused(mnt, "s_inode_size", mnt->m_inode_size);
    mnt->m_inodes_per_block = mnt->m_block_size / mnt->m_inode_size;
    mnt->m_first_ino = dynamic ? e2_le32(super->s_first_ino) : E2_OLD_FIRST;
    mnt->m_inodes = e2_le32(super->s_inodes_count);
    if (mnt->m_first_ino < E2_OLD_FIRST || mnt->m_first_ino > mnt->m_inodes)
        return refused(mnt, "s_first_ino", mnt->m_first_ino);
    if (mnt->m_inode_size > E2_OLD_INODE) {
        uint32_t room = mnt->m_inode_size - E2_OLD_INODE;
        if (e2_le16(super->s_want_extra_isize) > room)
            return refused(mnt, "s_want_extra_isize", e2_le16(super->s_want_extra_isize));
        if (e2_le16(super->s_min_extra_isize) > room)
            return refused(mnt, "s_min_extra_isize", e2_le16(super->s_min_extra_isize));
    }
    return 0;
}

static int descs_check(struct ext2_mount *mnt)
{
    const struct e2_super *super = &mnt->m_super;

    mnt->m_desc_size = E2_GROUP_SIZE_MIN;
    if (ext2_has(mnt->m_incompat, E2_INCOMPAT_64BIT)) {
        mnt->m_desc_size = e2_le16(super->s_desc_size);
        if (mnt->m_desc_size < sizeof(struct e2_group_desc) || mnt->m_desc_size > 1024 ||
            (mnt->m_desc_size & (mnt->m_desc_size - 1)))
            return refused(mnt, "s_desc_size", mnt->m_desc_size);
        if (mnt->m_desc_size > sizeof(struct e2_group_desc)) {
            ext2_report(mnt, "its group descriptors of %u bytes are not known here", mnt->m_desc_size);
            return ENOTSUP;
        }
    }
    mnt->m_descs_per_block = mnt->m_block_size / mnt->m_desc_size;
    if (e2_le16(super->s_reserved_gdt_blocks) > mnt->m_block_size / 4)
        return refused(mnt, "s_reserved_gdt_blocks", e2_le16(super->s_reserved_gdt_blocks));
    if (super->s_log_groups_per_flex > 31)
        return refused(mnt, "s_log_groups_per_flex", super->s_log_groups_per_flex);
    return 0;
}

static int groups_check(struct ext2_mount *mnt)
{
    const struct e2_super *super = &mnt->m_super;
    uint32_t bits = mnt->m_block_size * 8;

    mnt->m_blocks_per_group = e2_le32(super->s_blocks_per_group);
    if (mnt->m_blocks_per_group < 256 || mnt->m_blocks_per_group > bits || mnt->m_blocks_per_group % 8)
        return refused(mnt, "s_blocks_per_group", mnt->m_blocks_per_group);
    if (e2_le32(super->s_clusters_per_group) != mnt->m_blocks_per_group &&
        e2_le32(super->s_rev_level) == E2_REV_DYNAMIC)
        return refused(mnt, "s_clusters_per_group", e2_le32(super->s_clusters_per_group));
    mnt->m_inodes_per_group = e2_le32(super->s_inodes_per_group);
    if (mnt->m_inodes_per_group < mnt->m_inodes_per_block || mnt->m_inodes_per_group > bits ||
        mnt->m_inodes_per_group % 8 || ext2_table_blocks(mnt) >= mnt->m_blocks_per_group)
        return refused(mnt, "s_inodes_per_group", mnt->m_inodes_per_group);
    uint64_t groups =
        (mnt->m_blocks - mnt->m_first_block + mnt->m_blocks_per_group - 1) / mnt->m_blocks_per_group;
    if (groups > GROUPS_MAX)
        return refused(mnt, "s_blocks_count", mnt->m_blocks);
    mnt->m_ngroups = (uint32_t)groups;
    if (groups * mnt->m_inodes_per_group != mnt->m_inodes)
        return refused(mnt, "s_inodes_count", mnt->m_inodes);
    if (ext2_has(mnt->m_incompat, E2_INCOMPAT_META_BG) &&
        e2_le32(super->s_first_meta_bg) > (groups + mnt->m_descs_per_block - 1) / mnt->m_descs_per_block)
        return refused(mnt, "s_first_meta_bg", e2_le32(super->s_first_meta_bg));
    return 0;
}

static int device_size(struct ext2_mount *mnt, uint32_t *block, uint64_t *count)
{
    int error = ext2_device_ioctl(mnt, DKIOCGETBLOCKSIZE, block, mnt->m_context);

    return error ? error : ext2_device_ioctl(mnt, DKIOCGETBLOCKCOUNT, count, mnt->m_context);
}

int ext2_super_read(struct ext2_mount *mnt, boolean_t writable)
{
    uint32_t block = 0;
    uint64_t count = 0;
    int error = device_size(mnt, &block, &count);

    if (!error)
        error = super_fetch(mnt, block);
    if (!error)
        error = kind_check(mnt, writable);
    if (!error)
        error = blocks_check(mnt, count * block);
    if (!error)
        error = inodes_check(mnt);
    if (!error)
        error = descs_check(mnt);
    if (!error)
        error = groups_check(mnt);
    if (!error)
        mnt->m_csum_seed = ext2_csum_seed(&mnt->m_super);
    return error;
}

/* ---- where copies of it are ------------------------------------------------------------------------------
 */

static boolean_t is_power_of(uint32_t n, uint32_t base)
{
    while (n > 1 && n % base == 0)
        n /= base;
    return n == 1;
}

boolean_t ext2_group_has_super(const struct ext2_mount *mnt, uint32_t group)
{
    const struct e2_super *super = &mnt->m_super;

    if (group == 0)
        return TRUE;
    if (ext2_has(mnt->m_compat, E2_COMPAT_SPARSE_SUPER2))
        return group == e2_le32(super->s_backup_bgs[0]) || group == e2_le32(super->s_backup_bgs[1]);
    if (!ext2_has(mnt->m_rocompat, E2_ROCOMPAT_SPARSE_SUPER))
        return TRUE;
    return group == 1 || is_power_of(group, 3) || is_power_of(group, 5) || is_power_of(group, 7);
}
