// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fixture's contents: data in blocks of which some are holes, links, extended attributes.
 */
#include <sys/fcntl.h>
#include <sys/fsctl.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <libkern/libkern.h>

#include "tests/unit/vfs/sys_fixture.h"

_Atomic(uint32_t) fx_last_alloc_flags;

uint64_t fx_allocated(const struct fx_node *node)
{
    uint64_t blocks = 0;
    for (int i = 0; i < 256; i++)
        blocks += node->n_present[i];
    return blocks * FX_BLOCK;
}

static int data_need(struct fx_node *node, off_t end)
{
    if (end > (off_t)FX_FILE_MAX)
        return EFBIG;
    if (!node->n_data)
        node->n_data = kern_alloc(FX_FILE_MAX, "fixture");
    return 0;
}

static void mark(struct fx_node *node, off_t from, off_t to, bool present)
{
    for (off_t i = from / FX_BLOCK; i * (off_t)FX_BLOCK < to; i++)
        node->n_present[i] = present;
}

int fx_resize(struct fx_node *node, off_t size)
{
    if (node->n_type != VREG)
        return EINVAL;
    int error = data_need(node, size);
    if (error)
        return error;
    if (size < node->n_size) {
        memset(node->n_data + size, 0, (size_t)(node->n_size - size));
        mark(node, (size + FX_BLOCK - 1) / FX_BLOCK * FX_BLOCK, FX_FILE_MAX, false);
    }
    node->n_size = size;
    fx_touch(node);
    return 0;
}

int fx_vnop_read(struct vnop_read_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    uio_t uio = ap->a_uio;
    atomic_store(&fx_last_ioflag, ap->a_ioflag);
    int error = fx_enter(FX_READ);
    if (error)
        return error;
    fx_lock();
    off_t off = uio_offset(uio);
    if (off < node->n_size) {
        off_t left = node->n_size - off;
        int n = (int)(uio_resid(uio) < left ? uio_resid(uio) : left);
        error = uiomove((const char *)node->n_data + off, n, uio);
    }
    fx_unlock();
    return error;
}

int fx_vnop_write(struct vnop_write_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    uio_t uio = ap->a_uio;
    atomic_store(&fx_last_ioflag, ap->a_ioflag);
    int error = fx_enter(FX_WRITE);
    if (error)
        return error;
    fx_lock();
    off_t off = ap->a_ioflag & IO_APPEND ? node->n_size : uio_offset(uio);
    user_ssize_t n = uio_resid(uio);
    error = data_need(node, off + n);
    if (!error) {
        error = uiomove((const char *)node->n_data + off, (int)n, uio);
        mark(node, off, off + n, true);
        if (off + n > node->n_size)
            node->n_size = off + n;
        fx_touch(node);
    }
    fx_unlock();
    return error;
}

/* ---- holes --------------------------------------------------------------------------------------------- */

static int punch(struct fx_node *node, const fpunchhole_t *hole)
{
    off_t from = hole->fp_offset, to = hole->fp_offset + hole->fp_length;
    if ((node->n_mount->m_options & FX_BLOCK_PUNCH) && (from % FX_BLOCK || to % FX_BLOCK))
        return EINVAL;
    if (to > (off_t)FX_FILE_MAX)
        to = FX_FILE_MAX;
    fx_lock();
    int error = data_need(node, 0);
    if (!error && from < to) {
        memset(node->n_data + from, 0, (size_t)(to - from));
        off_t first = (from + FX_BLOCK - 1) / FX_BLOCK * FX_BLOCK, last = to / FX_BLOCK * FX_BLOCK;
        if (first < last)
            mark(node, first, last, false);
    }
    fx_unlock();
    return error;
}

static int seek(struct fx_node *node, off_t *off, bool data)
{
    int error = 0;
    fx_lock();
    off_t at = *off;
    while (at < node->n_size && node->n_present[at / FX_BLOCK] != data)
        at = (at / FX_BLOCK + 1) * FX_BLOCK;
    if (*off >= node->n_size || (data && at >= node->n_size))
        error = ENXIO;
    else
        *off = at < node->n_size ? at : node->n_size;
    fx_unlock();
    return error;
}

