// SPDX-License-Identifier: BSD-2-Clause
/*
 * The device below a mount: opened when the file system is mounted on it, marked so that nobody else opens
 * it, closed when it is unmounted; and what it can do at once, for the mount's limits.
 *
 * A usecount keeps the device's vnode for as long as the mount lives, so file systems use it without taking a
 * reference; who calls its operations from here takes an iocount. No lock. Called by mount_life.c, by the
 * dispatch of ioctl, and by file systems (KPI).
 */
#include <sys/conf.h>
#include <sys/disk.h>
#include <sys/fcntl.h>
#include <sys/systm.h>
#include <sys/syslog.h>

#include "vfs/device_internal.h"
#include "vfs/mount_internal.h"
#include "vfs/vnop_iface.h"
#include "vfs/vnop_internal.h"

/* ---- who is mounted ------------------------------------------------------------------------------------ */

static bool marked(vnode_t vp, dev_t dev)
{
    uint32_t vid = vnode_vid(vp);
    if (vnode_vtype(vp) != VBLK || !vnode_flag_is(vp, VF_MOUNTING) ||
        vnode_get_iocount(vp, vid, VGET_VID | VGET_NODEAD | VGET_NOBLOCK))
        return false;
    bool is = vnode_isblk(vp) && vnode_specrdev(vp) == dev && vnode_flag_is(vp, VF_MOUNTING);
    vnode_put(vp);
    return is;
}

bool device_mounted(dev_t dev)
{
    for (uint32_t i = 0; i < vnode_table_count(); i++) {
        if (marked(vnode_table_at(i), dev))
            return true;
    }
    return false;
}

int vfs_mountedon(struct vnode *vp)
{
    if (vnode_ismountedon(vp))
        return EBUSY;
    return vnode_isblk(vp) && device_mounted(vnode_specrdev(vp)) ? EBUSY : 0;
}

vnode_t vfs_devvp(mount_t mp)
{
    return mp ? mp->mnt_devvp : NULL;
}

/* ---- opening and closing ------------------------------------------------------------------------------- */

static int device_mode(mount_t mp)
{
    return vfs_isrdonly(mp) ? FREAD : FREAD | FWRITE;
}

int mount_device_open(mount_t mp, vnode_t devvp, vfs_context_t ctx)
{
    int mode = device_mode(mp);
    int error = VNOP_OPEN(devvp, mode, ctx);
    if (error)
        return error;
    error = vnode_ref_ext(devvp, mode);
    if (error) {
        VNOP_CLOSE(devvp, mode, ctx);
        return error;
    }
    vnode_setmountedon(devvp);
    mp->mnt_devvp = devvp;
    mp->mnt_devmode = mode;
    vfs_init_io_attributes(devvp, mp); /* the defaults where it does not say */
    return 0;
}

void mount_device_close(mount_t mp, vfs_context_t ctx)
{
    vnode_t devvp = mp->mnt_devvp;
    if (!devvp)
        return;
    mp->mnt_devvp = NULL;
    vnode_clearmountedon(devvp);
    if (vnode_getwithref(devvp) == 0) {
        int error = VNOP_CLOSE(devvp, mp->mnt_devmode, ctx);
        if (error)
            kern_log(LOG_ERR, "vfs: not all that was written to %s has reached it: error %d\n",
                     mp->mnt_vfsstat.f_mntfromname, error);
        vnode_put(devvp);
    }
    vnode_rele_ext(devvp, mp->mnt_devmode);
}

int mount_device_sync(vnode_t devvp, vfs_context_t ctx)
{
    if (!devvp || !isdisk(vnode_specrdev(devvp), vnode_vtype(devvp)))
        return 0;
    int error = vnode_getwithref(devvp);
    if (error)
        return error;
    error = VNOP_IOCTL(devvp, DKIOCSYNCHRONIZECACHE, NULL, FWRITE, ctx);
    vnode_put(devvp);
    return vnop_ioctl_unknown(error) ? 0 : error;
}

