// SPDX-License-Identifier: BSD-2-Clause
/*
 * The vnode operations of the root file system: lookup, mkdir, rmdir, readdir, getattr and the end of a
 * vnode, and for device nodes what their drivers do. It has no files; every other operation is the kernel's
 * default.
 *
 * readdir gives struct direntry only. A cookie is the number of the entry it stands behind; 1 and 2 are "."
 * and "..". Locks: rootfs_lock, see rootfs_internal.h.
 */
#include <sys/dirent.h>
#include <sys/errno.h>
#include <sys/stat.h>
#include <sys/vnode_if.h>
#include <miscfs/specfs/specdev.h>
#include <string.h>

#include "kern/kern_iface.h"
#include "vfs/rootfs_internal.h"

#define COOKIE_DOT    1
#define COOKIE_DOTDOT 2

int (**rootfs_vnodeop_p)(void *), (**rootfs_device_vnodeop_p)(void *);

static struct rootfs_node *node_of(vnode_t vp)
{
    return vnode_fsnode(vp);
}

static int rootfs_lookup(struct vnop_lookup_args *ap)
{
    struct componentname *cnp = ap->a_cnp;
    struct rootfs_node *dir = node_of(ap->a_dvp), *node;
    bool dotdot = (cnp->cn_flags & ISDOTDOT) != 0;
    lck_mtx_lock(&rootfs_lock);
    if (dotdot)
        node = dir->rn_parent;
    else
        node = rootfs_node_find_locked(dir, cnp->cn_nameptr, (size_t)cnp->cn_namelen);
    if (node)
        node->rn_refs++;
    bool removed = !dir->rn_parent;
    lck_mtx_unlock(&rootfs_lock);
    if (!node) {
        bool may_go_on =
            (cnp->cn_flags & ISLASTCN) && (cnp->cn_nameiop == CREATE || cnp->cn_nameiop == RENAME);
        return may_go_on && !removed ? EJUSTRETURN : ENOENT;
    }
    int error = rootfs_node_vnode(node, vnode_mount(ap->a_dvp), dotdot ? NULL : ap->a_dvp,
                                  dotdot ? NULL : cnp, ap->a_vpp);
    rootfs_node_rele(node);
    return error;
}

static int rootfs_mkdir(struct vnop_mkdir_args *ap)
{
    struct vnode_attr *vap = ap->a_vap;
    struct rootfs_new args = {
        .name = ap->a_cnp->cn_nameptr,
        .namelen = (size_t)ap->a_cnp->cn_namelen,
        .mode = VATTR_IS_ACTIVE(vap, va_mode) ? vap->va_mode & ALLPERMS : ROOTFS_MODE,
        .uid = VATTR_IS_ACTIVE(vap, va_uid) ? vap->va_uid : 0,
        .gid = VATTR_IS_ACTIVE(vap, va_gid) ? vap->va_gid : 0,
        .type = VDIR,
    };
    struct rootfs_node *node = rootfs_node_make(&args);
    lck_mtx_lock(&rootfs_lock);
    int error = rootfs_node_enter_locked(node_of(ap->a_dvp), node);
    if (error)
        rootfs_node_rele_locked(node);
    else
        node->rn_refs++; /* until there is a vnode: the name may be removed meanwhile */
    lck_mtx_unlock(&rootfs_lock);
    if (error)
        return error;
    error = rootfs_node_vnode(node, vnode_mount(ap->a_dvp), ap->a_dvp, ap->a_cnp, ap->a_vpp);
    lck_mtx_lock(&rootfs_lock);
    if (error)
        rootfs_node_remove_locked(node); /* no vnode to be had: as if nothing had happened */
    rootfs_node_rele_locked(node);
    lck_mtx_unlock(&rootfs_lock);
    if (!error) {
        VATTR_SET_SUPPORTED(vap, va_mode);
        VATTR_SET_SUPPORTED(vap, va_uid);
        VATTR_SET_SUPPORTED(vap, va_gid);
    }
    return error;
}

