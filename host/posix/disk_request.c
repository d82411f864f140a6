// SPDX-License-Identifier: BSD-2-Clause
/*
 * disk_request.c: doing one request on an image file or block device: the checks, the whole of a transfer
 * whatever pieces the host does it in, flush and unmap.
 *
 * A read is first asked for what is at hand; only where it has to wait does the thread say that it blocks
 * (host_thread_on_block). No lock. Called on the submitter's thread and on those of disk_pool.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/posix/disk_internal.h"
#include "host/posix/posix_internal.h"

#define VECTORS 64 /* of one system call */

uint64_t disk_size_refresh(struct disk_file *disk)
{
    uint64_t bytes = 0;
    struct stat st;

    if (disk->df_device) {
        if (ioctl(disk->df_fd, BLKGETSIZE64, &bytes) != 0)
            bytes = 0;
    } else if (fstat(disk->df_fd, &st) == 0 && st.st_size > 0) {
        bytes = (uint64_t)st.st_size;
    }
    bytes &= ~(uint64_t)(disk->df_block - 1);
    atomic_store_explicit(&disk->df_size, bytes, memory_order_relaxed);
    return bytes;
}

static int status_of(int error)
{
    switch (error) {
    case 0:
        return HOST_OK;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return HOST_ENOSPC;
    case EPERM:
    case EACCES:
    case EROFS:
        return HOST_EPERM;
    default:
        return HOST_EIO;
    }
}

/* ---- transfers ----------------------------------------------------------------------------------------- */

/* Where a transfer has got to. */
struct progress {
    const struct host_disk_segment *segment;
    size_t used;   /* bytes of *segment */
    unsigned left; /* segments, *segment among them */
};

static void progress_add(struct progress *at, size_t bytes)
{
    at->used += bytes;
    while (at->left && at->used >= at->segment->hs_len) {
        at->used -= at->segment->hs_len;
        at->segment++;
        at->left--;
    }
}

static int vectors_fill(const struct progress *at, struct iovec *iov)
{
    int count = 0;

    for (unsigned i = 0; i < at->left && count < VECTORS; i++, count++) {
        size_t skip = i ? 0 : at->used;
        iov[count].iov_base = (char *)at->segment[i].hs_base + skip;
        iov[count].iov_len = at->segment[i].hs_len - skip;
    }
    return count;
}

static ssize_t read_some(struct disk_file *disk, const struct iovec *iov, int count, off_t off)
{
    if (!atomic_load_explicit(&disk->df_no_nowait, memory_order_relaxed)) {
        ssize_t got = preadv2(disk->df_fd, iov, count, off, RWF_NOWAIT);
        if (got > 0)
            return got;
        if (got < 0 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL))
            atomic_store_explicit(&disk->df_no_nowait, true, memory_order_relaxed);
    }
    thread_blocks();
    return preadv(disk->df_fd, iov, count, off);
}

static ssize_t write_some(struct disk_file *disk, const struct iovec *iov, int count, off_t off, bool through)
{
    if (!through)
        return pwritev(disk->df_fd, iov, count, off);
    thread_blocks();
    return pwritev2(disk->df_fd, iov, count, off, RWF_DSYNC);
}

static int flush(struct disk_file *disk)
{
    int error;

    thread_blocks();
    do
        error = fdatasync(disk->df_fd) == 0 ? 0 : errno;
    while (error == EINTR);
    return error;
}

static int transfer(struct disk_file *disk, struct host_disk_io *io)
{
    struct progress at = {io->hi_segments, 0, io->hi_count};
    bool reads = io->hi_op == HOST_DISK_READ;
    bool through = io->hi_fua && !atomic_load_explicit(&disk->df_no_dsync, memory_order_relaxed);

    progress_add(&at, 0); /* past empty segments */
    while (io->hi_moved < io->hi_len) {
        struct iovec iov[VECTORS];
        int count = vectors_fill(&at, iov);
        off_t off = (off_t)(io->hi_offset + io->hi_moved);
        ssize_t moved = reads ? read_some(disk, iov, count, off) : write_some(disk, iov, count, off, through);

        if (moved > 0) {
            io->hi_moved += (uint64_t)moved;
            progress_add(&at, (size_t)moved);
        } else if (moved == 0) {
            return EIO; /* the image has become shorter */
        } else if (through && (errno == EOPNOTSUPP || errno == ENOSYS)) {
            through = false;
            atomic_store_explicit(&disk->df_no_dsync, true, memory_order_relaxed);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return !reads && io->hi_fua && !through ? flush(disk) : 0;
}

static int unmap(struct disk_file *disk, struct host_disk_io *io)
{
    uint64_t range[2] = {io->hi_offset, io->hi_len};
    int error;

    if (!disk->df_unmap || !io->hi_len)
        return 0;
    thread_blocks();
    do {
        int failed = disk->df_device ? ioctl(disk->df_fd, BLKDISCARD, range)
                                     : fallocate(disk->df_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                                 (off_t)io->hi_offset, (off_t)io->hi_len);
        error = failed ? errno : 0;
    } while (error == EINTR);
    return error == EOPNOTSUPP ? 0 : error; /* it is a hint */
}

/* ---- the checks ---------------------------------------------------------------------------------------- */

static bool range_inside(struct disk_file *disk, uint64_t offset, uint64_t len)
{
    uint64_t size = atomic_load_explicit(&disk->df_size, memory_order_relaxed);

    if (len <= size && offset <= size - len)
        return true;
    size = disk_size_refresh(disk); /* it may have grown */
    return len <= size && offset <= size - len;
}

static bool segments_fit(struct disk_file *disk, const struct host_disk_io *io)
{
    uint64_t sum = 0;

    if (io->hi_count > DISK_SEGMENTS_MAX || io->hi_len > DISK_TRANSFER_MAX)
        return false;
    for (unsigned i = 0; i < io->hi_count; i++) {
        if (io->hi_segments[i].hs_len > DISK_TRANSFER_MAX || io->hi_segments[i].hs_len % disk->df_block)
            return false;
        sum += io->hi_segments[i].hs_len;
    }
    return sum == io->hi_len;
}

static int request_check(struct disk_file *disk, const struct host_disk_io *io)
{
    if (io->hi_op == HOST_DISK_FLUSH)
        return io->hi_len ? HOST_EINVAL : HOST_OK;
    if (io->hi_op > HOST_DISK_UNMAP || ((io->hi_offset | io->hi_len) & (disk->df_block - 1)) ||
        !range_inside(disk, io->hi_offset, io->hi_len))
        return HOST_EINVAL;
    if (io->hi_op != HOST_DISK_READ && !disk->df_writable)
        return HOST_EPERM;
    if (io->hi_op != HOST_DISK_UNMAP && !segments_fit(disk, io))
        return HOST_EINVAL;
    return HOST_OK;
}

void disk_request_run(struct disk_file *disk, struct host_disk_io *io)
{
    io->hi_moved = 0;
    io->hi_status = request_check(disk, io);
    if (io->hi_status != HOST_OK)
        return;
    switch (io->hi_op) {
    case HOST_DISK_FLUSH:
        io->hi_status = disk->df_writable ? status_of(flush(disk)) : HOST_OK;
        break;
    case HOST_DISK_UNMAP:
        io->hi_status = status_of(unmap(disk, io));
        break;
    default:
        io->hi_status = status_of(transfer(disk, io));
        break;
    }
    if (io->hi_status == HOST_OK)
        io->hi_moved = io->hi_len;
}
