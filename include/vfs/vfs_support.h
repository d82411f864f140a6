// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stock vnode operations for file systems: nop_X succeeds without doing anything, err_X refuses with
 * ENOTSUP. Where an operation consumes references or answers through a pointer, the stock version does
 * what the contract asks.
 */
#ifndef KPI_VFS_VFS_SUPPORT_H
#define KPI_VFS_VFS_SUPPORT_H

#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/vnode_if.h>
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/proc.h>
#include <sys/conf.h>
#include <sys/mount.h>
#include <sys/vnode.h>
#include <sys/malloc.h>
#include <sys/dirent.h>

__BEGIN_DECLS
/** err_* - refuses: ENOTSUP. A pointer that the operation answers through gets "nothing"; err_revoke revokes
 * all the same. */
int err_access(struct vnop_access_args *ap);
int err_advlock(struct vnop_advlock_args *ap);
int err_allocate(struct vnop_allocate_args *ap);
int err_blktooff(struct vnop_blktooff_args *ap);
int err_blockmap(struct vnop_blockmap_args *ap);
int err_bwrite(struct vnop_bwrite_args *ap);
int err_close(struct vnop_close_args *ap);
int err_copyfile(struct vnop_copyfile_args *ap);
int err_create(struct vnop_create_args *ap);
int err_exchange(struct vnop_exchange_args *ap);
int err_fsync(struct vnop_fsync_args *ap);
int err_getattr(struct vnop_getattr_args *ap);
int err_inactive(struct vnop_inactive_args *ap);
int err_ioctl(struct vnop_ioctl_args *ap);
int err_link(struct vnop_link_args *ap);
int err_mkdir(struct vnop_mkdir_args *ap);
int err_mknod(struct vnop_mknod_args *ap);
int err_mmap(struct vnop_mmap_args *ap);
int err_monitor(struct vnop_monitor_args *ap);
int err_offtoblk(struct vnop_offtoblk_args *ap);
int err_open(struct vnop_open_args *ap);
int err_pagein(struct vnop_pagein_args *ap);
int err_pageout(struct vnop_pageout_args *ap);
int err_pathconf(struct vnop_pathconf_args *ap);
int err_read(struct vnop_read_args *ap);
int err_readdir(struct vnop_readdir_args *ap);
int err_readdirattr(struct vnop_readdirattr_args *ap);
int err_readlink(struct vnop_readlink_args *ap);
int err_reclaim(struct vnop_reclaim_args *ap);
int err_remove(struct vnop_remove_args *ap);
int err_rename(struct vnop_rename_args *ap);
int err_revoke(struct vnop_revoke_args *ap);
int err_rmdir(struct vnop_rmdir_args *ap);
int err_searchfs(struct vnop_searchfs_args *ap);
int err_select(struct vnop_select_args *ap);
int err_setattr(struct vnop_setattr_args *ap);
int err_strategy(struct vnop_strategy_args *ap);
int err_symlink(struct vnop_symlink_args *ap);
int err_whiteout(struct vnop_whiteout_args *ap);
int err_write(struct vnop_write_args *ap);
/** nop_* - does nothing and succeeds. A pointer that the operation answers through gets "nothing"; nop_revoke
 * is vn_revoke, nop_bwrite is buf_bwrite; nop_pagein and nop_pageout give the page list back and are EINVAL.
 */
int nop_access(struct vnop_access_args *ap);
int nop_advlock(struct vnop_advlock_args *ap);
int nop_allocate(struct vnop_allocate_args *ap);
int nop_blktooff(struct vnop_blktooff_args *ap);
int nop_blockmap(struct vnop_blockmap_args *ap);
int nop_bwrite(struct vnop_bwrite_args *ap);
int nop_close(struct vnop_close_args *ap);
int nop_copyfile(struct vnop_copyfile_args *ap);
int nop_create(struct vnop_create_args *ap);
int nop_exchange(struct vnop_exchange_args *ap);
int nop_fsync(struct vnop_fsync_args *ap);
int nop_getattr(struct vnop_getattr_args *ap);
int nop_inactive(struct vnop_inactive_args *ap);
int nop_ioctl(struct vnop_ioctl_args *ap);
int nop_link(struct vnop_link_args *ap);
int nop_mkdir(struct vnop_mkdir_args *ap);
int nop_mknod(struct vnop_mknod_args *ap);
int nop_mmap(struct vnop_mmap_args *ap);
int nop_monitor(struct vnop_monitor_args *ap);
int nop_offtoblk(struct vnop_offtoblk_args *ap);
int nop_open(struct vnop_open_args *ap);
int nop_pagein(struct vnop_pagein_args *ap);
int nop_pageout(struct vnop_pageout_args *ap);
int nop_pathconf(struct vnop_pathconf_args *ap);
int nop_read(struct vnop_read_args *ap);
int nop_readdir(struct vnop_readdir_args *ap);
int nop_readdirattr(struct vnop_readdirattr_args *ap);
int nop_readlink(struct vnop_readlink_args *ap);
int nop_reclaim(struct vnop_reclaim_args *ap);
int nop_remove(struct vnop_remove_args *ap);
int nop_rename(struct vnop_rename_args *ap);
int nop_revoke(struct vnop_revoke_args *ap);
int nop_rmdir(struct vnop_rmdir_args *ap);
int nop_searchfs(struct vnop_searchfs_args *ap);
int nop_select(struct vnop_select_args *ap);
int nop_setattr(struct vnop_setattr_args *ap);
int nop_strategy(struct vnop_strategy_args *ap);
int nop_symlink(struct vnop_symlink_args *ap);
int nop_whiteout(struct vnop_whiteout_args *ap);
int nop_write(struct vnop_write_args *ap);
__END_DECLS

#endif /* KPI_VFS_VFS_SUPPORT_H */
