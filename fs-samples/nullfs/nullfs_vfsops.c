// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on a whole nullfs: mount, unmount, root, statistics.
 *
 * What is shown is the directory that the mount option "lower=PATH" names, or without it the mount's source;
 * a path in the kernel's own tree, found with the rights of whoever mounts.
 */
#include "nullfs.h"

#define OPTION "lower="

/* The path of the lower directory, NUL-terminated, into `path`. */
static int lower_path(mount_t mp, user_addr_t data, char path[MAXPATHLEN])
{
    size_t done;

    if (data == USER_ADDR_NULL) {
        strlcpy(path, vfs_statfs(mp)->f_mntfromname, MAXPATHLEN);
        return 0;
    }
    int error = copyinstr(data, path, MAXPATHLEN, &done);
    if (error)
        return error;
    if (strncmp(path, OPTION, strlen(OPTION)) != 0) {
        printf("nullfs: bad mount option \"%s\"; there is lower=PATH\n", path);
        return EINVAL;
    }
    memmove(path, path + strlen(OPTION), done - strlen(OPTION));
    return 0;
}

/* With one usecount and one iocount. */
static int lower_find(mount_t mp, user_addr_t data, vfs_context_t context, vnode_t *lowerp)
{
    char *path = OSMalloc(MAXPATHLEN, nullfs_tag);
    vnode_t lower = NULLVP;

    if (!path)
        return ENOMEM;
    int error = lower_path(mp, data, path);
    if (!error)
        error = vnode_lookup(path, 0, &lower, context);
    if (!error && !vnode_isdir(lower))
        error = ENOTDIR;
    if (!error)
        error = vnode_ref(lower);
    if (error && error != EINVAL)
        printf("nullfs: cannot show \"%s\": error %d\n", path, error);
    if (error && lower)
        vnode_put(lower);
    OSFree(path, MAXPATHLEN, nullfs_tag);
    *lowerp = lower;
    return error;
}

/* The caller holds an iocount on m_lower. */
static void fill_statfs(struct nullfs_mount *mnt, struct vfsstatfs *sfs, vfs_context_t context)
{
    mount_t below = vnode_mount(mnt->m_lower);

    /* If the file system below does not answer, the figures are those it gave last. */
    (void)vfs_update_vfsstat(below, context, VFS_KERNEL_EVENT);
    const struct vfsstatfs *lower = vfs_statfs(below);
    sfs->f_bsize = lower->f_bsize;
    sfs->f_iosize = lower->f_iosize;
    sfs->f_blocks = lower->f_blocks;
    sfs->f_bused = lower->f_bused;
    sfs->f_bfree = lower->f_bfree;
    sfs->f_bavail = lower->f_bavail;
    sfs->f_files = lower->f_files;
    sfs->f_ffree = lower->f_ffree;
}

static int nullfs_mount(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t context)
{
    (void)devvp;
    if (vfs_isupdate(mp))
        return 0; /* flags are VFS's affair, and what is shown stays */
    struct nullfs_mount *mnt = OSMalloc(sizeof(*mnt), nullfs_tag);
    if (!mnt)
        return ENOMEM;
    bzero(mnt, sizeof(*mnt));
    mnt->m_mount = mp;
    mnt->m_lock = lck_mtx_alloc_init(nullfs_lock_group, LCK_ATTR_NULL);
    int error = mnt->m_lock ? lower_find(mp, data, context, &mnt->m_lower) : ENOMEM;
    if (error) {
        if (mnt->m_lock)
            lck_mtx_free(mnt->m_lock, nullfs_lock_group);
        OSFree(mnt, sizeof(*mnt), nullfs_tag);
        return error;
    }
    if (vfs_authopaque(vnode_mount(mnt->m_lower)))
        vfs_setauthopaque(mp);
    vfs_setfsprivate(mp, mnt);
    fill_statfs(mnt, vfs_statfs(mp), context);
    vnode_put(mnt->m_lower);
    return 0;
}

static int nullfs_start(mount_t mp, int flags, vfs_context_t context)
{
    (void)mp, (void)flags, (void)context;
    return 0;
}

static int nullfs_unmount(mount_t mp, int mntflags, vfs_context_t context)
{
    struct nullfs_mount *mnt = vfs_fsprivate(mp);
    int error = vflush(mp, NULLVP, (mntflags & MNT_FORCE) ? FORCECLOSE : 0);

    (void)context;
    if (error)
        return error;
    vfs_setfsprivate(mp, NULL);
    vnode_rele(mnt->m_lower);
    lck_mtx_free(mnt->m_lock, nullfs_lock_group);
    OSFree(mnt, sizeof(*mnt), nullfs_tag);
    return 0;
}

static int nullfs_root(mount_t mp, vnode_t *vpp, vfs_context_t context)
{
    struct nullfs_mount *mnt = vfs_fsprivate(mp);

    (void)context;
    if (vnode_getwithref(mnt->m_lower) != 0)
        return ENXIO;
    int error = nullfs_node_vnode(mnt, mnt->m_lower, NULLVP, NULL, vpp);
    vnode_put(mnt->m_lower);
    return error;
}

static int nullfs_getattr(mount_t mp, struct vfs_attr *attr, vfs_context_t context)
{
    struct vfsstatfs sfs = {0};

    if (vnode_getwithref(((struct nullfs_mount *)vfs_fsprivate(mp))->m_lower) != 0)
        return ENXIO;
    fill_statfs(vfs_fsprivate(mp), &sfs, context);
    vnode_put(((struct nullfs_mount *)vfs_fsprivate(mp))->m_lower);
    VFSATTR_RETURN(attr, f_bsize, sfs.f_bsize);
    VFSATTR_RETURN(attr, f_iosize, sfs.f_iosize);
    VFSATTR_RETURN(attr, f_blocks, sfs.f_blocks);
    VFSATTR_RETURN(attr, f_bused, sfs.f_bused);
    VFSATTR_RETURN(attr, f_bfree, sfs.f_bfree);
    VFSATTR_RETURN(attr, f_bavail, sfs.f_bavail);
    VFSATTR_RETURN(attr, f_files, sfs.f_files);
    VFSATTR_RETURN(attr, f_ffree, sfs.f_ffree);
    return 0;
}

/* Nothing is kept here; the lower file system's own mount is synced as such. */
static int nullfs_sync(mount_t mp, int waitfor, vfs_context_t context)
{
    (void)mp, (void)waitfor, (void)context;
    return 0;
}

struct vfsops nullfs_vfsops = {
    .vfs_mount = nullfs_mount,
    .vfs_start = nullfs_start,
    .vfs_unmount = nullfs_unmount,
    .vfs_root = nullfs_root,
    .vfs_getattr = nullfs_getattr,
    .vfs_sync = nullfs_sync,
};
