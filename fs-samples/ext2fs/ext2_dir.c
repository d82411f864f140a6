// SPDX-License-Identifier: BSD-2-Clause
/*
 * Names of a directory: its blocks, each checked before anybody walks through it, and finding a name, one
 * entry after the other (a hash tree's blocks look like empty or ordinary ones). A block is checked when it
 * comes from the disk; one that is damaged does not stay in the cache, so what is found there is sound.
 * i_lock of the directory is held at least shared.
 */
#include "ext2fs.h"

static int dir_damaged(struct ext2_inode *dir, e2_lblk_t lblk, uint32_t offset, const char *what)
{
    return ext2_damaged(dir->i_mount, "directory %u, block %u, byte %u: %s", dir->i_ino, lblk, offset, what);
}

static const char *name_wrong(const struct e2_dirent *entry)
{
    for (uint32_t i = 0; i < entry->name_len; i++)
        if (entry->name[i] == '/' || entry->name[i] == '\0')
            return "a name has a '/' or a NUL in it";
    return NULL;
}

static const char *entry_wrong(const struct ext2_inode *dir, const struct e2_dirent *entry, uint32_t left)
{
    uint32_t len = e2_le16(entry->rec_len);

    if (len < E2_DIRENT_MIN || len % 4 || len > left)
        return "an entry's length is wrong";
    if (e2_le32(entry->inode) == 0)
        return NULL;
    if (E2_DIRENT_MIN + entry->name_len > len)
        return "a name is longer than its entry";
    if (entry->name_len == 0)
        return "an entry has no name";
    if (e2_le32(entry->inode) > dir->i_mount->m_inodes)
        return "an inode's number is too large";
    return name_wrong(entry);
}

static int block_check(struct ext2_inode *dir, e2_lblk_t lblk, const char *block)
{
    uint32_t size = dir->i_mount->m_block_size;

    if (!ext2_csum_dir_ok(dir, block))
        return dir_damaged(dir, lblk, 0, "the checksum is wrong");
    for (uint32_t at = 0; at < size;) {
        const struct e2_dirent *entry = (const struct e2_dirent *)(const void *)(block + at);
        const char *wrong =
            size - at < E2_DIRENT_MIN ? "no entry fits any more" : entry_wrong(dir, entry, size - at);
        if (wrong)
            return dir_damaged(dir, lblk, at, wrong);
        at += e2_le16(entry->rec_len);
    }
    return 0;
}

int ext2_dir_block(struct ext2_inode *dir, e2_lblk_t lblk, buf_t *bpp)
{
    int error = buf_meta_bread(dir->i_vnode, lblk, (int)dir->i_mount->m_block_size, NOCRED, bpp);

    if (!error && !buf_fromcache(*bpp)) {
        error = block_check(dir, lblk, (const char *)buf_dataptr(*bpp));
        if (error)
            buf_markinvalid(*bpp);
    }
    if (error) {
        buf_brelse(*bpp);
        *bpp = NULL;
    }
    return error;
}

static boolean_t block_find(const char *block, uint32_t size, const char *name, size_t len,
                            struct ext2_name *out)
{
    for (uint32_t at = 0; at < size;) {
        const struct e2_dirent *entry = (const struct e2_dirent *)(const void *)(block + at);
        if (e2_le32(entry->inode) && entry->name_len == len && memcmp(entry->name, name, len) == 0) {
            out->ino = e2_le32(entry->inode);
            out->type = entry->file_type;
            out->offset = at;
            return TRUE;
        }
        at += e2_le16(entry->rec_len);
    }
    return FALSE;
}

int ext2_dir_find(struct ext2_inode *dir, const char *name, size_t len, struct ext2_name *out)
{
    uint64_t blocks = dir->i_size >> dir->i_mount->m_block_shift;

    for (e2_lblk_t lblk = 0; lblk < blocks; lblk++) {
        buf_t bp;
        int error = ext2_dir_block(dir, lblk, &bp);
        if (error)
            return error;
        boolean_t is_here =
            block_find((const char *)buf_dataptr(bp), dir->i_mount->m_block_size, name, len, out);
        buf_brelse(bp);
        out->lblk = lblk;
        if (is_here)
            return 0;
    }
    return ENOENT;
}

/* It is the second entry of the first block, and nowhere else. */
int ext2_dir_parent(struct ext2_inode *dir, uint32_t *parent)
{
    buf_t bp;
    int error = ext2_dir_block(dir, 0, &bp);

    if (error)
        return error;
    const struct e2_dirent *first = (const struct e2_dirent *)buf_dataptr(bp);
    uint32_t at = e2_le16(first->rec_len);
    boolean_t is_there = FALSE;
    if (at < dir->i_mount->m_block_size) {
        const struct e2_dirent *second = (const struct e2_dirent *)(buf_dataptr(bp) + at);
        *parent = e2_le32(second->inode);
        is_there = *parent && second->name_len == 2 && memcmp(second->name, "..", 2) == 0;
    }
    buf_brelse(bp);
    return is_there ? 0 : dir_damaged(dir, 0, at, "here should be \"..\"");
}
