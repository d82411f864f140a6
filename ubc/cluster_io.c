// SPDX-License-Identifier: BSD-2-Clause
/*
 * One transfer between memory and the device blocks of a file. VNOP_BLOCKMAP cuts it into runs; each becomes
 * a buffer that carries the memory and its place on the device to VNOP_STRATEGY, all under way at once, and
 * the last one to end ends the transfer. What has no block reads as zeros. A page may reach over blocks that
 * a file does not have and others that it has: such a part is not written as long as it is zero, and is an
 * error if not.
 *
 * Only the device blocks up to the end of the file are moved. The rest is zeroed after reading, when no
 * device writes to that memory any more.
 *
 * Locks: none; the waiter's is the file's (360). Buffers end on any thread. Called by the files of cluster
 * I/O.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/systm.h>

#include "buf/buf_iface.h"
#include "ubc/cluster_internal.h"
#include "vfs/vnop_iface.h"

#define DEVICE_BLOCK 512u

/* ---- its end ------------------------------------------------------------------------------------------- */

static void io_failed(struct cluster_io *io, errno_t error)
{
    int none = 0;
    atomic_compare_exchange_strong(&io->ci_error, &none, error);
}

static void io_finish(struct cluster_io *io)
{
    errno_t error = atomic_load(&io->ci_error);
    off_t left = io->ci_filesize - io->ci_offset;
    if (!error && (io->ci_flags & CLUSTER_READ) && left < io->ci_size) {
        uint32_t kept = left > 0 ? (uint32_t)left : 0;
        memset((void *)(io->ci_data + kept), 0, io->ci_size - kept);
    }
    if (io->ci_upl)
        ubc_upl_unmap(io->ci_upl);
    io->ci_ended(io, error);
}

static void part_ended(struct cluster_io *io)
{
    if (atomic_fetch_sub(&io->ci_left, 1) == 1)
        io_finish(io);
}

static void buffer_ended(buf_t bp, void *arg)
{
    struct cluster_io *io = arg;
    errno_t error = buf_error(bp);
    if (!error && buf_resid(bp))
        error = EIO;
    if (io->ci_callback.fn) {
        errno_t objection = io->ci_callback.fn(bp, io->ci_callback.arg);
        error = error ? error : objection;
    }
    buf_free(bp);
    if (error)
        io_failed(io, error);
    part_ended(io);
}

/* ---- its parts ----------------------------------------------------------------------------------------- */

/* One run of device blocks, or of none (blkno -1): @from and @bytes within the transfer. */
struct part {
    daddr64_t blkno;
    uint32_t from, bytes;
    bool last;
};

static uint32_t device_blocks(const struct cluster_io *io, uint64_t bytes)
{
    uint64_t block = io->ci_device_block;
    uint64_t up = (bytes + block - 1) / block * block;
    return up < io->ci_size ? (uint32_t)up : io->ci_size;
}

static errno_t part_map(const struct cluster_io *io, uint32_t bytes, uint32_t max, struct part *part)
{
    size_t run = 0;
    uint32_t left = bytes - part->from;
    errno_t error =
        VNOP_BLOCKMAP(io->ci_vp, io->ci_offset + part->from, left, &part->blkno, &run, NULL,
                      io->ci_flags & CLUSTER_READ ? VNODE_READ : VNODE_WRITE, vfs_context_current());
    if (error)
        return error;
    if (!run)
        return EIO;
    /* The run may be said to end with the file, inside a device block. */
    part->bytes = run < left ? device_blocks(io, run) : left;
    if (part->bytes > left)
        part->bytes = left;
    if (part->blkno != -1 && part->bytes > max)
        part->bytes = max;
    part->last = part->from + part->bytes == bytes;
    return 0;
}

static bool is_zero(const uint8_t *data, uint32_t bytes)
{
    return !bytes || (!data[0] && !memcmp(data, data + 1, bytes - 1));
}

static errno_t part_without_blocks(struct cluster_io *io, const struct part *part)
{
    uint8_t *data = (uint8_t *)io->ci_data + part->from;
    if (!(io->ci_flags & CLUSTER_READ))
        return is_zero(data, part->bytes) ? 0 : EIO;
    memset(data, 0, part->bytes);
    return 0;
}

