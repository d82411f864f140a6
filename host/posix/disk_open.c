// SPDX-License-Identifier: BSD-2-Clause
/*
 * disk_open.c: opening an image file or a block device of the host as a disk, what it looks like, and the end
 * of it.
 *
 * The engine: preadv2 and pwritev2 on a descriptor of the ordinary kind, so the host's page cache is the
 * disk's cache: reads that it holds cost one system call on the caller's own thread, writes are there when
 * they are copied, and only fdatasync and RWF_DSYNC reach the medium. Requests that may not wait (hi_async)
 * go to a few threads. Direct I/O would spare a copy but make every read wait for the medium, and wants
 * memory that is aligned; a ring of requests (io_uring) saves system calls where many requests are under way
 * at once, which is not what file systems do most, and many containers forbid it.
 *
 * No lock of its own. Called by buf/ and by tests.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/posix/disk_internal.h"
#include "host/posix/posix_internal.h"

#define BLOCK_IMAGE    512u
#define BLOCK_PHYSICAL 4096u
#define BLOCK_MAX      65536u

static void submit(struct host_disk *host_disk, struct host_disk_io *io)
{
    struct disk_file *disk = (struct disk_file *)host_disk;

    if (io->hi_async && disk_pool_add(disk, io))
        return;
    disk_request_run(disk, io);
    io->hi_done(io);
}

static void geometry(struct host_disk *host_disk, struct host_disk_geometry *out)
{
    struct disk_file *disk = (struct disk_file *)host_disk;

    *out = (struct host_disk_geometry){
        .hg_size = disk_size_refresh(disk),
        .hg_block = disk->df_block,
        .hg_block_physical = disk->df_block_physical,
        .hg_transfer_max = DISK_TRANSFER_MAX,
        .hg_segments_max = DISK_SEGMENTS_MAX,
        .hg_writable = disk->df_writable,
        .hg_unmap = disk->df_unmap,
    };
}

static void disk_free(struct disk_file *disk)
{
    if (disk->df_fd >= 0)
        close(disk->df_fd);
    if (disk->df_behind_fd >= 0)
        close(disk->df_behind_fd);
    free(disk);
}

static void disk_close(struct host_disk *host_disk)
{
    struct disk_file *disk = (struct disk_file *)host_disk;

    disk_pool_end(&disk->df_pool);
    disk_free(disk);
}

static const struct host_disk_ops file_ops = {.submit = submit, .geometry = geometry, .close = disk_close};

/* ---- what it looks like -------------------------------------------------------------------------------- */

static bool block_usable(uint64_t bytes)
{
    return bytes >= BLOCK_IMAGE && bytes <= BLOCK_MAX && (bytes & (bytes - 1)) == 0;
}

/* Does the device below, of which this may be a part, take back blocks? */
static bool device_discards(dev_t rdev)
{
    static const char *const queues[] = {"queue", "../queue"};
    unsigned long long max = 0;

    for (size_t i = 0; i < 2; i++) {
        char path[96];
        (void)snprintf(path, sizeof path, "/sys/dev/block/%u:%u/%s/discard_max_bytes", major(rdev),
                       minor(rdev), queues[i]);
        FILE *file = fopen(path, "re");
        if (!file)
            continue;
        if (fscanf(file, "%llu", &max) != 1)
            max = 0;
        (void)fclose(file);
        break;
    }
    return max > 0;
}

/* The host opens such a device for writing all the same, and each write fails. */
static bool device_is_read_only(const struct disk_file *disk)
{
    int read_only = 0;

    return ioctl(disk->df_fd, BLKROGET, &read_only) == 0 && read_only;
}

static int device_describe(struct disk_file *disk, const struct stat *st)
{
    int logical = 0;
    unsigned physical = 0;

    if (ioctl(disk->df_fd, BLKSSZGET, &logical) != 0 || logical < 0 || !block_usable((uint64_t)logical))
        return HOST_EINVAL;
    if (ioctl(disk->df_fd, BLKPBSZGET, &physical) != 0 || !block_usable(physical))
        physical = 0;
    disk->df_block = (uint32_t)logical;
    disk->df_block_physical = physical > disk->df_block ? physical : disk->df_block;
    disk->df_unmap = disk->df_writable && device_discards(st->st_rdev);
    return HOST_OK;
}

static void image_describe(struct disk_file *disk, const struct stat *st)
{
    off_t beyond;

    disk->df_block = BLOCK_IMAGE;
    disk->df_block_physical =
        block_usable((uint64_t)st->st_blksize) ? (uint32_t)st->st_blksize : BLOCK_PHYSICAL;
    /* Where there is nothing yet a hole changes nothing, but it tells whether one can be made. */
    disk->df_unmap = disk->df_writable &&
                     !__builtin_add_overflow(st->st_size, (off_t)(2 * BLOCK_MAX), &beyond) &&
                     fallocate(disk->df_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                               (beyond - BLOCK_MAX) & ~(off_t)(BLOCK_MAX - 1), BLOCK_MAX) == 0;
}

