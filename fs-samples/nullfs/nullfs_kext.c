// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kext: its table of vnode operations, and what happens when it is loaded and unloaded.
 *
 * An operation that is not in the table is not passed on: what it means to the lower file system is not known
 * here. The type is not a local volume: the files may change below, through the lower file system's own
 * mount.
 */
#include "nullfs.h"
#include <vfs/vfs_support.h>

typedef int (*vnop_t)(void *);

int (**nullfs_vnodeop_p)(void *);
OSMallocTag nullfs_tag;
lck_grp_t *nullfs_lock_group;
static vfstable_t nullfs_table;

static struct vnodeopv_entry_desc nullfs_vnodeop_entries[] = {
    {&vnop_default_desc, (vnop_t)(void (*)(void))vn_default_error},
    {&vnop_lookup_desc, (vnop_t)nullfs_vnop_lookup},
    {&vnop_create_desc, (vnop_t)nullfs_vnop_create},
    {&vnop_mknod_desc, (vnop_t)nullfs_vnop_mknod},
    {&vnop_open_desc, (vnop_t)nullfs_vnop_open},
    {&vnop_close_desc, (vnop_t)nullfs_vnop_close},
    {&vnop_access_desc, (vnop_t)nullfs_vnop_access},
    {&vnop_getattr_desc, (vnop_t)nullfs_vnop_getattr},
    {&vnop_setattr_desc, (vnop_t)nullfs_vnop_setattr},
    {&vnop_read_desc, (vnop_t)nullfs_vnop_read},
    {&vnop_write_desc, (vnop_t)nullfs_vnop_write},
    {&vnop_ioctl_desc, (vnop_t)nullfs_vnop_ioctl},
    {&vnop_allocate_desc, (vnop_t)nullfs_vnop_allocate},
    {&vnop_fsync_desc, (vnop_t)nullfs_vnop_fsync},
    {&vnop_mmap_desc, (vnop_t)nullfs_vnop_mmap},
    {&vnop_mnomap_desc, (vnop_t)nullfs_vnop_mnomap},
    {&vnop_remove_desc, (vnop_t)nullfs_vnop_remove},
    {&vnop_link_desc, (vnop_t)nullfs_vnop_link},
    {&vnop_rename_desc, (vnop_t)nullfs_vnop_rename},
    {&vnop_renamex_desc, (vnop_t)nullfs_vnop_renamex},
    {&vnop_mkdir_desc, (vnop_t)nullfs_vnop_mkdir},
    {&vnop_rmdir_desc, (vnop_t)nullfs_vnop_rmdir},
    {&vnop_symlink_desc, (vnop_t)nullfs_vnop_symlink},
    {&vnop_readdir_desc, (vnop_t)nullfs_vnop_readdir},
    {&vnop_readlink_desc, (vnop_t)nullfs_vnop_readlink},
    {&vnop_inactive_desc, (vnop_t)nullfs_vnop_inactive},
    {&vnop_reclaim_desc, (vnop_t)nullfs_vnop_reclaim},
    {&vnop_pathconf_desc, (vnop_t)nullfs_vnop_pathconf},
    {&vnop_getxattr_desc, (vnop_t)nullfs_vnop_getxattr},
    {&vnop_setxattr_desc, (vnop_t)nullfs_vnop_setxattr},
    {&vnop_removexattr_desc, (vnop_t)nullfs_vnop_removexattr},
    {&vnop_listxattr_desc, (vnop_t)nullfs_vnop_listxattr},
    {NULL, NULL},
};

static struct vnodeopv_desc nullfs_vnodeop_opv_desc = {&nullfs_vnodeop_p, nullfs_vnodeop_entries};
static struct vnodeopv_desc *nullfs_opv_descs[] = {&nullfs_vnodeop_opv_desc};

static struct vfs_fsentry nullfs_fsentry = {
    .vfe_vfsops = &nullfs_vfsops,
    .vfe_vopcnt = 1,
    .vfe_opvdescs = nullfs_opv_descs,
    .vfe_fsname = "nullfs",
    .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK | VFS_TBLNOTYPENUM | VFS_TBLGENERICMNTARGS |
                 VFS_TBL64BITREADY | VFS_TBLREADDIR_EXTENDED | VFS_TBLVNOP_NOUPDATEID_RENAME,
};

kern_return_t nullfs_kext_start(kmod_info_t *info, void *data);
kern_return_t nullfs_kext_stop(kmod_info_t *info, void *data);

kern_return_t nullfs_kext_start(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    nullfs_lock_group = lck_grp_alloc_init("nullfs", LCK_GRP_ATTR_NULL);
    nullfs_tag = OSMalloc_Tagalloc("nullfs", OSMT_DEFAULT);
    if (!nullfs_lock_group || !nullfs_tag || vfs_fsadd(&nullfs_fsentry, &nullfs_table) != 0) {
        if (nullfs_tag)
            OSMalloc_Tagfree(nullfs_tag);
        if (nullfs_lock_group)
            lck_grp_free(nullfs_lock_group);
        return KERN_FAILURE;
    }
    return KERN_SUCCESS;
}

/* Refused while one is mounted. */
kern_return_t nullfs_kext_stop(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    if (vfs_fsremove(nullfs_table) != 0)
        return KERN_FAILURE;
    OSMalloc_Tagfree(nullfs_tag);
    lck_grp_free(nullfs_lock_group);
    return KERN_SUCCESS;
}