static void part_begin(struct cluster_io *io, const struct part *part)
{
    bool reads = (io->ci_flags & CLUSTER_READ) != 0;
    bool async = (io->ci_flags & CLUSTER_ASYNC) || !part->last;
    buf_t bp = buf_alloc(io->ci_vp);
    buf_setflags(bp, (reads ? B_READ : B_WRITE) | (async ? B_ASYNC : 0));
    buf_setcount(bp, part->bytes);
    buf_setsize(bp, part->bytes);
    buf_place(bp, (io->ci_offset + part->from) >> UBC_SHIFT, part->blkno);
    if (io->ci_upl)
        buf_setupl(bp, io->ci_upl, io->ci_upl_offset + part->from);
    else
        buf_setdataptr(bp, io->ci_data + part->from);
    buf_setcallback(bp, buffer_ended, io);
    atomic_fetch_add(&io->ci_left, 1);
    if (!reads)
        vnode_startwrite(io->ci_vp);
    VNOP_STRATEGY(bp);
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

static uint32_t transfer_max(const struct vfsioattr *attr, bool reads, uint32_t block)
{
    uint32_t max = reads ? attr->io_maxreadcnt : attr->io_maxwritecnt;
    if (!max || max > UBC_LIST_MAX * UBC_PAGE)
        max = UBC_LIST_MAX * UBC_PAGE;
    max -= max % (max > UBC_PAGE ? UBC_PAGE : block);
    return max ? max : block;
}

void cluster_io_start(struct cluster_io *io)
{
    struct vfsioattr attr;
    struct part part = {.from = 0};
    bool reads = (io->ci_flags & CLUSTER_READ) != 0;
    off_t left = io->ci_filesize - io->ci_offset;
    errno_t error = 0;
    vfs_ioattr(vnode_mount(io->ci_vp), &attr);
    io->ci_device_block = attr.io_devblocksize ? attr.io_devblocksize : DEVICE_BLOCK;
    uint32_t max = transfer_max(&attr, reads, io->ci_device_block);
    uint32_t bytes = left < io->ci_size ? device_blocks(io, left > 0 ? (uint64_t)left : 0) : io->ci_size;
    atomic_store(&io->ci_left, 1);
    atomic_store(&io->ci_error, 0);
    if (io->ci_upl) {
        vm_offset_t base;
        ubc_upl_map(io->ci_upl, &base);
        io->ci_data = (uintptr_t)base + io->ci_upl_offset;
    }
    for (; !error && part.from < bytes; part.from += part.bytes) {
        error = part_map(io, bytes, max, &part);
        if (!error && part.blkno == -1)
            error = part_without_blocks(io, &part);
        else if (!error)
            part_begin(io, &part);
    }
    if (error)
        io_failed(io, error);
    part_ended(io);
}

/* The waiter's transfer may be gone as soon as the lock is dropped. */
static void waited_ended(struct cluster_io *io, errno_t error)
{
    struct ubc_file *file = io->ci_file;
    (void)error;
    lck_mtx_lock(&file->uf_lock);
    io->ci_done = true;
    wakeup(io);
    lck_mtx_unlock(&file->uf_lock);
}

errno_t cluster_io_run(struct cluster_io *io, struct ubc_file *file)
{
    io->ci_file = file;
    io->ci_done = false;
    io->ci_ended = waited_ended;
    cluster_io_start(io);
    lck_mtx_lock(&file->uf_lock);
    while (!io->ci_done)
        msleep(io, &file->uf_lock, PRIBIO, "cluster_io", NULL);
    lck_mtx_unlock(&file->uf_lock);
    return atomic_load(&io->ci_error);
}

unsigned cluster_size_max(vnode_t vp, bool reads)
{
    struct vfsioattr attr;
    vfs_ioattr(vnode_mount(vp), &attr);
    unsigned pages = transfer_max(&attr, reads, DEVICE_BLOCK) >> UBC_SHIFT;
    return pages ? pages : 1;
}

unsigned cluster_list_run(const struct upl *upl, unsigned *at)
{
    unsigned count = 0;
    while (*at < upl->u_count && !upl->u_pages[*at])
        ++*at;
    while (*at + count < upl->u_count && upl->u_pages[*at + count])
        count++;
    return count;
}