static int rootfs_rmdir(struct vnop_rmdir_args *ap)
{
    struct rootfs_node *node = node_of(ap->a_vp);
    lck_mtx_lock(&rootfs_lock);
    int error = node->rn_parent == node_of(ap->a_dvp) ? rootfs_node_remove_locked(node) : ENOENT;
    lck_mtx_unlock(&rootfs_lock);
    return error;
}

static int rootfs_getattr(struct vnop_getattr_args *ap)
{
    struct vnode_attr *vap = ap->a_vap;
    struct rootfs_node *node = node_of(ap->a_vp);
    lck_mtx_lock(&rootfs_lock);
    uint64_t links = node->rn_type == VDIR ? node->rn_child_count + 2u : 1;
    VATTR_RETURN(vap, va_nlink, node->rn_parent ? links : 0);
    VATTR_RETURN(vap, va_nchildren, node->rn_child_count);
    VATTR_RETURN(vap, va_modify_time, node->rn_mtime);
    VATTR_RETURN(vap, va_change_time, node->rn_mtime);
    VATTR_RETURN(vap, va_parentid, node->rn_parent ? node->rn_parent->rn_id : 0);
    lck_mtx_unlock(&rootfs_lock);
    VATTR_RETURN(vap, va_access_time, node->rn_btime);
    VATTR_RETURN(vap, va_create_time, node->rn_btime);
    VATTR_RETURN(vap, va_type, node->rn_type);
    VATTR_RETURN(vap, va_rdev, node->rn_rdev);
    VATTR_RETURN(vap, va_mode, node->rn_mode);
    VATTR_RETURN(vap, va_uid, node->rn_uid);
    VATTR_RETURN(vap, va_gid, node->rn_gid);
    VATTR_RETURN(vap, va_fileid, node->rn_id);
    VATTR_RETURN(vap, va_data_size, 0);
    VATTR_RETURN(vap, va_data_alloc, 0);
    VATTR_RETURN(vap, va_total_alloc, 0);
    VATTR_RETURN(vap, va_iosize, ROOTFS_BLOCK_SIZE);
    return 0;
}

/* ---- readdir ------------------------------------------------------------------------------------------- */

struct listing {
    struct direntry *entries; /* packed, before they are handed over */
    size_t used, size;
    int64_t cookie;
    int count;
};

/* False: no room. */
static bool listing_add(struct listing *list, const struct rootfs_node *node, const char *name, size_t len,
                        int64_t cookie)
{
    size_t reclen = (offsetof(struct direntry, d_name) + len + 8) & ~(size_t)7;
    if (list->size - list->used < reclen)
        return false;
    struct direntry *ent = (void *)((char *)list->entries + list->used);
    ent->d_ino = node->rn_id;
    ent->d_seekoff = (uint64_t)cookie;
    ent->d_reclen = (uint16_t)reclen;
    ent->d_namlen = (uint16_t)len;
    ent->d_type = node->rn_type == VDIR ? DT_DIR : node->rn_type == VCHR ? DT_CHR : DT_BLK;
    memcpy(ent->d_name, name, len);
    memset(ent->d_name + len, 0, reclen - offsetof(struct direntry, d_name) - len);
    list->used += reclen;
    list->cookie = cookie;
    list->count++;
    return true;
}

/* Returns whether all that there is has been listed. Lock held. */
static bool list_locked(struct rootfs_node *dir, struct listing *list)
{
    struct rootfs_node *node;
    if (!dir->rn_parent)
        return true;
    if (list->cookie < COOKIE_DOT && !listing_add(list, dir, ".", 1, COOKIE_DOT))
        return false;
    if (list->cookie < COOKIE_DOTDOT && !listing_add(list, dir->rn_parent, "..", 2, COOKIE_DOTDOT))
        return false;
    TAILQ_FOREACH(node, &dir->rn_children, rn_sibling)
    {
        if ((int64_t)node->rn_id <= list->cookie)
            continue;
        if (!listing_add(list, node, node->rn_name, node->rn_namelen, (int64_t)node->rn_id))
            return false;
    }
    return true;
}

