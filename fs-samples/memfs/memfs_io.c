// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading, writing, holes and preallocation of regular files.
 *
 * Locks: n_lock, shared for reading (many at once), exclusive for writing. Copies run under it: they only
 * touch the caller's buffers, which never are pages of ours.
 */
#include "memfs.h"
#include <sys/fsctl.h>

static const char zero_page[MEMFS_PAGE_SIZE];

int memfs_vnop_read(struct vnop_read_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);
    uio_t uio = ap->a_uio;
    int error = 0;

    if (vnode_isdir(ap->a_vp))
        return EISDIR;
    if (!vnode_isreg(ap->a_vp))
        return EINVAL;
    if (uio_offset(uio) < 0)
        return EINVAL;
    lck_rw_lock_shared(node->n_lock);
    while (uio_resid(uio) > 0 && uio_offset(uio) < node->n_size && !error) {
        off_t off = uio_offset(uio);
        size_t in_page = (size_t)off & (MEMFS_PAGE_SIZE - 1);
        off_t count = MEMFS_PAGE_SIZE - (off_t)in_page;
        if (count > node->n_size - off)
            count = node->n_size - off;
        const char *page = memfs_page_find(&node->u.data, (uint64_t)off >> MEMFS_PAGE_SHIFT);
        error = uiomove((page ? page : zero_page) + in_page, (int)count, uio);
    }
    lck_rw_unlock_shared(node->n_lock);
    if (!(vfs_flags(vnode_mount(ap->a_vp)) & MNT_NOATIME))
        memfs_owe_atime(node);
    return error;
}

/* Copies from the caller into pages; what is new beyond the old end shows only as far as the copy got. */
static int write_pages(struct memfs_node *node, uio_t uio)
{
    int error = 0;

    while (uio_resid(uio) > 0 && !error) {
        off_t off = uio_offset(uio);
        size_t in_page = (size_t)off & (MEMFS_PAGE_SIZE - 1);
        size_t count = MEMFS_PAGE_SIZE - in_page;
        void *page;
        error = memfs_page_get(node, (uint64_t)off >> MEMFS_PAGE_SHIFT, &page);
        if (!error)
            error = uiomove((const char *)page + in_page, (int)count, uio);
        if (uio_offset(uio) > node->n_size)
            node->n_size = uio_offset(uio);
    }
    return error;
}

int memfs_vnop_write(struct vnop_write_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);
    uio_t uio = ap->a_uio;
    user_ssize_t resid = uio_resid(uio);

    if (vnode_isdir(ap->a_vp))
        return EISDIR;
    if (!vnode_isreg(ap->a_vp))
        return EINVAL;
    if (uio_offset(uio) < 0)
        return EINVAL;
    if (resid == 0)
        return 0;
    lck_rw_lock_exclusive(node->n_lock);
    if (ap->a_ioflag & IO_APPEND)
        uio_setoffset(uio, node->n_size);
    off_t start = uio_offset(uio);
    off_t old_size = node->n_size;
    int error = resid > MEMFS_SIZE_MAX - start ? EFBIG : write_pages(node, uio);
    if (error && (ap->a_ioflag & IO_UNIT)) { /* all or nothing */
        if (node->n_size > old_size)
            (void)memfs_resize(node, old_size);
        uio_setoffset(uio, start);
        uio_setresid(uio, resid);
    }
    if (uio_resid(uio) != resid)
        memfs_changed(node);
    lck_rw_unlock_exclusive(node->n_lock);
    return error;
}

static int punch(struct memfs_node *node, const fpunchhole_t *hole)
{
    if (hole->fp_offset < 0 || hole->fp_length <= 0 || hole->fp_length > MEMFS_SIZE_MAX - hole->fp_offset)
        return EINVAL;
    lck_rw_lock_exclusive(node->n_lock);
    off_t end = hole->fp_offset + hole->fp_length;
    if (end >
        node->n_size) /* what lies beyond the end is preallocation: whole pages go, and there are no others */
        end = (off_t)roundup((uint64_t)end, MEMFS_PAGE_SIZE);
    memfs_punch(node, hole->fp_offset, end);
    memfs_changed(node);
    lck_rw_unlock_exclusive(node->n_lock);
    return 0;
}

