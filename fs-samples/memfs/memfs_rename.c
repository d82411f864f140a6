// SPDX-License-Identifier: BSD-2-Clause
/*
 * Rename: over anything that POSIX allows, without ever showing both names or neither; and the exchange of
 * two.
 *
 * VFS looked the names up before any lock of ours was held, so they are looked up again here; what counts is
 * what the directories hold now.
 *
 * Locks, in this order: m_rename_lock where a directory moves or two directories take part (so that the
 * tree's shape holds still), the two directories (an ancestor first, else by address), then the two nodes (by
 * address). memfs.h says why that is free of deadlock.
 */
#include "memfs.h"

struct rename {
    struct memfs_mount *mnt;
    vnode_t from_dvp, to_dvp;
    struct memfs_node *from_dir, *to_dir;
    struct componentname *from_name, *to_name;
    struct memfs_node *from, *to; /* `to` NULL where the name is free. A reference on each */
    struct memfs_entry *from_entry, *to_entry;
    struct memfs_entry *fresh; /* for the new name, in no directory; NULL once it is in one */
    struct memfs_entry *gone;  /* the old name's, taken out */
};

/* m_rename_lock held: no directory moves. */
static boolean_t is_ancestor(const struct memfs_node *ancestor, const struct memfs_node *node)
{
    while (node != ancestor && node != node->n_mount->m_root)
        node = node->u.dir.d_parent;
    return node == ancestor;
}

static void lock_directories(struct rename *rn)
{
    struct memfs_node *first = rn->from_dir;
    struct memfs_node *second = rn->to_dir;

    if (first == second) {
        lck_rw_lock_exclusive(first->n_lock);
        return;
    }
    if (is_ancestor(second, first) || (!is_ancestor(first, second) && second < first)) {
        first = rn->to_dir;
        second = rn->from_dir;
    }
    lck_rw_lock_exclusive(first->n_lock);
    lck_rw_lock_exclusive(second->n_lock);
}

static void unlock_directories(struct rename *rn)
{
    memfs_unlock_pair(rn->from_dir, rn->to_dir);
}

/* Both directories locked. Finds what is there now. */
static int find_names(struct rename *rn, vnode_t fvp)
{
    if (rn->from_dir->n_nlink == 0 || rn->to_dir->n_nlink == 0)
        return ENOENT;
    rn->from_entry =
        memfs_dir_find(rn->from_dir, rn->from_name->cn_nameptr, (size_t)rn->from_name->cn_namelen);
    rn->to_entry = memfs_dir_find(rn->to_dir, rn->to_name->cn_nameptr, (size_t)rn->to_name->cn_namelen);
    if (!rn->from_entry || rn->from_entry->e_node != vtom(fvp))
        return ENOENT;
    rn->from = rn->from_entry->e_node;
    rn->to = rn->to_entry ? rn->to_entry->e_node : NULL;
    return 0;
}

/* A directory must not move below itself; nor may an ancestor of the source be replaced. m_rename_lock held.
 */
static int check_shape(const struct rename *rn, boolean_t swap)
{
    if (rn->from->n_type == VDIR && is_ancestor(rn->from, rn->to_dir))
        return EINVAL;
    if (rn->to && rn->to->n_type == VDIR && is_ancestor(rn->to, rn->from_dir))
        return swap ? EINVAL : ENOTEMPTY;
    return 0;
}

static int check_replace(const struct rename *rn)
{
    boolean_t from_dir = rn->from->n_type == VDIR;

    if (!rn->to) {
        if (from_dir && rn->from_dir != rn->to_dir && rn->to_dir->n_nlink >= MEMFS_LINK_MAX)
            return EMLINK;
        return 0;
    }
    if (from_dir && rn->to->n_type != VDIR)
        return ENOTDIR;
    if (!from_dir && rn->to->n_type == VDIR)
        return EISDIR;
    return from_dir && rn->to->u.dir.d_count ? ENOTEMPTY : 0;
}

static void move_parent(struct memfs_node *node, struct memfs_node *from_dir, struct memfs_node *to_dir)
{
    if (node->n_type != VDIR || from_dir == to_dir)
        return;
    node->u.dir.d_parent = to_dir;
    from_dir->n_nlink--;
    to_dir->n_nlink++;
}

/* All four locked and checked. */
static int replace(struct rename *rn)
{
    if (!rn->to) {
        int error = memfs_dir_add(rn->to_dir, rn->fresh, rn->from);
        if (error)
            return error;
        rn->fresh = NULL;
    } else {
        struct memfs_node *old = rn->to;
        memfs_dir_retarget(rn->to_dir, rn->to_entry, rn->from);
        memfs_touch_ctime(old);
        if (old->n_type == VDIR) {
            old->n_nlink = 0;
            rn->to_dir->n_nlink--;
        } else {
            old->n_nlink--;
        }
        if (old->n_nlink == 0)
            memfs_node_rele(old);
    }
    memfs_dir_remove(rn->from_dir, rn->from_entry);
    rn->gone = rn->from_entry;
    move_parent(rn->from, rn->from_dir, rn->to_dir);
    return 0;
}

