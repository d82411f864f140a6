// SPDX-License-Identifier: BSD-2-Clause
/*
 * The stock operations of device nodes, which a file system puts into the vector for them (spec_*).
 *
 * A device whose major is registered (bdevsw_add, cdevsw_add) is that driver's; every other device can be
 * made, listed and removed but not opened: ENXIO. The attributes of a node belong to its file system.
 * Opening a device through a FUSE mount is the affair of the host's kernel, which does not pass it on; what
 * comes here are opens in the kernel's own tree.
 *
 * The driver is told of the first open and of every one after it, and of the last close only. No lock is held
 * over its functions. Called through the vectors of file systems, and by the root file system for /dev.
 */
#include <sys/buf.h>
#include <sys/disk.h>
#include <sys/fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <sys/unistd.h>
#include <miscfs/specfs/specdev.h>

#include "buf/buf_iface.h"
#include "vfs/device_internal.h"
#include "vfs/vnode_internal.h"

int spec_ebadf(void *dummy)
{
    (void)dummy;
    return EBADF;
}

int spec_lookup(struct vnop_lookup_args *ap)
{
    *ap->a_vpp = NULLVP;
    return ENOTDIR;
}

/* The driver of @vp, whichever kind it is of. */
struct driver {
    bool block;
    struct bdevsw blocks;
    struct cdevsw chars;
};

static bool driver_of(vnode_t vp, struct driver *driver)
{
    driver->block = vnode_isblk(vp);
    if (driver->block)
        return device_block_get(vnode_specrdev(vp), &driver->blocks);
    return vnode_ischr(vp) && device_char_get(vnode_specrdev(vp), &driver->chars);
}

/* A disk with a file system mounted on it is that file system's: its block device cannot be opened, and what
 * is raw of it cannot be written. */
static int mounted_check(vnode_t vp, int mode)
{
    dev_t block;
    if (vnode_isblk(vp))
        return vfs_mountedon(vp);
    return (mode & FWRITE) && device_block_of_char(vnode_specrdev(vp), &block) && device_mounted(block)
               ? EBUSY
               : 0;
}

int spec_open(struct vnop_open_args *ap)
{
    struct driver driver;
    struct device_turn turn;
    struct device_id id = device_id_of(ap->a_vp);
    if (!driver_of(ap->a_vp, &driver) || (vfs_flags(vnode_mount(ap->a_vp)) & MNT_NODEV))
        return ENXIO;
    open_close_fcn_t *open = driver.block ? driver.blocks.d_open : driver.chars.d_open;
    device_turn_begin(&turn, id);
    int error = mounted_check(ap->a_vp, ap->a_mode);
    if (!error && open)
        error = open(id.di_dev, ap->a_mode, id.di_block ? S_IFBLK : S_IFCHR, vfs_context_proc(ap->a_context));
    if (!error)
        device_opened(ap->a_vp, id);
    device_turn_end(&turn);
    return error;
}

int spec_close(struct vnop_close_args *ap)
{
    struct driver driver;
    struct device_turn turn;
    struct device_id id = device_id_of(ap->a_vp);
    int error = 0;
    /* A vnode that is taken away is closed once for all who have it open. */
    bool all = vnode_is_mine(ap->a_vp);
    errno_t late = 0;
    device_turn_begin(&turn, id);
    /* What is kept of a device lies with the vnode that it was read and written by. Nobody else will hear
     * what becomes of it now. */
    if (id.di_block && device_closes_last(ap->a_vp, id, all)) {
        buf_invalidateblks(ap->a_vp, BUF_WRITE_DATA | BUF_INVALIDATE_LOCKED, 0, 0);
        uint32_t since = buf_error_sample(ap->a_vp);
        late = buf_error_check(ap->a_vp, &since);
    }
    if (device_closed(ap->a_vp, id, all) && driver_of(ap->a_vp, &driver)) {
        open_close_fcn_t *close = driver.block ? driver.blocks.d_close : driver.chars.d_close;
        if (close)
            error = close(id.di_dev, ap->a_fflag, id.di_block ? S_IFBLK : S_IFCHR,
                          vfs_context_proc(ap->a_context));
    }
    device_turn_end(&turn);
    return error ? error : late;
}

