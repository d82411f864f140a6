// SPDX-License-Identifier: BSD-2-Clause
/*
 * The journal of ext3 and ext4 as it lies on the disk, all big-endian, and what the files that replay it
 * share. A journal is a ring of blocks in a file: a superblock, then transactions of descriptors with copies
 * of blocks, revocations, and a commit.
 */
#ifndef EXT2_JOURNAL_H
#define EXT2_JOURNAL_H

#include "ext2fs.h"

typedef struct {
    uint32_t v;
} e2_be32_t;
typedef struct {
    uint16_t v;
} e2_be16_t;

static inline uint32_t e2_be32(e2_be32_t x)
{
    return OSSwapBigToHostInt32(x.v);
}
static inline uint16_t e2_be16(e2_be16_t x)
{
    return OSSwapBigToHostInt16(x.v);
}
static inline e2_be32_t e2_tobe32(uint32_t x)
{
    return (e2_be32_t){OSSwapHostToBigInt32(x)};
}

#define E2_JOURNAL_MAGIC 0xc03b3998u

enum e2_journal_type {
    E2_JOURNAL_DESCRIPTOR = 1,
    E2_JOURNAL_COMMIT = 2,
    E2_JOURNAL_SUPER_1 = 3,
    E2_JOURNAL_SUPER_2 = 4,
    E2_JOURNAL_REVOKE = 5,
};

struct e2_journal_header {
    e2_be32_t h_magic;
    e2_be32_t h_blocktype;
    e2_be32_t h_sequence;
};

struct e2_journal_super {
    struct e2_journal_header s_header;
    e2_be32_t s_blocksize;
    e2_be32_t s_maxlen; /* blocks in the journal, this one counted */
    e2_be32_t s_first;  /* the ring's first */
    e2_be32_t s_sequence;
    e2_be32_t s_start; /* the first transaction's block; 0: nothing to replay */
    e2_be32_t s_errno;
    /* from here on in version 2 */
    e2_be32_t s_feature_compat;
    e2_be32_t s_feature_incompat;
    e2_be32_t s_feature_ro_compat;
    uint8_t s_uuid[16];
    e2_be32_t s_nr_users;
    e2_be32_t s_dynsuper;
    e2_be32_t s_max_transaction;
    e2_be32_t s_max_trans_data;
    uint8_t s_checksum_type;
    uint8_t s_padding2[3];
    e2_be32_t s_num_fc_blocks;
    e2_be32_t s_head;
    e2_be32_t s_padding[40];
    e2_be32_t s_checksum;
    uint8_t s_users[16 * 48];
};
_Static_assert(sizeof(struct e2_journal_super) == 1024, "the journal's superblock");
_Static_assert(__builtin_offsetof(struct e2_journal_super, s_checksum) == 0xfc, "the journal's superblock");

#define E2_JOURNAL_INCOMPAT_REVOKE  0x01u
#define E2_JOURNAL_INCOMPAT_64BIT   0x02u
#define E2_JOURNAL_INCOMPAT_ASYNC   0x04u
#define E2_JOURNAL_INCOMPAT_CSUM_V2 0x08u
#define E2_JOURNAL_INCOMPAT_CSUM_V3 0x10u
#define E2_JOURNAL_INCOMPAT_KNOWN                                                                            \
    (E2_JOURNAL_INCOMPAT_REVOKE | E2_JOURNAL_INCOMPAT_64BIT | E2_JOURNAL_INCOMPAT_CSUM_V2 |                  \
     E2_JOURNAL_INCOMPAT_CSUM_V3)
#define E2_JOURNAL_CRC32C 4u

#define E2_TAG_ESCAPED   0x1u /* the block began with the magic, which was zeroed in the copy */
#define E2_TAG_SAME_UUID 0x2u /* no uuid follows the tag */
#define E2_TAG_DELETED   0x4u
#define E2_TAG_LAST      0x8u
struct e2_journal_tag {
    e2_be32_t t_blocknr;
    e2_be16_t t_checksum;
    e2_be16_t t_flags;
    e2_be32_t t_blocknr_high; /* with 64BIT */
};
struct e2_journal_tag3 { /* with CSUM_V3 */
    e2_be32_t t_blocknr;
    e2_be32_t t_flags;
    e2_be32_t t_blocknr_high;
    e2_be32_t t_checksum;
};
struct e2_journal_commit {
    struct e2_journal_header c_header;
    uint8_t c_chksum_type;
    uint8_t c_chksum_size;
    uint8_t c_padding[2];
    e2_be32_t c_chksum[8];
    e2_be32_t c_commit_sec[2];
    e2_be32_t c_commit_nsec;
};
struct e2_journal_revoke {
    struct e2_journal_header r_header;
    e2_be32_t r_count; /* bytes used, this header counted */
};

/* ---- while it is replayed ---------------------------------------------------------------------------------
 */

struct ext2_revoked; /* one block that copies up to a sequence are not to be written to */

struct ext2_journal {
    struct ext2_mount *j_mount;
    struct ext2_inode *j_inode; /* of the journal; no vnode, seen by nobody else */
    uint32_t j_len;             /* blocks of the ring and what is before it */
    uint32_t j_first;
    uint32_t j_start;
    uint32_t j_sequence; /* of the first transaction */
    uint32_t j_end;      /* the first sequence that is not there as a whole */
    uint32_t j_features; /* incompatible ones */
    uint32_t j_seed;     /* of its checksums */
    struct ext2_revoked **j_revoked;
    uint32_t j_nbuckets;
    uint32_t j_written, j_skipped; /* blocks, for the log */
};

/* A tag of a descriptor, decoded. */
struct ext2_tag {
    e2_block_t block;
    uint32_t flags, checksum;
};

static inline boolean_t ext2_journal_has_csum(const struct ext2_journal *journal)
{
    return (journal->j_features & (E2_JOURNAL_INCOMPAT_CSUM_V2 | E2_JOURNAL_INCOMPAT_CSUM_V3)) != 0;
}

/* ext2_journal_block.c: what single blocks say */
/* Block @n of the journal, read; the caller releases it. */
int ext2_journal_block(struct ext2_journal *journal, uint32_t n, buf_t *bpp);
uint32_t ext2_journal_next(const struct ext2_journal *journal, uint32_t n, uint32_t by);
/* The type if @block is a journal block of @sequence; 0: it is not. */
uint32_t ext2_journal_type(const void *block, uint32_t sequence);
/* Descriptor, revocation or commit: does its checksum hold? TRUE where there are none. */
boolean_t ext2_journal_block_ok(const struct ext2_journal *journal, const void *block, uint32_t type);
boolean_t ext2_journal_copy_ok(const struct ext2_journal *journal, const void *copy,
                               const struct ext2_tag *tag, uint32_t sequence);
/* The tag at *at of a descriptor; moves *at. FALSE: there is no more. */
boolean_t ext2_journal_tag(const struct ext2_journal *journal, const void *block, uint32_t *at,
                           struct ext2_tag *tag);
uint32_t ext2_journal_super_csum(const struct e2_journal_super *super);

/* ext2_journal_revoke.c: blocks that were revoked */
int ext2_revoke_init(struct ext2_journal *journal);
void ext2_revoke_destroy(struct ext2_journal *journal);
int ext2_revoke_read(struct ext2_journal *journal, const void *block, uint32_t sequence);
boolean_t ext2_is_revoked(const struct ext2_journal *journal, e2_block_t block, uint32_t sequence);

#endif