static int swap(struct rename *rn)
{
    if (!rn->to)
        return ENOENT;
    memfs_dir_retarget(rn->to_dir, rn->to_entry, rn->from);
    memfs_dir_retarget(rn->from_dir, rn->from_entry, rn->to);
    move_parent(rn->from, rn->from_dir, rn->to_dir);
    move_parent(rn->to, rn->to_dir, rn->from_dir);
    memfs_touch_ctime(rn->to);
    return 0;
}

/* Both directories locked; *vp, if given, is the vnode of `node`, which may be another than VFS looked up. */
static void forget_names(struct rename *rn, vnode_t fvp, vnode_t tvp)
{
    cache_purge(fvp);
    if (tvp)
        cache_purge(tvp);
    cache_purge_negatives(rn->to_dvp);
    if (rn->from_dvp != rn->to_dvp)
        cache_purge_negatives(rn->from_dvp);
}

static int rename_locked(struct rename *rn, vnode_t fvp, vnode_t tvp, vfs_rename_flags_t flags)
{
    boolean_t exchange = (flags & VFS_RENAME_SWAP) != 0;
    int error = find_names(rn, fvp);

    if (!error && rn->to && (flags & VFS_RENAME_EXCL))
        error = EEXIST;
    if (error || rn->from == rn->to)
        return error;
    if (rn->to && (!tvp || rn->to != vtom(tvp)))
        return ENOENT; /* another file took the name since VFS looked: it looks again */
    error = check_shape(rn, exchange);
    if (error)
        return error;

    if (rn->to)
        memfs_lock_pair(rn->from, rn->to);
    else
        lck_rw_lock_exclusive(rn->from->n_lock);
    error = exchange ? 0 : check_replace(rn);
    if (!error)
        error = exchange ? swap(rn) : replace(rn);
    if (!error) {
        memfs_changed(rn->from_dir);
        if (rn->to_dir != rn->from_dir)
            memfs_changed(rn->to_dir);
        memfs_touch_ctime(rn->from);
        forget_names(rn, fvp, tvp);
    }
    if (rn->to)
        memfs_unlock_pair(rn->from, rn->to);
    else
        lck_rw_unlock_exclusive(rn->from->n_lock);
    return error;
}

static int rename_any(vnode_t fdvp, vnode_t fvp, struct componentname *fcnp, vnode_t tdvp, vnode_t tvp,
                      struct componentname *tcnp, vfs_rename_flags_t flags)
{
    struct rename rn = {
        .mnt = memfs_mount_of(vnode_mount(fdvp)),
        .from_dvp = fdvp,
        .to_dvp = tdvp,
        .from_dir = vtom(fdvp),
        .to_dir = vtom(tdvp),
        .from_name = fcnp,
        .to_name = tcnp,
    };

    if ((uint32_t)tcnp->cn_namelen > MEMFS_NAME_MAX)
        return ENAMETOOLONG;
    rn.fresh = memfs_entry_alloc(tcnp->cn_nameptr, (size_t)tcnp->cn_namelen);
    if (!rn.fresh)
        return ENOSPC;
    boolean_t shape = vnode_isdir(fvp) || (tvp && vnode_isdir(tvp)) || fdvp != tdvp;
    if (shape)
        lck_mtx_lock(rn.mnt->m_rename_lock);
    lock_directories(&rn);
    int error = rename_locked(&rn, fvp, tvp, flags);
    unlock_directories(&rn);
    if (shape)
        lck_mtx_unlock(rn.mnt->m_rename_lock);
    memfs_entry_free(rn.fresh);
    memfs_entry_free(rn.gone);
    if (!error)
        vnode_update_identity(fvp, tdvp, tcnp->cn_nameptr, tcnp->cn_namelen, 0,
                              VNODE_UPDATE_NAME | (fdvp == tdvp ? 0 : VNODE_UPDATE_PARENT));
    if (!error && (flags & VFS_RENAME_SWAP) && tvp)
        vnode_update_identity(tvp, fdvp, fcnp->cn_nameptr, fcnp->cn_namelen, 0,
                              VNODE_UPDATE_NAME | (fdvp == tdvp ? 0 : VNODE_UPDATE_PARENT));
    return error;
}

int memfs_vnop_rename(struct vnop_rename_args *ap)
{
    return rename_any(ap->a_fdvp, ap->a_fvp, ap->a_fcnp, ap->a_tdvp, ap->a_tvp, ap->a_tcnp, 0);
}

int memfs_vnop_renamex(struct vnop_renamex_args *ap)
{
    if (ap->a_flags & ~(vfs_rename_flags_t)VFS_RENAME_FLAGS_MASK)
        return EINVAL;
    return rename_any(ap->a_fdvp, ap->a_fvp, ap->a_fcnp, ap->a_tdvp, ap->a_tvp, ap->a_tcnp, ap->a_flags);
}
