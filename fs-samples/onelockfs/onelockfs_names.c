// SPDX-License-Identifier: BSD-2-Clause
/*
 * Directories: finding, making, removing and renaming names.
 *
 * VFS looked names up before the lock was taken, so each operation looks again under it, and answers ENOENT
 * or EEXIST where something else is found now: VFS then starts again.
 */
#include "onelockfs.h"

/* Where the entry hangs that has the name; what hangs there is NULL if none has. */
static struct ol_entry **entry_find(struct ol_node *dir, const struct componentname *cnp)
{
    struct ol_entry **at = &dir->n_entries;

    while (*at && ((*at)->e_len != (size_t)cnp->cn_namelen ||
                   memcmp((*at)->e_name, cnp->cn_nameptr, (*at)->e_len) != 0))
        at = &(*at)->e_next;
    return at;
}

static struct ol_entry *entry_alloc(struct ol_node *dir, const struct componentname *cnp)
{
    size_t len = (size_t)cnp->cn_namelen;
    struct ol_entry *entry = OSMalloc((uint32_t)(sizeof(*entry) + len), ol_tag);

    if (!entry)
        return NULL;
    *entry = (struct ol_entry){.e_cookie = dir->n_next_cookie++, .e_len = len};
    memcpy(entry->e_name, cnp->cn_nameptr, len);
    return entry;
}

/* The name is there, and counted; a node's first one keeps it. */
static void entry_publish(struct ol_node *dir, struct ol_entry *entry, struct ol_node *node)
{
    entry->e_node = node;
    *dir->n_entries_end = entry;
    dir->n_entries_end = &entry->e_next;
    dir->n_entry_count++;
    if (node->n_nlink == 0)
        node->n_refs++;
    node->n_nlink++;
    if (node->n_type == VDIR) {
        node->n_nlink = 2;
        node->n_parent = dir;
        dir->n_nlink++;
    }
    ol_changed(dir);
}

static int entry_add(struct ol_node *dir, const struct componentname *cnp, struct ol_node *node)
{
    if (cnp->cn_namelen > NAME_BYTES)
        return ENAMETOOLONG;
    if (dir->n_nlink == 0)
        return ENOENT;
    if (*entry_find(dir, cnp))
        return EEXIST;
    if ((node->n_type == VDIR ? dir->n_nlink : node->n_nlink) >= LINKS_MAX)
        return EMLINK;
    struct ol_entry *entry = entry_alloc(dir, cnp);
    if (!entry)
        return ENOMEM;
    entry_publish(dir, entry, node);
    return 0;
}

void ol_unlink(struct ol_mount *mnt, struct ol_node *dir, struct ol_entry **where)
{
    struct ol_entry *entry = *where;
    struct ol_node *node = entry->e_node;

    *where = entry->e_next;
    if (!entry->e_next)
        dir->n_entries_end = where;
    dir->n_entry_count--;
    ol_changed(dir);
    nanotime(&node->n_ctime);
    if (node->n_type == VDIR) {
        node->n_nlink = 0;
        dir->n_nlink--;
    } else {
        node->n_nlink--;
    }
    OSFree(entry, (uint32_t)(sizeof(*entry) + entry->e_len), ol_tag);
    if (node->n_nlink == 0)
        ol_node_rele(mnt, node);
}

int ol_vnop_lookup(struct vnop_lookup_args *ap)
{
    struct ol_mount *mnt = ol_mount_of(ap->a_dvp);
    struct ol_node *dir = ol_node_of(ap->a_dvp), *node = NULL;
    struct componentname *cnp = ap->a_cnp;
    boolean_t dotdot = (cnp->cn_flags & ISDOTDOT) != 0;

    *ap->a_vpp = NULLVP;
    if (dir->n_type != VDIR)
        return ENOTDIR;
    if (cnp->cn_namelen > NAME_BYTES)
        return ENAMETOOLONG;
    if (cnp->cn_namelen == 1 && cnp->cn_nameptr[0] == '.') {
        int error = vnode_get(ap->a_dvp);
        if (!error)
            *ap->a_vpp = ap->a_dvp;
        return error;
    }
    lck_mtx_lock(mnt->o_lock);
    if (dir->n_nlink && dotdot) {
        node = dir->n_parent;
    } else if (dir->n_nlink) {
        struct ol_entry *entry = *entry_find(dir, cnp);
        node = entry ? entry->e_node : NULL;
    }
    if (node)
        return ol_node_vnode(mnt, node, dotdot ? NULLVP : ap->a_dvp, dotdot ? NULL : cnp, ap->a_vpp);
    boolean_t may_go_on = dir->n_nlink && (cnp->cn_flags & ISLASTCN) &&
                          (cnp->cn_nameiop == CREATE || cnp->cn_nameiop == RENAME);
    lck_mtx_unlock(mnt->o_lock);
    return may_go_on ? EJUSTRETURN : ENOENT;
}

/* ---- making -------------------------------------------------------------------------------------------- */

