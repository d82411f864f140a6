// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on a whole file system: mount, unmount, root, statistics, the volume's name, sync, finding a
 * file by its number. Changing one that is mounted is in ext2_change.c.
 */
#include <sys/attr.h>

#include "ext2fs.h"

static int ext2_vfs_mount(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t context)
{
    struct ext2_options options = {0};
    struct ext2_mount *mnt;
    int error = ext2_options_read(data, &options);

    if (!error)
        error = ext2_mount_open(mp, devvp, &options, context, &mnt);
    if (error)
        return error;
    vfs_setfsprivate(mp, mnt);
    vfs_setlocklocal(mp);
    vfs_setmaxsymlen(mp, sizeof(((struct ext2_inode *)0)->i_block) - 1);
    ext2_statfs(mnt, vfs_statfs(mp));
    if (vfs_isrdwr(mp))
        error = ext2_mount_writable(mnt);
    if (!error)
        return 0;
    (void)vflush(mp, NULLVP, FORCECLOSE); /* of orphans */
    vfs_setfsprivate(mp, NULL);
    ext2_mount_close(mnt, context);
    return error;
}

static int ext2_vfs_start(mount_t mp, int flags, vfs_context_t context)
{
    (void)mp;
    (void)flags;
    (void)context;
    return 0;
}

static int ext2_vfs_unmount(mount_t mp, int mntflags, vfs_context_t context)
{
    struct ext2_mount *mnt = ext2_mount_of(mp);
    boolean_t force = (mntflags & MNT_FORCE) != 0;
    int error = vflush(mp, NULLVP, force ? FORCECLOSE : 0);

    if (error && !force)
        return error;
    if (!mnt->m_rdonly)
        error = ext2_mount_readonly(mnt, context);
    if (error && !force)
        return error;
    if (error)
        ext2_report(mnt, "not everything could be written: error %d; e2fsck should look at it", error);
    vfs_setfsprivate(mp, NULL);
    ext2_mount_close(mnt, context);
    return 0;
}

static int ext2_vfs_root(mount_t mp, vnode_t *vpp, vfs_context_t context)
{
    struct ext2_mount *mnt = ext2_mount_of(mp);
    int error = ext2_inode_get(mnt, E2_ROOT_INO, NULLVP, NULL, vpp);

    (void)context;
    if (error)
        return error == ESTALE ? ext2_damaged(mnt, "there is no root directory") : error;
    if (vnode_isdir(*vpp))
        return 0;
    vnode_put(*vpp);
    *vpp = NULLVP;
    return ext2_damaged(mnt, "the root is no directory");
}

/* ---- attributes of the volume ----------------------------------------------------------------------------
 */

static void capabilities(struct vfs_attr *attr)
{
    uint32_t format = VOL_CAP_FMT_PERSISTENTOBJECTIDS | VOL_CAP_FMT_SYMBOLICLINKS | VOL_CAP_FMT_HARDLINKS |
                      VOL_CAP_FMT_SPARSE_FILES | VOL_CAP_FMT_CASE_SENSITIVE | VOL_CAP_FMT_CASE_PRESERVING |
                      VOL_CAP_FMT_FAST_STATFS | VOL_CAP_FMT_2TB_FILESIZE;
    uint32_t interfaces = VOL_CAP_INT_NFSEXPORT | VOL_CAP_INT_VOL_RENAME | VOL_CAP_INT_EXTENDED_ATTR;

    bzero(&attr->f_capabilities, sizeof(attr->f_capabilities));
    attr->f_capabilities.capabilities[VOL_CAPABILITIES_FORMAT] = format;
    attr->f_capabilities.valid[VOL_CAPABILITIES_FORMAT] = format;
    attr->f_capabilities.capabilities[VOL_CAPABILITIES_INTERFACES] = interfaces;
    attr->f_capabilities.valid[VOL_CAPABILITIES_INTERFACES] = interfaces;
    VFSATTR_SET_SUPPORTED(attr, f_capabilities);
}

/* The name and what else the superblock holds. */
static void super_attributes(struct ext2_mount *mnt, struct vfs_attr *attr)
{
    struct timespec made = {0, 0}, written = {0, 0};

    lck_mtx_lock(mnt->m_super_lock);
    if (VFSATTR_IS_ACTIVE(attr, f_vol_name)) {
        size_t max = sizeof(mnt->m_super.s_volume_name), len = strnlen(mnt->m_super.s_volume_name, max);
        memcpy(attr->f_vol_name, mnt->m_super.s_volume_name, len);
        attr->f_vol_name[len] = '\0';
        VFSATTR_SET_SUPPORTED(attr, f_vol_name);
    }
    made.tv_sec = e2_le32(mnt->m_super.s_mkfs_time);
    written.tv_sec = e2_le32(mnt->m_super.s_wtime);
    memcpy(&attr->f_uuid, mnt->m_super.s_uuid, sizeof(attr->f_uuid));
    lck_mtx_unlock(mnt->m_super_lock);
    VFSATTR_SET_SUPPORTED(attr, f_uuid);
    VFSATTR_RETURN(attr, f_create_time, made);
    VFSATTR_RETURN(attr, f_modify_time, written);
}

