// SPDX-License-Identifier: BSD-2-Clause
/*
 * Checksums of metadata: crc32c with METADATA_CSUM, crc16 over group descriptors with GDT_CSUM. Without them
 * nothing is changed and everything is right. A checksum field counts as zero in its own checksum.
 *
 * The tables are made once, before anybody mounts. Takes no lock; who calls holds what lies around the bytes.
 */
#include "ext2fs.h"

#define CRC32C_POLYNOMIAL 0x82f63b78u
#define CRC16_POLYNOMIAL  0xa001u
#define SLICES            8u

static uint32_t crc32c_table[SLICES][256];
static uint16_t crc16_table[256];

void ext2_csum_init(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t wide = i;
        uint16_t narrow = (uint16_t)i;
        for (uint32_t bit = 0; bit < 8; bit++) {
            wide = wide >> 1 ^ (wide & 1 ? CRC32C_POLYNOMIAL : 0);
            narrow = (uint16_t)(narrow >> 1 ^ (narrow & 1 ? CRC16_POLYNOMIAL : 0));
        }
        crc32c_table[0][i] = wide;
        crc16_table[i] = narrow;
    }
    for (uint32_t slice = 1; slice < SLICES; slice++)
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t before = crc32c_table[slice - 1][i];
            crc32c_table[slice][i] = before >> 8 ^ crc32c_table[0][before & 0xff];
        }
}

/* Eight bytes at a time, each through the table of its distance from the end. */
uint32_t ext2_crc32c(uint32_t crc, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    for (; len >= SLICES; len -= SLICES, p += SLICES) {
        uint64_t word;
        memcpy(&word, p, sizeof(word));
        word = OSSwapLittleToHostInt64(word) ^ crc;
        crc = 0;
        for (uint32_t i = 0; i < SLICES; i++)
            crc ^= crc32c_table[SLICES - 1 - i][word >> 8 * i & 0xff];
    }
    for (; len > 0; len--, p++)
        crc = crc >> 8 ^ crc32c_table[0][(crc ^ *p) & 0xff];
    return crc;
}

uint16_t ext2_crc16(uint16_t crc, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    for (; len > 0; len--, p++)
        crc = (uint16_t)(crc >> 8 ^ crc16_table[(crc ^ *p) & 0xff]);
    return crc;
}

static boolean_t has_csum(const struct ext2_mount *mnt)
{
    return ext2_has(mnt->m_rocompat, E2_ROCOMPAT_METADATA_CSUM);
}

static uint32_t crc_le32(uint32_t crc, uint32_t number)
{
    e2_le32_t little = e2_to32(number);

    return ext2_crc32c(crc, &little, sizeof(little));
}

/* Of @size bytes in which @gap bytes at @at count as zero. */
static uint32_t crc_with_gap(uint32_t crc, const void *bytes, size_t size, size_t at, size_t gap)
{
    static const uint32_t zero;
    const char *p = bytes;

    crc = ext2_crc32c(crc, p, at);
    crc = ext2_crc32c(crc, &zero, gap);
    return ext2_crc32c(crc, p + at + gap, size - at - gap);
}

/* ---- superblock ------------------------------------------------------------------------------------------
 */

static uint32_t super_crc(const struct e2_super *super)
{
    return ext2_crc32c(~0u, super, offsetof(struct e2_super, s_checksum));
}

uint32_t ext2_csum_seed(const struct e2_super *super)
{
    if (ext2_has(e2_le32(super->s_feature_incompat), E2_INCOMPAT_CSUM_SEED))
        return e2_le32(super->s_checksum_seed);
    return ext2_crc32c(~0u, super->s_uuid, sizeof(super->s_uuid));
}

void ext2_csum_super_set(struct ext2_mount *mnt, struct e2_super *super)
{
    if (has_csum(mnt))
        super->s_checksum = e2_to32(super_crc(super));
}

boolean_t ext2_csum_super_ok(const struct e2_super *super)
{
    return super_crc(super) == e2_le32(super->s_checksum);
}

/* ---- groups ----------------------------------------------------------------------------------------------
 */

static uint16_t group_crc(const struct ext2_mount *mnt, uint32_t group, const struct e2_group_desc *desc)
{
    size_t at = offsetof(struct e2_group_desc, bg_checksum), after = at + sizeof(desc->bg_checksum);
    e2_le32_t number = e2_to32(group);

    if (has_csum(mnt))
        return (uint16_t)crc_with_gap(crc_le32(mnt->m_csum_seed, group), desc, mnt->m_desc_size, at,
                                      sizeof(desc->bg_checksum));
    uint16_t crc = ext2_crc16(0xffff, mnt->m_super.s_uuid, sizeof(mnt->m_super.s_uuid));
    crc = ext2_crc16(crc, &number, sizeof(number));
    crc = ext2_crc16(crc, desc, at);
    return ext2_crc16(crc, (const char *)desc + after, mnt->m_desc_size - after);
}

