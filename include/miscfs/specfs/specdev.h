// SPDX-License-Identifier: BSD-2-Clause
/*
 * Device vnodes: the stock operations that a file system puts into the vector for its device nodes.
 */
#ifndef KPI_MISCFS_SPECFS_SPECDEV_H
#define KPI_MISCFS_SPECFS_SPECDEV_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/vnode_if.h>
#include <vfs/vfs_support.h>
#include <mach/mach_types.h>

/* State of a device that one or more vnodes stand for. */
struct specinfo {
    struct vnode **si_hashchain;
    struct vnode *si_specnext;
    long si_flags; /* SI_* */
    dev_t si_rdev;
    int32_t si_opencount;
    daddr_t si_size; /* device blocks */
    daddr64_t si_lastr;
    u_int64_t si_devsize; /* bytes */
    u_int8_t si_initted;
    u_int8_t si_throttleable;
    u_int16_t si_isssd;
    u_int32_t si_devbsdunit;
    u_int64_t si_throttle_mask;
    thread_t si_mountingowner;
};
#define SI_MOUNTEDON   0x1
#define SI_ALIASED     0x2
#define SI_MOUNTING    0x4
#define SPECHSZ        64
#define SPECHASH(rdev) (((rdev >> 21) + (rdev)) % SPECHSZ)

struct flock;

__BEGIN_DECLS
/** spec_vnodeop_p - the operation vector of device vnodes. */
extern int (**spec_vnodeop_p)(void *);

/** spec_* - the stock operations for the vector of device nodes. open, close, read, write, ioctl, select and
 * strategy are the driver's of bdevsw_add or cdevsw_add, ENXIO without one; opening the block device of a
 * mounted disk is EBUSY; lookup ENOTDIR, fsync succeeds; spec_ebadf is EBADF. */
int spec_ebadf(void *dummy);
int spec_lookup(struct vnop_lookup_args *ap);
int spec_open(struct vnop_open_args *ap);
int spec_close(struct vnop_close_args *ap);
int spec_read(struct vnop_read_args *ap);
int spec_write(struct vnop_write_args *ap);
int spec_ioctl(struct vnop_ioctl_args *ap);
int spec_select(struct vnop_select_args *ap);
int spec_fsync(struct vnop_fsync_args *ap);
int spec_strategy(struct vnop_strategy_args *ap);
int spec_pathconf(struct vnop_pathconf_args *ap);
__END_DECLS

#define spec_create   (int (*)(struct vnop_create_args *)) err_create
#define spec_mknod    (int (*)(struct vnop_mknod_args *)) err_mknod
#define spec_access   (int (*)(struct vnop_access_args *)) spec_ebadf
#define spec_getattr  (int (*)(struct vnop_getattr_args *)) spec_ebadf
#define spec_setattr  (int (*)(struct vnop_setattr_args *)) spec_ebadf
#define spec_revoke   (int (*)(struct vnop_revoke_args *)) nop_revoke
#define spec_mmap     (int (*)(struct vnop_mmap_args *)) err_mmap
#define spec_remove   (int (*)(struct vnop_remove_args *)) err_remove
#define spec_link     (int (*)(struct vnop_link_args *)) err_link
#define spec_rename   (int (*)(struct vnop_rename_args *)) err_rename
#define spec_mkdir    (int (*)(struct vnop_mkdir_args *)) err_mkdir
#define spec_rmdir    (int (*)(struct vnop_rmdir_args *)) err_rmdir
#define spec_symlink  (int (*)(struct vnop_symlink_args *)) err_symlink
#define spec_readdir  (int (*)(struct vnop_readdir_args *)) err_readdir
#define spec_readlink (int (*)(struct vnop_readlink_args *)) err_readlink
#define spec_inactive (int (*)(struct vnop_inactive_args *)) nop_inactive
#define spec_reclaim  (int (*)(struct vnop_reclaim_args *)) nop_reclaim
#define spec_advlock  (int (*)(struct vnop_advlock_args *)) err_advlock
#define spec_blktooff (int (*)(struct vnop_blktooff_args *)) err_blktooff
#define spec_offtoblk (int (*)(struct vnop_offtoblk_args *)) err_offtoblk
#define spec_blockmap (int (*)(struct vnop_blockmap_args *)) err_blockmap

#endif /* KPI_MISCFS_SPECFS_SPECDEV_H */
