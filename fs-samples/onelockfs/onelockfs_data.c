// SPDX-License-Identifier: BSD-2-Clause
/*
 * Contents: of files, links and directories.
 *
 * Copies from and to the caller run under the lock: they touch the caller's buffers only, which are no pages
 * of ours.
 */
#include "onelockfs.h"

static const char zeroes[PAGE_BYTES];

void ol_pages_free(struct ol_mount *mnt, struct ol_node *node, size_t from)
{
    for (size_t i = from; i < node->n_page_room; i++) {
        if (!node->n_pages[i])
            continue;
        OSFree(node->n_pages[i], PAGE_BYTES, ol_tag);
        node->n_pages[i] = NULL;
        node->n_page_count--;
        mnt->o_pages--;
    }
}

static int pages_reach(struct ol_node *node, size_t index)
{
    size_t room = node->n_page_room ? node->n_page_room : 4;

    if (index < node->n_page_room)
        return 0;
    while (room <= index)
        room *= 2;
    char **pages = OSMalloc((uint32_t)(room * sizeof(*pages)), ol_tag);
    if (!pages)
        return ENOMEM;
    bzero(pages, room * sizeof(*pages));
    if (node->n_pages) {
        memcpy(pages, node->n_pages, node->n_page_room * sizeof(*pages));
        OSFree(node->n_pages, (uint32_t)(node->n_page_room * sizeof(*pages)), ol_tag);
    }
    node->n_pages = pages;
    node->n_page_room = room;
    return 0;
}

/* The page to write to. */
static int page_get(struct ol_mount *mnt, struct ol_node *node, size_t index, char **page)
{
    int error = pages_reach(node, index);

    if (!error && !node->n_pages[index]) {
        node->n_pages[index] = OSMalloc(PAGE_BYTES, ol_tag);
        if (!node->n_pages[index])
            return ENOMEM;
        bzero(node->n_pages[index], PAGE_BYTES);
        node->n_page_count++;
        mnt->o_pages++;
    }
    if (!error)
        *page = node->n_pages[index];
    return error;
}

int ol_resize(struct ol_mount *mnt, struct ol_node *node, off_t size)
{
    size_t index = (size_t)(size / PAGE_BYTES), in_page = (size_t)(size % PAGE_BYTES);

    if (size < 0)
        return EINVAL;
    if (size > FILE_BYTES)
        return EFBIG;
    if (size < node->n_size) { /* what is cut off must not come back when the file grows again */
        if (index < node->n_page_room && node->n_pages[index])
            bzero(node->n_pages[index] + in_page, PAGE_BYTES - in_page);
        ol_pages_free(mnt, node, index + (in_page != 0));
    }
    node->n_size = size;
    return 0;
}

int ol_vnop_read(struct vnop_read_args *ap)
{
    struct ol_mount *mnt = ol_mount_of(ap->a_vp);
    struct ol_node *node = ol_node_of(ap->a_vp);
    uio_t uio = ap->a_uio;
    int error = 0;

    if (node->n_type != VREG)
        return node->n_type == VDIR ? EISDIR : EINVAL;
    if (uio_offset(uio) < 0)
        return EINVAL;
    lck_mtx_lock(mnt->o_lock);
    while (uio_resid(uio) > 0 && uio_offset(uio) < node->n_size && !error) {
        off_t off = uio_offset(uio), count = PAGE_BYTES - off % PAGE_BYTES;
        size_t index = (size_t)(off / PAGE_BYTES);
        const char *page = index < node->n_page_room ? node->n_pages[index] : NULL;
        if (count > node->n_size - off)
            count = node->n_size - off;
        error = uiomove((page ? page : zeroes) + off % PAGE_BYTES, (int)count, uio);
    }
    nanotime(&node->n_atime);
    lck_mtx_unlock(mnt->o_lock);
    return error;
}

int ol_vnop_write(struct vnop_write_args *ap)
{
    struct ol_mount *mnt = ol_mount_of(ap->a_vp);
    struct ol_node *node = ol_node_of(ap->a_vp);
    uio_t uio = ap->a_uio;
    user_ssize_t resid = uio_resid(uio);
    int error = 0;

    if (node->n_type != VREG)
        return node->n_type == VDIR ? EISDIR : EINVAL;
    if (uio_offset(uio) < 0)
        return EINVAL;
    if (resid == 0)
        return 0;
    lck_mtx_lock(mnt->o_lock);
    if (ap->a_ioflag & IO_APPEND)
        uio_setoffset(uio, node->n_size);
    if (uio_offset(uio) > FILE_BYTES || resid > FILE_BYTES - uio_offset(uio))
        error = EFBIG;
    while (uio_resid(uio) > 0 && !error) {
        off_t in_page = uio_offset(uio) % PAGE_BYTES;
        char *page = NULL;
        error = page_get(mnt, node, (size_t)(uio_offset(uio) / PAGE_BYTES), &page);
        if (!error)
            error = uiomove(page + in_page, (int)(PAGE_BYTES - in_page), uio);
        if (uio_offset(uio) > node->n_size)
            node->n_size = uio_offset(uio);
    }
    if (uio_resid(uio) != resid)
        ol_changed(node);
    lck_mtx_unlock(mnt->o_lock);
    return error;
}

