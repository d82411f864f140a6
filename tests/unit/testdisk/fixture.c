// SPDX-License-Identifier: BSD-2-Clause
/*
 * What tests of the test device share; see fixture.h.
 */
#include "tests/unit/testdisk/fixture.h"

static int memdisk_move(struct memdisk *mem, struct host_disk_io *io)
{
    uint64_t at = io->hi_offset;

    if (io->hi_op == HOST_DISK_FLUSH) {
        mem->flushes++;
        return mem->flush_status;
    }
    if (io->hi_offset % BLOCK != 0 || io->hi_len % BLOCK != 0 || io->hi_offset + io->hi_len > DISK_BYTES) {
        return HOST_EINVAL;
    }
    if (io->hi_op == HOST_DISK_UNMAP) {
        memset(mem->bytes + at, 0, io->hi_len);
        return HOST_OK;
    }
    for (unsigned i = 0; i < io->hi_count; i++) {
        const struct host_disk_segment *segment = &io->hi_segments[i];

        if (io->hi_op == HOST_DISK_READ) {
            memcpy(segment->hs_base, mem->bytes + at, segment->hs_len);
        } else {
            memcpy(mem->bytes + at, segment->hs_base, segment->hs_len);
        }
        at += segment->hs_len;
    }
    return at == io->hi_offset + io->hi_len ? HOST_OK : HOST_EINVAL;
}

static void memdisk_submit(struct host_disk *disk, struct host_disk_io *io)
{
    struct memdisk *mem = (struct memdisk *)disk;

    if (io->hi_op == HOST_DISK_FLUSH && mem->flush_us != 0) {
        usleep(mem->flush_us);
    }
    pthread_mutex_lock(&mem->lock);
    io->hi_status = memdisk_move(mem, io);
    io->hi_moved = io->hi_status == HOST_OK ? io->hi_len : 0;
    pthread_mutex_unlock(&mem->lock);
    io->hi_done(io);
}

static void memdisk_geometry(struct host_disk *disk, struct host_disk_geometry *geometry)
{
    const struct memdisk *mem = (struct memdisk *)disk;

    *geometry = (struct host_disk_geometry){.hg_size = DISK_BYTES,
                                            .hg_block = BLOCK,
                                            .hg_block_physical = PHYSICAL,
                                            .hg_transfer_max = 64 * BLOCK,
                                            .hg_segments_max = 4,
                                            .hg_writable = !mem->read_only,
                                            .hg_unmap = !mem->no_unmap};
}

static void memdisk_close(struct host_disk *disk)
{
    pthread_mutex_destroy(&((struct memdisk *)disk)->lock);
    free(disk);
}

struct host_disk *memdisk_new(uint8_t *bytes)
{
    static const struct host_disk_ops ops = {memdisk_submit, memdisk_geometry, memdisk_close};
    struct memdisk *mem = calloc(1, sizeof(*mem));

    assert_non_null(mem);
    mem->disk.hd_ops = &ops;
    mem->bytes = bytes;
    pthread_mutex_init(&mem->lock, NULL);
    return &mem->disk;
}

struct host_disk *fixture_open(uint8_t *bytes, const char *plan)
{
    struct host_disk *disk = NULL;
    char why[256] = "";

    if (testdisk_open(memdisk_new(bytes), plan, &disk, why, sizeof(why)) != HOST_OK) {
        fail_msg("%s: %s", plan, why);
    }
    return disk;
}

struct wait {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
};

static void wait_done(struct host_disk_io *io)
{
    struct wait *wait = io->hi_owner;

    pthread_mutex_lock(&wait->lock);
    wait->done = true;
    pthread_cond_signal(&wait->changed);
    pthread_mutex_unlock(&wait->lock);
}

int disk_do(struct host_disk *disk, enum host_disk_op op, bool fua, uint64_t offset, void *bytes, size_t len,
            uint64_t *moved)
{
    struct wait wait = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    size_t half = len / BLOCK / 2 * BLOCK; /* in two pieces where it can be */
    struct host_disk_segment segments[] = {{bytes, half}, {(uint8_t *)bytes + half, len - half}};
    bool whole = half == 0 || bytes == NULL;
    struct host_disk_io io = {.hi_op = op,
                              .hi_fua = fua,
                              .hi_offset = offset,
                              .hi_len = len,
                              .hi_segments = whole ? segments + 1 : segments,
                              .hi_count = bytes == NULL ? 0
                                          : whole       ? 1
                                                        : 2,
                              .hi_done = wait_done,
                              .hi_owner = &wait};

    host_disk_submit(disk, &io);
    pthread_mutex_lock(&wait.lock);
    while (!wait.done) {
        pthread_cond_wait(&wait.changed, &wait.lock);
    }
    pthread_mutex_unlock(&wait.lock);
    if (moved != NULL) {
        *moved = io.hi_moved;
    }
    return io.hi_status;
}

void stamp_fill(uint8_t *bytes, uint64_t block, uint64_t stamp)
{
    uint64_t words[BLOCK / 8];

    for (size_t i = 0; i < BLOCK / 8; i++) {
        words[i] = stamp == 0 ? 0 : i == 0 ? stamp : stamp * 0x9e3779b97f4a7c15u + block * 31 + i;
    }
    memcpy(bytes, words, BLOCK);
}

uint64_t stamp_of(const uint8_t *bytes, uint64_t block)
{
    uint8_t expected[BLOCK];
    uint64_t stamp;

    memcpy(&stamp, bytes, sizeof(stamp));
    stamp_fill(expected, block, stamp);
    assert_memory_equal(bytes, expected, BLOCK);
    return stamp;
}

int stamp_write(struct host_disk *disk, uint64_t first, uint64_t count, uint64_t stamp, bool fua)
{
    uint8_t bytes[64 * BLOCK];

    assert_true(count <= 64);
    for (uint64_t i = 0; i < count; i++) {
        stamp_fill(bytes + i * BLOCK, first + i, stamp);
    }
    return disk_do(disk, HOST_DISK_WRITE, fua, first * BLOCK, bytes, count * BLOCK, NULL);
}

uint64_t stamp_read(struct host_disk *disk, uint64_t block)
{
    uint8_t bytes[BLOCK];

    assert_int_equal(disk_do(disk, HOST_DISK_READ, false, block * BLOCK, bytes, BLOCK, NULL), HOST_OK);
    return stamp_of(bytes, block);
}
