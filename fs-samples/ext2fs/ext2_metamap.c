// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where the metadata of the groups lies: superblocks, descriptors and the room kept for more of them,
 * bitmaps, inode tables. One sorted array of runs, neighbours joined: with flex_bg a few for many groups,
 * otherwise about one for each. Made at mount (and when the file system grows or shrinks), constant
 * afterwards, so it is read without a lock.
 */
#include "ext2fs.h"

#define RUNS_PER_GROUP 4u

/* ---- making it -------------------------------------------------------------------------------------------
 */

static void run_add(struct ext2_mount *mnt, e2_block_t first, uint64_t count)
{
    mnt->m_meta[mnt->m_nmeta++] = (struct ext2_run){first, count};
}

/* Blocks at the beginning of a group: a copy of the superblock, descriptors, room for more. */
static uint64_t head_blocks(const struct ext2_mount *mnt, uint32_t group)
{
    uint32_t index = group / mnt->m_descs_per_block, in_index = group % mnt->m_descs_per_block;
    uint64_t head = ext2_group_has_super(mnt, group);
    uint64_t all = (mnt->m_ngroups + mnt->m_descs_per_block - 1) / mnt->m_descs_per_block;
    boolean_t meta_bg = ext2_has(mnt->m_incompat, E2_INCOMPAT_META_BG);

    if (meta_bg && index >= e2_le32(mnt->m_super.s_first_meta_bg))
        return head + (in_index == 0 || in_index == 1 || in_index == mnt->m_descs_per_block - 1);
    if (!head)
        return 0;
    if (meta_bg)
        all = e2_le32(mnt->m_super.s_first_meta_bg);
    return head + all + e2_le16(mnt->m_super.s_reserved_gdt_blocks);
}

static void sift_down(struct ext2_run *runs, uint32_t at, uint32_t count)
{
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= count)
            return;
        if (child + 1 < count && runs[child].first < runs[child + 1].first)
            child++;
        if (runs[at].first >= runs[child].first)
            return;
        struct ext2_run swapped = runs[at];
        runs[at] = runs[child];
        runs[child] = swapped;
        at = child;
    }
}

static void runs_sort(struct ext2_run *runs, uint32_t count)
{
    for (uint32_t at = count / 2; at > 0; at--)
        sift_down(runs, at - 1, count);
    for (uint32_t left = count; left > 1; left--) {
        struct ext2_run largest = runs[0];
        runs[0] = runs[left - 1];
        runs[left - 1] = largest;
        sift_down(runs, 0, left - 1);
    }
}

/* Neighbours become one. EINVAL: two share a block. */
static int runs_join(struct ext2_mount *mnt)
{
    uint32_t kept = 0;

    for (uint32_t i = 1; i < mnt->m_nmeta; i++) {
        struct ext2_run *last = &mnt->m_meta[kept], *next = &mnt->m_meta[i];
        if (next->first < last->first + last->count) {
            ext2_report(mnt, "block %llu belongs to two bitmaps, inode tables or descriptors", next->first);
            return EINVAL;
        }
        if (next->first == last->first + last->count)
            last->count += next->count;
        else
            mnt->m_meta[++kept] = *next;
    }
    mnt->m_nmeta = kept + 1;
    return 0;
}

int ext2_metamap_make(struct ext2_mount *mnt)
{
    mnt->m_nmeta = 0;
    mnt->m_meta_room = RUNS_PER_GROUP * mnt->m_ngroups;
    mnt->m_meta = ext2_alloc((uint64_t)mnt->m_meta_room * sizeof(*mnt->m_meta));
    if (!mnt->m_meta)
        return ENOMEM;
    for (uint32_t group = 0; group < mnt->m_ngroups; group++) {
        const struct ext2_group *g = &mnt->m_groups[group];
        uint64_t head = head_blocks(mnt, group);
        if (head > ext2_group_blocks(mnt, group)) {
            ext2_report(mnt, "group %u has no room for its %llu blocks of descriptors", group, head);
            return EINVAL;
        }
        if (head)
            run_add(mnt, ext2_group_first(mnt, group), head);
        run_add(mnt, g->g_block_bitmap, 1);
        run_add(mnt, g->g_inode_bitmap, 1);
        run_add(mnt, g->g_inode_table, ext2_table_blocks(mnt));
    }
    runs_sort(mnt->m_meta, mnt->m_nmeta);
    return runs_join(mnt);
}

void ext2_metamap_free(struct ext2_mount *mnt)
{
    ext2_free(mnt->m_meta, (uint64_t)mnt->m_meta_room * sizeof(*mnt->m_meta));
    mnt->m_meta = NULL;
    mnt->m_nmeta = mnt->m_meta_room = 0;
}

/* ---- asking it -------------------------------------------------------------------------------------------
 */

struct ext2_run ext2_metamap_next(const struct ext2_mount *mnt, e2_block_t first, uint64_t count)
{
    uint32_t low = 0, high = mnt->m_nmeta; /* the first run that ends behind `first` */

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (mnt->m_meta[middle].first + mnt->m_meta[middle].count <= first)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == mnt->m_nmeta || mnt->m_meta[low].first >= first + count)
        return (struct ext2_run){0, 0};
    struct ext2_run run = mnt->m_meta[low];
    uint64_t end = run.first + run.count;
    if (run.first < first)
        run.first = first;
    if (end > first + count)
        end = first + count;
    run.count = end - run.first;
    return run;
}

boolean_t ext2_block_valid(const struct ext2_mount *mnt, e2_block_t block, uint64_t count)
{
    if (block <= mnt->m_first_block || block >= mnt->m_blocks || count > mnt->m_blocks - block)
        return FALSE;
    return ext2_metamap_next(mnt, block, count).count == 0;
}
