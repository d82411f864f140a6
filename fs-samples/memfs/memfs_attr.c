// SPDX-License-Identifier: BSD-2-Clause
/*
 * Attributes. Reading a file owes it an access time: the debt is a flag that readers set without the
 * exclusive lock, and it is paid when somebody asks for the times.
 *
 * Owner, mode and flags, which VFS looks at to decide who may do what, are read without the lock: a counter
 * tells whether they were just being changed, and then the lock is taken after all. So looking at a directory
 * that everybody uses changes nothing in it, not even a lock.
 */
#include "memfs.h"

void memfs_now(struct timespec *ts)
{
    nanotime(ts);
}

void memfs_touch_ctime(struct memfs_node *node)
{
    memfs_now(&node->n_ctime);
}

void memfs_changed(struct memfs_node *node)
{
    memfs_touch_ctime(node);
    node->n_mtime = node->n_ctime;
}

void memfs_pay_times(struct memfs_node *node)
{
    if (atomic_exchange(&node->n_owed, 0) & MEMFS_OWES_ATIME)
        memfs_now(&node->n_atime);
}

static uint64_t bytes_allocated(const struct memfs_node *node)
{
    if (node->n_type == VREG)
        return node->u.data.d_pages << MEMFS_PAGE_SHIFT;
    if (node->n_type == VDIR)
        return node->u.dir.d_slot_capacity * (uint64_t)sizeof(struct memfs_entry);
    return 0;
}

static uint64_t size_shown(const struct memfs_node *node)
{
    return node->n_type == VDIR ? (node->u.dir.d_count + 2ull) * 32 : (uint64_t)node->n_size;
}

static void getattr_locked(struct memfs_node *node, struct vnode_attr *vap)
{
    VATTR_RETURN(vap, va_type, node->n_type);
    VATTR_RETURN(vap, va_mode, node->n_mode);
    VATTR_RETURN(vap, va_uid, node->n_uid);
    VATTR_RETURN(vap, va_gid, node->n_gid);
    VATTR_RETURN(vap, va_nlink, node->n_nlink);
    VATTR_RETURN(vap, va_rdev, node->n_rdev);
    VATTR_RETURN(vap, va_flags, node->n_flags);
    VATTR_RETURN(vap, va_fileid, node->n_ino);
    VATTR_RETURN(vap, va_linkid, node->n_ino);
    VATTR_RETURN(vap, va_gen, node->n_generation);
    VATTR_RETURN(vap, va_filerev, 0);
    VATTR_RETURN(vap, va_encoding, 0);
    VATTR_RETURN(vap, va_iosize, MEMFS_PAGE_SIZE);
    VATTR_RETURN(vap, va_data_size, size_shown(node));
    VATTR_RETURN(vap, va_total_size, size_shown(node));
    VATTR_RETURN(vap, va_data_alloc, bytes_allocated(node));
    VATTR_RETURN(vap, va_total_alloc, bytes_allocated(node));
    VATTR_RETURN(vap, va_access_time, node->n_atime);
    VATTR_RETURN(vap, va_modify_time, node->n_mtime);
    VATTR_RETURN(vap, va_change_time, node->n_ctime);
    VATTR_RETURN(vap, va_create_time, node->n_btime);
    if (node->n_type == VDIR) {
        VATTR_RETURN(vap, va_nchildren, node->u.dir.d_count);
        VATTR_RETURN(vap, va_dirlinkcount, node->n_nlink);
        if (node->n_nlink)
            VATTR_RETURN(vap, va_parentid, node->u.dir.d_parent->n_ino);
    }
}

#define OWNER_ATTRS                                                                                          \
    (VNODE_ATTR_BIT(va_mode) | VNODE_ATTR_BIT(va_uid) | VNODE_ATTR_BIT(va_gid) | VNODE_ATTR_BIT(va_flags))

