// SPDX-License-Identifier: BSD-2-Clause
/*
 * Group descriptors: read and checked at mount, written by sync. In between the truth is in memory.
 *
 * Locks: g_lock of the group, and with it the buffer of its descriptor.
 */
#include "ext2fs.h"

e2_block_t ext2_group_first(const struct ext2_mount *mnt, uint32_t group)
{
    return mnt->m_first_block + (e2_block_t)group * mnt->m_blocks_per_group;
}

uint32_t ext2_group_blocks(const struct ext2_mount *mnt, uint32_t group)
{
    e2_block_t left = mnt->m_blocks - ext2_group_first(mnt, group);

    return left < mnt->m_blocks_per_group ? (uint32_t)left : mnt->m_blocks_per_group;
}

uint32_t ext2_table_blocks(const struct ext2_mount *mnt)
{
    return (mnt->m_inodes_per_group + mnt->m_inodes_per_block - 1) / mnt->m_inodes_per_block;
}

e2_block_t ext2_desc_block(const struct ext2_mount *mnt, uint32_t index)
{
    if (!ext2_has(mnt->m_incompat, E2_INCOMPAT_META_BG) || index < e2_le32(mnt->m_super.s_first_meta_bg))
        return mnt->m_first_block + 1 + index;
    uint32_t group = index * mnt->m_descs_per_block;
    return ext2_group_first(mnt, group) + ext2_group_has_super(mnt, group);
}

static boolean_t has_csum(const struct ext2_mount *mnt)
{
    return ext2_has(mnt->m_rocompat, E2_ROCOMPAT_GDT_CSUM | E2_ROCOMPAT_METADATA_CSUM);
}

/* ---- reading ---------------------------------------------------------------------------------------------
 */

static void desc_take(const struct ext2_mount *mnt, struct ext2_group *g, const struct e2_group_desc *desc)
{
    g->g_block_bitmap = e2_le32(desc->bg_block_bitmap_lo);
    g->g_inode_bitmap = e2_le32(desc->bg_inode_bitmap_lo);
    g->g_inode_table = e2_le32(desc->bg_inode_table_lo);
    g->g_free_blocks = e2_le16(desc->bg_free_blocks_count_lo);
    g->g_free_inodes = e2_le16(desc->bg_free_inodes_count_lo);
    g->g_dirs = e2_le16(desc->bg_used_dirs_count_lo);
    g->g_itable_unused = e2_le16(desc->bg_itable_unused_lo);
    g->g_block_csum = e2_le16(desc->bg_block_bitmap_csum_lo);
    g->g_inode_csum = e2_le16(desc->bg_inode_bitmap_csum_lo);
    g->g_flags = e2_le16(desc->bg_flags);
    if (mnt->m_desc_size >= sizeof(*desc)) {
        g->g_block_bitmap |= (e2_block_t)e2_le32(desc->bg_block_bitmap_hi) << 32;
        g->g_inode_bitmap |= (e2_block_t)e2_le32(desc->bg_inode_bitmap_hi) << 32;
        g->g_inode_table |= (e2_block_t)e2_le32(desc->bg_inode_table_hi) << 32;
        g->g_free_blocks |= (uint32_t)e2_le16(desc->bg_free_blocks_count_hi) << 16;
        g->g_free_inodes |= (uint32_t)e2_le16(desc->bg_free_inodes_count_hi) << 16;
        g->g_dirs |= (uint32_t)e2_le16(desc->bg_used_dirs_count_hi) << 16;
        g->g_itable_unused |= (uint32_t)e2_le16(desc->bg_itable_unused_hi) << 16;
        g->g_block_csum |= (uint32_t)e2_le16(desc->bg_block_bitmap_csum_hi) << 16;
        g->g_inode_csum |= (uint32_t)e2_le16(desc->bg_inode_bitmap_csum_hi) << 16;
    }
    if (!has_csum(mnt)) { /* these have a meaning only where a checksum covers them */
        g->g_itable_unused = 0;
        g->g_flags = 0;
    }
}

