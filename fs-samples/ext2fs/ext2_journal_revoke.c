// SPDX-License-Identifier: BSD-2-Clause
/*
 * Blocks that a journal revokes: one that was freed as metadata and may be data by now must not be
 * overwritten with an old copy. A hash table from block to the last sequence that revoked it, made for one
 * replay.
 *
 * Called by ext2_journal.c, one thread.
 */
#include "ext2_journal.h"

#define REVOKE_BUCKETS 1024u

struct ext2_revoked {
    struct ext2_revoked *r_next;
    e2_block_t r_block;
    uint32_t r_sequence;
};

/* Sequences wrap round. */
static boolean_t sequence_is_after(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

static struct ext2_revoked **bucket_of(const struct ext2_journal *journal, e2_block_t block)
{
    return &journal->j_revoked[(block * 0x9e3779b97f4a7c15ull >> 40) & (journal->j_nbuckets - 1)];
}

int ext2_revoke_init(struct ext2_journal *journal)
{
    journal->j_nbuckets = REVOKE_BUCKETS;
    journal->j_revoked = ext2_alloc(REVOKE_BUCKETS * sizeof(*journal->j_revoked));
    return journal->j_revoked ? 0 : ENOMEM;
}

void ext2_revoke_destroy(struct ext2_journal *journal)
{
    for (uint32_t i = 0; journal->j_revoked && i < journal->j_nbuckets; i++) {
        struct ext2_revoked *entry = journal->j_revoked[i];
        while (entry) {
            struct ext2_revoked *next = entry->r_next;
            ext2_free(entry, sizeof(*entry));
            entry = next;
        }
    }
    ext2_free(journal->j_revoked, journal->j_nbuckets * sizeof(*journal->j_revoked));
    journal->j_revoked = NULL;
}

static struct ext2_revoked *revoked_find(const struct ext2_journal *journal, e2_block_t block)
{
    struct ext2_revoked *entry = *bucket_of(journal, block);

    while (entry && entry->r_block != block)
        entry = entry->r_next;
    return entry;
}

static int revoked_add(struct ext2_journal *journal, e2_block_t block, uint32_t sequence)
{
    struct ext2_revoked *entry = revoked_find(journal, block);

    if (entry) {
        if (sequence_is_after(sequence, entry->r_sequence))
            entry->r_sequence = sequence;
        return 0;
    }
    entry = ext2_alloc(sizeof(*entry));
    if (!entry)
        return ENOMEM;
    entry->r_block = block;
    entry->r_sequence = sequence;
    entry->r_next = *bucket_of(journal, block);
    *bucket_of(journal, block) = entry;
    return 0;
}

int ext2_revoke_read(struct ext2_journal *journal, const void *block, uint32_t sequence)
{
    const struct e2_journal_revoke *revoke = block;
    uint32_t wide = journal->j_features & E2_JOURNAL_INCOMPAT_64BIT ? 2 : 1;
    uint32_t room = journal->j_mount->m_block_size - (ext2_journal_has_csum(journal) ? 4u : 0u);
    uint32_t used = e2_be32(revoke->r_count);
    int error = 0;

    if (used < sizeof(*revoke) || used > room)
        return ext2_damaged(journal->j_mount, "journal: a revocation of transaction %u has %u bytes",
                            sequence, used);
    const e2_be32_t *number = (const e2_be32_t *)(revoke + 1);
    for (uint32_t n = (used - (uint32_t)sizeof(*revoke)) / (4 * wide); n > 0 && !error; n--, number += wide) {
        e2_block_t revoked = e2_be32(number[0]);
        if (wide == 2)
            revoked = revoked << 32 | e2_be32(number[1]);
        error = revoked_add(journal, revoked, sequence);
    }
    return error;
}

boolean_t ext2_is_revoked(const struct ext2_journal *journal, e2_block_t block, uint32_t sequence)
{
    const struct ext2_revoked *entry = revoked_find(journal, block);

    return entry && !sequence_is_after(sequence, entry->r_sequence);
}