static boolean_t has_group_csum(const struct ext2_mount *mnt)
{
    return ext2_has(mnt->m_rocompat, E2_ROCOMPAT_METADATA_CSUM | E2_ROCOMPAT_GDT_CSUM);
}

void ext2_csum_group_set(const struct ext2_mount *mnt, uint32_t group, struct e2_group_desc *desc)
{
    if (has_group_csum(mnt))
        desc->bg_checksum = e2_to16(group_crc(mnt, group, desc));
}

boolean_t ext2_csum_group_ok(const struct ext2_mount *mnt, uint32_t group, const struct e2_group_desc *desc)
{
    return !has_group_csum(mnt) || group_crc(mnt, group, desc) == e2_le16(desc->bg_checksum);
}

/* Only as wide as a descriptor holds it. */
uint32_t ext2_csum_bitmap(const struct ext2_mount *mnt, const void *bitmap, size_t bytes)
{
    uint32_t crc = has_csum(mnt) ? ext2_crc32c(mnt->m_csum_seed, bitmap, bytes) : 0;

    return mnt->m_desc_size < sizeof(struct e2_group_desc) ? crc & 0xffff : crc;
}

/* ---- inodes ----------------------------------------------------------------------------------------------
 */

static uint32_t file_seed(const struct ext2_mount *mnt, uint32_t ino, uint32_t generation)
{
    return crc_le32(crc_le32(mnt->m_csum_seed, ino), generation);
}

/* Is there room for the upper half? */
static boolean_t inode_crc_is_wide(const struct ext2_mount *mnt, const struct e2_inode_disk *disk)
{
    return mnt->m_inode_size > E2_OLD_INODE &&
           e2_le16(disk->i_extra_isize) >= offsetof(struct e2_inode_disk, i_ctime_extra) - E2_OLD_INODE;
}

static uint32_t inode_crc(const struct ext2_mount *mnt, uint32_t ino, const struct e2_inode_disk *disk)
{
    size_t low = offsetof(struct e2_inode_disk, i_checksum_lo);
    size_t high = offsetof(struct e2_inode_disk, i_checksum_hi);
    uint32_t crc = file_seed(mnt, ino, e2_le32(disk->i_generation));
    const char *bytes = (const char *)disk;

    crc = crc_with_gap(crc, bytes, E2_OLD_INODE, low, sizeof(e2_le16_t));
    if (mnt->m_inode_size == E2_OLD_INODE)
        return crc;
    if (!inode_crc_is_wide(mnt, disk))
        return ext2_crc32c(crc, bytes + E2_OLD_INODE, mnt->m_inode_size - E2_OLD_INODE);
    return crc_with_gap(crc, bytes + E2_OLD_INODE, mnt->m_inode_size - E2_OLD_INODE, high - E2_OLD_INODE,
                        sizeof(e2_le16_t));
}

void ext2_csum_inode_set(const struct ext2_mount *mnt, uint32_t ino, struct e2_inode_disk *disk)
{
    if (!has_csum(mnt))
        return;
    uint32_t crc = inode_crc(mnt, ino, disk);
    disk->i_checksum_lo = e2_to16((uint16_t)crc);
    if (inode_crc_is_wide(mnt, disk))
        disk->i_checksum_hi = e2_to16((uint16_t)(crc >> 16));
}

boolean_t ext2_csum_inode_ok(const struct ext2_mount *mnt, uint32_t ino, const struct e2_inode_disk *disk)
{
    if (!has_csum(mnt))
        return TRUE;
    uint32_t crc = inode_crc(mnt, ino, disk);
    if (!inode_crc_is_wide(mnt, disk))
        return (crc & 0xffff) == e2_le16(disk->i_checksum_lo);
    return crc == (e2_le16(disk->i_checksum_lo) | (uint32_t)e2_le16(disk->i_checksum_hi) << 16);
}

/* ---- directories -----------------------------------------------------------------------------------------
 */

static const struct e2_dirent_tail *dir_tail(const struct ext2_mount *mnt, const void *block)
{
    return (const void *)((const char *)block + mnt->m_block_size - sizeof(struct e2_dirent_tail));
}

static uint32_t dir_crc(const struct ext2_inode *dir, const void *block)
{
    const struct ext2_mount *mnt = dir->i_mount;

    return ext2_crc32c(file_seed(mnt, dir->i_ino, dir->i_generation), block,
                       mnt->m_block_size - sizeof(struct e2_dirent_tail));
}

