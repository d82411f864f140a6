// SPDX-License-Identifier: BSD-2-Clause
/*
 * Transfers of the disk driver: buffers (strategy), raw reads and writes, and what others wait for.
 *
 * A buffer is turned into as many requests of the host's as its size needs; it ends when the last of them
 * has, on whatever thread that is. Raw reads and writes go straight to the caller's memory, block for block;
 * only where a piece of it is no whole number of blocks are they copied.
 *
 * A request may succeed and have moved less than it was asked for: the rest is asked for again, until there
 * is none or a request moves nothing, which is an I/O error. What has been moved of a buffer that failed
 * counts from its beginning to the first byte that was not.
 *
 * No lock but disk_lock inside disk_use(). Called through the device switches, and by disk_ioctl.c.
 */
#include <sys/buf.h>
#include <sys/errno.h>
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "buf/disk_internal.h"

#define BOUNCE_MAX (128u * 1024)

/* ---- waiting for one request --------------------------------------------------------------------------- */

struct waited {
    struct host_thread *thread;
    _Atomic bool done;
};

/* The waiter's stack may be gone as soon as it knows; its token never is. */
static void waited_done(struct host_disk_io *io)
{
    struct waited *waited = io->hi_owner;
    struct host_thread *thread = waited->thread;
    atomic_store_explicit(&waited->done, true, memory_order_release);
    host_unpark(thread);
}

/* What a request that is over has moved, in whole blocks. */
static uint32_t moved_by(const struct disk *disk, const struct host_disk_io *io)
{
    uint64_t moved = io->hi_moved < io->hi_len ? io->hi_moved : io->hi_len;
    return (uint32_t)moved & ~(disk->d_geo.hg_block - 1);
}

/* A request has moved something: a flush that begins later covers it. */
static void note_moved(struct disk *disk, const struct host_disk_io *io)
{
    if ((io->hi_op == HOST_DISK_WRITE || io->hi_op == HOST_DISK_UNMAP) && !atomic_load(&disk->d_unflushed))
        atomic_store(&disk->d_unflushed, true);
}

static int run(struct disk *disk, struct host_disk_io *io)
{
    struct waited waited = {.thread = host_thread_self()};
    io->hi_done = waited_done;
    io->hi_owner = &waited;
    host_disk_submit(disk->d_host, io);
    while (!atomic_load_explicit(&waited.done, memory_order_acquire))
        host_park(HOST_FOREVER, false);
    note_moved(disk, io);
    return disk_errno(io->hi_status);
}

int disk_move(struct disk *disk, bool reads, uint64_t offset, void *base, uint32_t bytes)
{
    int error = !reads && !disk->d_geo.hg_writable ? EACCES : 0;
    for (uint32_t done = 0; done < bytes && !error;) {
        const struct host_disk_segment segment = {(char *)base + done, bytes - done};
        struct host_disk_io io = {
            .hi_op = reads ? HOST_DISK_READ : HOST_DISK_WRITE,
            .hi_offset = offset + done,
            .hi_len = bytes - done,
            .hi_segments = &segment,
            .hi_count = 1,
        };
        error = run(disk, &io);
        uint32_t moved = moved_by(disk, &io);
        if (!error && !moved)
            error = EIO;
        done += moved;
    }
    return error;
}

int disk_command(struct disk *disk, enum host_disk_op op, uint64_t offset, uint64_t len)
{
    struct host_disk_io io = {.hi_op = op, .hi_offset = offset, .hi_len = len};
    return run(disk, &io);
}

int disk_flush(struct disk *disk)
{
    /* What ends from now on may have missed it. */
    atomic_store(&disk->d_unflushed, false);
    int error = disk_command(disk, HOST_DISK_FLUSH, 0, 0);
    if (error)
        atomic_store(&disk->d_unflushed, true);
    return error;
}

/* ---- buffers ------------------------------------------------------------------------------------------- */

/* One buffer under way. Field legend: [a] atomic, [p] the piece's own until it has ended, the rest constant
 * until all have. */
struct disk_transfer {
    struct disk *dt_disk; /* a use */
    buf_t dt_buf;
    uint64_t dt_begin;          /* bytes on the disk */
    _Atomic uint32_t dt_left;   /* [a] requests */
    _Atomic uint32_t dt_status; /* [a] the first that is not HOST_OK */
    uint32_t dt_pieces;
    struct disk_piece {
        struct host_disk_io io;           /* [p] what is left of it */
        struct host_disk_segment segment; /* [p] */
    } dt_piece[];
};

