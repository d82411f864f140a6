// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kext: its table of vnode operations, and what happens when it is loaded and unloaded.
 */
#include "onelockfs.h"
#include <vfs/vfs_support.h>

typedef int (*vnop_t)(void *);

int (**ol_vnodeop_p)(void *);
OSMallocTag ol_tag;
lck_grp_t *ol_lock_group;
static vfstable_t ol_table;

static struct vnodeopv_entry_desc ol_vnodeop_entries[] = {
    {&vnop_default_desc, (vnop_t)(void (*)(void))vn_default_error},
    {&vnop_open_desc, (vnop_t)nop_open},
    {&vnop_close_desc, (vnop_t)nop_close},
    {&vnop_lookup_desc, (vnop_t)ol_vnop_lookup},
    {&vnop_create_desc, (vnop_t)ol_vnop_create},
    {&vnop_getattr_desc, (vnop_t)ol_vnop_getattr},
    {&vnop_setattr_desc, (vnop_t)ol_vnop_setattr},
    {&vnop_read_desc, (vnop_t)ol_vnop_read},
    {&vnop_write_desc, (vnop_t)ol_vnop_write},
    {&vnop_fsync_desc, (vnop_t)ol_vnop_fsync},
    {&vnop_remove_desc, (vnop_t)ol_vnop_remove},
    {&vnop_link_desc, (vnop_t)ol_vnop_link},
    {&vnop_rename_desc, (vnop_t)ol_vnop_rename},
    {&vnop_mkdir_desc, (vnop_t)ol_vnop_mkdir},
    {&vnop_rmdir_desc, (vnop_t)ol_vnop_rmdir},
    {&vnop_symlink_desc, (vnop_t)ol_vnop_symlink},
    {&vnop_readdir_desc, (vnop_t)ol_vnop_readdir},
    {&vnop_readlink_desc, (vnop_t)ol_vnop_readlink},
    {&vnop_inactive_desc, (vnop_t)ol_vnop_inactive},
    {&vnop_reclaim_desc, (vnop_t)ol_vnop_reclaim},
    {&vnop_pathconf_desc, (vnop_t)ol_vnop_pathconf},
    {NULL, NULL},
};

static struct vnodeopv_desc ol_vnodeop_opv_desc = {&ol_vnodeop_p, ol_vnodeop_entries};
static struct vnodeopv_desc *ol_opv_descs[] = {&ol_vnodeop_opv_desc};

static struct vfs_fsentry ol_fsentry = {
    .vfe_vfsops = &ol_vfsops,
    .vfe_vopcnt = 1,
    .vfe_opvdescs = ol_opv_descs,
    .vfe_fsname = "onelockfs",
    .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK | VFS_TBLNOTYPENUM | VFS_TBLLOCALVOL |
                 VFS_TBLGENERICMNTARGS | VFS_TBL64BITREADY | VFS_TBLREADDIR_EXTENDED,
};

kern_return_t onelockfs_kext_start(kmod_info_t *info, void *data);
kern_return_t onelockfs_kext_stop(kmod_info_t *info, void *data);

kern_return_t onelockfs_kext_start(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    ol_lock_group = lck_grp_alloc_init("onelockfs", LCK_GRP_ATTR_NULL);
    ol_tag = OSMalloc_Tagalloc("onelockfs", OSMT_DEFAULT);
    if (!ol_lock_group || !ol_tag || vfs_fsadd(&ol_fsentry, &ol_table) != 0) {
        if (ol_tag)
            OSMalloc_Tagfree(ol_tag);
        if (ol_lock_group)
            lck_grp_free(ol_lock_group);
        return KERN_FAILURE;
    }
    return KERN_SUCCESS;
}

/* Refused while one is mounted. */
kern_return_t onelockfs_kext_stop(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    if (vfs_fsremove(ol_table) != 0)
        return KERN_FAILURE;
    OSMalloc_Tagfree(ol_tag);
    lck_grp_free(ol_lock_group);
    return KERN_SUCCESS;
}