static int rootfs_readdir(struct vnop_readdir_args *ap)
{
    uio_t uio = ap->a_uio;
    if (!(ap->a_flags & VNODE_READDIR_EXTENDED) || uio_offset(uio) < 0)
        return EINVAL;
    struct listing list = {.size = (size_t)uio_resid(uio), .cookie = uio_offset(uio)};
    if (list.size > 65536)
        list.size = 65536;
    list.entries = kern_alloc(list.size, "rootfs");
    lck_mtx_lock(&rootfs_lock);
    bool all = list_locked(node_of(ap->a_vp), &list);
    lck_mtx_unlock(&rootfs_lock);
    int error = uiomove((const char *)list.entries, (int)list.used, uio);
    if (!error && !all && !list.count)
        error = EINVAL; /* not even one fits */
    kern_free(list.entries, list.size);
    uio_setoffset(uio, list.cookie);
    if (ap->a_eofflag)
        *ap->a_eofflag = all;
    if (ap->a_numdirent)
        *ap->a_numdirent = list.count;
    return error;
}

/* ---- the end of a vnode -------------------------------------------------------------------------------- */

static int rootfs_inactive(struct vnop_inactive_args *ap)
{
    lck_mtx_lock(&rootfs_lock);
    bool removed = !node_of(ap->a_vp)->rn_parent;
    lck_mtx_unlock(&rootfs_lock);
    if (removed)
        vnode_recycle(ap->a_vp);
    return 0;
}

static int rootfs_reclaim(struct vnop_reclaim_args *ap)
{
    struct rootfs_node *node = node_of(ap->a_vp);
    vnode_removefsref(ap->a_vp);
    vnode_clearfsnode(ap->a_vp);
    rootfs_node_detach(node);
    return 0;
}

static int rootfs_default(void *args)
{
    (void)args;
    return ENOTSUP;
}

static int rootfs_nothing(void *args)
{
    (void)args;
    return 0;
}

#define OP(name, fn)                                                                                         \
    {                                                                                                        \
        &vnop_##name##_desc, (int (*)(void *))(fn)                                                           \
    }
static const struct vnodeopv_entry_desc rootfs_ops[] = {
    OP(default, rootfs_default),   OP(lookup, rootfs_lookup),   OP(mkdir, rootfs_mkdir),
    OP(rmdir, rootfs_rmdir),       OP(getattr, rootfs_getattr), OP(readdir, rootfs_readdir),
    OP(open, rootfs_nothing),      OP(close, rootfs_nothing),   OP(fsync, rootfs_nothing),
    OP(inactive, rootfs_inactive), OP(reclaim, rootfs_reclaim), {NULL, NULL},
};
const struct vnodeopv_desc rootfs_vnodeop_opv_desc = {&rootfs_vnodeop_p, rootfs_ops};

static const struct vnodeopv_entry_desc rootfs_device_ops[] = {
    OP(default, rootfs_default), OP(lookup, spec_lookup),
    OP(open, spec_open),         OP(close, spec_close),
    OP(getattr, rootfs_getattr), OP(read, spec_read),
    OP(write, spec_write),       OP(ioctl, spec_ioctl),
    OP(select, spec_select),     OP(fsync, spec_fsync),
    OP(strategy, spec_strategy), OP(bwrite, vn_bwrite),
    OP(pathconf, spec_pathconf), OP(inactive, rootfs_inactive),
    OP(reclaim, rootfs_reclaim), {NULL, NULL},
};
const struct vnodeopv_desc rootfs_device_vnodeop_opv_desc = {&rootfs_device_vnodeop_p, rootfs_device_ops};
