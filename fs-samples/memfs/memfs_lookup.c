// SPDX-License-Identifier: BSD-2-Clause
/*
 * Finding a name, and the name cache. VFS asks the cache before it asks us when a name is only looked for,
 * and our own table answers as fast, so it is not asked again then. Where a name is to go, VFS leaves the
 * cache to us; what it knows saves the directory's lock, and whoever removes the name looks again under it. A
 * name enters the cache only under the directory's lock and only while the directory still holds it; whoever
 * removes a name purges it under the same lock held exclusive.
 */
#include "memfs.h"

/* The node behind one name, with a reference; *changes tells the state of the directory it was found in. */
static int node_by_name(struct memfs_node *dir, vnode_t dvp, struct componentname *cnp,
                        struct memfs_node **out, uint64_t *changes)
{
    int error = 0;

    lck_rw_lock_shared(dir->n_lock);
    if (dir->n_nlink == 0) {
        error = ENOENT; /* removed while somebody stands in it */
    } else if (cnp->cn_flags & ISDOTDOT) {
        *out = dir->u.dir.d_parent;
        memfs_node_ref(*out);
    } else {
        struct memfs_entry *entry = memfs_dir_find(dir, cnp->cn_nameptr, (size_t)cnp->cn_namelen);
        if (entry) {
            *out = entry->e_node;
            memfs_node_ref(*out);
        } else {
            error = ENOENT;
            if ((cnp->cn_flags & MAKEENTRY) && cnp->cn_nameiop != CREATE && cnp->cn_nameiop != RENAME)
                cache_enter(dvp, NULLVP, cnp);
        }
    }
    *changes = dir->u.dir.d_changes;
    lck_rw_unlock_shared(dir->n_lock);
    return error;
}

static void name_to_cache(struct memfs_node *dir, vnode_t dvp, vnode_t vp, struct componentname *cnp,
                          uint64_t changes)
{
    lck_rw_lock_shared(dir->n_lock);
    boolean_t still = dir->u.dir.d_changes == changes;
    if (!still) {
        struct memfs_entry *entry = memfs_dir_find(dir, cnp->cn_nameptr, (size_t)cnp->cn_namelen);
        still = entry && entry->e_node == vtom(vp);
    }
    if (still)
        cache_enter(dvp, vp, cnp);
    lck_rw_unlock_shared(dir->n_lock);
}

/* Does the cache know a name that is to be removed or renamed? Without MAKEENTRY it would forget it. */
static boolean_t name_in_cache(vnode_t dvp, struct componentname *cnp, vnode_t *vpp)
{
    uint32_t flags = cnp->cn_flags;

    if (cnp->cn_nameiop != DELETE || (flags & ISDOTDOT))
        return FALSE;
    cnp->cn_flags |= MAKEENTRY;
    boolean_t found = cache_lookup(dvp, vpp, cnp) == -1;
    cnp->cn_flags = flags;
    return found;
}

static boolean_t name_is_dot(const struct componentname *cnp)
{
    return cnp->cn_namelen == 1 && cnp->cn_nameptr[0] == '.';
}

int memfs_vnop_lookup(struct vnop_lookup_args *ap)
{
    vnode_t dvp = ap->a_dvp;
    struct componentname *cnp = ap->a_cnp;
    struct memfs_node *dir = vtom(dvp);
    struct memfs_node *node = NULL;
    uint64_t changes;

    *ap->a_vpp = NULLVP;
    if (!vnode_isdir(dvp))
        return ENOTDIR;
    if ((uint32_t)cnp->cn_namelen > MEMFS_NAME_MAX)
        return ENAMETOOLONG;
    if (name_is_dot(cnp)) {
        int error = vnode_get(dvp);
        if (!error)
            *ap->a_vpp = dvp;
        return error;
    }
    if (name_in_cache(dvp, cnp, ap->a_vpp))
        return 0;
    int error = node_by_name(dir, dvp, cnp, &node, &changes);
    if (error == ENOENT && (cnp->cn_flags & ISLASTCN) &&
        (cnp->cn_nameiop == CREATE || cnp->cn_nameiop == RENAME))
        return EJUSTRETURN;
    if (error)
        return error;
    boolean_t dotdot = (cnp->cn_flags & ISDOTDOT) != 0;
    error = memfs_node_vnode(node, dotdot ? NULLVP : dvp, dotdot ? NULL : cnp, ap->a_vpp);
    memfs_node_rele(node);
    if (!error && (cnp->cn_flags & MAKEENTRY) && !dotdot)
        name_to_cache(dir, dvp, *ap->a_vpp, cnp, changes);
    return error;
}
