// SPDX-License-Identifier: BSD-2-Clause
/*
 * Single blocks of a journal: where they lie, what kind they are, whether their checksums hold, and the tags
 * in a descriptor. Everything is checked to lie inside its block.
 *
 * Called by ext2_journal.c, one thread.
 */
#include "ext2_journal.h"

#define UUID_SIZE 16u

int ext2_journal_block(struct ext2_journal *journal, uint32_t n, buf_t *bpp)
{
    e2_block_t block = 0;
    uint32_t count;
    boolean_t fresh;

    *bpp = NULL;
    lck_rw_lock_shared(journal->j_inode->i_map_lock);
    int error = ext2_map_find(journal->j_inode, n, 1, &block, &count, &fresh);
    lck_rw_unlock_shared(journal->j_inode->i_map_lock);
    if (!error && block == 0)
        error = ext2_damaged(journal->j_mount, "journal: block %u is a hole", n);
    return error ? error : ext2_meta_read(journal->j_mount, block, bpp);
}

uint32_t ext2_journal_next(const struct ext2_journal *journal, uint32_t n, uint32_t by)
{
    uint32_t ring = journal->j_len - journal->j_first;

    return journal->j_first + (uint32_t)(((uint64_t)(n - journal->j_first) + by) % ring);
}

uint32_t ext2_journal_type(const void *block, uint32_t sequence)
{
    const struct e2_journal_header *header = block;

    if (e2_be32(header->h_magic) != E2_JOURNAL_MAGIC || e2_be32(header->h_sequence) != sequence)
        return 0;
    return e2_be32(header->h_blocktype);
}

/* ---- checksums -------------------------------------------------------------------------------------------
 */

/* Of a whole block in which the checksum itself, at @at, counts as zero. */
static uint32_t csum_without(uint32_t crc, const void *block, size_t size, size_t at)
{
    static const uint32_t zero;
    const char *bytes = block;

    crc = ext2_crc32c(crc, bytes, at);
    crc = ext2_crc32c(crc, &zero, sizeof(zero));
    return ext2_crc32c(crc, bytes + at + sizeof(zero), size - at - sizeof(zero));
}

boolean_t ext2_journal_block_ok(const struct ext2_journal *journal, const void *block, uint32_t type)
{
    size_t size = journal->j_mount->m_block_size;
    size_t at =
        type == E2_JOURNAL_COMMIT ? offsetof(struct e2_journal_commit, c_chksum) : size - sizeof(e2_be32_t);
    e2_be32_t stored;

    if (!ext2_journal_has_csum(journal))
        return TRUE;
    memcpy(&stored, (const char *)block + at, sizeof(stored));
    return csum_without(journal->j_seed, block, size, at) == e2_be32(stored);
}

boolean_t ext2_journal_copy_ok(const struct ext2_journal *journal, const void *copy,
                               const struct ext2_tag *tag, uint32_t sequence)
{
    e2_be32_t number = e2_tobe32(sequence);

    if (!ext2_journal_has_csum(journal))
        return TRUE;
    uint32_t crc = ext2_crc32c(journal->j_seed, &number, sizeof(number));
    crc = ext2_crc32c(crc, copy, journal->j_mount->m_block_size);
    return journal->j_features & E2_JOURNAL_INCOMPAT_CSUM_V3 ? crc == tag->checksum
                                                             : (crc & 0xffff) == tag->checksum;
}

uint32_t ext2_journal_super_csum(const struct e2_journal_super *super)
{
    return csum_without(~0u, super, sizeof(*super), offsetof(struct e2_journal_super, s_checksum));
}

/* ---- tags ------------------------------------------------------------------------------------------------
 */

static uint32_t tag_size(const struct ext2_journal *journal)
{
    if (journal->j_features & E2_JOURNAL_INCOMPAT_CSUM_V3)
        return sizeof(struct e2_journal_tag3);
    return journal->j_features & E2_JOURNAL_INCOMPAT_64BIT ? sizeof(struct e2_journal_tag)
                                                           : offsetof(struct e2_journal_tag, t_blocknr_high);
}

static void tag_read(const struct ext2_journal *journal, const char *bytes, uint32_t size,
                     struct ext2_tag *tag)
{
    e2_be32_t high = {0};

    if (journal->j_features & E2_JOURNAL_INCOMPAT_CSUM_V3) {
        struct e2_journal_tag3 raw;
        memcpy(&raw, bytes, size);
        *tag = (struct ext2_tag){e2_be32(raw.t_blocknr), e2_be32(raw.t_flags), e2_be32(raw.t_checksum)};
        high = raw.t_blocknr_high;
    } else {
        struct e2_journal_tag raw = {0};
        memcpy(&raw, bytes, size);
        *tag = (struct ext2_tag){e2_be32(raw.t_blocknr), e2_be16(raw.t_flags), e2_be16(raw.t_checksum)};
        high = raw.t_blocknr_high;
    }
    if (journal->j_features & E2_JOURNAL_INCOMPAT_64BIT)
        tag->block |= (e2_block_t)e2_be32(high) << 32;
}

boolean_t ext2_journal_tag(const struct ext2_journal *journal, const void *block, uint32_t *at,
                           struct ext2_tag *tag)
{
    uint32_t size = tag_size(journal);
    uint32_t room = journal->j_mount->m_block_size - (ext2_journal_has_csum(journal) ? 4u : 0u);

    if (*at == 0)
        *at = sizeof(struct e2_journal_header);
    if (*at > room || size > room - *at)
        return FALSE;
    tag_read(journal, (const char *)block + *at, size, tag);
    *at += size + (tag->flags & E2_TAG_SAME_UUID ? 0 : UUID_SIZE);
    if (tag->flags & E2_TAG_LAST)
        *at = UINT32_MAX; /* the next question is answered with no */
    return TRUE;
}
