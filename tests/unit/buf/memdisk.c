// SPDX-License-Identifier: BSD-2-Clause
/*
 * The disk in memory. Its owner closes nothing: host_disk_close() only notes that it was called.
 */
#include <string.h>

#include "kern/kern_iface.h"
#include "tests/unit/buf/memdisk.h"
#include "tests/support/ktest.h"

/* How much of a transfer is done. */
static uint64_t will_move(struct memdisk *disk, const struct host_disk_io *io)
{
    uint64_t most = atomic_load(&disk->most), stuck_at = atomic_load(&disk->stuck_at), bytes = io->hi_len;
    if (most && bytes > most)
        bytes = most;
    if (stuck_at && io->hi_offset <= stuck_at && io->hi_offset + bytes > stuck_at)
        bytes = stuck_at - io->hi_offset;
    return atomic_load(&disk->fail) == HOST_OK ? bytes : 0;
}

static void request_do(struct memdisk *disk, struct host_disk_io *io)
{
    uint64_t at = io->hi_offset, left = io->hi_len;
    io->hi_status = HOST_OK;
    switch (io->hi_op) {
    case HOST_DISK_FLUSH:
        atomic_fetch_add(&disk->flushes, 1);
        break;
    case HOST_DISK_UNMAP:
        atomic_fetch_add(&disk->unmaps, 1);
        memset(disk->bytes + at, 0, io->hi_len);
        break;
    default:
        atomic_fetch_add(io->hi_op == HOST_DISK_READ ? &disk->reads : &disk->writes, 1);
        atomic_fetch_add(&disk->fua, io->hi_fua);
        atomic_fetch_add(&disk->async, io->hi_async);
        KT_ASSERT(io->hi_len <= MEMDISK_TRANSFER && at % 512 == 0 && io->hi_len % 512 == 0);
        KT_ASSERT_LE(at + io->hi_len, MEMDISK_SIZE);
        io->hi_status = atomic_load(&disk->fail);
        left = will_move(disk, io);
        for (unsigned i = 0; i < io->hi_count && at < io->hi_offset + left; i++) {
            const struct host_disk_segment *segment = &io->hi_segments[i];
            uint64_t rest = io->hi_offset + left - at,
                     bytes = segment->hs_len < rest ? segment->hs_len : rest;
            if (io->hi_op == HOST_DISK_READ)
                memcpy(segment->hs_base, disk->bytes + at, bytes);
            else
                memcpy(disk->bytes + at, segment->hs_base, bytes);
            at += bytes;
        }
        break;
    }
    io->hi_moved = io->hi_status == HOST_OK ? left : 0;
    io->hi_done(io);
}

static void submit(struct host_disk *host, struct host_disk_io *io)
{
    struct memdisk *disk = (struct memdisk *)host;
    if (!io->hi_async || !atomic_load(&disk->hold)) {
        request_do(disk, io);
        return;
    }
    io->hi_next = atomic_load(&disk->held);
    while (!atomic_compare_exchange_weak(&disk->held, &io->hi_next, io))
        ;
}

void memdisk_release(struct memdisk *disk)
{
    struct host_disk_io *io = atomic_exchange(&disk->held, NULL), *next;
    for (; io; io = next) {
        next = io->hi_next;
        request_do(disk, io);
    }
}

static void geometry(struct host_disk *host, struct host_disk_geometry *out)
{
    const struct memdisk *disk = (const struct memdisk *)host;
    *out = (struct host_disk_geometry){
        .hg_size = MEMDISK_SIZE,
        .hg_block = 512,
        .hg_block_physical = 4096,
        .hg_transfer_max = MEMDISK_TRANSFER,
        .hg_segments_max = 16,
        .hg_writable = disk->writable,
        .hg_unmap = disk->writable,
    };
}

static void disk_close(struct host_disk *host)
{
    ((struct memdisk *)host)->closed = true;
}

static const struct host_disk_ops ops = {submit, geometry, disk_close};

void memdisk_make(struct memdisk *disk, bool writable)
{
    memset(disk, 0, sizeof(*disk));
    disk->disk.hd_ops = &ops;
    disk->writable = writable;
    disk->bytes = kern_alloc(MEMDISK_SIZE, "memdisk");
    for (uint32_t i = 0; i < MEMDISK_SIZE; i++)
        disk->bytes[i] = (uint8_t)(i / 512 + i * 3);
}

void memdisk_free(struct memdisk *disk)
{
    kern_free(disk->bytes, MEMDISK_SIZE);
}
