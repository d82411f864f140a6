// SPDX-License-Identifier: BSD-2-Clause
/*
 * disk_internal.h: an image file or block device of the host, as the files disk_*.c share it.
 *
 * Locks: dp_lock of the pool (leaf), over its queue and its threads; not held over a transfer or a
 * completion.
 */
#ifndef KEXTBED_HOST_DISK_INTERNAL_H
#define KEXTBED_HOST_DISK_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "host/disk.h"
#include "host/host.h"

#define DISK_POOL_MAX     8u
#define DISK_TRANSFER_MAX (4u << 20) /* bytes of a request */
#define DISK_SEGMENTS_MAX 1024u

/* The threads behind hi_async. Field legend: [p] dp_lock. */
struct disk_pool {
    pthread_mutex_t dp_lock;
    pthread_cond_t dp_work;
    struct host_disk_io *dp_first, **dp_last; /* [p] waiting, in the order they came */
    unsigned dp_waiting;                      /* [p] how many */
    unsigned dp_idle;                         /* [p] threads that wait for work */
    unsigned dp_count;                        /* [p] threads there are */
    bool dp_closing;                          /* [p] */
    struct host_thread *dp_threads[DISK_POOL_MAX];
};

/* Field legend: [i] constant once opened, [a] atomic. */
struct disk_file {
    struct host_disk df_disk;   /* first */
    int df_fd;                  /* [i] carries the claim */
    int df_behind_fd;           /* [i] a loop device: the claimed file that it shows; else -1 */
    bool df_device;             /* [i] a block device */
    bool df_writable;           /* [i] */
    bool df_unmap;              /* [i] */
    uint32_t df_block;          /* [i] bytes */
    uint32_t df_block_physical; /* [i] bytes */
    _Atomic uint64_t df_size;   /* [a] bytes, whole blocks */
    _Atomic bool df_no_nowait;  /* [a] the file cannot be asked what is at hand */
    _Atomic bool df_no_dsync;   /* [a] nor told to write through */
    struct disk_pool df_pool;
};

/* ---- disk_claim.c -------------------------------------------------------------------------------------- */

/** disk_claim - the right to read, or with df_writable alone to write, what df_fd is open to, @st.
 *  HOST_OK; HOST_EBUSY, @why says who has it. Ends with the descriptors. */
int disk_claim(struct disk_file *disk, const char *path, const struct stat *st, char *why, size_t why_size);
/** disk_claim_device_why - a block device could not be opened for a writer alone: why. */
void disk_claim_device_why(const char *path, const struct stat *st, char *why, size_t why_size);

/* ---- disk_request.c ------------------------------------------------------------------------------------ */

/** disk_size_refresh - look at the size again. */
uint64_t disk_size_refresh(struct disk_file *disk);
/** disk_request_run - check and do @io: sets hi_status and hi_moved. Blocks. */
void disk_request_run(struct disk_file *disk, struct host_disk_io *io);

/* ---- disk_pool.c --------------------------------------------------------------------------------------- */

void disk_pool_init(struct disk_pool *pool);
/** disk_pool_add - have @io done by a thread. False: there is none to be had. */
bool disk_pool_add(struct disk_file *disk, struct host_disk_io *io);
/** disk_pool_end - the threads end; nothing is under way. Blocks. */
void disk_pool_end(struct disk_pool *pool);

#endif
