// SPDX-License-Identifier: BSD-2-Clause
/*
 * Requests to the disk below; see lower.h. Each wait has a mutex of its own, which the disk's completion
 * takes: a leaf.
 */
#include "host/testdisk/lower.h"

#include <pthread.h>
#include <string.h>

#include "host/host.h"

#define BATCH_MAX 64u /* pieces of memory that one request gathers */

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
};

static void waiter_done(struct host_disk_io *io)
{
    struct waiter *waiter = io->hi_owner;

    pthread_mutex_lock(&waiter->lock);
    waiter->done = true;
    pthread_cond_signal(&waiter->changed);
    pthread_mutex_unlock(&waiter->lock);
}

int testdisk_lower_io(struct host_disk *inner, enum host_disk_op op, bool fua, uint64_t offset, uint64_t len,
                      const struct host_disk_segment *segments, unsigned count)
{
    struct waiter waiter = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct host_disk_io io = {
        .hi_op = op,
        .hi_fua = fua,
        .hi_offset = offset,
        .hi_len = len,
        .hi_segments = segments,
        .hi_count = count,
        .hi_done = waiter_done,
        .hi_owner = &waiter,
    };

    host_disk_submit(inner, &io);
    pthread_mutex_lock(&waiter.lock);
    while (!waiter.done) {
        pthread_cond_wait(&waiter.changed, &waiter.lock);
    }
    pthread_mutex_unlock(&waiter.lock);
    pthread_cond_destroy(&waiter.changed);
    pthread_mutex_destroy(&waiter.lock);
    if (io.hi_status == HOST_OK && (op == HOST_DISK_READ || op == HOST_DISK_WRITE) && io.hi_moved != len) {
        return HOST_EIO;
    }
    return io.hi_status;
}

/* Neighbours that go down together. */
struct batch {
    struct host_disk *inner;
    uint64_t offset, len, len_max;
    struct host_disk_segment segments[BATCH_MAX];
    unsigned count, count_max;
};

static int batch_write(struct batch *batch)
{
    int status = HOST_OK;

    if (batch->count != 0) {
        status = testdisk_lower_io(batch->inner, HOST_DISK_WRITE, false, batch->offset, batch->len,
                                   batch->segments, batch->count);
    }
    batch->count = 0;
    batch->len = 0;
    return status;
}

static int batch_add(struct batch *batch, const struct testdisk_extent *extent)
{
    uint64_t len = extent->end - extent->start;

    if (batch->count == batch->count_max || extent->start != batch->offset + batch->len ||
        batch->len + len > batch->len_max) {
        int status = batch_write(batch);

        if (status != HOST_OK) {
            return status;
        }
        batch->offset = extent->start;
    }
    /* A disk does not write to the memory of a write. */
    batch->segments[batch->count++] = (struct host_disk_segment){
        .hs_base = (void *)(uintptr_t)testdisk_extent_data(extent, extent->start), .hs_len = (size_t)len};
    batch->len += len;
    return HOST_OK;
}

int testdisk_lower_write(struct host_disk *inner, const struct testdisk_extents *map)
{
    struct host_disk_geometry geometry;
    const struct testdisk_extent *extent;
    struct batch batch = {.inner = inner};
    int status = HOST_OK;

    host_disk_geometry(inner, &geometry);
    batch.len_max = geometry.hg_transfer_max;
    batch.count_max = geometry.hg_segments_max < BATCH_MAX ? geometry.hg_segments_max : BATCH_MAX;
    for (uint64_t at = 0; status == HOST_OK && (extent = testdisk_extents_find(map, at)) != NULL;
         at = extent->end) {
        if (extent->write->data != NULL) {
            status = batch_add(&batch, extent);
        } else {
            status = testdisk_lower_io(inner, HOST_DISK_UNMAP, false, extent->start,
                                       extent->end - extent->start, NULL, 0);
        }
    }
    return status == HOST_OK ? batch_write(&batch) : status;
}

unsigned testdisk_segments_slice(const struct host_disk_io *io, uint64_t from, uint64_t len,
                                 struct host_disk_segment *out)
{
    unsigned count = 0;

    for (unsigned i = 0; i < io->hi_count && len != 0; i++) {
        const struct host_disk_segment *segment = &io->hi_segments[i];

        if (from >= segment->hs_len) {
            from -= segment->hs_len;
            continue;
        }
        size_t part = segment->hs_len - (size_t)from < len ? segment->hs_len - (size_t)from : (size_t)len;
        out[count++] = (struct host_disk_segment){(uint8_t *)segment->hs_base + from, part};
        len -= part;
        from = 0;
    }
    return count;
}

/* One copy out of the request's memory into @out, or into it from @in, or zeros into it. */
static void segments_copy(const struct host_disk_io *io, uint64_t from, uint64_t len, uint8_t *out,
                          const uint8_t *in)
{
    for (unsigned i = 0; i < io->hi_count && len != 0; i++) {
        const struct host_disk_segment *segment = &io->hi_segments[i];

        if (from >= segment->hs_len) {
            from -= segment->hs_len;
            continue;
        }
        uint8_t *memory = (uint8_t *)segment->hs_base + from;
        size_t part = segment->hs_len - (size_t)from < len ? segment->hs_len - (size_t)from : (size_t)len;
        if (out != NULL) {
            memcpy(out, memory, part);
            out += part;
        } else if (in != NULL) {
            memcpy(memory, in, part);
            in += part;
        } else {
            memset(memory, 0, part);
        }
        len -= part;
        from = 0;
    }
}

void testdisk_segments_get(const struct host_disk_io *io, uint64_t from, uint64_t len, uint8_t *bytes)
{
    segments_copy(io, from, len, bytes, NULL);
}

void testdisk_segments_put(const struct host_disk_io *io, uint64_t from, uint64_t len, const uint8_t *bytes)
{
    segments_copy(io, from, len, NULL, bytes);
}
