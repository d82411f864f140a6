// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on a whole onelockfs: mount, unmount, root, statistics. There are no mount options.
 */
#include "onelockfs.h"

#define BLOCKS_SHOWN (1ull << 21) /* 8 GiB; memory is the real limit */
#define FILES_SHOWN  (1ull << 24)

static int ol_mount(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t context)
{
    struct vnode_attr va = {.va_mode = 0755,
                            .va_uid = kauth_cred_getuid(vfs_context_ucred(context)),
                            .va_gid = kauth_cred_getgid(vfs_context_ucred(context))};

    (void)devvp;
    if (data != USER_ADDR_NULL) {
        printf("onelockfs: there are no mount options\n");
        return EINVAL;
    }
    if (vfs_isupdate(mp))
        return 0;
    struct ol_mount *mnt = OSMalloc(sizeof(*mnt), ol_tag);
    if (!mnt)
        return ENOMEM;
    bzero(mnt, sizeof(*mnt));
    mnt->o_mount = mp;
    mnt->o_next_ino = 1;
    mnt->o_lock = lck_mtx_alloc_init(ol_lock_group, LCK_ATTR_NULL);
    mnt->o_root = mnt->o_lock ? ol_node_make(mnt, VDIR, &va) : NULL;
    if (!mnt->o_root) {
        if (mnt->o_lock)
            lck_mtx_free(mnt->o_lock, ol_lock_group);
        OSFree(mnt, sizeof(*mnt), ol_tag);
        return ENOMEM;
    }
    mnt->o_root->n_nlink = 2;
    mnt->o_root->n_parent = mnt->o_root;
    vfs_setfsprivate(mp, mnt);
    vfs_statfs(mp)->f_bsize = PAGE_BYTES;
    vfs_statfs(mp)->f_iosize = PAGE_BYTES;
    return 0;
}

static int ol_start(mount_t mp, int flags, vfs_context_t context)
{
    (void)mp, (void)flags, (void)context;
    return 0;
}

/* From the leaves up, without recursion: a directory goes when it is empty. No vnode is left. */
static void tree_free(struct ol_mount *mnt)
{
    struct ol_node *dir = mnt->o_root;

    for (;;) {
        struct ol_entry *first = dir->n_entries;
        if (first && first->e_node->n_type == VDIR && first->e_node->n_entries) {
            dir = first->e_node;
        } else if (first) {
            ol_unlink(mnt, dir, &dir->n_entries);
        } else if (dir == mnt->o_root) {
            break;
        } else {
            dir = dir->n_parent;
        }
    }
    ol_node_rele(mnt, mnt->o_root);
}

static int ol_unmount(mount_t mp, int mntflags, vfs_context_t context)
{
    struct ol_mount *mnt = vfs_fsprivate(mp);
    int error = vflush(mp, NULLVP, (mntflags & MNT_FORCE) ? FORCECLOSE : 0);

    (void)context;
    if (error)
        return error;
    vfs_setfsprivate(mp, NULL);
    lck_mtx_lock(mnt->o_lock);
    tree_free(mnt);
    lck_mtx_unlock(mnt->o_lock);
    lck_mtx_free(mnt->o_lock, ol_lock_group);
    OSFree(mnt, sizeof(*mnt), ol_tag);
    return 0;
}

static int ol_root(mount_t mp, vnode_t *vpp, vfs_context_t context)
{
    struct ol_mount *mnt = vfs_fsprivate(mp);

    (void)context;
    lck_mtx_lock(mnt->o_lock);
    return ol_node_vnode(mnt, mnt->o_root, NULLVP, NULL, vpp);
}

static int ol_getattr(mount_t mp, struct vfs_attr *attr, vfs_context_t context)
{
    struct ol_mount *mnt = vfs_fsprivate(mp);

    (void)context;
    lck_mtx_lock(mnt->o_lock);
    uint64_t used = mnt->o_pages, nodes = mnt->o_nodes;
    lck_mtx_unlock(mnt->o_lock);
    uint64_t blocks = BLOCKS_SHOWN + used, files = FILES_SHOWN + nodes;
    VFSATTR_RETURN(attr, f_bsize, PAGE_BYTES);
    VFSATTR_RETURN(attr, f_iosize, PAGE_BYTES);
    VFSATTR_RETURN(attr, f_blocks, blocks);
    VFSATTR_RETURN(attr, f_bused, used);
    VFSATTR_RETURN(attr, f_bfree, BLOCKS_SHOWN);
    VFSATTR_RETURN(attr, f_bavail, BLOCKS_SHOWN);
    VFSATTR_RETURN(attr, f_files, files);
    VFSATTR_RETURN(attr, f_ffree, FILES_SHOWN);
    return 0;
}

static int ol_sync(mount_t mp, int waitfor, vfs_context_t context)
{
    (void)mp, (void)waitfor, (void)context;
    return 0;
}

struct vfsops ol_vfsops = {
    .vfs_mount = ol_mount,
    .vfs_start = ol_start,
    .vfs_unmount = ol_unmount,
    .vfs_root = ol_root,
    .vfs_getattr = ol_getattr,
    .vfs_sync = ol_sync,
};
