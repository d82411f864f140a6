// SPDX-License-Identifier: BSD-2-Clause
/*
 * Replaying a journal that was not closed: everything that its committed transactions hold is written to its
 * place, then the journal says that it is empty and the file system that it needs no recovery. Nothing is
 * written before the whole journal was read and its end found; a crash in between is replayed again.
 *
 * This file system writes no journal itself: what e2fsck would have to repair after a crash it repairs.
 *
 * Called by ext2_vfsops.c at mount, before anybody else uses the file system; one thread, no lock.
 */
#include "ext2_journal.h"

/* ---- the journal's own superblock ------------------------------------------------------------------------
 */

static int super_refused(struct ext2_mount *mnt, const char *what, uint32_t value)
{
    return ext2_damaged(mnt, "journal: its superblock says %s %u", what, value);
}

static int features_check(struct ext2_journal *journal, const struct e2_journal_super *super)
{
    uint32_t unknown = journal->j_features & ~E2_JOURNAL_INCOMPAT_KNOWN;

    if (unknown) {
        printf("ext2fs: journal: it uses %s (features %#x), which is not known here; e2fsck can replay it\n",
               unknown & E2_JOURNAL_INCOMPAT_ASYNC ? "journal_async_commit" : "fast_commit or newer",
               unknown);
        return ENOTSUP;
    }
    if (!ext2_journal_has_csum(journal))
        return 0;
    if (super->s_checksum_type != E2_JOURNAL_CRC32C)
        return super_refused(journal->j_mount, "checksum type", super->s_checksum_type);
    if (ext2_journal_super_csum(super) != e2_be32(super->s_checksum))
        return super_refused(journal->j_mount, "a checksum that is not its own,", e2_be32(super->s_checksum));
    journal->j_seed = ext2_crc32c(~0u, super->s_uuid, sizeof(super->s_uuid));
    return 0;
}

static int super_check(struct ext2_journal *journal, const struct e2_journal_super *super)
{
    struct ext2_mount *mnt = journal->j_mount;
    uint32_t type = e2_be32(super->s_header.h_blocktype);
    uint64_t blocks = ext2_blocks_of(mnt, journal->j_inode->i_size);

    if (e2_be32(super->s_header.h_magic) != E2_JOURNAL_MAGIC)
        return super_refused(mnt, "magic", e2_be32(super->s_header.h_magic));
    if (type != E2_JOURNAL_SUPER_1 && type != E2_JOURNAL_SUPER_2)
        return super_refused(mnt, "block type", type);
    if (e2_be32(super->s_blocksize) != mnt->m_block_size)
        return super_refused(mnt, "block size", e2_be32(super->s_blocksize));
    journal->j_len = e2_be32(super->s_maxlen);
    journal->j_first = e2_be32(super->s_first);
    journal->j_start = e2_be32(super->s_start);
    journal->j_sequence = journal->j_end = e2_be32(super->s_sequence);
    if (journal->j_len > blocks || journal->j_len < 2)
        return super_refused(mnt, "length", journal->j_len);
    if (journal->j_first == 0 || journal->j_first >= journal->j_len)
        return super_refused(mnt, "first block", journal->j_first);
    if (journal->j_start && (journal->j_start < journal->j_first || journal->j_start >= journal->j_len))
        return super_refused(mnt, "start", journal->j_start);
    if (type == E2_JOURNAL_SUPER_1)
        return 0;
    journal->j_features = e2_be32(super->s_feature_incompat);
    return features_check(journal, super);
}

static int super_read(struct ext2_journal *journal)
{
    buf_t bp;
    int error = ext2_journal_block(journal, 0, &bp);

    if (error)
        return error;
    error = super_check(journal, (const struct e2_journal_super *)buf_dataptr(bp));
    buf_brelse(bp);
    return error;
}

/* It is empty from now on; the next transaction would have the number behind the last. */
static int super_close(struct ext2_journal *journal)
{
    buf_t bp;
    int error = ext2_journal_block(journal, 0, &bp);

    if (error)
        return error;
    struct e2_journal_super *super = (struct e2_journal_super *)buf_dataptr(bp);
    super->s_start = e2_tobe32(0);
    super->s_sequence = e2_tobe32(journal->j_end + 1);
    if (ext2_journal_has_csum(journal))
        super->s_checksum = e2_tobe32(ext2_journal_super_csum(super));
    return buf_bwrite(bp);
}

/* ---- going through the ring
 * --------------------------------------------------------------------------------- */

enum pass { PASS_FIND_END, PASS_REVOKE, PASS_WRITE };

static uint32_t tags_count(const struct ext2_journal *journal, const void *block)
{
    struct ext2_tag tag;
    uint32_t at = 0, count = 0;

    while (ext2_journal_tag(journal, block, &at, &tag))
        count++;
    return count;
}