void ext2_csum_dir_set(const struct ext2_inode *dir, void *block)
{
    struct e2_dirent_tail *tail;

    if (!has_csum(dir->i_mount))
        return;
    tail = (void *)((char *)block + dir->i_mount->m_block_size - sizeof(*tail));
    tail->det_checksum = e2_to32(dir_crc(dir, block));
}

/* An inner block of a hash tree: limit and count of its index stand behind the entries that hide it, and the
 * checksum behind the room for the index. */
static boolean_t index_ok(const struct ext2_inode *dir, const void *block)
{
    const struct ext2_mount *mnt = dir->i_mount;
    const char *bytes = block;
    const struct e2_dirent *first = block;
    uint32_t at = e2_le16(first->rec_len) == mnt->m_block_size ? 8 : 32;
    e2_le16_t limit, count;
    e2_le32_t tail[2];

    memcpy(&limit, bytes + at, sizeof(limit));
    memcpy(&count, bytes + at + sizeof(limit), sizeof(count));
    uint32_t end = at + e2_le16(limit) * 8u;
    if (e2_le16(count) > e2_le16(limit) || end + sizeof(tail) > mnt->m_block_size)
        return FALSE;
    memcpy(tail, bytes + end, sizeof(tail));
    uint32_t crc =
        ext2_crc32c(file_seed(mnt, dir->i_ino, dir->i_generation), bytes, at + e2_le16(count) * 8u);
    crc = crc_with_gap(crc, tail, sizeof(tail), sizeof(*tail), sizeof(*tail));
    return crc == e2_le32(tail[1]);
}

boolean_t ext2_csum_dir_ok(const struct ext2_inode *dir, const void *block)
{
    const struct e2_dirent_tail *tail = dir_tail(dir->i_mount, block);

    if (!has_csum(dir->i_mount))
        return TRUE;
    if (e2_le32(tail->det_zero) == 0 && e2_le16(tail->det_rec_len) == sizeof(*tail) && tail->det_zero2 == 0 &&
        tail->det_type == E2_FT_CSUM)
        return e2_le32(tail->det_checksum) == dir_crc(dir, block);
    return ext2_has(dir->i_flags, E2_INDEX_FL) && index_ok(dir, block);
}

/* ---- extents, extended attributes ------------------------------------------------------------------------
 */

/* The checksum stands behind the room for entries; 0: there is no room for it. */
static size_t extent_tail_at(const struct ext2_mount *mnt, const struct e2_extent_header *header)
{
    size_t at = sizeof(*header) + e2_le16(header->eh_max) * sizeof(struct e2_extent);

    return at + sizeof(struct e2_extent_tail) <= mnt->m_block_size ? at : 0;
}

static uint32_t extent_crc(const struct ext2_inode *ip, const void *block, size_t at)
{
    return ext2_crc32c(file_seed(ip->i_mount, ip->i_ino, ip->i_generation), block, at);
}

void ext2_csum_extent_set(const struct ext2_inode *ip, void *block)
{
    size_t at = extent_tail_at(ip->i_mount, block);

    if (!has_csum(ip->i_mount) || at == 0)
        return;
    e2_le32_t crc = e2_to32(extent_crc(ip, block, at));
    memcpy((char *)block + at, &crc, sizeof(crc));
}

boolean_t ext2_csum_extent_ok(const struct ext2_inode *ip, const void *block)
{
    size_t at = extent_tail_at(ip->i_mount, block);
    e2_le32_t stored;

    if (!has_csum(ip->i_mount))
        return TRUE;
    if (at == 0)
        return FALSE;
    memcpy(&stored, (const char *)block + at, sizeof(stored));
    return extent_crc(ip, block, at) == e2_le32(stored);
}

static uint32_t xattr_crc(const struct ext2_mount *mnt, e2_block_t block,
                          const struct e2_xattr_header *header)
{
    uint32_t crc = crc_le32(crc_le32(mnt->m_csum_seed, (uint32_t)block), (uint32_t)(block >> 32));

    return crc_with_gap(crc, header, mnt->m_block_size, offsetof(struct e2_xattr_header, h_checksum),
                        sizeof(header->h_checksum));
}

void ext2_csum_xattr_set(const struct ext2_mount *mnt, e2_block_t block, struct e2_xattr_header *header)
{
    if (has_csum(mnt))
        header->h_checksum = e2_to32(xattr_crc(mnt, block, header));
}

boolean_t ext2_csum_xattr_ok(const struct ext2_mount *mnt, e2_block_t block,
                             const struct e2_xattr_header *header)
{
    return !has_csum(mnt) || xattr_crc(mnt, block, header) == e2_le32(header->h_checksum);
}
