// SPDX-License-Identifier: BSD-2-Clause
/*
 * The disk driver: disks of the host get a number, two nodes in /dev and the driver's functions in the device
 * switches. What a disk is made of, an image file, a device or something that a test has built, is the affair
 * of host/disk.h.
 *
 * A disk lives from disk_attach() to disk_detach(), which is refused while it is open. A call that begins
 * nevertheless (a file system that kept a device after closing it) holds a use, and detaching waits for it.
 *
 * Locks: disk_lock, see disk_internal.h. Called by the system-call layer, and through the device switches.
 */
#include <sys/param.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <libkern/libkern.h>
#include <miscfs/devfs/devfs.h>
#include <string.h>

#include "buf/disk_internal.h"
#include "kern/lock_iface.h"

static lck_grp_t *group;
static lck_mtx_t disk_lock;
static struct disk *disks[DISKS_MAX]; /* disk_lock */
static unsigned attached;             /* disk_lock */

int disk_errno(int status)
{
    switch (status) {
    case HOST_OK:
        return 0;
    case HOST_ENOENT:
        return ENOENT;
    case HOST_EPERM:
        return EACCES;
    case HOST_EBUSY:
        return EBUSY;
    case HOST_EINVAL:
        return EINVAL;
    case HOST_ENOMEM:
        return ENOMEM;
    case HOST_ENOSPC:
        return ENOSPC;
    default:
        return EIO;
    }
}

struct disk *disk_use(dev_t dev)
{
    unsigned unit = (unsigned)minor(dev);
    lck_mtx_lock(&disk_lock);
    struct disk *disk = unit < DISKS_MAX ? disks[unit] : NULL;
    if (disk && (disk->d_state & (DISK_GOING | DISK_MAKING)))
        disk = NULL;
    if (disk)
        disk->d_uses++;
    lck_mtx_unlock(&disk_lock);
    return disk;
}

void disk_unuse(struct disk *disk)
{
    lck_mtx_lock(&disk_lock);
    if (--disk->d_uses == 0 && (disk->d_state & DISK_GOING))
        wakeup(&disk->d_uses);
    lck_mtx_unlock(&disk_lock);
}

uint64_t disk_size(struct disk *disk)
{
    struct host_disk_geometry geometry;
    host_disk_geometry(disk->d_host, &geometry);
    atomic_store_explicit(&disk->d_size, geometry.hg_size, memory_order_relaxed);
    return geometry.hg_size;
}

bool disk_has(struct disk *disk, uint64_t offset, uint64_t len)
{
    uint64_t size = atomic_load_explicit(&disk->d_size, memory_order_relaxed);
    if (len <= size && offset <= size - len)
        return true;
    size = disk_size(disk); /* it may have grown */
    return len <= size && offset <= size - len;
}

/* ---- open and close ------------------------------------------------------------------------------------ */

static int open_as(dev_t dev, int flags, uint32_t which)
{
    struct disk *disk = disk_use(dev);
    if (!disk)
        return ENXIO;
    int error = (flags & FWRITE) && !disk->d_geo.hg_writable ? EACCES : 0;
    lck_mtx_lock(&disk_lock);
    if (disk->d_state & DISK_GOING)
        error = ENXIO;
    if (!error)
        disk->d_state |= which;
    lck_mtx_unlock(&disk_lock);
    disk_unuse(disk);
    return error;
}

/* The last close of one kind. What was written is on the medium when nobody is left who could ask for it. */
static int close_as(dev_t dev, uint32_t which)
{
    int error = 0;
    struct disk *disk = disk_use(dev);
    if (!disk)
        return ENXIO;
    if (atomic_load(&disk->d_unflushed))
        error = disk_flush(disk);
    lck_mtx_lock(&disk_lock);
    disk->d_state &= ~which;
    if (!(disk->d_state & (DISK_BLOCK | DISK_CHAR)))
        atomic_store_explicit(&disk->d_block, disk->d_geo.hg_block, memory_order_relaxed);
    lck_mtx_unlock(&disk_lock);
    disk_unuse(disk);
    return error;
}

static int disk_open(dev_t dev, int flags, int devtype, struct proc *p)
{
    (void)p;
    return open_as(dev, flags, devtype == S_IFBLK ? DISK_BLOCK : DISK_CHAR);
}

static int disk_close(dev_t dev, int flags, int devtype, struct proc *p)
{
    (void)flags, (void)p;
    return close_as(dev, devtype == S_IFBLK ? DISK_BLOCK : DISK_CHAR);
}

/* ---- the driver ---------------------------------------------------------------------------------------- */

static const struct bdevsw block_driver = {
    .d_open = disk_open,
    .d_close = disk_close,
    .d_strategy = disk_strategy,
    .d_ioctl = disk_ioctl,
    .d_dump = eno_dump,
    .d_psize = eno_psize,
    .d_type = D_DISK,
};
static const struct cdevsw char_driver = {
    .d_open = disk_open,
    .d_close = disk_close,
    .d_read = disk_read,
    .d_write = disk_write,
    .d_ioctl = disk_ioctl,
    .d_stop = eno_stop,
    .d_reset = eno_reset,
    .d_select = eno_select,
    .d_mmap = eno_mmap,
    .d_strategy = disk_strategy,
    .d_type = D_DISK,
};