static size_t transfer_size(uint32_t pieces)
{
    return sizeof(struct disk_transfer) + pieces * sizeof(struct disk_piece);
}

static void buffer_end(buf_t bp, int error, uint32_t resid)
{
    buf_setresid(bp, resid);
    buf_seterror(bp, error);
    buf_biodone(bp);
}

/* Bytes from the first one on that was not moved. Every piece has ended. */
static uint32_t transfer_resid(const struct disk_transfer *transfer, uint32_t count)
{
    for (uint32_t i = 0; i < transfer->dt_pieces; i++) {
        const struct host_disk_io *io = &transfer->dt_piece[i].io;
        if (io->hi_len)
            return count - (uint32_t)(io->hi_offset - transfer->dt_begin);
    }
    return 0;
}

/* Take what a request has moved off its piece. */
static uint32_t piece_advance(struct disk_transfer *transfer, struct disk_piece *piece)
{
    uint32_t moved = moved_by(transfer->dt_disk, &piece->io);
    piece->io.hi_offset += moved;
    piece->io.hi_len -= moved;
    piece->segment.hs_base = (char *)piece->segment.hs_base + moved;
    piece->segment.hs_len -= moved;
    return moved;
}

static void transfer_end(struct disk_transfer *transfer)
{
    struct disk *disk = transfer->dt_disk;
    buf_t bp = transfer->dt_buf;
    int error = disk_errno((int)atomic_load(&transfer->dt_status));
    uint32_t resid = transfer_resid(transfer, buf_count(bp));
    kern_free(transfer, transfer_size(transfer->dt_pieces));
    buf_unmap(bp);
    disk_unuse(disk);
    buffer_end(bp, error, resid);
}

static void piece_done(struct host_disk_io *io)
{
    struct disk_transfer *transfer = io->hi_owner;
    struct disk_piece *piece = __container_of(io, struct disk_piece, io);
    uint32_t none = HOST_OK, moved = piece_advance(transfer, piece);
    int status = io->hi_status;
    note_moved(transfer->dt_disk, io);
    if (status == HOST_OK && io->hi_len && moved) {
        io->hi_async = true; /* the stack would grow, or this thread may not wait */
        host_disk_submit(transfer->dt_disk->d_host, io);
        return;
    }
    if (status == HOST_OK && io->hi_len)
        status = HOST_EIO;
    if (status != HOST_OK)
        atomic_compare_exchange_strong(&transfer->dt_status, &none, (uint32_t)status);
    if (atomic_fetch_sub_explicit(&transfer->dt_left, 1, memory_order_acq_rel) == 1)
        transfer_end(transfer);
}

static void transfer_start(struct disk *disk, buf_t bp, uint64_t offset, char *base)
{
    uint32_t count = buf_count(bp), max = disk->d_geo.hg_transfer_max;
    uint32_t pieces = (count - 1) / max + 1; /* @count may be close to 2^32 */
    int32_t flags = buf_flags(bp);
    struct disk_transfer *transfer = kern_alloc(transfer_size(pieces), "disk");
    transfer->dt_disk = disk;
    transfer->dt_buf = bp;
    transfer->dt_begin = offset;
    transfer->dt_pieces = pieces;
    atomic_store_explicit(&transfer->dt_left, pieces, memory_order_relaxed);
    for (uint32_t i = 0, done = 0; i < pieces; i++) {
        struct disk_piece *piece = &transfer->dt_piece[i];
        uint32_t bytes = count - done < max ? count - done : max;
        piece->segment = (struct host_disk_segment){base + done, bytes};
        piece->io = (struct host_disk_io){
            .hi_op = flags & B_READ ? HOST_DISK_READ : HOST_DISK_WRITE,
            .hi_fua = !(flags & B_READ) && buf_fua(bp),
            .hi_async = (flags & B_ASYNC) != 0,
            .hi_offset = offset + done,
            .hi_len = bytes,
            .hi_segments = &piece->segment,
            .hi_count = 1,
            .hi_done = piece_done,
            .hi_owner = transfer,
        };
        done += bytes;
    }
    /* The last one to end takes the transfer away, maybe inside the last call. */
    for (uint32_t i = 0; i < pieces; i++)
        host_disk_submit(disk->d_host, &transfer->dt_piece[i].io);
}

