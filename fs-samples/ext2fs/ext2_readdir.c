// SPDX-License-Identifier: BSD-2-Clause
/*
 * Listing a directory, in both forms: struct dirent, and struct direntry with a cookie in each entry. A
 * cookie is the byte at which the next entry may begin; a listing that goes on in the middle of a block walks
 * there from the block's beginning, so it is at an entry's beginning again whatever the cookie says.
 */
#include "ext2fs.h"

#define ENTRY_ALIGN 8u

union any_entry {
    struct dirent plain;
    struct direntry extended;
};

struct listing {
    uio_t uio;
    boolean_t extended;
    boolean_t has_types; /* the directory's entries say what they lead to */
    int count;
    boolean_t full;
    uint64_t next; /* the cookie to go on from */
};

static uint8_t dirent_type(uint8_t type)
{
    static const uint8_t types[] = {
        [E2_FT_UNKNOWN] = DT_UNKNOWN, [E2_FT_REG] = DT_REG,   [E2_FT_DIR] = DT_DIR,   [E2_FT_CHR] = DT_CHR,
        [E2_FT_BLK] = DT_BLK,         [E2_FT_FIFO] = DT_FIFO, [E2_FT_SOCK] = DT_SOCK, [E2_FT_LNK] = DT_LNK,
    };

    return type < sizeof(types) ? types[type] : DT_UNKNOWN;
}

static size_t pack(union any_entry *out, const struct listing *list, const struct e2_dirent *entry,
                   uint64_t next)
{
    size_t header = list->extended ? offsetof(struct direntry, d_name) : offsetof(struct dirent, d_name);
    size_t size = roundup(header + entry->name_len + 1, ENTRY_ALIGN);
    uint8_t type = list->has_types ? dirent_type(entry->file_type) : DT_UNKNOWN;

    memset(out, 0, size);
    if (list->extended) {
        out->extended.d_ino = e2_le32(entry->inode);
        out->extended.d_seekoff = next;
        out->extended.d_reclen = (uint16_t)size;
        out->extended.d_namlen = entry->name_len;
        out->extended.d_type = type;
    } else {
        out->plain.d_ino = (ino_t)e2_le32(entry->inode);
        out->plain.d_reclen = (uint16_t)size;
        out->plain.d_namlen = entry->name_len;
        out->plain.d_type = type;
    }
    memcpy((char *)out + header, entry->name, entry->name_len);
    return size;
}

static int emit(struct listing *list, const struct e2_dirent *entry, uint64_t next)
{
    union any_entry out;
    size_t size = pack(&out, list, entry, next);

    list->full = (user_ssize_t)size > uio_resid(list->uio);
    if (list->full)
        return 0;
    list->count++;
    return uiomove((const char *)&out, (int)size, list->uio);
}

static int list_block(struct ext2_inode *dir, struct listing *list, e2_lblk_t lblk)
{
    uint64_t base = (uint64_t)lblk << dir->i_mount->m_block_shift;
    buf_t bp;
    int error = ext2_dir_block(dir, lblk, &bp);

    if (error)
        return error;
    for (uint32_t at = 0; at < dir->i_mount->m_block_size && !error && !list->full;) {
        const struct e2_dirent *entry = (const struct e2_dirent *)(buf_dataptr(bp) + at);
        uint64_t begin = base + at;
        at += e2_le16(entry->rec_len);
        if (begin < list->next)
            continue;
        if (e2_le32(entry->inode))
            error = emit(list, entry, base + at);
        if (!error && !list->full)
            list->next = base + at;
    }
    buf_brelse(bp);
    /* A cookie that anybody made up may lie behind the beginning of the block's last entry. */
    if (!error && !list->full)
        list->next = base + dir->i_mount->m_block_size;
    return error;
}

int ext2_vnop_readdir(struct vnop_readdir_args *ap)
{
    struct ext2_inode *dir = vtoi(ap->a_vp);
    struct ext2_mount *mnt = dir->i_mount;
    struct listing list = {
        .uio = ap->a_uio,
        .extended = (ap->a_flags & VNODE_READDIR_EXTENDED) != 0,
        .has_types = ext2_has(mnt->m_incompat, E2_INCOMPAT_FILETYPE),
    };
    int error = 0;

    if (!vnode_isdir(ap->a_vp))
        return ENOTDIR;
    if (uio_offset(ap->a_uio) < 0 ||
        (ap->a_flags & VNODE_READDIR_SEEKOFF32 && uio_offset(ap->a_uio) > INT32_MAX))
        return EINVAL;
    list.next = (uint64_t)uio_offset(ap->a_uio);
    lck_rw_lock_shared(dir->i_lock);
    uint64_t end = dir->i_size & ~(uint64_t)(mnt->m_block_size - 1);
    while (!error && !list.full && list.next < end)
        error = list_block(dir, &list, ext2_lblk_of(mnt, list.next));
    boolean_t eof = list.next >= end;
    lck_rw_unlock_shared(dir->i_lock);
    if (!error && list.full && list.count == 0)
        error = EINVAL;
    if (error)
        return error;
    uio_setoffset(ap->a_uio, (off_t)list.next);
    if (ap->a_eofflag)
        *ap->a_eofflag = eof;
    if (ap->a_numdirent)
        *ap->a_numdirent = list.count;
    return 0;
}
