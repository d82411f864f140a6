// SPDX-License-Identifier: BSD-2-Clause
/*
 * The directories and device nodes of the root file system and their vnodes. A node exists apart from its
 * vnode, which comes and goes.
 *
 * Locks: rootfs_lock, see rootfs_internal.h. Called by rootfs.c and rootfs_vnops.c.
 */
#include <sys/errno.h>
#include <sys/systm.h>
#include <string.h>

#include "kern/kern_iface.h"
#include "vfs/rootfs_internal.h"

static uint64_t next_id = ROOTFS_ROOT_ID; /* rootfs_lock */
static uint32_t node_count;               /* rootfs_lock */

static size_t node_size(const struct rootfs_node *node)
{
    return sizeof(*node) + node->rn_namelen + 1;
}

struct rootfs_node *rootfs_node_make(const struct rootfs_new *args)
{
    struct rootfs_node *node = kern_alloc(sizeof(*node) + args->namelen + 1, "rootfs");
    TAILQ_INIT(&node->rn_children);
    node->rn_refs = 1;
    node->rn_mount_made = args->mount_made;
    node->rn_uid = args->uid;
    node->rn_gid = args->gid;
    node->rn_mode = args->mode;
    node->rn_type = args->type;
    node->rn_rdev = args->rdev;
    nanotime(&node->rn_btime);
    node->rn_mtime = node->rn_btime;
    node->rn_namelen = (uint32_t)args->namelen;
    memcpy(node->rn_name, args->name, args->namelen);
    lck_mtx_lock(&rootfs_lock);
    node->rn_id = next_id++;
    node_count++;
    lck_mtx_unlock(&rootfs_lock);
    return node;
}

void rootfs_node_rele_locked(struct rootfs_node *node)
{
    KASSERT(node->rn_refs > 0, "rootfs: node %s released once too often", node->rn_name);
    if (--node->rn_refs)
        return;
    KASSERT(TAILQ_EMPTY(&node->rn_children), "rootfs: node %s goes with children", node->rn_name);
    node_count--;
    if (node_count == 0)
        next_id = ROOTFS_ROOT_ID; /* the tree is gone: the next boot's root has the same number */
    kern_free(node, node_size(node));
}

void rootfs_node_rele(struct rootfs_node *node)
{
    lck_mtx_lock(&rootfs_lock);
    rootfs_node_rele_locked(node);
    lck_mtx_unlock(&rootfs_lock);
}

uint32_t rootfs_node_count(void)
{
    lck_mtx_lock(&rootfs_lock);
    uint32_t count = node_count;
    lck_mtx_unlock(&rootfs_lock);
    return count;
}

struct rootfs_node *rootfs_node_find_locked(struct rootfs_node *dir, const char *name, size_t len)
{
    struct rootfs_node *node;
    TAILQ_FOREACH(node, &dir->rn_children, rn_sibling)
    {
        if (node->rn_namelen == len && memcmp(node->rn_name, name, len) == 0)
            return node;
    }
    return NULL;
}

/* Numbers grow, but two makers may come here in the other order. */
static void insert_in_order(struct rootfs_node *dir, struct rootfs_node *node)
{
    struct rootfs_node *before;
    TAILQ_FOREACH_REVERSE(before, &dir->rn_children, rootfs_children, rn_sibling)
    {
        if (before->rn_id < node->rn_id) {
            TAILQ_INSERT_AFTER(&dir->rn_children, before, node, rn_sibling);
            return;
        }
    }
    TAILQ_INSERT_HEAD(&dir->rn_children, node, rn_sibling);
}

int rootfs_node_enter_locked(struct rootfs_node *dir, struct rootfs_node *node)
{
    if (!dir->rn_parent)
        return ENOENT;
    if (rootfs_node_find_locked(dir, node->rn_name, node->rn_namelen))
        return EEXIST;
    insert_in_order(dir, node);
    node->rn_parent = dir;
    dir->rn_child_count++;
    nanotime(&dir->rn_mtime);
    return 0;
}

int rootfs_node_remove_locked(struct rootfs_node *node)
{
    struct rootfs_node *dir = node->rn_parent;
    if (!dir)
        return ENOENT;
    if (!TAILQ_EMPTY(&node->rn_children))
        return ENOTEMPTY;
    TAILQ_REMOVE(&dir->rn_children, node, rn_sibling);
    node->rn_parent = NULL;
    dir->rn_child_count--;
    nanotime(&dir->rn_mtime);
    rootfs_node_rele_locked(node);
    return 0;
}

/* ---- vnodes -------------------------------------------------------------------------------------------- */

static int vnode_make(struct rootfs_node *node, mount_t mp, vnode_t dvp, struct componentname *cnp,
                      vnode_t *vpp)
{
    struct vnode_fsparam param = {
        .vnfs_mp = mp,
        .vnfs_vtype = node->rn_type,
        .vnfs_rdev = node->rn_rdev,
        .vnfs_str = "rootfs",
        .vnfs_dvp = dvp,
        .vnfs_fsnode = node,
        .vnfs_vops = node->rn_type == VDIR ? rootfs_vnodeop_p : rootfs_device_vnodeop_p,
        .vnfs_markroot = node->rn_id == ROOTFS_ROOT_ID,
        .vnfs_cnp = cnp,
        .vnfs_flags = VNFS_NOCACHE | VNFS_ADDFSREF,
    };
    return vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, vpp);
}

/* The vnode that is attached, or none yet and the caller is to make one. Lock held, dropped while waiting. */
static vnode_t attached_or_mine(struct rootfs_node *node)
{
    while (!node->rn_vnode && node->rn_making)
        msleep(&node->rn_making, &rootfs_lock, 0, "rootfs vnode", NULL);
    if (!node->rn_vnode) {
        node->rn_making = true;
        node->rn_refs++; /* the vnode's */
    }
    return node->rn_vnode;
}

int rootfs_node_vnode(struct rootfs_node *node, mount_t mp, vnode_t dvp, struct componentname *cnp,
                      vnode_t *vpp)
{
    for (;;) {
        lck_mtx_lock(&rootfs_lock);
        vnode_t vp = attached_or_mine(node);
        uint32_t vid = vp ? vnode_vid(vp) : 0;
        lck_mtx_unlock(&rootfs_lock);
        if (!vp)
            break;
        if (vnode_getwithvid(vp, vid) == 0) {
            *vpp = vp;
            return 0;
        }
    }
    vnode_t vp = NULL;
    int error = vnode_make(node, mp, dvp, cnp, &vp);
    lck_mtx_lock(&rootfs_lock);
    node->rn_making = false;
    if (error)
        rootfs_node_rele_locked(node); /* never the last: the caller has one */
    else
        node->rn_vnode = vp;
    wakeup(&node->rn_making);
    lck_mtx_unlock(&rootfs_lock);
    *vpp = vp;
    return error;
}

void rootfs_node_detach(struct rootfs_node *node)
{
    lck_mtx_lock(&rootfs_lock);
    node->rn_vnode = NULL;
    rootfs_node_rele_locked(node);
    lck_mtx_unlock(&rootfs_lock);
}
