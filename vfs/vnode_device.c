// SPDX-License-Identifier: BSD-2-Clause
/*
 * The stock operations of device nodes, which a file system puts into the vector for them (spec_*).
 *
 * A character device whose major a kext has registered (cdevsw_add) is that driver's; every other device can
 * be made, listed and removed but not opened: ENXIO. The attributes of a node belong to its file system.
 * Opening a device through a FUSE mount is the affair of the host's kernel, which does not pass it on; what
 * comes here are opens in the kernel's own tree.
 *
 * The driver is told of the first open and of every one after it, and of the last close only. No lock is held
 * over its functions. Called through the vectors of file systems, and by the root file system for /dev.
 */
#include <sys/stat.h>
#include <sys/systm.h>
#include <sys/unistd.h>
#include <miscfs/specfs/specdev.h>

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

/* The driver of @vp, if there is one. */
static bool driver_of(vnode_t vp, struct cdevsw *driver)
{
    return vnode_ischr(vp) && device_char_get(vnode_specrdev(vp), driver);
}

int spec_open(struct vnop_open_args *ap)
{
    struct cdevsw driver;
    struct device_turn turn;
    dev_t dev = vnode_specrdev(ap->a_vp);
    if (!driver_of(ap->a_vp, &driver) || (vfs_flags(vnode_mount(ap->a_vp)) & MNT_NODEV))
        return ENXIO;
    device_turn_begin(&turn, dev);
    int error = driver.d_open ? driver.d_open(dev, ap->a_mode, S_IFCHR, vfs_context_proc(ap->a_context)) : 0;
    if (!error)
        device_opened(ap->a_vp, dev);
    device_turn_end(&turn);
    return error;
}

int spec_close(struct vnop_close_args *ap)
{
    struct cdevsw driver;
    struct device_turn turn;
    dev_t dev = vnode_specrdev(ap->a_vp);
    int error = 0;
    if (!vnode_ischr(ap->a_vp))
        return 0;
    /* A vnode that is taken away is closed once for all who have it open. */
    bool all = vnode_is_mine(ap->a_vp);
    device_turn_begin(&turn, dev);
    if (device_closed(ap->a_vp, dev, all) && driver_of(ap->a_vp, &driver) && driver.d_close)
        error = driver.d_close(dev, ap->a_fflag, S_IFCHR, vfs_context_proc(ap->a_context));
    device_turn_end(&turn);
    return error;
}

int spec_read(struct vnop_read_args *ap)
{
    struct cdevsw driver;
    if (!driver_of(ap->a_vp, &driver))
        return ENXIO;
    if (uio_resid(ap->a_uio) == 0)
        return 0;
    return driver.d_read ? driver.d_read(vnode_specrdev(ap->a_vp), ap->a_uio, ap->a_ioflag) : ENODEV;
}

int spec_write(struct vnop_write_args *ap)
{
    struct cdevsw driver;
    if (!driver_of(ap->a_vp, &driver))
        return ENXIO;
    return driver.d_write ? driver.d_write(vnode_specrdev(ap->a_vp), ap->a_uio, ap->a_ioflag) : ENODEV;
}

int spec_ioctl(struct vnop_ioctl_args *ap)
{
    struct cdevsw driver;
    if (!driver_of(ap->a_vp, &driver))
        return ENXIO;
    if (!driver.d_ioctl)
        return ENODEV;
    return driver.d_ioctl(vnode_specrdev(ap->a_vp), ap->a_command, ap->a_data, ap->a_fflag,
                          vfs_context_proc(ap->a_context));
}

int spec_select(struct vnop_select_args *ap)
{
    struct cdevsw driver;
    if (!driver_of(ap->a_vp, &driver) || !driver.d_select)
        return 1; /* ready: the read or write that follows does not wait */
    return driver.d_select(vnode_specrdev(ap->a_vp), ap->a_which, ap->a_wql, vfs_context_proc(ap->a_context));
}

int spec_fsync(struct vnop_fsync_args *ap)
{
    (void)ap;
    return 0;
}

int spec_strategy(struct vnop_strategy_args *ap)
{
    (void)ap;
    return ENXIO;
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