static int seek(struct memfs_node *node, off_t *off, boolean_t data)
{
    int error = 0;

    lck_rw_lock_shared(node->n_lock);
    if (*off < 0 || *off >= node->n_size) {
        error = ENXIO;
        goto out;
    }
    uint64_t end = howmany((uint64_t)node->n_size, MEMFS_PAGE_SIZE);
    uint64_t start = (uint64_t)*off >> MEMFS_PAGE_SHIFT;
    uint64_t found = memfs_page_next(&node->u.data, start, end, data);
    off_t at = found >= end ? node->n_size : (off_t)(found << MEMFS_PAGE_SHIFT);
    if (data && found >= end)
        error = ENXIO;
    else if (at > node->n_size)
        *off = node->n_size;
    else if (at > *off)
        *off = at;
out:
    lck_rw_unlock_shared(node->n_lock);
    return error;
}

int memfs_vnop_ioctl(struct vnop_ioctl_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);

    if (!vnode_isreg(ap->a_vp))
        return ENOTTY;
    switch (ap->a_command) {
    case F_PUNCHHOLE:
        return punch(node, (const fpunchhole_t *)(const void *)ap->a_data);
    case FSIOC_FIOSEEKHOLE:
        return seek(node, (off_t *)(void *)ap->a_data, FALSE);
    case FSIOC_FIOSEEKDATA:
        return seek(node, (off_t *)(void *)ap->a_data, TRUE);
    default:
        return ENOTTY;
    }
}

/* Pages for [from, to). Space is set aside first, so a full mount refuses before anything has changed. */
static int allocate_range(struct memfs_node *node, off_t from, off_t to)
{
    uint64_t index = (uint64_t)from >> MEMFS_PAGE_SHIFT;
    uint64_t end = howmany((uint64_t)to, MEMFS_PAGE_SIZE);

    int error = memfs_space_take(node->n_mount, (end - index) << MEMFS_PAGE_SHIFT);
    if (error)
        return error;
    memfs_space_give(node->n_mount, (end - index) << MEMFS_PAGE_SHIFT);
    for (uint64_t i = index; i < end && !error; i++) {
        void *page;
        error = memfs_page_get(node, i, &page);
    }
    return error;
}

int memfs_vnop_allocate(struct vnop_allocate_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);
    off_t from = 0;

    *ap->a_bytesallocated = 0;
    if (!vnode_isreg(ap->a_vp))
        return EINVAL;
    lck_rw_lock_exclusive(node->n_lock);
    if (ap->a_flags & ALLOCATEFROMPEOF)
        from = node->n_size;
    if (ap->a_flags & ALLOCATEFROMVOL)
        from = ap->a_offset;
    int error = 0;
    if (from < 0 || ap->a_length <= 0)
        error = EINVAL;
    else if (ap->a_length > MEMFS_SIZE_MAX - from)
        error = EFBIG;
    if (!error) {
        uint64_t before = node->u.data.d_pages;
        error = allocate_range(node, from, from + ap->a_length);
        *ap->a_bytesallocated = (off_t)((node->u.data.d_pages - before) << MEMFS_PAGE_SHIFT);
        memfs_touch_ctime(node);
    }
    lck_rw_unlock_exclusive(node->n_lock);
    return error;
}

/* Memory is as safe as it will get. */
int memfs_vnop_fsync(struct vnop_fsync_args *ap)
{
    (void)ap;
    return 0;
}

int memfs_vnop_mmap(struct vnop_mmap_args *ap)
{
    (void)ap;
    return 0;
}
