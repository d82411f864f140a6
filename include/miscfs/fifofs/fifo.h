// SPDX-License-Identifier: BSD-2-Clause
/*
 * FIFO vnodes: the stock operations that a file system puts into the vector for its FIFOs.
 */
#ifndef KPI_MISCFS_FIFOFS_FIFO_H
#define KPI_MISCFS_FIFOFS_FIFO_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/vnode_if.h>
#include <vfs/vfs_support.h>

__BEGIN_DECLS
/** fifo_vnodeop_p - the operation vector of FIFOs. */
extern int (**fifo_vnodeop_p)(void *);

/** fifo_* - the stock operations for the vector of FIFOs: open, read and write ENOTSUP (the host serves FIFOs
 *  itself), ioctl ENOTTY, advlock ENOTSUP, lookup ENOTDIR, the others succeed. */
int fifo_lookup(struct vnop_lookup_args *ap);
int fifo_open(struct vnop_open_args *ap);
int fifo_close(struct vnop_close_args *ap);
int fifo_read(struct vnop_read_args *ap);
int fifo_write(struct vnop_write_args *ap);
int fifo_ioctl(struct vnop_ioctl_args *ap);
int fifo_select(struct vnop_select_args *ap);
int fifo_inactive(struct vnop_inactive_args *ap);
int fifo_pathconf(struct vnop_pathconf_args *ap);
int fifo_advlock(struct vnop_advlock_args *ap);
__END_DECLS

#define fifo_create   (int (*)(struct vnop_create_args *)) err_create
#define fifo_mknod    (int (*)(struct vnop_mknod_args *)) err_mknod
#define fifo_access   (int (*)(struct vnop_access_args *)) spec_ebadf
#define fifo_getattr  (int (*)(struct vnop_getattr_args *)) spec_ebadf
#define fifo_setattr  (int (*)(struct vnop_setattr_args *)) spec_ebadf
#define fifo_revoke   nop_revoke
#define fifo_mmap     (int (*)(struct vnop_mmap_args *)) err_mmap
#define fifo_fsync    (int (*)(struct vnop_fsync_args *)) nullop
#define fifo_remove   (int (*)(struct vnop_remove_args *)) err_remove
#define fifo_link     (int (*)(struct vnop_link_args *)) err_link
#define fifo_rename   (int (*)(struct vnop_rename_args *)) err_rename
#define fifo_mkdir    (int (*)(struct vnop_mkdir_args *)) err_mkdir
#define fifo_rmdir    (int (*)(struct vnop_rmdir_args *)) err_rmdir
#define fifo_symlink  (int (*)(struct vnop_symlink_args *)) err_symlink
#define fifo_readdir  (int (*)(struct vnop_readdir_args *)) err_readdir
#define fifo_readlink (int (*)(struct vnop_readlink_args *)) err_readlink
#define fifo_reclaim  (int (*)(struct vnop_reclaim_args *)) nullop
#define fifo_strategy (int (*)(struct vnop_strategy_args *)) err_strategy
#define fifo_bwrite   (int (*)(struct vnop_bwrite_args *)) nullop
#define fifo_blktooff (int (*)(struct vnop_blktooff_args *)) err_blktooff
#define fifo_offtoblk (int (*)(struct vnop_offtoblk_args *)) err_offtoblk
#define fifo_blockmap (int (*)(struct vnop_blockmap_args *)) err_blockmap

#endif /* KPI_MISCFS_FIFOFS_FIFO_H */