/* One copy to its place. */
static int copy_write(struct ext2_journal *journal, uint32_t n, const struct ext2_tag *tag, uint32_t sequence)
{
    struct ext2_mount *mnt = journal->j_mount;
    e2_be32_t magic = e2_tobe32(E2_JOURNAL_MAGIC);
    buf_t from, to;

    if (ext2_is_revoked(journal, tag->block, sequence)) {
        journal->j_skipped++;
        return 0;
    }
    if (tag->block >= mnt->m_blocks)
        return ext2_damaged(mnt, "journal: transaction %u has a copy of block %llu, which is outside",
                            sequence, tag->block);
    int error = ext2_journal_block(journal, n, &from);
    if (error)
        return error;
    if (!ext2_journal_copy_ok(journal, (const void *)buf_dataptr(from), tag, sequence)) {
        buf_brelse(from);
        return ext2_damaged(mnt, "journal: the copy of block %llu in transaction %u has a wrong checksum",
                            tag->block, sequence);
    }
    error = ext2_meta_new(mnt, tag->block, &to);
    if (!error) {
        memcpy((void *)buf_dataptr(to), (const void *)buf_dataptr(from), mnt->m_block_size);
        if (tag->flags & E2_TAG_ESCAPED)
            memcpy((void *)buf_dataptr(to), &magic, sizeof(magic));
        error = buf_bwrite(to);
        journal->j_written++;
    }
    buf_brelse(from);
    return error;
}

static int copies_write(struct ext2_journal *journal, const void *descriptor, uint32_t n, uint32_t sequence)
{
    struct ext2_tag tag;
    uint32_t at = 0;
    int error = 0;

    while (!error && ext2_journal_tag(journal, descriptor, &at, &tag)) {
        n = ext2_journal_next(journal, n, 1);
        if (!(tag.flags & E2_TAG_DELETED))
            error = copy_write(journal, n, &tag, sequence);
    }
    return error;
}

struct walk {
    uint32_t n, sequence;
    uint32_t left; /* blocks that the ring can still hold: it does not go round twice */
};

/* What one block of the journal means to a pass. *length: blocks that it and what belongs to it take; 0: the
 * journal ends here. */
static int block_do(struct ext2_journal *journal, enum pass pass, struct walk *walk, const void *block,
                    uint32_t *length)
{
    uint32_t type = ext2_journal_type(block, walk->sequence);

    *length = 0;
    if (type != E2_JOURNAL_DESCRIPTOR && type != E2_JOURNAL_COMMIT && type != E2_JOURNAL_REVOKE)
        return 0;
    if (pass == PASS_FIND_END && !ext2_journal_block_ok(journal, block, type))
        return 0;
    *length = 1;
    if (type == E2_JOURNAL_COMMIT) {
        walk->sequence++;
        return 0;
    }
    if (type == E2_JOURNAL_REVOKE)
        return pass == PASS_REVOKE ? ext2_revoke_read(journal, block, walk->sequence) : 0;
    *length += tags_count(journal, block);
    return pass == PASS_WRITE ? copies_write(journal, block, walk->n, walk->sequence) : 0;
}

static int pass_run(struct ext2_journal *journal, enum pass pass)
{
    struct walk walk = {journal->j_start, journal->j_sequence, journal->j_len - journal->j_first};
    uint32_t length = 1;
    int error = 0;
    buf_t bp;

    while (!error && length && walk.left && (pass == PASS_FIND_END || walk.sequence != journal->j_end)) {
        error = ext2_journal_block(journal, walk.n, &bp);
        if (error)
            break;
        error = block_do(journal, pass, &walk, (const void *)buf_dataptr(bp), &length);
        buf_brelse(bp);
        if (length > walk.left)
            length = walk.left;
        walk.left -= length;
        walk.n = ext2_journal_next(journal, walk.n, length);
    }
    if (pass == PASS_FIND_END)
        journal->j_end = walk.sequence;
    return error;
}

/* ---- the whole
 * ------------------------------------------------------------------------------------------------ */

static int journal_passes(struct ext2_journal *journal)
{
    int error = pass_run(journal, PASS_FIND_END);

    if (!error)
        error = pass_run(journal, PASS_REVOKE);
    if (!error)
        error = pass_run(journal, PASS_WRITE);
    return error;
}

static int journal_run(struct ext2_journal *journal)
{
    int error = super_read(journal);

    if (error || journal->j_start == 0)
        return error;
    error = ext2_revoke_init(journal);
    if (!error)
        error = journal_passes(journal);
    ext2_revoke_destroy(journal);
    if (error)
        return error;
    printf("ext2fs: journal: replayed %u transactions from %u on: %u blocks written, %u revoked\n",
           journal->j_end - journal->j_sequence, journal->j_sequence, journal->j_written, journal->j_skipped);
    error = ext2_device_flush(journal->j_mount, journal->j_mount->m_context);
    return error ? error : super_close(journal);
}

static int replay(struct ext2_mount *mnt)
{
    struct ext2_journal journal = {.j_mount = mnt};
    uint32_t ino = e2_le32(mnt->m_super.s_journal_inum);

    if (ino == 0) {
        printf("ext2fs: the journal lies on another device, which is not supported; e2fsck can replay it\n");
        return ENOTSUP;
    }
    int error = ext2_inode_peek(mnt, ino, &journal.j_inode);
    if (error)
        return error;
    error = journal_run(&journal);
    ext2_inode_peek_end(journal.j_inode);
    return error;
}

/* The superblock and the descriptors may be among what was replayed, so both are read again. */
int ext2_journal_recover(struct ext2_mount *mnt)
{
    int error = replay(mnt);

    if (!error)
        error = ext2_device_flush(mnt, mnt->m_context);
    if (error)
        return error;
    ext2_groups_free(mnt);
    error = ext2_super_read(mnt, TRUE);
    if (!error)
        error = ext2_groups_read(mnt);
    if (error)
        return error;
    mnt->m_incompat &= ~E2_INCOMPAT_RECOVER;
    mnt->m_super.s_feature_incompat = e2_to32(mnt->m_incompat);
    return ext2_super_write(mnt, MNT_WAIT);
}
