// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on a whole memfs: mount, unmount, root, statistics, finding a file by its number. Changing one
 * that is mounted is in memfs_change.c.
 */
#include "memfs.h"

static void mount_free(struct memfs_mount *mnt)
{
    memfs_shards_destroy(mnt);
    if (mnt->m_rename_lock)
        lck_mtx_free(mnt->m_rename_lock, memfs_lock_group);
    memfs_free(mnt, sizeof(*mnt));
}

static int mount_alloc(mount_t mp, const struct memfs_options *options, struct memfs_mount **out)
{
    struct memfs_mount *mnt = memfs_alloc(sizeof(*mnt));

    if (!mnt)
        return ENOMEM;
    mnt->m_mount = mp;
    mnt->m_max_bytes = options->bytes;
    mnt->m_free_bytes = (int64_t)options->bytes;
    mnt->m_max_nodes = options->nodes;
    mnt->m_groups[0].g_next = MEMFS_ROOT_INO;
    mnt->m_generation = (uint32_t)random() | 1;
    mnt->m_rename_lock = lck_mtx_alloc_init(memfs_lock_group, LCK_ATTR_NULL);
    int error = mnt->m_rename_lock ? memfs_shards_init(mnt) : ENOMEM;
    if (!error)
        error = memfs_node_alloc(mnt, &options->root, &mnt->m_root);
    if (error) {
        mount_free(mnt);
        return error;
    }
    mnt->m_root->n_nlink = 2;
    mnt->m_root->u.dir.d_parent = mnt->m_root;
    *out = mnt;
    return 0;
}

/* The present figures, for statfs and for the mount's own record. */
static void fill_statfs(struct memfs_mount *mnt, struct vfsstatfs *sfs)
{
    int64_t left = mnt->m_free_bytes;
    uint64_t nodes = memfs_nodes_used(mnt);

    sfs->f_bsize = MEMFS_PAGE_SIZE;
    sfs->f_iosize = MEMFS_PAGE_SIZE;
    sfs->f_blocks = mnt->m_max_bytes >> MEMFS_PAGE_SHIFT;
    sfs->f_bfree = left > 0 ? (uint64_t)left >> MEMFS_PAGE_SHIFT : 0;
    if (sfs->f_bfree > sfs->f_blocks) /* its size changes just now */
        sfs->f_bfree = sfs->f_blocks;
    sfs->f_bused = sfs->f_blocks - sfs->f_bfree;
    sfs->f_bavail = sfs->f_bfree;
    sfs->f_files = mnt->m_max_nodes;
    sfs->f_ffree = mnt->m_max_nodes > nodes ? mnt->m_max_nodes - nodes : 0;
}

static int memfs_mount(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t context)
{
    struct memfs_options options;
    struct memfs_mount *mnt;

    (void)devvp;
    memfs_options_default(&options, context);
    int error = memfs_options_read(data, &options);
    if (error)
        return error;
    error = mount_alloc(mp, &options, &mnt);
    if (error)
        return error;
    vfs_setfsprivate(mp, mnt);
    fill_statfs(mnt, vfs_statfs(mp));
    return 0;
}

static int memfs_start(mount_t mp, int flags, vfs_context_t context)
{
    (void)mp;
    (void)flags;
    (void)context;
    return 0;
}

static void name_free(struct memfs_node *dir, struct memfs_entry *entry)
{
    memfs_unlink_locked(dir, entry);
    memfs_entry_free(entry);
}

/* Frees every node that still has a name, from the leaves up. All vnodes are gone, so nobody else looks. */
static void tree_free(struct memfs_mount *mnt)
{
    struct memfs_node *dir = mnt->m_root;

    for (;;) {
        if (dir->u.dir.d_nslots == 0) {
            if (dir == mnt->m_root)
                break;
            struct memfs_node *parent = dir->u.dir.d_parent;
            name_free(parent, parent->u.dir.d_slots[parent->u.dir.d_nslots - 1]);
            dir = parent;
            continue;
        }
        struct memfs_entry *last = dir->u.dir.d_slots[dir->u.dir.d_nslots - 1];
        if (last->e_node->n_type == VDIR && last->e_node->u.dir.d_nslots)
            dir = last->e_node;
        else
            name_free(dir, last);
    }
    memfs_node_rele(mnt->m_root);
}