static int refused(const struct ext2_mount *mnt, uint32_t group, const char *field, uint64_t value)
{
    ext2_report(mnt, "group %u: its descriptor's %s is %llu, which makes no sense", group, field, value);
    return EINVAL;
}

static boolean_t place_ok(const struct ext2_mount *mnt, uint32_t group, e2_block_t first, uint32_t count)
{
    boolean_t flexible = ext2_has(mnt->m_incompat, E2_INCOMPAT_FLEX_BG | E2_INCOMPAT_META_BG);
    e2_block_t low = flexible ? mnt->m_first_block + 1 : ext2_group_first(mnt, group);
    e2_block_t high = flexible ? mnt->m_blocks : ext2_group_first(mnt, group) + ext2_group_blocks(mnt, group);

    return first >= low && first < high && count <= high - first;
}

static int group_check(const struct ext2_mount *mnt, uint32_t group)
{
    const struct ext2_group *g = &mnt->m_groups[group];

    if (!place_ok(mnt, group, g->g_block_bitmap, 1))
        return refused(mnt, group, "bg_block_bitmap", g->g_block_bitmap);
    if (!place_ok(mnt, group, g->g_inode_bitmap, 1))
        return refused(mnt, group, "bg_inode_bitmap", g->g_inode_bitmap);
    if (!place_ok(mnt, group, g->g_inode_table, ext2_table_blocks(mnt)))
        return refused(mnt, group, "bg_inode_table", g->g_inode_table);
    if (g->g_free_blocks > ext2_group_blocks(mnt, group))
        return refused(mnt, group, "bg_free_blocks_count", g->g_free_blocks);
    if (g->g_free_inodes > mnt->m_inodes_per_group)
        return refused(mnt, group, "bg_free_inodes_count", g->g_free_inodes);
    if (g->g_dirs > mnt->m_inodes_per_group)
        return refused(mnt, group, "bg_used_dirs_count", g->g_dirs);
    if (g->g_itable_unused > mnt->m_inodes_per_group)
        return refused(mnt, group, "bg_itable_unused", g->g_itable_unused);
    return 0;
}

static int group_read(struct ext2_mount *mnt, uint32_t group, const char *raw)
{
    struct ext2_group *g = &mnt->m_groups[group];
    struct e2_group_desc desc;

    bzero(&desc, sizeof(desc));
    memcpy(&desc, raw, mnt->m_desc_size);
    if (!ext2_csum_group_ok(mnt, group, &desc)) {
        ext2_report(mnt, "group %u: its descriptor's checksum is wrong", group);
        return EINVAL;
    }
    desc_take(mnt, g, &desc);
    int error = group_check(mnt, group);
    if (error)
        return error;
    g->g_lock = lck_mtx_alloc_init(ext2_lock_group, LCK_ATTR_NULL);
    if (!g->g_lock)
        return ENOMEM;
    mnt->m_free_blocks += g->g_free_blocks;
    mnt->m_free_inodes += g->g_free_inodes;
    mnt->m_dirs += g->g_dirs;
    return 0;
}

static int desc_block_read(struct ext2_mount *mnt, uint32_t index)
{
    uint32_t group = index * mnt->m_descs_per_block;
    buf_t bp;
    int error = ext2_meta_read(mnt, ext2_desc_block(mnt, index), &bp);

    if (error)
        return error;
    for (uint32_t i = 0; i < mnt->m_descs_per_block && group + i < mnt->m_ngroups && !error; i++)
        error = group_read(mnt, group + i, (const char *)buf_dataptr(bp) + i * mnt->m_desc_size);
    buf_brelse(bp);
    return error;
}

int ext2_groups_read(struct ext2_mount *mnt)
{
    int error = 0;

    mnt->m_free_blocks = mnt->m_free_inodes = 0;
    mnt->m_dirs = 0;
    mnt->m_groups = ext2_alloc((uint64_t)mnt->m_ngroups * sizeof(*mnt->m_groups));
    if (!mnt->m_groups)
        return ENOMEM;
    for (uint32_t index = 0; index * mnt->m_descs_per_block < mnt->m_ngroups && !error; index++)
        error = desc_block_read(mnt, index);
    return error ? error : ext2_metamap_make(mnt);
}

