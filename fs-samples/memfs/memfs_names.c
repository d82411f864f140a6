// SPDX-License-Identifier: BSD-2-Clause
/*
 * Making and removing names: create, mknod, mkdir, symlink, link, remove, rmdir.
 *
 * What can be done without locks is: a directory that many use is held for the change of its table alone,
 * while memory is taken before and given back after.
 *
 * Locks: m_rename_lock where a directory goes, the directory's n_lock exclusive, then the node's. A node that
 * may be a directory is locked only once it is found in the directory: before that, the one may hold the
 * other.
 */
#include "memfs.h"

/* Gives `node` the name of `entry` in `dir`. n_lock of both held exclusive. */
static int name_publish(struct memfs_node *dir, vnode_t dvp, struct memfs_entry *entry,
                        struct memfs_node *node)
{
    if (dir->n_nlink == 0)
        return ENOENT;
    if (memfs_dir_find(dir, entry->e_name, entry->e_namelen))
        return EEXIST;
    if (node->n_type == VDIR && dir->n_nlink >= MEMFS_LINK_MAX)
        return EMLINK;
    int error = memfs_dir_add(dir, entry, node);
    if (error)
        return error;
    if (node->n_type == VDIR) {
        node->u.dir.d_parent = dir;
        node->n_nlink = 2;
        dir->n_nlink++;
    } else {
        node->n_nlink++;
    }
    memfs_changed(dir);
    cache_purge_negatives(dvp);
    return 0;
}

static void node_args_from(struct memfs_node_args *args, const struct vnode_attr *vap, enum vtype type,
                           vfs_context_t context)
{
    bzero(args, sizeof(*args));
    args->type = type;
    args->mode = VATTR_IS_ACTIVE(vap, va_mode) ? vap->va_mode : (mode_t)(type == VDIR ? 0755 : 0644);
    args->uid = VATTR_IS_ACTIVE(vap, va_uid) ? vap->va_uid : kauth_cred_getuid(vfs_context_ucred(context));
    args->gid = VATTR_IS_ACTIVE(vap, va_gid) ? vap->va_gid : kauth_cred_getgid(vfs_context_ucred(context));
    args->rdev = VATTR_IS_ACTIVE(vap, va_rdev) ? vap->va_rdev : 0;
}

/* Tells VFS that what it asked to be set at creation was set. */
static void attributes_taken(struct vnode_attr *vap)
{
    VATTR_SET_SUPPORTED(vap, va_mode);
    VATTR_SET_SUPPORTED(vap, va_uid);
    VATTR_SET_SUPPORTED(vap, va_gid);
    VATTR_SET_SUPPORTED(vap, va_rdev);
}

/* The name of `node`, whose vnode is `vp`, goes, if it still is the one that `cnp` names: VFS looked it up
 * before we held the locks. */
static int name_withdraw(struct memfs_node *dir, struct componentname *cnp, struct memfs_node *node,
                         vnode_t vp)
{
    boolean_t shape = node->n_type == VDIR;
    struct memfs_entry *gone = NULL;
    int error = 0;

    if (shape)
        lck_mtx_lock(dir->n_mount->m_rename_lock);
    lck_rw_lock_exclusive(dir->n_lock);
    struct memfs_entry *entry = memfs_dir_find(dir, cnp->cn_nameptr, (size_t)cnp->cn_namelen);
    if (!entry || entry->e_node != node) {
        error = ENOENT;
        goto out;
    }
    lck_rw_lock_exclusive(node->n_lock);
    if (shape && node->u.dir.d_count) {
        error = ENOTEMPTY;
    } else {
        cache_purge(vp);
        memfs_unlink_locked(dir, entry);
        gone = entry;
    }
    lck_rw_unlock_exclusive(node->n_lock);
out:
    lck_rw_unlock_exclusive(dir->n_lock);
    memfs_entry_free(gone);
    if (shape)
        lck_mtx_unlock(dir->n_mount->m_rename_lock);
    return error;
}

/* The name takes over the reference that node_alloc gave; on an error the node is gone.
 *
 * The vnode is made first, while the node has no name yet: where none is to be had nothing has happened, and
 * the directory is locked once, for the name and for its entry in the cache. */
static int node_enter(vnode_t dvp, struct componentname *cnp, struct memfs_node *node, vnode_t *vpp)
{
    struct memfs_node *dir = vtom(dvp);
    struct memfs_entry *entry = memfs_entry_alloc(cnp->cn_nameptr, (size_t)cnp->cn_namelen);
    int error = entry ? memfs_node_vnode(node, dvp, cnp, vpp) : ENOSPC;

    if (!error) {
        lck_rw_lock_exclusive(dir->n_lock);
        lck_rw_lock_exclusive(node->n_lock);
        error = name_publish(dir, dvp, entry, node);
        lck_rw_unlock_exclusive(node->n_lock);
        if (!error && (cnp->cn_flags & MAKEENTRY))
            cache_enter(dvp, *vpp, cnp);
        lck_rw_unlock_exclusive(dir->n_lock);
    }
    if (!error)
        return 0;
    memfs_entry_free(entry);
    memfs_node_rele(node); /* the name's, which never came to be */
    if (*vpp) {
        (void)vnode_recycle(*vpp); /* at the put: nothing is left that could lead to it */
        vnode_put(*vpp);
        *vpp = NULLVP;
    }
    return error;
}