int spec_read(struct vnop_read_args *ap)
{
    struct driver driver;
    if (!driver_of(ap->a_vp, &driver))
        return ENXIO;
    if (uio_resid(ap->a_uio) == 0)
        return 0;
    if (driver.block)
        return device_block_read(ap->a_vp, &driver.blocks, ap->a_uio, ap->a_context);
    return driver.chars.d_read ? driver.chars.d_read(vnode_specrdev(ap->a_vp), ap->a_uio, ap->a_ioflag)
                               : ENODEV;
}

int spec_write(struct vnop_write_args *ap)
{
    struct driver driver;
    if (!driver_of(ap->a_vp, &driver))
        return ENXIO;
    if (driver.block)
        return device_block_write(ap->a_vp, &driver.blocks, ap->a_uio, ap->a_context);
    return driver.chars.d_write ? driver.chars.d_write(vnode_specrdev(ap->a_vp), ap->a_uio, ap->a_ioflag)
                                : ENODEV;
}

static bool is_flush(u_long command)
{
    return command == DKIOCSYNCHRONIZECACHE || command == DKIOCSYNCHRONIZE;
}

int spec_ioctl(struct vnop_ioctl_args *ap)
{
    struct driver driver;
    if (!driver_of(ap->a_vp, &driver))
        return ENXIO;
    ioctl_fcn_t *ioctl = driver.block ? driver.blocks.d_ioctl : driver.chars.d_ioctl;
    if (!ioctl)
        return ENODEV;
    int error = ioctl(vnode_specrdev(ap->a_vp), ap->a_command, ap->a_data, ap->a_fflag,
                      vfs_context_proc(ap->a_context));
    /* A flush that failed may have lost what others wrote, and the next one does not know. */
    if (error && driver.block && is_flush(ap->a_command) && error != ENOTTY && error != ENOTSUP &&
        error != EINVAL)
        buf_error_note(ap->a_vp, error);
    return error;
}

int spec_select(struct vnop_select_args *ap)
{
    struct driver driver;
    if (!driver_of(ap->a_vp, &driver) || driver.block || !driver.chars.d_select)
        return 1; /* ready: the read or write that follows does not wait */
    return driver.chars.d_select(vnode_specrdev(ap->a_vp), ap->a_which, ap->a_wql,
                                 vfs_context_proc(ap->a_context));
}

int spec_fsync(struct vnop_fsync_args *ap)
{
    if (vnode_isblk(
            ap->a_vp)) /* the disk's own cache is emptied by DKIOCSYNCHRONIZECACHE: mount_device_sync() */
        buf_flushdirtyblks(ap->a_vp, ap->a_waitfor == MNT_WAIT || ap->a_waitfor == MNT_DWAIT, 0,
                           "spec_fsync");
    return 0;
}

int spec_strategy(struct vnop_strategy_args *ap)
{
    struct bdevsw driver;
    buf_t bp = ap->a_bp;
    dev_t dev = buf_device(bp);
    if (dev == NODEV && buf_vnode(bp) && buf_setdevice(bp, buf_vnode(bp)) == 0)
        dev = buf_device(bp);
    if (dev != NODEV && device_block_get(dev, &driver) && driver.d_strategy) {
        driver.d_strategy(bp);
        return 0;
    }
    buf_seterror(bp, ENXIO);
    buf_biodone(bp);
    return 0;
}

int spec_pathconf(struct vnop_pathconf_args *ap)
{
    switch (ap->a_name) {
    case _PC_LINK_MAX:
        *ap->a_retval = LINK_MAX;
        return 0;
    case _PC_MAX_CANON:
        *ap->a_retval = MAX_CANON;
        return 0;
    case _PC_MAX_INPUT:
        *ap->a_retval = MAX_INPUT;
        return 0;
    case _PC_PIPE_BUF:
        *ap->a_retval = PIPE_BUF;
        return 0;
    case _PC_CHOWN_RESTRICTED:
        *ap->a_retval = 1;
        return 0;
    case _PC_VDISABLE:
        *ap->a_retval = 0xff;
        return 0;
    default:
        return EINVAL;
    }
}
