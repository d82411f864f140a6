// SPDX-License-Identifier: BSD-2-Clause
/*
 * Nodes: making and freeing them, the vnode of one, attributes.
 *
 * Lock: see onelockfs.h.
 */
#include "onelockfs.h"

struct ol_node *ol_node_make(struct ol_mount *mnt, enum vtype type, const struct vnode_attr *vap)
{
    struct ol_node *node = OSMalloc(sizeof(*node), ol_tag);

    if (!node)
        return NULL;
    bzero(node, sizeof(*node));
    node->n_ino = ++mnt->o_next_ino;
    node->n_type = type;
    node->n_refs = 1;
    node->n_mode = (mode_t)(vap->va_mode & ALLPERMS);
    node->n_uid = vap->va_uid;
    node->n_gid = vap->va_gid;
    nanotime(&node->n_btime);
    node->n_atime = node->n_mtime = node->n_ctime = node->n_btime;
    node->n_entries_end = &node->n_entries;
    node->n_next_cookie = 2;
    mnt->o_nodes++;
    return node;
}

void ol_node_rele(struct ol_mount *mnt, struct ol_node *node)
{
    if (--node->n_refs)
        return;
    ol_pages_free(mnt, node, 0);
    if (node->n_pages)
        OSFree(node->n_pages, (uint32_t)(node->n_page_room * sizeof(*node->n_pages)), ol_tag);
    if (node->n_target)
        OSFree(node->n_target, (uint32_t)node->n_size + 1, ol_tag);
    OSFree(node, sizeof(*node), ol_tag);
    mnt->o_nodes--;
}

/* Lock free. */
static int vnode_make(struct ol_mount *mnt, struct ol_node *node, off_t size, vnode_t dvp,
                      struct componentname *cnp)
{
    struct vnode_fsparam param = {
        .vnfs_mp = mnt->o_mount,
        .vnfs_vtype = node->n_type,
        .vnfs_str = "onelockfs",
        .vnfs_dvp = dvp,
        .vnfs_fsnode = node,
        .vnfs_vops = ol_vnodeop_p,
        .vnfs_markroot = node == mnt->o_root,
        .vnfs_filesize = node->n_type == VREG ? size : 0,
        .vnfs_cnp = cnp,
        .vnfs_flags = VNFS_NOCACHE | VNFS_ADDFSREF,
    };

    return vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, &node->n_vnode);
}

int ol_node_vnode(struct ol_mount *mnt, struct ol_node *node, vnode_t dvp, struct componentname *cnp,
                  vnode_t *vpp)
{
    int error = 0;

    node->n_refs++;
    for (;;) {
        if (node->n_making) {
            (void)msleep(node, mnt->o_lock, PINOD, "onelockfs_vnode", NULL);
            continue;
        }
        vnode_t vp = node->n_vnode;
        if (!vp)
            break;
        uint32_t vid = vnode_vid(vp);
        lck_mtx_unlock(mnt->o_lock);
        error = vnode_getwithvid(vp, vid);
        lck_mtx_lock(mnt->o_lock);
        if (error)
            continue; /* reclaimed meanwhile */
        *vpp = vp;
        ol_node_rele(mnt, node);
        lck_mtx_unlock(mnt->o_lock);
        return 0;
    }
    node->n_making = TRUE;
    off_t size = node->n_size;
    lck_mtx_unlock(mnt->o_lock);
    error = vnode_make(mnt, node, size, dvp, cnp);
    lck_mtx_lock(mnt->o_lock);
    if (error)
        node->n_vnode = NULL;
    else
        *vpp = node->n_vnode;
    node->n_making = FALSE;
    wakeup(node);
    if (error)
        ol_node_rele(mnt, node); /* else the vnode keeps it */
    lck_mtx_unlock(mnt->o_lock);
    return error;
}

int ol_vnop_inactive(struct vnop_inactive_args *ap)
{
    struct ol_mount *mnt = ol_mount_of(ap->a_vp);

    lck_mtx_lock(mnt->o_lock);
    boolean_t nameless = ol_node_of(ap->a_vp)->n_nlink == 0;
    lck_mtx_unlock(mnt->o_lock);
    if (nameless)
        vnode_recycle(ap->a_vp);
    return 0;
}

int ol_vnop_reclaim(struct vnop_reclaim_args *ap)
{
    struct ol_mount *mnt = ol_mount_of(ap->a_vp);
    struct ol_node *node = ol_node_of(ap->a_vp);

    vnode_removefsref(ap->a_vp);
    vnode_clearfsnode(ap->a_vp);
    lck_mtx_lock(mnt->o_lock);
    node->n_vnode = NULL;
    ol_node_rele(mnt, node);
    lck_mtx_unlock(mnt->o_lock);
    return 0;
}

