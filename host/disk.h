// SPDX-License-Identifier: BSD-2-Clause
/*
 * disk.h: block devices and image files of the host, as one interface. A disk is opened by the host's path or
 * made by standing on another one (a test device), and whoever has it cannot tell which.
 *
 * Part of the narrow waist: the rules at the head of host.h hold here as well, and results are its
 * host_status values.
 *
 * What a completed request means: a write has reached the disk's cache, not the medium. All writes that were
 * complete when a flush was submitted are on the medium when the flush is complete; a write with hi_fua is
 * there by itself. Requests under way at the same time may be done in any order.
 */
#ifndef KEXTBED_HOST_DISK_H
#define KEXTBED_HOST_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct host_disk;

struct host_disk_geometry {
    uint64_t hg_size;           /* bytes, a multiple of hg_block; what lies beyond the last whole block of an
                                   image is not seen */
    uint32_t hg_block;          /* smallest unit of a request, bytes, a power of two */
    uint32_t hg_block_physical; /* what the medium writes in one piece, bytes, at least hg_block */
    uint32_t hg_transfer_max;   /* bytes of one request */
    uint32_t hg_segments_max;   /* pieces of memory of one request */
    bool hg_writable;
    bool hg_unmap; /* HOST_DISK_UNMAP gives space back; elsewhere it does nothing */
};

enum host_disk_op { HOST_DISK_READ, HOST_DISK_WRITE, HOST_DISK_FLUSH, HOST_DISK_UNMAP };

struct host_disk_segment {
    void *hs_base;
    size_t hs_len; /* a multiple of hg_block */
};

/* One request. The caller owns it and leaves it alone, with its segments and their memory, until hi_done. */
struct host_disk_io {
    enum host_disk_op hi_op;
    bool hi_fua;   /* write: complete only when it is on the medium */
    bool hi_async; /* return at once; otherwise hi_done may be called before host_disk_submit() returns */
    uint64_t hi_offset; /* bytes, a multiple of hg_block */
    uint64_t hi_len;    /* bytes; read and write: the sum of the segments. Flush: 0 */
    const struct host_disk_segment *hi_segments;
    unsigned hi_count;
    /** hi_done - the request is complete: hi_status and hi_moved are set and the request is the owner's
     * again. Runs once, on the submitter's thread or one of the host's, with no lock of the host's held; it
     * must not sleep. */
    void (*hi_done)(struct host_disk_io *io);
    void *hi_owner; /* the caller's */
    int hi_status;  /* HOST_OK, HOST_EIO, HOST_EINVAL (outside the disk, unaligned), HOST_EPERM (read only),
                       HOST_ENOSPC (a sparse image's file system is full) */
    uint64_t hi_moved;            /* bytes, from the beginning */
    struct host_disk_io *hi_next; /* the disk's, while it has the request */
};

/* What a disk is made of. */
struct host_disk_ops {
    void (*submit)(struct host_disk *disk, struct host_disk_io *io);
    /** geometry - may change in size alone, when the image has grown or shrunk. */
    void (*geometry)(struct host_disk *disk, struct host_disk_geometry *geometry);
    /** close - nothing is under way. Frees the disk and ends its claim. */
    void (*close)(struct host_disk *disk);
};

struct host_disk { /* first member of every implementation's own struct */
    const struct host_disk_ops *hd_ops;
};

enum host_disk_flags {
    HOST_DISK_WRITABLE = 1, /* the only writer on this machine; without it: one of any number of readers */
};

/** host_disk_open - open the image or block device @path.
 *  @why  gets one sentence that names the path and what is in the way; terminated. May be NULL with size 0.
 *  HOST_OK; HOST_ENOENT; HOST_EPERM; HOST_EBUSY another process (or this one) has it and one of the two wants
 *  to write; HOST_EINVAL neither an image nor a block device; HOST_ENOMEM; HOST_EIO. Blocks. */
int host_disk_open(const char *path, unsigned flags, struct host_disk **disk, char *why, size_t why_size);

static inline void host_disk_submit(struct host_disk *disk, struct host_disk_io *io)
{
    disk->hd_ops->submit(disk, io);
}

static inline void host_disk_geometry(struct host_disk *disk, struct host_disk_geometry *geometry)
{
    disk->hd_ops->geometry(disk, geometry);
}

static inline void host_disk_close(struct host_disk *disk)
{
    disk->hd_ops->close(disk);
}

#ifdef __cplusplus
}
#endif
#endif
