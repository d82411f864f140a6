// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a disk is asked and told by its controls (DKIOC*): size, limits, what it can do, writes to the medium,
 * blocks that are not used any more.
 *
 * Memory that a control points to is the caller's own where the address is a process's, else the kernel
 * half's. No lock but disk_lock inside disk_use(). Called through the device switches.
 */
#include <sys/disk.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/systm.h>
#include <string.h>

#include "buf/disk_internal.h"

#define EXTENTS_MAX 64 /* copied at once */

/* ---- to the medium, and away with it ------------------------------------------------------------------- */

static int synchronize(struct disk *disk)
{
    return disk->d_geo.hg_writable ? disk_flush(disk) : 0;
}

static int synchronize_range(struct disk *disk, const dk_synchronize_t *sync)
{
    if (sync->options & ~(uint32_t)DK_SYNCHRONIZE_OPTION_BARRIER)
        return EINVAL;
    return synchronize(disk); /* the host knows no flush of a part, and a flush is a barrier */
}

static int extents_copy(const dk_extent_t *from, dk_extent_t *to, uint32_t count)
{
    user_addr_t addr = (user_addr_t)(uintptr_t)from;
    if (addr & KERN_USER_TAG)
        return copyin(addr, to, count * sizeof(*to));
    memcpy(to, from, count * sizeof(*to));
    return 0;
}

static int extents_unmap(struct disk *disk, const dk_extent_t *extents, uint32_t count)
{
    int error = 0;
    for (uint32_t i = 0; i < count && !error; i++) {
        uint64_t mask = disk->d_geo.hg_block - 1;
        if (!disk_has(disk, extents[i].offset, extents[i].length))
            return EINVAL;
        /* The whole blocks inside. */
        uint64_t first = (extents[i].offset + mask) & ~mask;
        uint64_t end = (extents[i].offset + extents[i].length) & ~mask;
        if (first < end)
            error = disk_command(disk, HOST_DISK_UNMAP, first, end - first);
    }
    return error;
}

static int unmap(struct disk *disk, const dk_unmap_t *unmap)
{
    dk_extent_t extents[EXTENTS_MAX];
    int error = 0;
    if (unmap->options)
        return EINVAL;
    if (!disk->d_geo.hg_unmap)
        return ENOTSUP;
    for (uint32_t done = 0; done < unmap->extentsCount && !error;) {
        uint32_t count = unmap->extentsCount - done < EXTENTS_MAX ? unmap->extentsCount - done : EXTENTS_MAX;
        error = extents_copy(unmap->extents + done, extents, count);
        if (!error)
            error = extents_unmap(disk, extents, count);
        done += count;
    }
    return error;
}

static int command(struct disk *disk, u_long cmd, caddr_t data)
{
    switch (cmd) {
    case DKIOCSYNCHRONIZECACHE:
        return synchronize(disk);
    case DKIOCSYNCHRONIZE:
        return synchronize_range(disk, (const dk_synchronize_t *)(void *)data);
    case DKIOCUNMAP:
        return !disk->d_geo.hg_writable ? EACCES : unmap(disk, (const dk_unmap_t *)(void *)data);
    case DKIOCSETBLOCKSIZE: {
        uint32_t block = *(uint32_t *)(void *)data;
        if (block < disk->d_geo.hg_block || block > disk->d_geo.hg_transfer_max || (block & (block - 1)))
            return EINVAL;
        atomic_store_explicit(&disk->d_block, block, memory_order_relaxed);
        return 0;
    }
    default:
        return ENOTTY;
    }
}

/* ---- questions ----------------------------------------------------------------------------------------- */

static uint32_t features(const struct disk *disk)
{
    return DK_FEATURE_BARRIER | DK_FEATURE_FORCE_UNIT_ACCESS | (disk->d_geo.hg_unmap ? DK_FEATURE_UNMAP : 0);
}

/* Answers of 32 bits. False: it is no such question. */
static bool answer32(struct disk *disk, u_long cmd, uint32_t block, uint32_t *out)
{
    switch (cmd) {
    case DKIOCGETBLOCKSIZE:
        *out = block;
        return true;
    case DKIOCGETPHYSICALBLOCKSIZE:
        *out = disk->d_geo.hg_block_physical;
        return true;
    case DKIOCISFORMATTED:
        *out = 1;
        return true;
    case DKIOCISWRITABLE:
        *out = disk->d_geo.hg_writable;
        return true;
    case DKIOCISVIRTUAL:
        *out = 1;
        return true;
    case DKIOCISSOLIDSTATE:
        *out = 1; /* seeking costs nothing that is known here */
        return true;
    case DKIOCISLOWPOWERMODE:
        *out = 0;
        return true;
    case DKIOCGETFEATURES:
        *out = features(disk);
        return true;
    case DKIOCGETBSDUNIT:
        *out = disk->d_unit;
        return true;
    default:
        return false;
    }
}

/* And of 64. */
static bool answer64(struct disk *disk, u_long cmd, uint32_t block, uint64_t *out)
{
    const struct host_disk_geometry *geo = &disk->d_geo;
    switch (cmd) {
    case DKIOCGETBLOCKCOUNT:
        *out = disk_size(disk) / block;
        return true;
    case DKIOCGETBASE:
        *out = 0;
        return true;
    case DKIOCGETLOCATION:
        *out = DK_LOCATION_EXTERNAL;
        return true;
    case DKIOCGETTHROTTLEMASK:
        *out = 1ull << (disk->d_unit % 64);
        return true;
    case DKIOCGETMAXBLOCKCOUNTREAD:
    case DKIOCGETMAXBLOCKCOUNTWRITE:
        *out = geo->hg_transfer_max / block;
        return true;
    case DKIOCGETMAXBYTECOUNTREAD:
    case DKIOCGETMAXBYTECOUNTWRITE:
    case DKIOCGETMAXSEGMENTBYTECOUNTREAD:
    case DKIOCGETMAXSEGMENTBYTECOUNTWRITE:
        *out = geo->hg_transfer_max;
        return true;
    case DKIOCGETMAXSEGMENTCOUNTREAD:
    case DKIOCGETMAXSEGMENTCOUNTWRITE:
        *out = geo->hg_segments_max;
        return true;
    case DKIOCGETMINSEGMENTALIGNMENTBYTECOUNT:
        *out = 1;
        return true;
    case DKIOCGETMAXSEGMENTADDRESSABLEBITCOUNT:
        *out = 64;
        return true;
    default:
        return false;
    }
}

int disk_ioctl(dev_t dev, u_long cmd, caddr_t data, int fflag, struct proc *p)
{
    struct disk *disk = disk_use(dev);
    uint32_t small;
    uint64_t large;
    int error = 0;
    (void)fflag, (void)p;
    if (!disk)
        return ENXIO;
    uint32_t block = atomic_load_explicit(&disk->d_block, memory_order_relaxed);
    if (answer32(disk, cmd, block, &small))
        memcpy(data, &small, sizeof(small));
    else if (answer64(disk, cmd, block, &large))
        memcpy(data, &large, sizeof(large));
    else
        error = command(disk, cmd, data);
    disk_unuse(disk);
    return error;
}