int disk_boot(void)
{
    if (bdevsw_add(DISK_MAJOR, &block_driver) != DISK_MAJOR)
        return EBUSY;
    if (cdevsw_add_with_bdev(DISK_MAJOR, &char_driver, DISK_MAJOR) != DISK_MAJOR) {
        bdevsw_remove(DISK_MAJOR, &block_driver);
        return EBUSY;
    }
    group = lck_grp_alloc_init("buf.disk", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&disk_lock, group, LCK_ATTR_NULL);
    return 0;
}

void disk_shutdown(void)
{
    KASSERT(!attached, "%u disks are attached at the end", attached);
    cdevsw_remove(DISK_MAJOR, &char_driver);
    bdevsw_remove(DISK_MAJOR, &block_driver);
    lck_mtx_destroy(&disk_lock, group);
    lck_grp_free(group);
}

unsigned disk_count(void)
{
    lck_mtx_lock(&disk_lock);
    unsigned count = attached;
    lck_mtx_unlock(&disk_lock);
    return count;
}

/* ---- attach and detach --------------------------------------------------------------------------------- */

static int unit_take(struct disk *disk)
{
    uint32_t unit = 0;
    lck_mtx_lock(&disk_lock);
    while (unit < DISKS_MAX && disks[unit])
        unit++;
    if (unit < DISKS_MAX) {
        disks[unit] = disk;
        disk->d_unit = unit;
        disk->d_state = DISK_MAKING;
        attached++;
    }
    lck_mtx_unlock(&disk_lock);
    return unit < DISKS_MAX ? 0 : ENOSPC;
}

static void unit_give(struct disk *disk)
{
    lck_mtx_lock(&disk_lock);
    disks[disk->d_unit] = NULL;
    attached--;
    lck_mtx_unlock(&disk_lock);
}

static void nodes_remove(struct disk *disk)
{
    if (disk->d_node)
        devfs_remove(disk->d_node);
    if (disk->d_rnode)
        devfs_remove(disk->d_rnode);
}

static int nodes_make(struct disk *disk, const struct disk_new *args)
{
    dev_t dev = makedev(DISK_MAJOR, (int)disk->d_unit);
    int perms = disk->d_geo.hg_writable ? 0640 : 0440;
    disk->d_node = devfs_make_node(dev, DEVFS_BLOCK, args->uid, args->gid, perms, "disk%u", disk->d_unit);
    disk->d_rnode = devfs_make_node(dev, DEVFS_CHAR, args->uid, args->gid, perms, "rdisk%u", disk->d_unit);
    if (disk->d_node && disk->d_rnode)
        return 0;
    nodes_remove(disk);
    if (args->why)
        snprintf(args->why, args->why_size, "/dev/disk%u or /dev/rdisk%u is there already", disk->d_unit,
                 disk->d_unit);
    return EBUSY;
}

int disk_attach(const struct disk_new *args, uint32_t *unit)
{
    struct host_disk *host = args->disk;
    if (args->why && args->why_size)
        args->why[0] = '\0';
    if (!host) {
        int status = host_disk_open(args->path, args->read_only ? 0 : HOST_DISK_WRITABLE, &host, args->why,
                                    args->why_size);
        if (status != HOST_OK)
            return disk_errno(status);
    }
    struct disk *disk = kern_alloc(sizeof(*disk), "disk");
    disk->d_host = host;
    host_disk_geometry(host, &disk->d_geo);
    atomic_store_explicit(&disk->d_size, disk->d_geo.hg_size, memory_order_relaxed);
    if (args->read_only)
        disk->d_geo.hg_writable = disk->d_geo.hg_unmap = false;
    atomic_store_explicit(&disk->d_block, disk->d_geo.hg_block, memory_order_relaxed);
    int error = unit_take(disk);
    if (!error) {
        error = nodes_make(disk, args);
        if (error)
            unit_give(disk);
    }
    if (error) {
        if (!args->disk)
            host_disk_close(host);
        kern_free(disk, sizeof(*disk));
        return error;
    }
    lck_mtx_lock(&disk_lock);
    disk->d_state &= ~DISK_MAKING;
    lck_mtx_unlock(&disk_lock);
    *unit = disk->d_unit;
    return 0;
}

int disk_detach(uint32_t unit)
{
    int error = 0;
    lck_mtx_lock(&disk_lock);
    struct disk *disk = unit < DISKS_MAX ? disks[unit] : NULL;
    if (!disk || (disk->d_state & (DISK_MAKING | DISK_GOING)))
        error = ENOENT;
    else if (disk->d_state & (DISK_BLOCK | DISK_CHAR))
        error = EBUSY;
    else
        disk->d_state |= DISK_GOING;
    while (!error && disk->d_uses)
        msleep(&disk->d_uses, &disk_lock, PRIBIO, "disk detach", NULL);
    lck_mtx_unlock(&disk_lock);
    if (error)
        return error;
    nodes_remove(disk);
    host_disk_close(disk->d_host);
    unit_give(disk);
    kern_free(disk, sizeof(*disk));
    return 0;
}
