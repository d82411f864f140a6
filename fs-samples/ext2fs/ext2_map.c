// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where a file's blocks lie: finding them, in indirect blocks or in a tree of extents. Every number that
 * leads on is checked, and how deep a tree goes is bounded by what its kind allows.
 *
 * i_map_lock of the file is held, nodes are read through buffers one at a time.
 */
#include "ext2fs.h"

static int map_damaged(struct ext2_inode *ip, e2_lblk_t lblk, const char *what)
{
    return ext2_damaged(ip->i_mount, "file %u: the map at block %u: %s", ip->i_ino, lblk, what);
}

static int found(struct ext2_inode *ip, e2_lblk_t lblk, e2_block_t block, uint32_t count)
{
    return ext2_block_valid(ip->i_mount, block, count)
               ? 0
               : map_damaged(ip, lblk, "it leads out of the file system, or onto metadata");
}

/* ---- indirect blocks --------------------------------------------------------------------------------------
 */

/* How many of @n pointers go on as the first one begins: to neighbouring blocks, or nowhere. */
static uint32_t pointers_run(const e2_le32_t *pointers, uint32_t n)
{
    uint32_t first = e2_le32(pointers[0]), count = 1;

    while (count < n && e2_le32(pointers[count]) == (first ? first + count : 0))
        count++;
    return count;
}

/* Which of i_block leads to @lblk, through how many levels; *index is its number below that. FALSE: none. */
static boolean_t path_of(uint32_t shift, e2_lblk_t lblk, uint32_t *slot, uint32_t *levels, uint64_t *index)
{
    uint64_t at = lblk;

    *slot = lblk;
    *levels = 0;
    if (at < E2_NDIRECT)
        return TRUE;
    at -= E2_NDIRECT;
    for (*levels = 1; *levels <= 3; ++*levels) {
        uint64_t span = 1ull << (shift * *levels);
        *slot = E2_IND + *levels - 1;
        *index = at;
        if (at < span)
            return TRUE;
        at -= span;
    }
    return FALSE;
}

static uint32_t at_most(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

static int indirect_below(struct ext2_inode *ip, e2_lblk_t lblk, uint32_t levels, uint64_t index,
                          uint32_t want, e2_block_t *block, uint32_t *count)
{
    uint32_t shift = ip->i_mount->m_block_shift - 2;

    for (uint32_t level = levels; level > 0; level--) {
        uint64_t span = 1ull << (shift * (level - 1));
        uint64_t i = index / span, here = 1ull << shift;
        buf_t bp;
        if (*block == 0) {
            *count = at_most(want, span * here - index);
            return 0;
        }
        int error = ext2_node_read(ip, *block, &bp);
        if (error)
            return error;
        const e2_le32_t *pointers = (const e2_le32_t *)buf_dataptr(bp);
        *block = e2_le32(pointers[i]);
        *count = level == 1 ? pointers_run(pointers + i, at_most(want, here - i)) : 1;
        buf_brelse(bp);
        index %= span;
        if (level > 1 && *block == 0) {
            *count = at_most(want, span - index);
            return 0;
        }
    }
    return *block ? found(ip, lblk, *block, *count) : 0;
}

static int indirect_find(struct ext2_inode *ip, e2_lblk_t lblk, uint32_t want, e2_block_t *block,
                         uint32_t *count)
{
    uint32_t slot, levels;
    uint64_t index = 0;

    *count = want;
    if (!path_of(ip->i_mount->m_block_shift - 2, lblk, &slot, &levels, &index))
        return 0;
    *block = e2_le32(ip->i_block[slot]);
    if (levels)
        return indirect_below(ip, lblk, levels, index, want, block, count);
    *count = pointers_run(ip->i_block + lblk, at_most(want, E2_NDIRECT - lblk));
    return *block ? found(ip, lblk, *block, *count) : 0;
}

/* ---- extents ----------------------------------------------------------------------------------------------
 */

struct extent_search {
    struct ext2_inode *ip;
    e2_lblk_t lblk;
    uint64_t end; /* what is found ends before it: another branch begins */
    uint32_t depth;
};

static int header_check(const struct extent_search *search, const struct e2_extent_header *header,
                        size_t size)
{
    uint32_t room = (uint32_t)((size - sizeof(*header)) / sizeof(struct e2_extent));

    if (e2_le16(header->eh_magic) != E2_EXTENT_MAGIC)
        return map_damaged(search->ip, search->lblk, "a node of extents has a wrong magic number");
    if (e2_le16(header->eh_entries) > e2_le16(header->eh_max) || e2_le16(header->eh_max) > room)
        return map_damaged(search->ip, search->lblk, "a node of extents has more entries than fit");
    if (e2_le16(header->eh_depth) != search->depth)
        return map_damaged(search->ip, search->lblk, "a node of extents is not at its depth");
    return 0;
}

/* Entries of both kinds begin with their first block. The last one that does not begin behind what is looked
 * for; NULL: all do. Where the next one begins bounds what is found. */
static const void *entry_for(struct extent_search *search, const struct e2_extent_header *header)
{
    const struct e2_extent *entries = (const struct e2_extent *)(header + 1);
    uint32_t low = 0, high = e2_le16(header->eh_entries);
    uint32_t n = high;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (e2_le32(entries[middle].ee_block) <= search->lblk)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < n && e2_le32(entries[low].ee_block) < search->end)
        search->end = e2_le32(entries[low].ee_block);
    return low ? entries + low - 1 : NULL;
}

