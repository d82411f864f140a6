// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table that finds our vnode by the lower one, and the life of nodes: made with their vnode, gone with
 * its reclaim.
 *
 * Lock: m_lock of the mount, see nullfs.h.
 */
#include "nullfs.h"

int nullfs_lower_get(vnode_t vp, vnode_t *lowerp)
{
    const struct nullfs_node *node = vnode_fsnode(vp);

    if (vnode_getwithref(node->n_lower) != 0)
        return ENXIO;
    *lowerp = node->n_lower;
    return 0;
}

static struct nullfs_node **bucket_of(struct nullfs_mount *mnt, vnode_t lower)
{
    uintptr_t key = (uintptr_t)lower;

    return &mnt->m_buckets[((key >> 6) ^ (key >> 14)) & (NULLFS_BUCKETS - 1)];
}

/* m_lock held. */
static struct nullfs_node *node_find(struct nullfs_mount *mnt, vnode_t lower)
{
    struct nullfs_node *node = *bucket_of(mnt, lower);

    while (node && node->n_lower != lower)
        node = node->n_next;
    return node;
}

/* Takes the node out of the table, wakes who waited for it, and gives up what it holds. */
static void node_destroy(struct nullfs_mount *mnt, struct nullfs_node *node)
{
    lck_mtx_lock(mnt->m_lock);
    struct nullfs_node **at = bucket_of(mnt, node->n_lower);
    while (*at != node)
        at = &(*at)->n_next;
    *at = node->n_next;
    wakeup(mnt);
    lck_mtx_unlock(mnt->m_lock);
    vnode_rele(node->n_lower);
    OSFree(node, sizeof(*node), nullfs_tag);
}

/* What vnode_create() wants to know of the lower file. */
static int lower_describe(vnode_t lower, struct vnode_fsparam *param, vfs_context_t context)
{
    struct vnode_attr va;

    VATTR_INIT(&va);
    if (param->vnfs_vtype == VREG)
        VATTR_WANTED(&va, va_data_size);
    else if (param->vnfs_vtype == VBLK || param->vnfs_vtype == VCHR)
        VATTR_WANTED(&va, va_rdev);
    else
        return 0;
    int error = vnode_getattr(lower, &va, context);
    if (error)
        return error;
    if (VATTR_IS_SUPPORTED(&va, va_data_size))
        param->vnfs_filesize = (off_t)va.va_data_size;
    if (VATTR_IS_SUPPORTED(&va, va_rdev))
        param->vnfs_rdev = va.va_rdev;
    return 0;
}

/* The vnode of a node that is in the table with n_making set. */
static int vnode_make(struct nullfs_mount *mnt, struct nullfs_node *node, vnode_t dvp,
                      struct componentname *cnp, vnode_t *vpp)
{
    struct vnode_fsparam param = {
        .vnfs_mp = mnt->m_mount,
        .vnfs_vtype = vnode_vtype(node->n_lower),
        .vnfs_str = "nullfs",
        .vnfs_dvp = dvp,
        .vnfs_fsnode = node,
        .vnfs_vops = nullfs_vnodeop_p,
        .vnfs_markroot = node->n_lower == mnt->m_lower,
        .vnfs_cnp = cnp,
        .vnfs_flags = VNFS_NOCACHE | VNFS_ADDFSREF,
    };
    int error = lower_describe(node->n_lower, &param, vfs_context_current());

    return error ? error : vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, vpp);
}

static int node_make(struct nullfs_mount *mnt, struct nullfs_node *node, vnode_t dvp,
                     struct componentname *cnp, vnode_t *vpp)
{
    int error = vnode_make(mnt, node, dvp, cnp, vpp);

    if (error) {
        *vpp = NULLVP;
        node_destroy(mnt, node);
        return error;
    }
    lck_mtx_lock(mnt->m_lock);
    node->n_vnode = *vpp;
    node->n_making = FALSE;
    wakeup(mnt);
    lck_mtx_unlock(mnt->m_lock);
    return 0;
}

/* A node for `lower`, which has none, enters the table. m_lock held; it is given up on the way and taken
 * again. NULL: somebody was faster, look again; or no memory. */
static struct nullfs_node *node_enter(struct nullfs_mount *mnt, vnode_t lower, int *error)
{
    lck_mtx_unlock(mnt->m_lock);
    struct nullfs_node *node = OSMalloc(sizeof(*node), nullfs_tag);
    *error = node ? vnode_ref(lower) : ENOMEM;
    lck_mtx_lock(mnt->m_lock);
    if (!*error && !node_find(mnt, lower)) {
        struct nullfs_node **bucket = bucket_of(mnt, lower);
        *node = (struct nullfs_node){.n_next = *bucket, .n_lower = lower, .n_making = TRUE};
        *bucket = node;
        return node;
    }
    lck_mtx_unlock(mnt->m_lock);
    if (node && !*error)
        vnode_rele(lower);
    if (node)
        OSFree(node, sizeof(*node), nullfs_tag);
    lck_mtx_lock(mnt->m_lock);
    return NULL;
}

int nullfs_node_vnode(struct nullfs_mount *mnt, vnode_t lower, vnode_t dvp, struct componentname *cnp,
                      vnode_t *vpp)
{
    int error = 0;

    lck_mtx_lock(mnt->m_lock);
    while (!error) {
        struct nullfs_node *node = node_find(mnt, lower);
        if (!node) {
            node = node_enter(mnt, lower, &error);
            if (!node)
                continue;
            lck_mtx_unlock(mnt->m_lock);
            return node_make(mnt, node, dvp, cnp, vpp);
        }
        if (node->n_making) {
            (void)msleep(mnt, mnt->m_lock, PINOD, "nullfs_vnode", NULL);
            continue;
        }
        /* The node may go as soon as the lock is free; the vnode's memory may be looked at all the same. */
        vnode_t vp = node->n_vnode;
        uint32_t vid = vnode_vid(vp);
        lck_mtx_unlock(mnt->m_lock);
        if (vnode_getwithvid(vp, vid) == 0) {
            *vpp = vp;
            return 0;
        }
        lck_mtx_lock(mnt->m_lock); /* reclaimed meanwhile, so it has left the table */
    }
    lck_mtx_unlock(mnt->m_lock);
    return error;
}

void nullfs_node_nameless(vnode_t vp)
{
    struct nullfs_mount *mnt = nullfs_mount_of(vp);
    struct nullfs_node *node = vnode_fsnode(vp);

    lck_mtx_lock(mnt->m_lock);
    node->n_nameless = TRUE;
    lck_mtx_unlock(mnt->m_lock);
}

/* A file without a name is freed below when nobody holds it: we are among those who do. */
int nullfs_vnop_inactive(struct vnop_inactive_args *ap)
{
    struct nullfs_mount *mnt = nullfs_mount_of(ap->a_vp);
    const struct nullfs_node *node = vnode_fsnode(ap->a_vp);

    lck_mtx_lock(mnt->m_lock);
    boolean_t nameless = node->n_nameless;
    lck_mtx_unlock(mnt->m_lock);
    if (nameless)
        vnode_recycle(ap->a_vp);
    return 0;
}

int nullfs_vnop_reclaim(struct vnop_reclaim_args *ap)
{
    struct nullfs_node *node = vnode_fsnode(ap->a_vp);

    vnode_removefsref(ap->a_vp);
    vnode_clearfsnode(ap->a_vp);
    node_destroy(nullfs_mount_of(ap->a_vp), node);
    return 0;
}