/* ---- attributes ---------------------------------------------------------------------------------------- */

void ol_changed(struct ol_node *node)
{
    nanotime(&node->n_ctime);
    node->n_mtime = node->n_ctime;
}

int ol_vnop_getattr(struct vnop_getattr_args *ap)
{
    struct ol_mount *mnt = ol_mount_of(ap->a_vp);
    const struct ol_node *node = ol_node_of(ap->a_vp);
    struct vnode_attr *vap = ap->a_vap;

    lck_mtx_lock(mnt->o_lock);
    uint64_t size = node->n_type == VDIR ? node->n_entry_count * 32ull : (uint64_t)node->n_size;
    VATTR_RETURN(vap, va_type, node->n_type);
    VATTR_RETURN(vap, va_mode, node->n_mode);
    VATTR_RETURN(vap, va_uid, node->n_uid);
    VATTR_RETURN(vap, va_gid, node->n_gid);
    VATTR_RETURN(vap, va_nlink, node->n_nlink);
    VATTR_RETURN(vap, va_fileid, node->n_ino);
    VATTR_RETURN(vap, va_iosize, PAGE_BYTES);
    VATTR_RETURN(vap, va_data_size, size);
    VATTR_RETURN(vap, va_total_alloc, node->n_page_count * (uint64_t)PAGE_BYTES);
    VATTR_RETURN(vap, va_access_time, node->n_atime);
    VATTR_RETURN(vap, va_modify_time, node->n_mtime);
    VATTR_RETURN(vap, va_change_time, node->n_ctime);
    VATTR_RETURN(vap, va_create_time, node->n_btime);
    lck_mtx_unlock(mnt->o_lock);
    return 0;
}

static void set_owner(struct ol_node *node, struct vnode_attr *vap)
{
    if (VATTR_IS_ACTIVE(vap, va_uid)) {
        node->n_uid = vap->va_uid;
        VATTR_SET_SUPPORTED(vap, va_uid);
    }
    if (VATTR_IS_ACTIVE(vap, va_gid)) {
        node->n_gid = vap->va_gid;
        VATTR_SET_SUPPORTED(vap, va_gid);
    }
    if (VATTR_IS_ACTIVE(vap, va_mode)) {
        node->n_mode = (mode_t)(vap->va_mode & ALLPERMS);
        VATTR_SET_SUPPORTED(vap, va_mode);
    }
}

static void set_times(struct ol_node *node, struct vnode_attr *vap)
{
    if (VATTR_IS_ACTIVE(vap, va_access_time)) {
        node->n_atime = vap->va_access_time;
        VATTR_SET_SUPPORTED(vap, va_access_time);
    }
    if (VATTR_IS_ACTIVE(vap, va_modify_time)) {
        node->n_mtime = vap->va_modify_time;
        VATTR_SET_SUPPORTED(vap, va_modify_time);
    }
    if (VATTR_IS_ACTIVE(vap, va_create_time)) {
        node->n_btime = vap->va_create_time;
        VATTR_SET_SUPPORTED(vap, va_create_time);
    }
}

int ol_vnop_setattr(struct vnop_setattr_args *ap)
{
    struct ol_mount *mnt = ol_mount_of(ap->a_vp);
    struct ol_node *node = ol_node_of(ap->a_vp);
    struct vnode_attr *vap = ap->a_vap;
    int error = 0;

    lck_mtx_lock(mnt->o_lock);
    if (VATTR_IS_ACTIVE(vap, va_data_size)) {
        error = node->n_type == VREG ? ol_resize(mnt, node, (off_t)vap->va_data_size)
                                     : (node->n_type == VDIR ? EISDIR : EINVAL);
        if (error)
            goto out;
        ol_changed(node);
        VATTR_SET_SUPPORTED(vap, va_data_size);
    }
    nanotime(&node->n_ctime);
    set_owner(node, vap);
    set_times(node, vap);
out:
    lck_mtx_unlock(mnt->o_lock);
    return error;
}

int ol_vnop_pathconf(struct vnop_pathconf_args *ap)
{
    switch (ap->a_name) {
    case _PC_LINK_MAX:
        *ap->a_retval = (int32_t)LINKS_MAX;
        return 0;
    case _PC_NAME_MAX:
        *ap->a_retval = NAME_BYTES;
        return 0;
    case _PC_CHOWN_RESTRICTED:
    case _PC_NO_TRUNC:
    case _PC_CASE_SENSITIVE:
    case _PC_CASE_PRESERVING:
        *ap->a_retval = 1;
        return 0;
    default:
        return EINVAL;
    }
}