static int leaf_read(const struct extent_search *search, const struct e2_extent *extent, uint32_t want,
                     e2_block_t *block, uint32_t *count, boolean_t *fresh)
{
    *count = at_most(want, search->end - search->lblk);
    if (!extent)
        return 0;
    uint32_t len = e2_le16(extent->ee_len), into = search->lblk - e2_le32(extent->ee_block);
    *fresh = len > E2_EXTENT_INIT;
    if (*fresh)
        len -= E2_EXTENT_INIT;
    if (into >= len) {
        *fresh = FALSE;
        return 0;
    }
    *count = at_most(*count, len - into);
    *block = ((e2_block_t)e2_le16(extent->ee_start_hi) << 32 | e2_le32(extent->ee_start_lo)) + into;
    return found(search->ip, search->lblk, *block, *count);
}

/* From the node in *bp, or the root where that is NULL, to the one below. The buffer is exchanged. */
static int extent_step(struct extent_search *search, const struct e2_extent_idx *idx, buf_t *bp)
{
    e2_block_t below = (e2_block_t)e2_le16(idx->ei_leaf_hi) << 32 | e2_le32(idx->ei_leaf_lo);

    if (*bp)
        buf_brelse(*bp);
    int error = ext2_node_read(search->ip, below, bp);
    if (error)
        return error;
    const void *node = (const void *)buf_dataptr(*bp);
    search->depth--;
    error = header_check(search, node, search->ip->i_mount->m_block_size);
    if (!error && !ext2_csum_extent_ok(search->ip, node))
        error = map_damaged(search->ip, search->lblk, "a node of extents has a wrong checksum");
    return error;
}

static int extent_find(struct ext2_inode *ip, e2_lblk_t lblk, uint32_t want, e2_block_t *block,
                       uint32_t *count, boolean_t *fresh)
{
    struct extent_search search = {ip, lblk, (uint64_t)lblk + want, 0};
    const struct e2_extent_header *header = (const struct e2_extent_header *)ip->i_block;
    const void *entry = NULL;
    buf_t bp = NULL;

    search.depth = e2_le16(header->eh_depth);
    if (search.depth > E2_EXTENT_DEPTH)
        return map_damaged(ip, lblk, "a tree of extents is too deep");
    int error = header_check(&search, header, sizeof(ip->i_block));
    while (!error) {
        entry = entry_for(&search, header);
        if (search.depth == 0 || !entry)
            break;
        error = extent_step(&search, entry, &bp);
        if (!error)
            header = (const struct e2_extent_header *)buf_dataptr(bp);
    }
    if (!error)
        error = leaf_read(&search, entry, want, block, count, fresh);
    if (bp)
        buf_brelse(bp);
    return error;
}

int ext2_map_find(struct ext2_inode *ip, e2_lblk_t lblk, uint32_t want, e2_block_t *block, uint32_t *count,
                  boolean_t *fresh)
{
    *block = 0;
    *fresh = FALSE;
    if (ip->i_flags & E2_EXTENTS_FL)
        return extent_find(ip, lblk, want, block, count, fresh);
    return indirect_find(ip, lblk, want, block, count);
}

uint64_t ext2_size_max(const struct ext2_mount *mnt, boolean_t extents)
{
    uint64_t per_block = 1ull << (mnt->m_block_shift - 2);
    uint64_t blocks = E2_NDIRECT + per_block + per_block * per_block + per_block * per_block * per_block;

    if (extents || blocks > E2_LBLK_MAX)
        blocks = E2_LBLK_MAX;
    return blocks << mnt->m_block_shift;
}