static int make(vnode_t dvp, struct componentname *cnp, struct vnode_attr *vap, enum vtype type,
                vfs_context_t context, vnode_t *vpp)
{
    struct memfs_node_args args;
    struct memfs_node *node;

    if ((uint32_t)cnp->cn_namelen > MEMFS_NAME_MAX)
        return ENAMETOOLONG;
    node_args_from(&args, vap, type, context);
    int error = memfs_node_alloc(memfs_mount_of(vnode_mount(dvp)), &args, &node);
    if (!error)
        error = node_enter(dvp, cnp, node, vpp);
    if (!error)
        attributes_taken(vap);
    return error;
}

int memfs_vnop_create(struct vnop_create_args *ap)
{
    return make(ap->a_dvp, ap->a_cnp, ap->a_vap, ap->a_vap->va_type == VSOCK ? VSOCK : VREG, ap->a_context,
                ap->a_vpp);
}

int memfs_vnop_mknod(struct vnop_mknod_args *ap)
{
    enum vtype type = ap->a_vap->va_type;

    if (type != VREG && type != VFIFO && type != VCHR && type != VBLK && type != VSOCK)
        return EINVAL;
    return make(ap->a_dvp, ap->a_cnp, ap->a_vap, type, ap->a_context, ap->a_vpp);
}

int memfs_vnop_mkdir(struct vnop_mkdir_args *ap)
{
    return make(ap->a_dvp, ap->a_cnp, ap->a_vap, VDIR, ap->a_context, ap->a_vpp);
}

int memfs_vnop_symlink(struct vnop_symlink_args *ap)
{
    struct memfs_node_args args;
    struct memfs_node *node;
    size_t len = strlen(ap->a_target);

    if (len >= MAXPATHLEN || (uint32_t)ap->a_cnp->cn_namelen > MEMFS_NAME_MAX)
        return ENAMETOOLONG;
    node_args_from(&args, ap->a_vap, VLNK, ap->a_context);
    int error = memfs_node_alloc(memfs_mount_of(vnode_mount(ap->a_dvp)), &args, &node);
    if (error)
        return error;
    node->u.target = memfs_alloc(len + 1);
    if (!node->u.target) {
        node->n_type = VNON; /* nothing to free but the node */
        memfs_node_rele(node);
        return ENOMEM;
    }
    memcpy(node->u.target, ap->a_target, len);
    node->n_size = (off_t)len;
    error = node_enter(ap->a_dvp, ap->a_cnp, node, ap->a_vpp);
    if (!error)
        attributes_taken(ap->a_vap);
    return error;
}

int memfs_vnop_readlink(struct vnop_readlink_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);

    if (!vnode_islnk(ap->a_vp))
        return EINVAL;
    memfs_owe_atime(node);
    return uiomove(node->u.target, (int)node->n_size, ap->a_uio); /* never changes once made */
}

int memfs_vnop_link(struct vnop_link_args *ap)
{
    struct memfs_node *dir = vtom(ap->a_tdvp);
    struct memfs_node *node = vtom(ap->a_vp);
    struct componentname *cnp = ap->a_cnp;

    if (vnode_isdir(ap->a_vp))
        return EPERM;
    if ((uint32_t)cnp->cn_namelen > MEMFS_NAME_MAX)
        return ENAMETOOLONG;
    struct memfs_entry *entry = memfs_entry_alloc(cnp->cn_nameptr, (size_t)cnp->cn_namelen);
    if (!entry)
        return ENOSPC;
    lck_rw_lock_exclusive(dir->n_lock);
    lck_rw_lock_exclusive(node->n_lock);
    int error = 0;
    if (node->n_nlink == 0)
        error = ENOENT; /* its last name is gone: it must not come back */
    else if (node->n_nlink >= MEMFS_LINK_MAX)
        error = EMLINK;
    else
        error = name_publish(dir, ap->a_tdvp, entry, node);
    if (!error)
        memfs_touch_ctime(node);
    lck_rw_unlock_exclusive(node->n_lock);
    lck_rw_unlock_exclusive(dir->n_lock);
    if (error)
        memfs_entry_free(entry);
    return error;
}

void memfs_unlink_locked(struct memfs_node *dir, struct memfs_entry *entry)
{
    struct memfs_node *node = entry->e_node;

    memfs_dir_remove(dir, entry);
    memfs_changed(dir);
    memfs_touch_ctime(node);
    if (node->n_type == VDIR) {
        node->n_nlink = 0;
        dir->n_nlink--;
    } else {
        node->n_nlink--;
    }
    if (node->n_nlink == 0)
        memfs_node_rele(node); /* never the last one: the caller's vnode or its own reference is left */
}

int memfs_vnop_remove(struct vnop_remove_args *ap)
{
    if (vnode_isdir(ap->a_vp))
        return EPERM;
    if ((ap->a_flags & VNODE_REMOVE_NODELETEBUSY) && vnode_isinuse(ap->a_vp, 0))
        return EBUSY;
    return name_withdraw(vtom(ap->a_dvp), ap->a_cnp, vtom(ap->a_vp), ap->a_vp);
}

int memfs_vnop_rmdir(struct vnop_rmdir_args *ap)
{
    if (!vnode_isdir(ap->a_vp))
        return ENOTDIR;
    if (ap->a_dvp == ap->a_vp)
        return EINVAL;
    return name_withdraw(vtom(ap->a_dvp), ap->a_cnp, vtom(ap->a_vp), ap->a_vp);
}