int fx_vnop_ioctl(struct vnop_ioctl_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    if (ap->a_command == F_FULLFSYNC)
        return ENOTTY;
    int error = fx_enter(FX_IOCTL);
    if (error)
        return error;
    if (node->n_mount->m_options & FX_NO_HOLES)
        return ENOTTY;
    switch (ap->a_command) {
    case F_PUNCHHOLE:
        return punch(node, (const fpunchhole_t *)(const void *)ap->a_data);
    case FSIOC_FIOSEEKDATA:
        return seek(node, (off_t *)(void *)ap->a_data, true);
    case FSIOC_FIOSEEKHOLE:
        return seek(node, (off_t *)(void *)ap->a_data, false);
    default:
        return ENOTTY;
    }
}

int fx_vnop_allocate(struct vnop_allocate_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    atomic_store(&fx_last_alloc_flags, ap->a_flags);
    if (node->n_mount->m_options & FX_NO_ALLOCATE)
        return ENOTSUP;
    int error = fx_enter(FX_ALLOCATE);
    if (error)
        return error;
    fx_lock();
    off_t from = ap->a_flags & ALLOCATEFROMPEOF ? node->n_size : ap->a_offset;
    error = data_need(node, from + ap->a_length);
    if (!error)
        mark(node, from, from + ap->a_length, true);
    *ap->a_bytesallocated = ap->a_length;
    fx_unlock();
    return error;
}

/* ---- links and extended attributes --------------------------------------------------------------------- */

int fx_vnop_readlink(struct vnop_readlink_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    int error = fx_enter(FX_READLINK);
    return error ? error : uiomove(node->n_target, (int)node->n_size, ap->a_uio);
}

static struct fx_xattr *xattr_find(struct fx_node *node, const char *name)
{
    struct fx_xattr *x = node->n_xattrs;
    while (x && strcmp(x->x_name, name))
        x = x->x_next;
    return x;
}

int fx_vnop_getxattr(struct vnop_getxattr_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    int error = fx_enter(FX_GETXATTR);
    if (error)
        return error;
    fx_lock();
    struct fx_xattr *x = xattr_find(node, ap->a_name);
    if (!x)
        error = ENOATTR;
    else if (!ap->a_uio)
        *ap->a_size = x->x_size;
    else if ((user_size_t)uio_resid(ap->a_uio) < x->x_size)
        error = ERANGE;
    else
        error = uiomove((const char *)x->x_value, (int)x->x_size, ap->a_uio);
    fx_unlock();
    return error;
}

int fx_vnop_setxattr(struct vnop_setxattr_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    int error = fx_enter(FX_SETXATTR);
    if (error)
        return error;
    fx_lock();
    struct fx_xattr *x = xattr_find(node, ap->a_name);
    size_t size = (size_t)uio_resid(ap->a_uio);
    if (x && (ap->a_options & XATTR_CREATE))
        error = EEXIST;
    else if (!x && (ap->a_options & XATTR_REPLACE))
        error = ENOATTR;
    else if (size > sizeof(x->x_value))
        error = E2BIG;
    if (!error && !x) {
        x = kern_alloc(sizeof(*x), "fixture");
        strlcpy(x->x_name, ap->a_name, sizeof(x->x_name));
        x->x_next = node->n_xattrs;
        node->n_xattrs = x;
    }
    if (!error) {
        x->x_size = size;
        error = uiomove((const char *)x->x_value, (int)size, ap->a_uio);
    }
    fx_unlock();
    return error;
}

int fx_vnop_listxattr(struct vnop_listxattr_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    int error = fx_enter(FX_LISTXATTR);
    size_t size = 0;
    fx_lock();
    for (struct fx_xattr *x = node->n_xattrs; x && !error; x = x->x_next) {
        size_t len = strlen(x->x_name) + 1;
        size += len;
        if (ap->a_uio)
            error =
                (user_size_t)uio_resid(ap->a_uio) < len ? ERANGE : uiomove(x->x_name, (int)len, ap->a_uio);
    }
    fx_unlock();
    if (!error && !ap->a_uio)
        *ap->a_size = size;
    return error;
}

int fx_vnop_removexattr(struct vnop_removexattr_args *ap)
{
    struct fx_node *node = fx_node_of(ap->a_vp);
    int error = fx_enter(FX_REMOVEXATTR);
    fx_lock();
    struct fx_xattr **where = &node->n_xattrs;
    while (!error && *where && strcmp((*where)->x_name, ap->a_name))
        where = &(*where)->x_next;
    struct fx_xattr *x = error ? NULL : *where;
    if (!error && !x)
        error = ENOATTR;
    if (x) {
        *where = x->x_next;
        kern_free(x, sizeof(*x));
    }
    fx_unlock();
    return error;
}
