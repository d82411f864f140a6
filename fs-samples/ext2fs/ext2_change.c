// SPDX-License-Identifier: BSD-2-Clause
/*
 * What may be done to a file system that is mounted: between read-only and writable, reload, suspend and
 * resume. And the vector that tells VFS of these operations, and of what is to be done when the type comes
 * and goes.
 *
 * VFS allows one change of a mount at a time.
 */
#include <sys/vfs_operation.h>

#include "ext2fs.h"

static int init(struct vfsop_init_args *ap)
{
    (void)ap;
    ext2_csum_init();
    ext2_lock_group = lck_grp_alloc_init("ext2fs", LCK_GRP_ATTR_NULL);
    ext2_tag = OSMalloc_Tagalloc("ext2fs", OSMT_DEFAULT);
    if (ext2_lock_group && ext2_tag)
        return 0;
    if (ext2_tag)
        OSMalloc_Tagfree(ext2_tag);
    if (ext2_lock_group)
        lck_grp_free(ext2_lock_group);
    return ENOMEM;
}

static int uninit(struct vfsop_uninit_args *ap)
{
    (void)ap;
    OSMalloc_Tagfree(ext2_tag);
    lck_grp_free(ext2_lock_group);
    return 0;
}

static int update(struct vfsop_update_args *ap)
{
    struct ext2_mount *mnt = ext2_mount_of(ap->a_mp);
    struct ext2_options options = mnt->m_options;
    boolean_t rdonly = (ap->a_flags & MNT_RDONLY) != 0;
    int error = ext2_options_read(ap->a_data, &options);

    if (error)
        return error;
    struct ext2_options before = mnt->m_options;
    mnt->m_options = options;
    if (rdonly && !mnt->m_rdonly)
        error = ext2_mount_readonly(mnt, ap->a_context);
    else if (!rdonly && mnt->m_rdonly)
        error = ext2_mount_writable(mnt);
    if (error)
        mnt->m_options = before;
    return error;
}

static int go_on(vnode_t vp, void *arg)
{
    (void)vp;
    (void)arg;
    return VNODE_RETURNED;
}

/* What is cached is as old as the mount. The sizes must be what they were: vnodes in use stay. */
static int reload(struct vfsop_reload_args *ap)
{
    struct ext2_mount *mnt = ext2_mount_of(ap->a_mp);
    e2_block_t blocks = mnt->m_blocks;
    uint32_t block_size = mnt->m_block_size, inode_size = mnt->m_inode_size;
    int error = vnode_iterate(ap->a_mp, VNODE_RELOAD, go_on, NULL);

    if (!error)
        error = buf_invalidateblks(mnt->m_dev, BUF_INVALIDATE_LOCKED, 0, 0);
    if (error)
        return error;
    ext2_groups_free(mnt);
    error = ext2_super_read(mnt, FALSE);
    if (!error &&
        (mnt->m_blocks != blocks || mnt->m_block_size != block_size || mnt->m_inode_size != inode_size)) {
        ext2_report(mnt, "it has another size now: unmount it and mount it again");
        error = EINVAL;
    }
    return error ? error : ext2_groups_read(mnt);
}

/* VFS has had everything written. Whoever copies the disk now finds it clean. */
static int suspend(struct vfsop_suspend_args *ap)
{
    struct ext2_mount *mnt = ext2_mount_of(ap->a_mp);

    return mnt->m_rdonly ? 0 : ext2_clean(mnt);
}

static int resume(struct vfsop_resume_args *ap)
{
    struct ext2_mount *mnt = ext2_mount_of(ap->a_mp);

    return mnt->m_rdonly ? 0 : ext2_unclean(mnt);
}

typedef int (*vfsop_t)(void *);
static struct vfsopv_entry_desc entries[] = {
    {&vfsop_init_desc, (vfsop_t)init},
    {&vfsop_uninit_desc, (vfsop_t)uninit},
    {&vfsop_update_desc, (vfsop_t)update},
    {&vfsop_reload_desc, (vfsop_t)reload},
    {&vfsop_suspend_desc, (vfsop_t)suspend},
    {&vfsop_resume_desc, (vfsop_t)resume},
    {NULL, NULL},
};
struct vfsopv_desc ext2_vfsopv_desc = {entries};
