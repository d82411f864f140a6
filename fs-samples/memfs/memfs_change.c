// SPDX-License-Identifier: BSD-2-Clause
/*
 * What may be done to a memfs that is mounted: grow, shrink, change its limits, drop what VFS keeps of it.
 * And the vector that tells VFS of these operations, and of what is to be done when the type comes and goes.
 *
 * Sizes: m_free_bytes is what counts, and is taken and given without a lock; so shrinking takes what it takes
 * away as if it were to be used, and fails if that is not free. VFS allows one change of a mount at a time.
 */
#include "memfs.h"
#include <sys/vfs_operation.h>

static int init(struct vfsop_init_args *ap)
{
    (void)ap;
    memfs_lock_group = lck_grp_alloc_init("memfs", LCK_GRP_ATTR_NULL);
    memfs_tag = OSMalloc_Tagalloc("memfs", OSMT_DEFAULT);
    if (memfs_lock_group && memfs_tag)
        return 0;
    if (memfs_tag)
        OSMalloc_Tagfree(memfs_tag);
    if (memfs_lock_group)
        lck_grp_free(memfs_lock_group);
    return ENOMEM;
}

static int uninit(struct vfsop_uninit_args *ap)
{
    (void)ap;
    OSMalloc_Tagfree(memfs_tag);
    lck_grp_free(memfs_lock_group);
    return 0;
}

/* Whole pages of at least one. */
static int size_check(uint64_t bytes)
{
    return bytes < MEMFS_PAGE_SIZE || bytes > (uint64_t)INT64_MAX ? EINVAL : 0;
}

static void grow(struct memfs_mount *mnt, uint64_t bytes)
{
    uint64_t more = bytes - mnt->m_max_bytes;

    mnt->m_max_bytes = bytes;
    memfs_space_give(mnt, more);
}

static int shrink(struct memfs_mount *mnt, uint64_t bytes)
{
    int error = memfs_space_take(mnt, mnt->m_max_bytes - bytes);

    if (!error)
        mnt->m_max_bytes = bytes;
    return error;
}

static int extend(struct vfsop_extend_args *ap)
{
    int error = size_check(ap->a_bytes);

    if (!error)
        grow(memfs_mount_of(ap->a_mp), ap->a_bytes);
    return error;
}

static int truncate(struct vfsop_truncate_args *ap)
{
    int error = size_check(ap->a_bytes);

    return error ? error : shrink(memfs_mount_of(ap->a_mp), ap->a_bytes);
}

/* The limits that the options name; the root's owner and mode are for a new file system only. */
static int update(struct vfsop_update_args *ap)
{
    struct memfs_mount *mnt = memfs_mount_of(ap->a_mp);
    struct memfs_options options;

    memfs_options_default(&options, ap->a_context);
    options.bytes = mnt->m_max_bytes;
    options.nodes = mnt->m_max_nodes;
    int error = memfs_options_read(ap->a_data, &options);
    if (!error)
        error = size_check(options.bytes);
    if (!error && options.nodes < memfs_nodes_used(mnt))
        error = ENOSPC;
    if (!error && options.bytes < mnt->m_max_bytes)
        error = shrink(mnt, options.bytes);
    else if (!error)
        grow(mnt, options.bytes);
    if (!error)
        mnt->m_max_nodes = options.nodes;
    return error;
}

static int go_on(vnode_t vp, void *arg)
{
    (void)vp;
    (void)arg;
    return VNODE_RETURNED;
}

/* The nodes are the store. All that lies above them are vnodes, so those that nobody uses go. */
static int reload(struct vfsop_reload_args *ap)
{
    return vnode_iterate(ap->a_mp, VNODE_RELOAD, go_on, NULL);
}

typedef int (*vfsop_t)(void *);
static struct vfsopv_entry_desc entries[] = {
    {&vfsop_init_desc, (vfsop_t)init},
    {&vfsop_uninit_desc, (vfsop_t)uninit},
    {&vfsop_extend_desc, (vfsop_t)extend},
    {&vfsop_truncate_desc, (vfsop_t)truncate},
    {&vfsop_update_desc, (vfsop_t)update},
    {&vfsop_reload_desc, (vfsop_t)reload},
    {NULL, NULL},
};
struct vfsopv_desc memfs_vfsopv_desc = {entries};