void ext2_groups_free(struct ext2_mount *mnt)
{
    ext2_metamap_free(mnt);
    for (uint32_t group = 0; mnt->m_groups && group < mnt->m_ngroups; group++)
        if (mnt->m_groups[group].g_lock)
            lck_mtx_free(mnt->m_groups[group].g_lock, ext2_lock_group);
    ext2_free(mnt->m_groups, (uint64_t)mnt->m_ngroups * sizeof(*mnt->m_groups));
    mnt->m_groups = NULL;
}

/* ---- writing ---------------------------------------------------------------------------------------------
 */

/* g_lock held. What is not named here stays as it is. */
static void desc_fill(const struct ext2_mount *mnt, const struct ext2_group *g, struct e2_group_desc *desc)
{
    desc->bg_free_blocks_count_lo = e2_to16((uint16_t)g->g_free_blocks);
    desc->bg_free_inodes_count_lo = e2_to16((uint16_t)g->g_free_inodes);
    desc->bg_used_dirs_count_lo = e2_to16((uint16_t)g->g_dirs);
    desc->bg_block_bitmap_csum_lo = e2_to16((uint16_t)g->g_block_csum);
    desc->bg_inode_bitmap_csum_lo = e2_to16((uint16_t)g->g_inode_csum);
    if (has_csum(mnt)) {
        desc->bg_flags = e2_to16(g->g_flags);
        desc->bg_itable_unused_lo = e2_to16((uint16_t)g->g_itable_unused);
    }
    if (mnt->m_desc_size < sizeof(*desc))
        return;
    desc->bg_free_blocks_count_hi = e2_to16((uint16_t)(g->g_free_blocks >> 16));
    desc->bg_free_inodes_count_hi = e2_to16((uint16_t)(g->g_free_inodes >> 16));
    desc->bg_used_dirs_count_hi = e2_to16((uint16_t)(g->g_dirs >> 16));
    desc->bg_itable_unused_hi = e2_to16((uint16_t)(g->g_itable_unused >> 16));
    desc->bg_block_bitmap_csum_hi = e2_to16((uint16_t)(g->g_block_csum >> 16));
    desc->bg_inode_bitmap_csum_hi = e2_to16((uint16_t)(g->g_inode_csum >> 16));
}

/* g_lock held: of two writers the later one's contents stay. */
static int group_write_locked(struct ext2_mount *mnt, uint32_t group)
{
    struct ext2_group *g = &mnt->m_groups[group];
    struct e2_group_desc desc;
    buf_t bp;
    int error = ext2_meta_read(mnt, ext2_desc_block(mnt, group / mnt->m_descs_per_block), &bp);

    if (error)
        return error;
    char *raw = (char *)buf_dataptr(bp) + group % mnt->m_descs_per_block * mnt->m_desc_size;
    bzero(&desc, sizeof(desc));
    memcpy(&desc, raw, mnt->m_desc_size);
    desc_fill(mnt, g, &desc);
    ext2_csum_group_set(mnt, group, &desc);
    memcpy(raw, &desc, mnt->m_desc_size);
    g->g_dirty = FALSE;
    return buf_bdwrite(bp);
}

int ext2_groups_write(struct ext2_mount *mnt, int waitfor)
{
    int error = 0;

    for (uint32_t group = 0; group < mnt->m_ngroups; group++) {
        struct ext2_group *g = &mnt->m_groups[group];
        lck_mtx_lock(g->g_lock);
        int failed = g->g_dirty ? group_write_locked(mnt, group) : 0;
        lck_mtx_unlock(g->g_lock);
        if (!error)
            error = failed;
    }
    if (waitfor == MNT_WAIT)
        buf_flushdirtyblks(mnt->m_dev, TRUE, 0, "ext2_groups_write");
    return error;
}
