// SPDX-License-Identifier: BSD-2-Clause
/*
 * Listing a directory, in both forms: struct dirent, and struct direntry with a cookie in each entry.
 *
 * The uio's offset is the cookie: 0 is ".", 1 is "..", 2 + n is the n-th slot.
 */
#include "memfs.h"

#define COOKIE_DOTDOT 1
#define COOKIE_SLOTS  2
#define ENTRY_ALIGN   8u

union any_entry {
    struct dirent plain;
    struct direntry extended;
};

static uint8_t dirent_type(enum vtype type)
{
    switch (type) {
    case VREG:
        return DT_REG;
    case VDIR:
        return DT_DIR;
    case VLNK:
        return DT_LNK;
    case VBLK:
        return DT_BLK;
    case VCHR:
        return DT_CHR;
    case VFIFO:
        return DT_FIFO;
    case VSOCK:
        return DT_SOCK;
    default:
        return DT_UNKNOWN;
    }
}

static size_t entry_size(size_t header, size_t namelen)
{
    return roundup(header + namelen + 1, ENTRY_ALIGN);
}

/* Packs one entry; its size in bytes. */
static size_t pack(union any_entry *out, boolean_t extended, uint64_t ino, enum vtype type, const char *name,
                   size_t namelen, off_t next)
{
    size_t header = extended ? offsetof(struct direntry, d_name) : offsetof(struct dirent, d_name);
    size_t size = entry_size(header, namelen);

    /* The name's end and the padding, and what is about to be filled in. */
    __builtin_memset((char *)out + size - ENTRY_ALIGN, 0, ENTRY_ALIGN);
    if (extended) {
        out->extended.d_ino = ino;
        out->extended.d_seekoff = (uint64_t)next;
        out->extended.d_reclen = (uint16_t)size;
        out->extended.d_namlen = (uint16_t)namelen;
        out->extended.d_type = dirent_type(type);
    } else {
        out->plain.d_ino = (ino_t)ino;
        out->plain.d_reclen = (uint16_t)size;
        out->plain.d_namlen = (uint8_t)namelen;
        out->plain.d_type = dirent_type(type);
    }
    memcpy((char *)out + header, name, namelen);
    return size;
}

/* Entries are handed over in pieces of about this many bytes. */
#define ROOM 2048u

struct listing {
    uio_t uio;
    boolean_t extended;
    int count;
    int error;
    size_t used; /* bytes in room */
    union {
        char bytes[ROOM + sizeof(union any_entry)]; /* the largest entry may begin at the end of ROOM */
        uint64_t align;
    } room;
};

static void hand_over(struct listing *list)
{
    if (list->used && !list->error)
        list->error = uiomove(list->room.bytes, (int)list->used, list->uio);
    list->used = 0;
}

/* Takes one entry; FALSE when there is no more space for it or the copy failed. */
static boolean_t emit(struct listing *list, uint64_t ino, enum vtype type, const char *name, size_t namelen,
                      off_t next)
{
    union any_entry *entry = (union any_entry *)(void *)(list->room.bytes + list->used);
    size_t size = pack(entry, list->extended, ino, type, name, namelen, next);

    if ((user_ssize_t)(list->used + size) > uio_resid(list->uio))
        return FALSE;
    list->used += size;
    list->count++;
    if (list->used >= ROOM)
        hand_over(list);
    return !list->error;
}

/* Returns the cookie to go on from. */
static off_t list_locked(struct memfs_node *node, struct listing *list, off_t cookie)
{
    struct memfs_dir *dir = &node->u.dir;

    if (cookie == 0) {
        if (!emit(list, node->n_ino, VDIR, ".", 1, COOKIE_DOTDOT))
            return cookie;
        cookie = COOKIE_DOTDOT;
    }
    if (cookie == COOKIE_DOTDOT) {
        if (!emit(list, dir->d_parent->n_ino, VDIR, "..", 2, COOKIE_SLOTS))
            return cookie;
        cookie = COOKIE_SLOTS;
    }
    for (; (uint64_t)(cookie - COOKIE_SLOTS) < dir->d_nslots; cookie++) {
        const struct memfs_entry *entry = dir->d_slots[cookie - COOKIE_SLOTS];
        if (entry && !emit(list, entry->e_ino, entry->e_type, entry->e_name, entry->e_namelen, cookie + 1))
            return cookie;
    }
    return cookie;
}

int memfs_vnop_readdir(struct vnop_readdir_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);
    off_t start = uio_offset(ap->a_uio);
    struct listing list; /* large: its room is left as it is */
    boolean_t eof = TRUE;

    list.uio = ap->a_uio;
    list.extended = (ap->a_flags & VNODE_READDIR_EXTENDED) != 0;
    list.count = list.error = 0;
    list.used = 0;

    if (!vnode_isdir(ap->a_vp))
        return ENOTDIR;
    if (start < 0 || (ap->a_flags & VNODE_READDIR_SEEKOFF32 && start > INT32_MAX))
        return EINVAL;
    lck_rw_lock_shared(node->n_lock);
    if (node->n_nlink) { /* a removed directory lists nothing */
        off_t next = list_locked(node, &list, start);
        hand_over(&list);
        eof = next >= (off_t)node->u.dir.d_nslots + COOKIE_SLOTS;
        uio_setoffset(ap->a_uio, next);
        if (!list.error && !list.count && !eof)
            list.error = EINVAL; /* not even one entry fits */
    }
    lck_rw_unlock_shared(node->n_lock);
    memfs_owe_atime(node);
    if (ap->a_eofflag)
        *ap->a_eofflag = eof;
    if (ap->a_numdirent)
        *ap->a_numdirent = list.count;
    return list.error;
}