static int ext2_vfs_getattr(mount_t mp, struct vfs_attr *attr, vfs_context_t context)
{
    struct ext2_mount *mnt = ext2_mount_of(mp);
    struct vfsstatfs sfs;

    (void)context;
    ext2_statfs(mnt, &sfs);
    VFSATTR_RETURN(attr, f_objcount, sfs.f_files - sfs.f_ffree);
    VFSATTR_RETURN(attr, f_dircount, atomic_load(&mnt->m_dirs));
    VFSATTR_RETURN(attr, f_maxobjcount, sfs.f_files);
    VFSATTR_RETURN(attr, f_bsize, sfs.f_bsize);
    VFSATTR_RETURN(attr, f_iosize, sfs.f_iosize);
    VFSATTR_RETURN(attr, f_blocks, sfs.f_blocks);
    VFSATTR_RETURN(attr, f_bfree, sfs.f_bfree);
    VFSATTR_RETURN(attr, f_bavail, sfs.f_bavail);
    VFSATTR_RETURN(attr, f_bused, sfs.f_bused);
    VFSATTR_RETURN(attr, f_files, sfs.f_files);
    VFSATTR_RETURN(attr, f_ffree, sfs.f_ffree);
    if (VFSATTR_IS_ACTIVE(attr, f_capabilities))
        capabilities(attr);
    super_attributes(mnt, attr);
    return 0;
}

static int ext2_vfs_setattr(mount_t mp, struct vfs_attr *attr, vfs_context_t context)
{
    struct ext2_mount *mnt = ext2_mount_of(mp);
    size_t max = sizeof(mnt->m_super.s_volume_name);

    (void)context;
    if (!VFSATTR_IS_ACTIVE(attr, f_vol_name))
        return 0;
    size_t len = strnlen(attr->f_vol_name, MAXPATHLEN);
    if (len > max)
        return ENAMETOOLONG;
    int error = ext2_unclean(mnt);
    if (error)
        return error;
    lck_mtx_lock(mnt->m_super_lock);
    bzero(mnt->m_super.s_volume_name, max);
    memcpy(mnt->m_super.s_volume_name, attr->f_vol_name, len);
    mnt->m_super_dirty = TRUE;
    lck_mtx_unlock(mnt->m_super_lock);
    VFSATTR_SET_SUPPORTED(attr, f_vol_name);
    return 0;
}

/* ---- sync, files by number -------------------------------------------------------------------------------
 */

static int ext2_vfs_sync(mount_t mp, int waitfor, vfs_context_t context)
{
    struct ext2_mount *mnt = ext2_mount_of(mp);

    return mnt->m_rdonly ? 0 : ext2_sync(mnt, waitfor, context);
}

static int ext2_vfs_vget(mount_t mp, ino64_t ino, vnode_t *vpp, vfs_context_t context)
{
    (void)context;
    if (ino > UINT32_MAX)
        return ENOENT;
    int error = ext2_inode_get(ext2_mount_of(mp), (uint32_t)ino, NULLVP, NULL, vpp);
    return error == ESTALE ? ENOENT : error;
}

/* What a handle of a file says: what its number and generation say. */
struct ext2_handle {
    uint32_t ino;
    uint32_t generation;
};

static int ext2_vfs_vptofh(vnode_t vp, int *fhlen, unsigned char *fhp, vfs_context_t context)
{
    const struct ext2_inode *ip = vtoi(vp);
    struct ext2_handle handle = {ip->i_ino, ip->i_generation};

    (void)context;
    if (*fhlen < (int)sizeof(handle))
        return EOVERFLOW;
    memcpy(fhp, &handle, sizeof(handle));
    *fhlen = (int)sizeof(handle);
    return 0;
}

static int ext2_vfs_fhtovp(mount_t mp, int fhlen, unsigned char *fhp, vnode_t *vpp, vfs_context_t context)
{
    struct ext2_handle handle;

    (void)context;
    if (fhlen != (int)sizeof(handle))
        return ESTALE;
    memcpy(&handle, fhp, sizeof(handle));
    int error = ext2_inode_get(ext2_mount_of(mp), handle.ino, NULLVP, NULL, vpp);
    if (error || vtoi(*vpp)->i_generation == handle.generation)
        return error;
    vnode_put(*vpp);
    *vpp = NULLVP;
    return ESTALE;
}

struct vfsops ext2_vfsops = {
    .vfs_mount = ext2_vfs_mount,
    .vfs_start = ext2_vfs_start,
    .vfs_unmount = ext2_vfs_unmount,
    .vfs_root = ext2_vfs_root,
    .vfs_getattr = ext2_vfs_getattr,
    .vfs_setattr = ext2_vfs_setattr,
    .vfs_sync = ext2_vfs_sync,
    .vfs_vget = ext2_vfs_vget,
    .vfs_fhtovp = ext2_vfs_fhtovp,
    .vfs_vptofh = ext2_vfs_vptofh,
};
