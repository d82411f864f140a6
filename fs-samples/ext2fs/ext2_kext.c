// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kext: its tables of vnode operations, and what happens when it is loaded and unloaded.
 *
 * Three tables: one for what has contents or names here, one for device nodes and one for FIFOs, whose
 * contents are others' and whose attributes are ours.
 */
#include <miscfs/fifofs/fifo.h>
#include <miscfs/specfs/specdev.h>
#include <sys/vfs_operation.h>
#include <vfs/vfs_support.h>

#include "ext2fs.h"

typedef int (*vnop_t)(void *);
#define OP(name, function)                                                                                   \
    {                                                                                                        \
        &vnop_##name##_desc, (vnop_t)(void (*)(void))(function)                                              \
    }

int (**ext2_vnodeop_p)(void *);
int (**ext2_specop_p)(void *);
int (**ext2_fifoop_p)(void *);
OSMallocTag ext2_tag;
lck_grp_t *ext2_lock_group;
static vfstable_t ext2_table;

static struct vnodeopv_entry_desc vnode_entries[] = {
    OP(default, vn_default_error),
    OP(lookup, ext2_vnop_lookup),
    OP(open, nop_open),
    OP(close, nop_close),
    OP(getattr, ext2_vnop_getattr),
    OP(setattr, ext2_vnop_setattr),
    OP(read, ext2_vnop_read),
    OP(fsync, ext2_vnop_fsync),
    OP(mmap, ext2_vnop_mmap),
    OP(readdir, ext2_vnop_readdir),
    OP(readlink, ext2_vnop_readlink),
    OP(inactive, ext2_vnop_inactive),
    OP(reclaim, ext2_vnop_reclaim),
    OP(pathconf, ext2_vnop_pathconf),
    OP(blockmap, ext2_vnop_blockmap),
    OP(strategy, ext2_vnop_strategy),
    OP(blktooff, ext2_vnop_blktooff),
    OP(offtoblk, ext2_vnop_offtoblk),
    OP(pagein, ext2_vnop_pagein),
    {NULL, NULL},
};

static struct vnodeopv_entry_desc spec_entries[] = {
    OP(default, vn_default_error),
    OP(lookup, spec_lookup),
    OP(open, spec_open),
    OP(close, spec_close),
    OP(getattr, ext2_vnop_getattr),
    OP(setattr, ext2_vnop_setattr),
    OP(read, spec_read),
    OP(write, spec_write),
    OP(ioctl, spec_ioctl),
    OP(select, spec_select),
    OP(fsync, ext2_vnop_fsync),
    OP(inactive, ext2_vnop_inactive),
    OP(reclaim, ext2_vnop_reclaim),
    OP(strategy, spec_strategy),
    OP(bwrite, vn_bwrite),
    OP(pathconf, spec_pathconf),
    OP(advlock, spec_advlock),
    {NULL, NULL},
};

static struct vnodeopv_entry_desc fifo_entries[] = {
    OP(default, vn_default_error),
    OP(lookup, fifo_lookup),
    OP(open, fifo_open),
    OP(close, fifo_close),
    OP(getattr, ext2_vnop_getattr),
    OP(setattr, ext2_vnop_setattr),
    OP(read, fifo_read),
    OP(write, fifo_write),
    OP(ioctl, fifo_ioctl),
    OP(select, fifo_select),
    OP(fsync, ext2_vnop_fsync),
    OP(inactive, ext2_vnop_inactive),
    OP(reclaim, ext2_vnop_reclaim),
    OP(pathconf, fifo_pathconf),
    OP(advlock, fifo_advlock),
    {NULL, NULL},
};

static struct vnodeopv_desc vnode_desc = {&ext2_vnodeop_p, vnode_entries};
static struct vnodeopv_desc spec_desc = {&ext2_specop_p, spec_entries};
static struct vnodeopv_desc fifo_desc = {&ext2_fifoop_p, fifo_entries};
static struct vnodeopv_desc *ext2_opv_descs[] = {&vnode_desc, &spec_desc, &fifo_desc};

static struct vfs_fsentry ext2_fsentry = {
    .vfe_vfsops = &ext2_vfsops,
    .vfe_vopcnt = 3,
    .vfe_opvdescs = ext2_opv_descs,
    .vfe_fsname = "ext2fs",
    .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK | VFS_TBLNOTYPENUM | VFS_TBLLOCALVOL |
                 VFS_TBL64BITREADY | VFS_TBLREADDIR_EXTENDED | VFS_TBLVNOP_NOUPDATEID_RENAME | VFS_TBLVFSOPV,
    .vfe_reserv = {&ext2_vfsopv_desc},
};

kern_return_t ext2_kext_start(kmod_info_t *info, void *data);
kern_return_t ext2_kext_stop(kmod_info_t *info, void *data);

kern_return_t ext2_kext_start(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    return vfs_fsadd(&ext2_fsentry, &ext2_table) == 0 ? KERN_SUCCESS : KERN_FAILURE;
}

/* Refused while one is mounted. */
kern_return_t ext2_kext_stop(kmod_info_t *info, void *data)
{
    (void)info;
    (void)data;
    return vfs_fsremove(ext2_table) == 0 ? KERN_SUCCESS : KERN_FAILURE;
}
