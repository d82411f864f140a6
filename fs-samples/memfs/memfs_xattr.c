// SPDX-License-Identifier: BSD-2-Clause
/*
 * Extended attributes: a list per node, under the node's lock. Their bytes count in the mount's account.
 */
#include "memfs.h"

static struct memfs_xattr **xattr_find(struct memfs_node *node, const char *name)
{
    struct memfs_xattr **where = &node->n_xattrs;

    while (*where && strcmp((*where)->x_name, name) != 0)
        where = &(*where)->x_next;
    return where;
}

static size_t xattr_struct_size(size_t namelen)
{
    return sizeof(struct memfs_xattr) + namelen + 1;
}

static void xattr_free(struct memfs_mount *mnt, struct memfs_xattr *attr)
{
    memfs_space_give(mnt, xattr_struct_size(attr->x_namelen) + attr->x_size);
    memfs_free(attr->x_value, attr->x_size);
    memfs_free(attr, xattr_struct_size(attr->x_namelen));
}

void memfs_xattrs_destroy(struct memfs_node *node)
{
    struct memfs_xattr *attr = node->n_xattrs;

    while (attr) {
        struct memfs_xattr *next = attr->x_next;
        xattr_free(node->n_mount, attr);
        attr = next;
    }
}

/* A new attribute, filled from the caller; in no list yet. */
static int xattr_make(struct memfs_mount *mnt, const char *name, uio_t uio, struct memfs_xattr **out)
{
    size_t namelen = strlen(name);
    user_ssize_t size = uio ? uio_resid(uio) : 0;

    if (size < 0 || size > INT32_MAX)
        return E2BIG;
    int error = memfs_space_take(mnt, xattr_struct_size(namelen) + (uint64_t)size);
    if (error)
        return error;
    struct memfs_xattr *attr = memfs_alloc(xattr_struct_size(namelen));
    if (!attr) {
        memfs_space_give(mnt, xattr_struct_size(namelen) + (uint64_t)size);
        return ENOMEM;
    }
    attr->x_namelen = (uint32_t)namelen;
    memcpy(attr->x_name, name, namelen);
    attr->x_size = (uint32_t)size;
    if (size) {
        attr->x_value = memfs_alloc((size_t)size);
        error = attr->x_value ? uiomove(attr->x_value, (int)size, uio) : ENOMEM;
    }
    if (error) {
        xattr_free(mnt, attr);
        return error;
    }
    *out = attr;
    return 0;
}

int memfs_vnop_getxattr(struct vnop_getxattr_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);
    int error = 0;

    lck_rw_lock_shared(node->n_lock);
    struct memfs_xattr *attr = *xattr_find(node, ap->a_name);
    if (!attr)
        error = ENOATTR;
    else if (!ap->a_uio)
        *ap->a_size = attr->x_size;
    else if (uio_resid(ap->a_uio) < (user_ssize_t)attr->x_size)
        error = ERANGE;
    else if (attr->x_size)
        error = uiomove(attr->x_value, (int)attr->x_size, ap->a_uio);
    lck_rw_unlock_shared(node->n_lock);
    return error;
}

int memfs_vnop_setxattr(struct vnop_setxattr_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);
    struct memfs_xattr *attr;
    struct memfs_xattr *old = NULL;

    if (strlen(ap->a_name) > XATTR_MAXNAMELEN)
        return ENAMETOOLONG;
    int error = xattr_make(node->n_mount, ap->a_name, ap->a_uio, &attr);
    if (error)
        return error;
    lck_rw_lock_exclusive(node->n_lock);
    struct memfs_xattr **where = xattr_find(node, ap->a_name);
    old = *where;
    if (old && (ap->a_options & XATTR_CREATE))
        error = EEXIST;
    else if (!old && (ap->a_options & XATTR_REPLACE))
        error = ENOATTR;
    if (!error) {
        attr->x_next = old ? old->x_next : NULL;
        *where = attr;
        memfs_touch_ctime(node);
    }
    lck_rw_unlock_exclusive(node->n_lock);
    if (error)
        xattr_free(node->n_mount, attr);
    else if (old)
        xattr_free(node->n_mount, old);
    return error;
}

int memfs_vnop_removexattr(struct vnop_removexattr_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);

    lck_rw_lock_exclusive(node->n_lock);
    struct memfs_xattr **where = xattr_find(node, ap->a_name);
    struct memfs_xattr *attr = *where;
    if (attr) {
        *where = attr->x_next;
        memfs_touch_ctime(node);
    }
    lck_rw_unlock_exclusive(node->n_lock);
    if (!attr)
        return ENOATTR;
    xattr_free(node->n_mount, attr);
    return 0;
}

int memfs_vnop_listxattr(struct vnop_listxattr_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);
    size_t total = 0;
    int error = 0;

    lck_rw_lock_shared(node->n_lock);
    for (struct memfs_xattr *attr = node->n_xattrs; attr; attr = attr->x_next)
        total += attr->x_namelen + 1u;
    if (!ap->a_uio) {
        *ap->a_size = total;
    } else if (uio_resid(ap->a_uio) < (user_ssize_t)total) {
        error = ERANGE;
    } else {
        for (struct memfs_xattr *attr = node->n_xattrs; attr && !error; attr = attr->x_next)
            error = uiomove(attr->x_name, (int)attr->x_namelen + 1, ap->a_uio);
    }
    lck_rw_unlock_shared(node->n_lock);
    return error;
}