/* Memory is as safe as it will get. */
int ol_vnop_fsync(struct vnop_fsync_args *ap)
{
    (void)ap;
    return 0;
}

int ol_vnop_readlink(struct vnop_readlink_args *ap)
{
    const struct ol_node *node = ol_node_of(ap->a_vp);

    if (node->n_type != VLNK)
        return EINVAL;
    return uiomove(node->n_target, (int)node->n_size, ap->a_uio); /* never changes */
}

/* ---- listing ------------------------------------------------------------------------------------------- */

struct listing {
    uio_t uio;
    boolean_t extended;
    int count;
    int error;
};

static uint8_t dirent_type(enum vtype type)
{
    return type == VDIR ? DT_DIR : type == VLNK ? DT_LNK : DT_REG;
}

/* FALSE: there is no room for it, or the copy failed. */
static boolean_t emit(struct listing *list, const struct ol_node *node, const char *name, size_t len,
                      off_t next)
{
    union {
        struct dirent plain;
        struct direntry extended;
    } out;
    size_t header = list->extended ? offsetof(struct direntry, d_name) : offsetof(struct dirent, d_name);
    size_t size = roundup(header + len + 1, 8u);

    if ((user_ssize_t)size > uio_resid(list->uio))
        return FALSE;
    bzero(&out, size);
    if (list->extended) {
        out.extended.d_ino = node->n_ino;
        out.extended.d_seekoff = (uint64_t)next;
        out.extended.d_reclen = (uint16_t)size;
        out.extended.d_namlen = (uint16_t)len;
        out.extended.d_type = dirent_type(node->n_type);
    } else {
        out.plain.d_ino = (ino_t)node->n_ino;
        out.plain.d_reclen = (uint16_t)size;
        out.plain.d_namlen = (uint8_t)len;
        out.plain.d_type = dirent_type(node->n_type);
    }
    memcpy((char *)&out + header, name, len);
    list->error = uiomove((const char *)&out, (int)size, list->uio);
    list->count += !list->error;
    return !list->error;
}

/* Returns the cookie to go on from; 0 is ".", 1 is "..", entries have theirs. */
static off_t list_from(const struct ol_node *dir, struct listing *list, off_t cookie, boolean_t *eof)
{
    *eof = FALSE;
    if (cookie == 0) {
        if (!emit(list, dir, ".", 1, 1))
            return cookie;
        cookie = 1;
    }
    if (cookie == 1) {
        if (!emit(list, dir->n_parent, "..", 2, 2))
            return cookie;
        cookie = 2;
    }
    for (const struct ol_entry *entry = dir->n_entries; entry; entry = entry->e_next) {
        if (entry->e_cookie < cookie)
            continue;
        if (!emit(list, entry->e_node, entry->e_name, entry->e_len, entry->e_cookie + 1))
            return cookie;
        cookie = entry->e_cookie + 1;
    }
    *eof = TRUE;
    return cookie;
}

int ol_vnop_readdir(struct vnop_readdir_args *ap)
{
    struct ol_mount *mnt = ol_mount_of(ap->a_vp);
    struct ol_node *dir = ol_node_of(ap->a_vp);
    struct listing list = {.uio = ap->a_uio, .extended = (ap->a_flags & VNODE_READDIR_EXTENDED) != 0};
    boolean_t eof = TRUE;

    if (dir->n_type != VDIR)
        return ENOTDIR;
    if (uio_offset(ap->a_uio) < 0)
        return EINVAL;
    lck_mtx_lock(mnt->o_lock);
    if (dir->n_nlink) { /* a removed directory lists nothing */
        off_t next = list_from(dir, &list, uio_offset(ap->a_uio), &eof);
        uio_setoffset(ap->a_uio, next);
        if (!list.error && !list.count && !eof)
            list.error = EINVAL; /* not even one entry fits */
    }
    nanotime(&dir->n_atime);
    lck_mtx_unlock(mnt->o_lock);
    if (ap->a_eofflag)
        *ap->a_eofflag = eof;
    if (ap->a_numdirent)
        *ap->a_numdirent = list.count;
    return list.error;
}
