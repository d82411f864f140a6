// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the test device does with a request whose time has come, and with a power cut. Locks: td_lock, left
 * wherever the disk below is asked; see testdisk_internal.h. Called by submit, by the worker, and for cuts.
 */
#include <stdlib.h>

#include "host/testdisk/lower.h"
#include "host/testdisk/testdisk_internal.h"

/* ---- power, and who writes ----------------------------------------------------------------------------- */

static bool power_holds(struct testdisk *td)
{
    while (td->power == POWER_GOING) {
        pthread_cond_wait(&td->td_changed, &td->td_lock);
    }
    return td->power == POWER_ON;
}

bool disk_claim_locked(struct testdisk *td)
{
    while (td->td_claimed && td->power == POWER_ON) {
        pthread_cond_wait(&td->td_changed, &td->td_lock);
    }
    if (!power_holds(td)) {
        return false;
    }
    td->td_claimed = true;
    return true;
}

void disk_release_locked(struct testdisk *td)
{
    td->td_claimed = false;
    pthread_cond_broadcast(&td->td_changed);
}

/* Puts a map on the medium. No lock is held. */
static int map_write(struct testdisk *td, struct testdisk_extents *map)
{
    int status = testdisk_lower_write(td->inner, map);

    return status == HOST_OK ? testdisk_lower_io(td->inner, HOST_DISK_FLUSH, false, 0, 0, NULL, 0) : status;
}

void disk_cut_locked(struct testdisk *td)
{
    struct host_disk_geometry geometry;
    struct testdisk_extents map = {0};
    int status = HOST_ENOMEM;

    if (td->power != POWER_ON) {
        (void)power_holds(td);
        return;
    }
    td->power = POWER_GOING;
    while (td->td_claimed) {
        pthread_cond_wait(&td->td_changed, &td->td_lock);
    }
    td->td_claimed = true;
    host_disk_geometry(td->inner, &geometry);
    bool chosen = testdisk_cache_cut(&td->cache, &td->plan.choice, td->events, geometry.hg_block,
                                     geometry.hg_block_physical, &map, &td->stats.cut);
    /* No write of the map goes away: every request waits until the power is off. */
    pthread_mutex_unlock(&td->td_lock);
    if (chosen) {
        status = map_write(td, &map);
    }
    pthread_mutex_lock(&td->td_lock);
    testdisk_extents_clear(&map);
    testdisk_cache_covered(&td->cache, UINT64_MAX);
    testdisk_recorder_cut(&td->recorder, &td->plan.choice);
    td->stats.cut_status = status;
    td->power = POWER_OFF;
    disk_release_locked(td);
    pthread_cond_broadcast(&td->td_work);
}

/* ---- ends of requests ---------------------------------------------------------------------------------- */

/* Gives the request back to its owner. td_lock is held, and left for good. */
static void request_finish(struct testdisk *td, struct request *request, int status, uint64_t moved)
{
    struct host_disk_io *io = request->io;

    td->stats.under_way--;
    td->stats.reordered += request->seq < td->latest_done;
    td->latest_done = request->seq > td->latest_done ? request->seq : td->latest_done;
    if (status == HOST_OK) {
        td->stats.op[io->hi_op].bytes += moved;
    }
    pthread_mutex_unlock(&td->td_lock);
    free(request);
    io->hi_status = status;
    io->hi_moved = moved;
    io->hi_done(io);
}

/* The power went before it was done. */
static void request_lost(struct testdisk *td, struct request *request)
{
    if (request->write != NULL) {
        testdisk_cache_drop(&td->cache, request->write);
    }
    request_finish(td, request, HOST_EIO, 0);
}

static void request_recorded(struct testdisk *td, struct request *request, int status, uint64_t moved)
{
    td->events++;
    testdisk_recorder_done(&td->recorder, request->seq, status, moved, request->verdict.lie);
}

/* It comes to nothing, as the plan wants it or the disk below: failed, or a lie. */
static void request_came_to_nothing(struct testdisk *td, struct request *request, int status)
{
    uint64_t moved = status == HOST_OK ? request->io->hi_len : 0;

    if (request->write != NULL) {
        testdisk_cache_drop(&td->cache, request->write);
    }
    request_recorded(td, request, status, moved);
    request_finish(td, request, status, moved);
}

/* Whether there is still something to do. td_lock is held; if not, it was left. */
static bool request_proceeds(struct testdisk *td, struct request *request)
{
    if (!power_holds(td)) {
        request_lost(td, request);
        return false;
    }
    if (request->verdict.status != HOST_OK || request->verdict.lie) {
        request_came_to_nothing(td, request, request->verdict.status);
        return false;
    }
    return true;
}

/* ---- reads --------------------------------------------------------------------------------------------- */

struct hole {
    uint64_t start, end;
};

/* Copies what the cache has of a read, and lists the rest, which the disk below has. td_lock is held. NULL:
 * no memory. */
static struct hole *read_cached(struct testdisk *td, const struct host_disk_io *io, uint64_t len,
                                size_t *count)
{
    const struct testdisk_extent *extent;
    uint64_t end = io->hi_offset + len;
    size_t n = 0, room = 1;

    for (uint64_t at = io->hi_offset;
         (extent = testdisk_extents_find(&td->cache.newest, at)) != NULL && extent->start < end;
         at = extent->end) {
        room++;
    }
    struct hole *holes = malloc(room * sizeof(*holes));
    if (holes == NULL) {
        return NULL;
    }
    for (uint64_t at = io->hi_offset, next; at < end; at = next) {
        extent = testdisk_extents_find(&td->cache.newest, at);
        if (extent == NULL || extent->start > at) {
            next = extent == NULL || extent->start > end ? end : extent->start;
            holes[n++] = (struct hole){at, next};
        } else {
            next = extent->end < end ? extent->end : end;
            testdisk_segments_put(io, at - io->hi_offset, next - at, testdisk_extent_data(extent, at));
        }
    }
    *count = n;
    return holes;
}

