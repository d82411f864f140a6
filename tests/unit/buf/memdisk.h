// SPDX-License-Identifier: BSD-2-Clause
/*
 * memdisk.h: a disk in memory for the cases of the block side: counts and fails requests, and can hold back
 * those that are asynchronous. Kernel side.
 */
#ifndef KEXTBED_TESTS_MEMDISK_H
#define KEXTBED_TESTS_MEMDISK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/disk.h"
#include "host/host.h"

#define MEMDISK_SIZE     (1u << 20)
#define MEMDISK_TRANSFER (64u * 1024)

struct memdisk {
    struct host_disk disk; /* first */
    uint8_t *bytes;        /* MEMDISK_SIZE */
    bool writable;
    bool closed;
    _Atomic uint32_t reads, writes, flushes, unmaps, fua, async;
    _Atomic int fail;          /* HOST_*: what all reads and writes end with */
    _Atomic uint32_t most;     /* bytes that one request moves and still succeeds; 0: all */
    _Atomic uint64_t stuck_at; /* where nothing is moved by one that succeeds; 0: nowhere */
    _Atomic bool hold;
    struct host_disk_io *_Atomic held; /* asynchronous requests, while @hold */
};

void memdisk_make(struct memdisk *disk, bool writable);
void memdisk_free(struct memdisk *disk);
/** memdisk_release - do what was held back. */
void memdisk_release(struct memdisk *disk);

#endif