errno_t vnop_ioctl_then(const struct vnop_ioctl_args *args, errno_t error)
{
    vnode_t vp = args->a_vp;
    if (args->a_command != F_FULLFSYNC || !vnop_ioctl_unknown(error))
        return error;
    vnode_t device = vnode_isblk(vp) || vnode_ischr(vp) ? vp : vfs_devvp(vnode_mount(vp));
    return device ? mount_device_sync(device, args->a_context) : error;
}

int mount_device_check(mount_t mp, vnode_t devvp, uint64_t flags, vfs_context_t ctx)
{
    uint32_t writable = 0;
    if (!mp->mnt_devvp || !devvp)
        return 0;
    if (vnode_specrdev(devvp) != vnode_specrdev(mp->mnt_devvp))
        return EINVAL;
    if ((flags & (MNT_RDONLY | MNT_RELOAD)) || (mp->mnt_devmode & FWRITE))
        return 0;
    /* It was opened for reading. A driver that can write lets a writer have it. */
    int error = VNOP_IOCTL(devvp, DKIOCISWRITABLE, (caddr_t)&writable, FREAD, ctx);
    return error || !writable ? EROFS : 0;
}

/* ---- its limits ---------------------------------------------------------------------------------------- */

/* The answer of a question about a 64-bit number that fits 32 bits; @none where the device does not know. */
static uint32_t ask(vnode_t devvp, u_long command, uint32_t none)
{
    uint64_t value = 0;
    if (VNOP_IOCTL(devvp, command, (caddr_t)&value, 0, vfs_context_current()) || !value)
        return none;
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

/* The smaller of a limit in bytes and one in blocks. */
static uint32_t transfer_max(vnode_t devvp, u_long bytes, u_long blocks, uint32_t block, uint32_t none)
{
    uint32_t max = ask(devvp, bytes, UINT32_MAX), count = ask(devvp, blocks, UINT32_MAX);
    if (count < max / block)
        max = count * block;
    return max == UINT32_MAX ? none : max;
}

int vfs_init_io_attributes(vnode_t devvp, mount_t mp)
{
    struct vfsioattr attr;
    uint32_t features = 0, block = 0;
    if (!vnode_isblk(devvp) && !vnode_ischr(devvp))
        return EINVAL;
    vfs_ioattr(NULL, &attr);
    int error = VNOP_IOCTL(devvp, DKIOCGETBLOCKSIZE, (caddr_t)&block, 0, vfs_context_current());
    if (error)
        return error;
    if (!block || (block & (block - 1)))
        return ENXIO;
    attr.io_devblocksize = block;
    attr.io_maxreadcnt =
        transfer_max(devvp, DKIOCGETMAXBYTECOUNTREAD, DKIOCGETMAXBLOCKCOUNTREAD, block, attr.io_maxreadcnt);
    attr.io_maxwritecnt = transfer_max(devvp, DKIOCGETMAXBYTECOUNTWRITE, DKIOCGETMAXBLOCKCOUNTWRITE, block,
                                       attr.io_maxwritecnt);
    attr.io_segreadcnt = ask(devvp, DKIOCGETMAXSEGMENTCOUNTREAD, attr.io_segreadcnt);
    attr.io_segwritecnt = ask(devvp, DKIOCGETMAXSEGMENTCOUNTWRITE, attr.io_segwritecnt);
    attr.io_maxsegreadsize = ask(devvp, DKIOCGETMAXSEGMENTBYTECOUNTREAD, attr.io_maxreadcnt);
    attr.io_maxsegwritesize = ask(devvp, DKIOCGETMAXSEGMENTBYTECOUNTWRITE, attr.io_maxwritecnt);
    if (VNOP_IOCTL(devvp, DKIOCGETFEATURES, (caddr_t)&features, 0, vfs_context_current()) == 0) {
        attr.io_flags |= features & DK_FEATURE_FORCE_UNIT_ACCESS ? VFS_IOATTR_FLAGS_FUA : 0;
        attr.io_flags |= features & DK_FEATURE_UNMAP ? VFS_IOATTR_FLAGS_UNMAP : 0;
    }
    vfs_setioattr(mp, &attr);
    return 0;
}