/* FALSE: they are being changed. */
static boolean_t getattr_owner(struct memfs_node *node, struct vnode_attr *vap)
{
    uint32_t before = atomic_load(&node->n_owner_changes);

    VATTR_RETURN(vap, va_mode, node->n_mode);
    VATTR_RETURN(vap, va_uid, node->n_uid);
    VATTR_RETURN(vap, va_gid, node->n_gid);
    VATTR_RETURN(vap, va_flags, node->n_flags);
    return !(before & 1) && atomic_load(&node->n_owner_changes) == before;
}

int memfs_vnop_getattr(struct vnop_getattr_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);

    if (!(ap->a_vap->va_active & ~OWNER_ATTRS) && getattr_owner(node, ap->a_vap))
        return 0;
    if (atomic_load_explicit(&node->n_owed, memory_order_relaxed)) {
        lck_rw_lock_exclusive(node->n_lock);
        memfs_pay_times(node);
        lck_rw_lock_exclusive_to_shared(node->n_lock);
    } else {
        lck_rw_lock_shared(node->n_lock);
    }
    getattr_locked(node, ap->a_vap);
    lck_rw_unlock_shared(node->n_lock);
    return 0;
}

static void set_times(struct memfs_node *node, struct vnode_attr *vap)
{
    memfs_pay_times(node);
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
    if (VATTR_IS_ACTIVE(vap, va_change_time)) {
        node->n_ctime = vap->va_change_time;
        VATTR_SET_SUPPORTED(vap, va_change_time);
    }
}

/* n_lock held exclusive. */
static void set_owner(struct memfs_node *node, struct vnode_attr *vap)
{
    atomic_fetch_add(&node->n_owner_changes, 1);
    if (VATTR_IS_ACTIVE(vap, va_uid)) {
        node->n_uid = vap->va_uid;
        VATTR_SET_SUPPORTED(vap, va_uid);
    }
    if (VATTR_IS_ACTIVE(vap, va_gid)) {
        node->n_gid = vap->va_gid;
        VATTR_SET_SUPPORTED(vap, va_gid);
    }
    if (VATTR_IS_ACTIVE(vap, va_mode)) {
        node->n_mode = vap->va_mode & ALLPERMS;
        VATTR_SET_SUPPORTED(vap, va_mode);
    }
    if (VATTR_IS_ACTIVE(vap, va_flags)) {
        node->n_flags = vap->va_flags;
        VATTR_SET_SUPPORTED(vap, va_flags);
    }
    atomic_fetch_add(&node->n_owner_changes, 1);
}

int memfs_vnop_setattr(struct vnop_setattr_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);
    struct vnode_attr *vap = ap->a_vap;
    int error = 0;

    lck_rw_lock_exclusive(node->n_lock);
    if (VATTR_IS_ACTIVE(vap, va_data_size)) {
        if (node->n_type != VREG)
            error = node->n_type == VDIR ? EISDIR : EINVAL;
        else
            error = memfs_resize(node, (off_t)vap->va_data_size);
        if (error)
            goto out;
        memfs_changed(node);
        VATTR_SET_SUPPORTED(vap, va_data_size);
    }
    memfs_touch_ctime(node);
    set_owner(node, vap);
    set_times(node, vap);
out:
    lck_rw_unlock_exclusive(node->n_lock);
    return error;
}

int memfs_vnop_pathconf(struct vnop_pathconf_args *ap)
{
    switch (ap->a_name) {
    case _PC_LINK_MAX:
        *ap->a_retval = (int32_t)MEMFS_LINK_MAX;
        return 0;
    case _PC_NAME_MAX:
        *ap->a_retval = (int32_t)MEMFS_NAME_MAX;
        return 0;
    case _PC_CHOWN_RESTRICTED:
    case _PC_NO_TRUNC:
    case _PC_CASE_SENSITIVE:
    case _PC_CASE_PRESERVING:
        *ap->a_retval = 1;
        return 0;
    case _PC_FILESIZEBITS:
        *ap->a_retval = 61;
        return 0;
    default:
        return EINVAL;
    }
}