/* No lock is held. */
static int read_holes(struct testdisk *td, const struct host_disk_io *io, const struct hole *holes,
                      size_t count)
{
    struct host_disk_segment *segments = malloc((io->hi_count + 1) * sizeof(*segments));
    int status = segments != NULL ? HOST_OK : HOST_EIO;

    for (size_t i = 0; i < count && status == HOST_OK; i++) {
        uint64_t len = holes[i].end - holes[i].start;
        unsigned n = testdisk_segments_slice(io, holes[i].start - io->hi_offset, len, segments);

        status = testdisk_lower_io(td->inner, HOST_DISK_READ, false, holes[i].start, len, segments, n);
    }
    free(segments);
    return status;
}

static void read_run(struct testdisk *td, struct request *request)
{
    size_t count = 0;
    int status = HOST_EIO;

    pthread_mutex_lock(&td->td_lock);
    if (!request_proceeds(td, request)) {
        return;
    }
    struct hole *holes = read_cached(td, request->io, request->verdict.len, &count);
    /* What the cache has not got now is below now: newer writes are beside this read, not before it. */
    pthread_mutex_unlock(&td->td_lock);
    if (holes != NULL) {
        status = read_holes(td, request->io, holes, count);
        free(holes);
    }
    pthread_mutex_lock(&td->td_lock);
    if (!power_holds(td)) {
        request_lost(td, request);
        return;
    }
    uint64_t moved = status == HOST_OK ? request->verdict.len : 0;
    td->stats.op[HOST_DISK_READ].errors += status != HOST_OK;
    request_recorded(td, request, status, moved);
    request_finish(td, request, status, moved);
}

/* ---- writes, unmaps, flushes --------------------------------------------------------------------------- */

/* Past the cache: the disk below does it at once. td_lock is held, and left meanwhile; it has been claimed.
 */
static int write_through(struct testdisk *td, struct request *request)
{
    struct host_disk_segment segment = {request->write->data, (size_t)request->verdict.len};
    int status = HOST_OK;

    pthread_mutex_unlock(&td->td_lock);
    if (request->verdict.len != 0) {
        bool is_write = request->io->hi_op == HOST_DISK_WRITE;

        status = testdisk_lower_io(td->inner, request->io->hi_op, is_write, request->io->hi_offset,
                                   request->verdict.len, is_write ? &segment : NULL, is_write);
    }
    pthread_mutex_lock(&td->td_lock);
    td->stats.op[request->io->hi_op].errors += status != HOST_OK;
    return status;
}

/* It is done: the cache has it, as far as it was done. */
static void write_keep(struct testdisk *td, struct request *request)
{
    int status = HOST_OK;
    uint64_t moved = request->verdict.len;

    if (td->plan.cache_off) {
        testdisk_cache_drop(&td->cache, request->write);
    } else if (!testdisk_cache_done(&td->cache, request->write, moved, td->events + 1)) {
        testdisk_cache_drop(&td->cache, request->write);
        status = HOST_EIO;
        moved = 0;
    }
    request_recorded(td, request, status, moved);
    request_finish(td, request, status, moved);
}

static void write_run(struct testdisk *td, struct request *request)
{
    pthread_mutex_lock(&td->td_lock);
    if (!request_proceeds(td, request)) {
        return;
    }
    if (request->write == NULL) { /* an unmap of a disk that has none */
        request_recorded(td, request, HOST_OK, 0);
        request_finish(td, request, HOST_OK, request->io->hi_len);
        return;
    }
    if (!request->write->durable && !td->plan.cache_off) {
        write_keep(td, request);
        return;
    }
    if (!disk_claim_locked(td)) {
        request_lost(td, request);
        return;
    }
    int status = write_through(td, request);
    disk_release_locked(td);
    /* A power cut that waited for this cannot begin before td_lock is left, so it counts. */
    if (status != HOST_OK) {
        request_came_to_nothing(td, request, status);
    } else {
        write_keep(td, request);
    }
}

static void flush_run(struct testdisk *td, struct request *request)
{
    struct testdisk_extents map = {0};
    int status = HOST_EIO;

    pthread_mutex_lock(&td->td_lock);
    if (!request_proceeds(td, request)) {
        return;
    }
    if (!disk_claim_locked(td)) {
        request_lost(td, request);
        return;
    }
    if (testdisk_cache_seal(&td->cache, request->submitted, &map)) {
        /* Its writes stay: only who has the claim takes them out of the cache. */
        pthread_mutex_unlock(&td->td_lock);
        status = map_write(td, &map);
        pthread_mutex_lock(&td->td_lock);
        testdisk_extents_clear(&map);
        td->stats.op[HOST_DISK_FLUSH].errors += status != HOST_OK;
    }
    if (status == HOST_OK) {
        testdisk_cache_covered(&td->cache, request->submitted);
    }
    disk_release_locked(td);
    request_recorded(td, request, status, 0);
    testdisk_recorder_flush(&td->recorder);
    request_finish(td, request, status, 0);
}

void request_run(struct testdisk *td, struct request *request)
{
    switch (request->io->hi_op) {
    case HOST_DISK_READ:
        read_run(td, request);
        break;
    case HOST_DISK_FLUSH:
        flush_run(td, request);
        break;
    default:
        write_run(td, request);
        break;
    }
}