static int memfs_unmount(mount_t mp, int mntflags, vfs_context_t context)
{
    struct memfs_mount *mnt = memfs_mount_of(mp);
    int flags = (mntflags & MNT_FORCE) ? FORCECLOSE : 0;

    (void)context;
    int error = vflush(mp, NULLVP, flags);
    if (error)
        return error;
    vfs_setfsprivate(mp, NULL);
    tree_free(mnt);
    mount_free(mnt);
    return 0;
}

static int memfs_root(mount_t mp, vnode_t *vpp, vfs_context_t context)
{
    (void)context;
    return memfs_node_vnode(memfs_mount_of(mp)->m_root, NULLVP, NULL, vpp);
}

static int memfs_getattr(mount_t mp, struct vfs_attr *attr, vfs_context_t context)
{
    struct vfsstatfs sfs;
    struct memfs_mount *mnt = memfs_mount_of(mp);

    (void)context;
    fill_statfs(mnt, &sfs);
    VFSATTR_RETURN(attr, f_objcount, memfs_nodes_used(mnt));
    VFSATTR_RETURN(attr, f_bsize, sfs.f_bsize);
    VFSATTR_RETURN(attr, f_iosize, sfs.f_iosize);
    VFSATTR_RETURN(attr, f_blocks, sfs.f_blocks);
    VFSATTR_RETURN(attr, f_bfree, sfs.f_bfree);
    VFSATTR_RETURN(attr, f_bavail, sfs.f_bavail);
    VFSATTR_RETURN(attr, f_bused, sfs.f_bused);
    VFSATTR_RETURN(attr, f_files, sfs.f_files);
    VFSATTR_RETURN(attr, f_ffree, sfs.f_ffree);
    if (VFSATTR_IS_ACTIVE(attr, f_vol_name)) {
        strlcpy(attr->f_vol_name, "memfs", MAXPATHLEN);
        VFSATTR_SET_SUPPORTED(attr, f_vol_name);
    }
    return 0;
}

static int memfs_sync(mount_t mp, int waitfor, vfs_context_t context)
{
    (void)mp;
    (void)waitfor;
    (void)context;
    return 0;
}

static int memfs_vget(mount_t mp, ino64_t ino, vnode_t *vpp, vfs_context_t context)
{
    struct memfs_node *node = memfs_node_find(memfs_mount_of(mp), (uint64_t)ino);

    (void)context;
    if (!node)
        return ENOENT;
    lck_rw_lock_shared(node->n_lock);
    boolean_t named = node->n_nlink > 0;
    lck_rw_unlock_shared(node->n_lock);
    int error = named ? memfs_node_vnode(node, NULLVP, NULL, vpp) : ENOENT;
    memfs_node_rele(node);
    return error;
}

/* What a handle of a file says: what its number and generation say. */
struct memfs_handle {
    uint64_t ino;
    uint32_t generation;
};

static int memfs_vptofh(vnode_t vp, int *fhlen, unsigned char *fhp, vfs_context_t context)
{
    const struct memfs_node *node = vtom(vp);
    struct memfs_handle handle;

    (void)context;
    if (*fhlen < (int)sizeof(handle))
        return EOVERFLOW;
    bzero(&handle, sizeof(handle));
    handle.ino = node->n_ino;
    handle.generation = node->n_generation;
    memcpy(fhp, &handle, sizeof(handle));
    *fhlen = (int)sizeof(handle);
    return 0;
}

static int memfs_fhtovp(mount_t mp, int fhlen, unsigned char *fhp, vnode_t *vpp, vfs_context_t context)
{
    struct memfs_handle handle;

    if (fhlen != (int)sizeof(handle))
        return ESTALE;
    memcpy(&handle, fhp, sizeof(handle));
    if (handle.generation != memfs_mount_of(mp)->m_generation)
        return ESTALE;
    int error = memfs_vget(mp, handle.ino, vpp, context);
    return error == ENOENT ? ESTALE : error;
}

struct vfsops memfs_vfsops = {
    .vfs_mount = memfs_mount,
    .vfs_start = memfs_start,
    .vfs_unmount = memfs_unmount,
    .vfs_root = memfs_root,
    .vfs_getattr = memfs_getattr,
    .vfs_sync = memfs_sync,
    .vfs_vget = memfs_vget,
    .vfs_fhtovp = memfs_fhtovp,
    .vfs_vptofh = memfs_vptofh,
};
