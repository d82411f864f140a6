// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading and writing a block device as bytes: whole blocks go to and from the driver's strategy routine, and
 * a write of a part of a block reads the rest first.
 *
 * Nothing is kept in between, so that a device is the same under all its names and raw. What a file system
 * keeps of its device in buffers is written before a read, and dropped before a write. Writes of one device
 * take turns (device_turn_begin), or two that change parts of one block would lose one of them. Called by
 * vnode_device.c.
 */
#include <sys/buf.h>
#include <sys/disk.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/systm.h>
#include <sys/uio.h>

#include "buf/buf_iface.h"
#include "kern/kern_iface.h"
#include "vfs/device_internal.h"

#define CHUNK_MAX (256u * 1024)

/* Field legend: all constant for a call. */
struct block_io {
    vnode_t vp;
    const struct bdevsw *driver;
    uint32_t block; /* bytes */
    uint64_t size;  /* of the device, bytes */
    char *room;     /* CHUNK_MAX bytes */
};

/* Whole blocks to or from the room. */
static int blocks_move(const struct block_io *io, bool reads, uint64_t offset, uint32_t bytes)
{
    buf_t bp = buf_alloc(io->vp);
    buf_setflags(bp, B_RAW | (reads ? B_READ : 0));
    buf_setblkno(bp, (daddr64_t)(offset / io->block));
    buf_setlblkno(bp, (daddr64_t)(offset / io->block));
    buf_setcount(bp, bytes);
    buf_setsize(bp, bytes);
    buf_setdataptr(bp, (uintptr_t)io->room);
    io->driver->d_strategy(bp);
    int error = buf_biowait(bp);
    if (!error && buf_resid(bp))
        error = EIO;
    buf_free(bp);
    return error;
}

static int block_io_begin(struct block_io *io, vfs_context_t ctx)
{
    dev_t dev = vnode_specrdev(io->vp);
    uint32_t block = 0;
    uint64_t count = 0;
    proc_t p = vfs_context_proc(ctx);
    if (!io->driver->d_strategy || !io->driver->d_ioctl)
        return ENODEV;
    int error = io->driver->d_ioctl(dev, DKIOCGETBLOCKSIZE, (caddr_t)&block, FREAD, p);
    if (!error)
        error = io->driver->d_ioctl(dev, DKIOCGETBLOCKCOUNT, (caddr_t)&count, FREAD, p);
    if (error)
        return error;
    if (!block || block > CHUNK_MAX || (block & (block - 1)))
        return ENXIO;
    io->block = block;
    io->size = count * block;
    io->room = kern_alloc(CHUNK_MAX, "device");
    return 0;
}

/* How many bytes the next step is about, and which whole blocks they lie in. */
struct step {
    uint64_t first; /* bytes, where the blocks begin */
    uint32_t bytes; /* of the blocks */
    uint32_t skip;  /* bytes of the first block that are not meant */
    uint32_t count; /* bytes that are meant */
};

static struct step step_next(const struct block_io *io, uio_t uio)
{
    uint64_t offset = (uint64_t)uio_offset(uio), left = (uint64_t)uio_resid(uio);
    struct step step = {.first = offset & ~(uint64_t)(io->block - 1)};
    step.skip = (uint32_t)(offset - step.first);
    if (left > io->size - offset)
        left = io->size - offset;
    step.count = left > CHUNK_MAX - step.skip ? CHUNK_MAX - step.skip : (uint32_t)left;
    step.bytes = (step.skip + step.count + io->block - 1) & ~(io->block - 1);
    return step;
}

int device_block_read(vnode_t vp, const struct bdevsw *driver, uio_t uio, vfs_context_t ctx)
{
    struct block_io io = {.vp = vp, .driver = driver};
    if (uio_offset(uio) < 0)
        return EINVAL;
    int error = block_io_begin(&io, ctx);
    if (error)
        return error;
    if (buf_vnode_has(vp, true))
        buf_flushdirtyblks(vp, 1, 0, "device read");
    while (!error && uio_resid(uio) > 0 && (uint64_t)uio_offset(uio) < io.size) {
        struct step step = step_next(&io, uio);
        error = blocks_move(&io, true, step.first, step.bytes);
        if (!error)
            error = uiomove(io.room + step.skip, (int)step.count, uio);
    }
    kern_free(io.room, CHUNK_MAX);
    return error;
}

static int step_write(const struct block_io *io, const struct step *step, uio_t uio)
{
    int error = 0;
    if (step->skip || step->count != step->bytes)
        error = blocks_move(io, true, step->first, step->bytes);
    if (!error)
        error = uiomove(io->room + step->skip, (int)step->count, uio);
    if (!error)
        error = blocks_move(io, false, step->first, step->bytes);
    return error;
}

int device_block_write(vnode_t vp, const struct bdevsw *driver, uio_t uio, vfs_context_t ctx)
{
    struct block_io io = {.vp = vp, .driver = driver};
    struct device_turn turn;
    if (uio_offset(uio) < 0)
        return EINVAL;
    int error = block_io_begin(&io, ctx);
    if (error)
        return error;
    device_turn_begin(&turn, device_id_of(vp));
    if (buf_vnode_has(vp, true) || buf_vnode_has(vp, false))
        error = buf_invalidateblks(vp, BUF_WRITE_DATA, 0, 0);
    while (!error && uio_resid(uio) > 0) {
        struct step step;
        if ((uint64_t)uio_offset(uio) >= io.size) {
            error = ENOSPC;
            break;
        }
        step = step_next(&io, uio);
        error = step_write(&io, &step, uio);
    }
    device_turn_end(&turn);
    kern_free(io.room, CHUNK_MAX);
    return error;
}
