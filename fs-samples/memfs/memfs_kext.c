// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kext: its table of vnode operations, and what happens when it is loaded and unloaded.
 *
 * There is no open, no close and no access operation: memfs has nothing to do there, and VFS checks
 * permissions.
 */
#include "memfs.h"
#include <vfs/vfs_support.h>

typedef int (*vnop_t)(void *);

int (**memfs_vnodeop_p)(void *);
OSMallocTag memfs_tag;
lck_grp_t *memfs_lock_group;
static vfstable_t memfs_table;

static struct vnodeopv_entry_desc memfs_vnodeop_entries[] = {
    {&vnop_default_desc, (vnop_t)(void (*)(void))vn_default_error},
    {&vnop_lookup_desc, (vnop_t)memfs_vnop_lookup},
    {&vnop_create_desc, (vnop_t)memfs_vnop_create},
    {&vnop_mknod_desc, (vnop_t)memfs_vnop_mknod},
    {&vnop_open_desc, (vnop_t)nop_open},
    {&vnop_close_desc, (vnop_t)nop_close},
    {&vnop_getattr_desc, (vnop_t)memfs_vnop_getattr},
    {&vnop_setattr_desc, (vnop_t)memfs_vnop_setattr},
    {&vnop_read_desc, (vnop_t)memfs_vnop_read},
    {&vnop_write_desc, (vnop_t)memfs_vnop_write},
    {&vnop_ioctl_desc, (vnop_t)memfs_vnop_ioctl},
    {&vnop_allocate_desc, (vnop_t)memfs_vnop_allocate},
    {&vnop_fsync_desc, (vnop_t)memfs_vnop_fsync},
    {&vnop_mmap_desc, (vnop_t)memfs_vnop_mmap},
    {&vnop_remove_desc, (vnop_t)memfs_vnop_remove},
    {&vnop_link_desc, (vnop_t)memfs_vnop_link},
    {&vnop_rename_desc, (vnop_t)memfs_vnop_rename},
    {&vnop_renamex_desc, (vnop_t)memfs_vnop_renamex},
    {&vnop_mkdir_desc, (vnop_t)memfs_vnop_mkdir},
    {&vnop_rmdir_desc, (vnop_t)memfs_vnop_rmdir},
    {&vnop_symlink_desc, (vnop_t)memfs_vnop_symlink},
    {&vnop_readdir_desc, (vnop_t)memfs_vnop_readdir},
    {&vnop_readlink_desc, (vnop_t)memfs_vnop_readlink},
    {&vnop_inactive_desc, (vnop_t)memfs_vnop_inactive},
    {&vnop_reclaim_desc, (vnop_t)memfs_vnop_reclaim},
    {&vnop_pathconf_desc, (vnop_t)memfs_vnop_pathconf},
    {&vnop_getxattr_desc, (vnop_t)memfs_vnop_getxattr},
    {&vnop_setxattr_desc, (vnop_t)memfs_vnop_setxattr},
    {&vnop_removexattr_desc, (vnop_t)memfs_vnop_removexattr},
    {&vnop_listxattr_desc, (vnop_t)memfs_vnop_listxattr},
    {NULL, NULL},
};

struct vnodeopv_desc memfs_vnodeop_opv_desc = {&memfs_vnodeop_p, memfs_vnodeop_entries};
static struct vnodeopv_desc *memfs_opv_descs[] = {&memfs_vnodeop_opv_desc};

static struct vfs_fsentry memfs_fsentry = {
    .vfe_vfsops = &memfs_vfsops,
    .vfe_vopcnt = 1,
    .vfe_opvdescs = memfs_opv_descs,
    .vfe_fsname = "memfs",
    .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK | VFS_TBLNOTYPENUM | VFS_TBLLOCALVOL |
                 VFS_TBLGENERICMNTARGS | VFS_TBL64BITREADY | VFS_TBLREADDIR_EXTENDED |
                 VFS_TBLVNOP_NOUPDATEID_RENAME | VFS_TBLVFSOPV,
    .vfe_reserv = {&memfs_vfsopv_desc},
};

kern_return_t memfs_kext_start(kmod_info_t *info, void *data);
kern_return_t memfs_kext_stop(kmod_info_t *info, void *data);

kern_return_t memfs_kext_start(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    return vfs_fsadd(&memfs_fsentry, &memfs_table) == 0 ? KERN_SUCCESS : KERN_FAILURE;
}

/* Refused while a memfs is mounted. */
kern_return_t memfs_kext_stop(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    return vfs_fsremove(memfs_table) == 0 ? KERN_SUCCESS : KERN_FAILURE;
}