/* ---- opening ------------------------------------------------------------------------------------------- */

static int status_of_open(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENXIO:
    case ENODEV:
    case ENOMEDIUM:
        return HOST_ENOENT;
    case EACCES:
    case EPERM:
    case EROFS:
        return HOST_EPERM;
    case EBUSY:
    case ETXTBSY:
        return HOST_EBUSY;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return HOST_ENOMEM;
    case EISDIR:
    case EINVAL:
    case ELOOP:
    case ENAMETOOLONG:
        return HOST_EINVAL;
    default:
        return HOST_EIO;
    }
}

/* A FIFO or a terminal must not be opened to see what it is. */
static int kind_check(const char *path, struct stat *st, char *why, size_t why_size)
{
    if (stat(path, st) != 0) {
        (void)snprintf(why, why_size, "%s: %s", path, strerror(errno));
        return status_of_open(errno);
    }
    if (S_ISREG(st->st_mode) || S_ISBLK(st->st_mode))
        return HOST_OK;
    (void)snprintf(why, why_size, "%s is neither a disk image nor a block device", path);
    return HOST_EINVAL;
}

static int descriptor_open(struct disk_file *disk, const char *path, struct stat *st, char *why,
                           size_t why_size)
{
    int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (disk->df_writable ? O_RDWR : O_RDONLY);
    mode_t kind = st->st_mode & S_IFMT;

    if (S_ISBLK(kind) && disk->df_writable)
        flags |= O_EXCL; /* no second one, and not while the host has it mounted */
    disk->df_fd = open(path, flags);
    if (disk->df_fd < 0) {
        int error = errno;
        if (error == EBUSY && S_ISBLK(kind))
            disk_claim_device_why(path, st, why, why_size);
        else
            (void)snprintf(why, why_size, "%s cannot be opened for %s: %s", path,
                           disk->df_writable ? "reading and writing (ro: for reading alone)" : "reading",
                           strerror(error));
        return status_of_open(error);
    }
    if (fstat(disk->df_fd, st) != 0 || (st->st_mode & S_IFMT) != kind) {
        (void)snprintf(why, why_size, "%s became something else while it was opened", path);
        return HOST_EBUSY;
    }
    return HOST_OK;
}

static int disk_begin(struct disk_file *disk, const char *path, char *why, size_t why_size)
{
    struct stat st;
    int status = kind_check(path, &st, why, why_size);

    if (status == HOST_OK)
        status = descriptor_open(disk, path, &st, why, why_size);
    if (status == HOST_OK) {
        disk->df_device = S_ISBLK(st.st_mode);
        status = disk_claim(disk, path, &st, why, why_size);
    }
    if (status != HOST_OK)
        return status;
    if (disk->df_device && disk->df_writable && device_is_read_only(disk)) {
        (void)snprintf(why, why_size, "%s is read-only, and can be opened for reading alone (ro)", path);
        return HOST_EPERM;
    }
    if (!disk->df_device) {
        image_describe(disk, &st);
    } else {
        status = device_describe(disk, &st);
        if (status != HOST_OK)
            (void)snprintf(why, why_size, "%s has blocks of a size that no disk has", path);
    }
    (void)disk_size_refresh(disk);
    return status;
}

int host_disk_open(const char *path, unsigned flags, struct host_disk **out, char *why, size_t why_size)
{
    char spare[1];

    if (!why || !why_size) {
        why = spare;
        why_size = sizeof spare;
    }
    why[0] = '\0';
    if (!path || (flags & ~(unsigned)HOST_DISK_WRITABLE)) {
        (void)snprintf(why, why_size, "no such way to open a disk");
        return HOST_EINVAL;
    }
    struct disk_file *disk = calloc(1, sizeof *disk);
    if (!disk) {
        (void)snprintf(why, why_size, "%s: %s", path, strerror(ENOMEM));
        return HOST_ENOMEM;
    }
    disk->df_disk.hd_ops = &file_ops;
    disk->df_fd = disk->df_behind_fd = -1;
    disk->df_writable = (flags & HOST_DISK_WRITABLE) != 0;
    int status = disk_begin(disk, path, why, why_size);
    if (status != HOST_OK) {
        disk_free(disk);
        return status;
    }
    disk_pool_init(&disk->df_pool);
    *out = &disk->df_disk;
    return HOST_OK;
}