static int make(vnode_t dvp, struct componentname *cnp, struct vnode_attr *vap, enum vtype type,
                const char *target, vnode_t *vpp)
{
    struct ol_mount *mnt = ol_mount_of(dvp);
    int error = ENOMEM;

    lck_mtx_lock(mnt->o_lock);
    struct ol_node *node = ol_node_make(mnt, type, vap);
    if (!node)
        goto out;
    if (target) {
        size_t len = strlen(target);
        node->n_target = OSMalloc((uint32_t)len + 1, ol_tag);
        if (!node->n_target)
            goto drop;
        memcpy(node->n_target, target, len + 1);
        node->n_size = (off_t)len;
    }
    error = entry_add(ol_node_of(dvp), cnp, node);
drop:
    if (error) {
        ol_node_rele(mnt, node);
    } else {
        node->n_refs--; /* its name keeps it */
        VATTR_SET_SUPPORTED(vap, va_mode);
        VATTR_SET_SUPPORTED(vap, va_uid);
        VATTR_SET_SUPPORTED(vap, va_gid);
        return ol_node_vnode(mnt, node, dvp, cnp, vpp);
    }
out:
    lck_mtx_unlock(mnt->o_lock);
    return error;
}

int ol_vnop_create(struct vnop_create_args *ap)
{
    return make(ap->a_dvp, ap->a_cnp, ap->a_vap, VREG, NULL, ap->a_vpp);
}

int ol_vnop_mkdir(struct vnop_mkdir_args *ap)
{
    return make(ap->a_dvp, ap->a_cnp, ap->a_vap, VDIR, NULL, ap->a_vpp);
}

int ol_vnop_symlink(struct vnop_symlink_args *ap)
{
    return make(ap->a_dvp, ap->a_cnp, ap->a_vap, VLNK, ap->a_target, ap->a_vpp);
}

int ol_vnop_link(struct vnop_link_args *ap)
{
    struct ol_mount *mnt = ol_mount_of(ap->a_vp);
    struct ol_node *node = ol_node_of(ap->a_vp);

    lck_mtx_lock(mnt->o_lock);
    int error = node->n_nlink ? entry_add(ol_node_of(ap->a_tdvp), ap->a_cnp, node) : ENOENT;
    if (!error)
        nanotime(&node->n_ctime);
    lck_mtx_unlock(mnt->o_lock);
    return error;
}

/* ---- removing ------------------------------------------------------------------------------------------ */

static int remove_any(vnode_t dvp, vnode_t vp, const struct componentname *cnp)
{
    struct ol_mount *mnt = ol_mount_of(dvp);
    struct ol_node *dir = ol_node_of(dvp), *node = ol_node_of(vp);
    int error = 0;

    lck_mtx_lock(mnt->o_lock);
    struct ol_entry **where = entry_find(dir, cnp);
    if (!*where || (*where)->e_node != node)
        error = ENOENT;
    else if (node->n_type == VDIR && node->n_entry_count)
        error = ENOTEMPTY;
    else
        ol_unlink(mnt, dir, where);
    lck_mtx_unlock(mnt->o_lock);
    return error;
}

int ol_vnop_remove(struct vnop_remove_args *ap)
{
    return remove_any(ap->a_dvp, ap->a_vp, ap->a_cnp);
}

int ol_vnop_rmdir(struct vnop_rmdir_args *ap)
{
    return remove_any(ap->a_dvp, ap->a_vp, ap->a_cnp);
}

/* ---- renaming ------------------------------------------------------------------------------------------ */

static boolean_t lies_in(const struct ol_node *node, const struct ol_node *dir)
{
    while (node != dir && node->n_parent != node)
        node = node->n_parent;
    return node == dir;
}

/* May `node` take the place of what is there now? */
static int replaceable(const struct ol_node *node, const struct ol_node *old)
{
    if (node->n_type == VDIR && old->n_type != VDIR)
        return ENOTDIR;
    if (node->n_type != VDIR && old->n_type == VDIR)
        return EISDIR;
    return old->n_type == VDIR && old->n_entry_count ? ENOTEMPTY : 0;
}

static int rename_locked(struct ol_mount *mnt, const struct vnop_rename_args *ap)
{
    struct ol_node *from_dir = ol_node_of(ap->a_fdvp), *to_dir = ol_node_of(ap->a_tdvp);
    struct ol_node *node = ol_node_of(ap->a_fvp), *old = ap->a_tvp ? ol_node_of(ap->a_tvp) : NULL;
    struct ol_entry *from = *entry_find(from_dir, ap->a_fcnp), *to = *entry_find(to_dir, ap->a_tcnp);

    if (!from || from->e_node != node || (to ? to->e_node : NULL) != old || to_dir->n_nlink == 0)
        return ENOENT;
    if (node == old)
        return 0;
    if (node->n_type == VDIR && lies_in(to_dir, node))
        return EINVAL;
    int error = old ? replaceable(node, old) : 0;
    if (error)
        return error;
    /* First what may fail, under a name that nobody sees before the lock is free again. */
    struct ol_entry *entry = entry_alloc(to_dir, ap->a_tcnp);
    if (!entry)
        return ENOMEM;
    node->n_refs++;
    uint32_t links = node->n_nlink;
    ol_unlink(mnt, from_dir, entry_find(from_dir, ap->a_fcnp));
    if (old)
        ol_unlink(mnt, to_dir, entry_find(to_dir, ap->a_tcnp));
    entry_publish(to_dir, entry, node);
    node->n_nlink = links;
    ol_node_rele(mnt, node);
    return 0;
}

int ol_vnop_rename(struct vnop_rename_args *ap)
{
    struct ol_mount *mnt = ol_mount_of(ap->a_fdvp);

    lck_mtx_lock(mnt->o_lock);
    int error = rename_locked(mnt, ap);
    lck_mtx_unlock(mnt->o_lock);
    return error;
}