/* Where the buffer's blocks lie, in bytes. */
static int buffer_place(struct disk *disk, buf_t bp, uint64_t *offset)
{
    uint32_t block = atomic_load_explicit(&disk->d_block, memory_order_relaxed), count = buf_count(bp);
    if (buf_blkno(bp) < 0 || count % disk->d_geo.hg_block)
        return EINVAL;
    if (buf_blkno(bp) > INT64_MAX / block || !disk_has(disk, (uint64_t)buf_blkno(bp) * block, count))
        return ENXIO;
    *offset = (uint64_t)buf_blkno(bp) * block;
    return (buf_flags(bp) & B_READ) || disk->d_geo.hg_writable ? 0 : EACCES;
}

void disk_strategy(struct buf *bp)
{
    caddr_t base;
    uint64_t offset = 0;
    struct disk *disk = disk_use(buf_device(bp));
    if (!disk) {
        buffer_end(bp, ENXIO, buf_count(bp));
        return;
    }
    int error = buffer_place(disk, bp, &offset);
    if (!error && buf_count(bp))
        error = buf_map(bp, &base);
    if (error || !buf_count(bp)) {
        disk_unuse(disk);
        buffer_end(bp, error, buf_count(bp));
        return;
    }
    transfer_start(disk, bp, offset, base);
}

/* ---- raw ----------------------------------------------------------------------------------------------- */

/* Can the first @bytes of the caller's next piece of memory be used as they are? */
static int direct(struct disk *disk, struct uio *uio, bool reads, uint64_t left, void **base, uint32_t *bytes)
{
    user_addr_t addr = uio_curriovbase(uio);
    user_size_t len = uio_curriovlen(uio);
    if (len > left)
        len = left;
    if (len > disk->d_geo.hg_transfer_max)
        len = disk->d_geo.hg_transfer_max;
    *bytes = (uint32_t)len & ~(disk->d_geo.hg_block - 1);
    *base = (void *)(uintptr_t)(uio_isuserspace(uio) ? addr & ~KERN_USER_TAG : addr);
    return *bytes && uio_isuserspace(uio) ? kern_user_check(addr, *bytes, reads) : 0;
}

/* Blocks that are spread over pieces of memory that are no blocks. */
static int copied(struct disk *disk, struct uio *uio, bool reads, uint64_t left, char *room)
{
    uint64_t offset = (uint64_t)uio_offset(uio);
    uint32_t bytes = left > BOUNCE_MAX ? BOUNCE_MAX : (uint32_t)left;
    int error = 0;
    if (bytes > disk->d_geo.hg_transfer_max)
        bytes = disk->d_geo.hg_transfer_max;
    if (reads)
        error = disk_move(disk, true, offset, room, bytes);
    if (!error)
        error = uiomove(room, (int)bytes, uio);
    if (!error && !reads)
        error = disk_move(disk, false, offset, room, bytes);
    return error;
}

/* @left bytes of the request lie on the disk. */
static int raw_step(struct disk *disk, struct uio *uio, bool reads, uint64_t left, char **room)
{
    void *base;
    uint32_t bytes;
    int error = direct(disk, uio, reads, left, &base, &bytes);
    if (!error && bytes) {
        error = disk_move(disk, reads, (uint64_t)uio_offset(uio), base, bytes);
        if (!error)
            uio_update(uio, bytes);
    } else if (!error) {
        if (!*room)
            *room = kern_alloc(BOUNCE_MAX, "disk");
        error = copied(disk, uio, reads, left, *room);
    }
    return error;
}

static int raw_move(dev_t dev, struct uio *uio, bool reads)
{
    char *room = NULL;
    struct disk *disk = disk_use(dev);
    if (!disk)
        return ENXIO;
    uint64_t offset = (uint64_t)uio_offset(uio), left = (uint64_t)uio_resid(uio), size = disk_size(disk);
    int error = uio_offset(uio) < 0 || ((offset | left) & (disk->d_geo.hg_block - 1)) ? EINVAL : 0;
    if (!error && !reads && left && offset >= size)
        error = ENOSPC;
    if (left > size - offset || offset > size) /* as far as the disk goes */
        left = offset < size ? size - offset : 0;
    while (!error && left) {
        user_ssize_t before = uio_resid(uio);
        error = raw_step(disk, uio, reads, left, &room);
        left -= (uint64_t)(before - uio_resid(uio));
    }
    kern_free(room, BOUNCE_MAX);
    disk_unuse(disk);
    return error;
}

int disk_read(dev_t dev, struct uio *uio, int ioflag)
{
    (void)ioflag;
    return raw_move(dev, uio, true);
}

int disk_write(dev_t dev, struct uio *uio, int ioflag)
{
    (void)ioflag;
    return raw_move(dev, uio, false);
}
