// SPDX-License-Identifier: BSD-2-Clause
/*
 * The test device as a disk: opened, closed, given requests; see testdisk.h. Owns the disk below, the worker
 * and the record. Locks: td_lock, as testdisk_internal.h says.
 */
#include "host/testdisk/testdisk.h"

#include <stdlib.h>
#include <string.h>

#include "host/testdisk/lower.h"
#include "host/testdisk/testdisk_internal.h"

/* HOST_OK, or why a request is none for this disk. */
static int io_check(const struct host_disk_io *io, const struct host_disk_geometry *geometry)
{
    uint64_t sum = 0;

    if (io->hi_op == HOST_DISK_FLUSH) {
        return io->hi_len == 0 ? HOST_OK : HOST_EINVAL;
    }
    if ((unsigned)io->hi_op >= TESTDISK_OPS || io->hi_len == 0 || io->hi_len % geometry->hg_block != 0 ||
        io->hi_offset % geometry->hg_block != 0 || io->hi_offset > geometry->hg_size ||
        io->hi_len > geometry->hg_size - io->hi_offset) {
        return HOST_EINVAL;
    }
    if (io->hi_op != HOST_DISK_READ && !geometry->hg_writable) {
        return HOST_EPERM;
    }
    if (io->hi_op == HOST_DISK_UNMAP) {
        return HOST_OK;
    }
    for (unsigned i = 0; i < io->hi_count; i++) {
        if (io->hi_segments[i].hs_len % geometry->hg_block != 0) {
            return HOST_EINVAL;
        }
        sum += io->hi_segments[i].hs_len;
    }
    return sum == io->hi_len && sum <= geometry->hg_transfer_max && io->hi_count <= geometry->hg_segments_max
               ? HOST_OK
               : HOST_EINVAL;
}

static void io_refuse(struct testdisk *td, struct host_disk_io *io, int status, uint64_t *counter)
{
    pthread_mutex_lock(&td->td_lock);
    ++*counter;
    pthread_mutex_unlock(&td->td_lock);
    io->hi_status = status;
    io->hi_moved = 0;
    io->hi_done(io);
}

static void request_free(struct request *request)
{
    if (request != NULL) {
        testdisk_write_free(request->write);
        free(request);
    }
}

/* NULL: no memory. */
static struct request *request_new(struct host_disk_io *io, const struct host_disk_geometry *geometry)
{
    struct request *request = calloc(1, sizeof(*request));
    bool is_write = io->hi_op == HOST_DISK_WRITE;

    if (request == NULL) {
        return NULL;
    }
    request->io = io;
    request->arrived_ns = queue_now_ns();
    if (is_write || (io->hi_op == HOST_DISK_UNMAP && geometry->hg_unmap)) {
        request->write = testdisk_write_new(io->hi_offset, io->hi_len, is_write);
        if (request->write == NULL) {
            request_free(request);
            return NULL;
        }
    }
    if (is_write) {
        request->write->durable = io->hi_fua;
        testdisk_segments_get(io, 0, io->hi_len, request->write->data);
    }
    return request;
}

/* It arrives: judged, recorded, under way; the power may go with it. td_lock is held. */
static void request_arrive(struct testdisk *td, struct request *request,
                           const struct host_disk_geometry *geometry)
{
    struct host_disk_io *io = request->io;
    bool cut;

    request->seq = ++td->seq;
    request->submitted = ++td->events;
    td->stats.op[io->hi_op].requests++;
    td->stats.under_way++;
    request->verdict = plan_judge(td, io, request->seq, geometry->hg_block, &cut);
    request->due_ns = request->verdict.delay_ns != 0 ? request->arrived_ns + request->verdict.delay_ns : 0;
    testdisk_recorder_submit(&td->recorder, geometry, io, request->seq,
                             request->write != NULL ? request->write->data : NULL);
    if (request->write != NULL) {
        request->write->seq = request->seq;
        request->write->submitted = request->submitted;
        testdisk_cache_begin(&td->cache, request->write);
    }
    if (cut) {
        disk_cut_locked(td);
    }
}

static void disk_submit(struct host_disk *disk, struct host_disk_io *io)
{
    struct testdisk *td = (struct testdisk *)disk;
    struct host_disk_geometry geometry;

    host_disk_geometry(td->inner, &geometry);
    int status = io_check(io, &geometry);
    if (status != HOST_OK) {
        io_refuse(td, io, status, &td->stats.refused);
        return;
    }
    struct request *request = request_new(io, &geometry);
    if (request == NULL) {
        io_refuse(td, io, HOST_EIO, &td->stats.refused);
        return;
    }
    pthread_mutex_lock(&td->td_lock);
    if (td->power != POWER_ON) {
        pthread_mutex_unlock(&td->td_lock);
        request_free(request);
        io_refuse(td, io, HOST_EIO, &td->stats.after_cut);
        return;
    }
    request_arrive(td, request, &geometry);
    bool queued = io->hi_async || request->due_ns != 0 || td->plan.reorder != 0;
    if (queued) {
        queue_add(td, request);
    }
    pthread_mutex_unlock(&td->td_lock);
    if (!queued) {
        request_run(td, request);
    }
}

static void disk_geometry(struct host_disk *disk, struct host_disk_geometry *geometry)
{
    host_disk_geometry(((struct testdisk *)disk)->inner, geometry);
}

/* Everything goes to the medium, whatever flushes have said. Nothing is under way. */
static bool disk_settle(struct testdisk *td)
{
    struct testdisk_extents map = {0};
    bool ok = testdisk_cache_seal(&td->cache, UINT64_MAX, &map) &&
              testdisk_lower_write(td->inner, &map) == HOST_OK &&
              testdisk_lower_io(td->inner, HOST_DISK_FLUSH, false, 0, 0, NULL, 0) == HOST_OK;

    testdisk_extents_clear(&map);
    return ok;
}

static void disk_close(struct host_disk *disk)
{
    struct testdisk *td = (struct testdisk *)disk;

    pthread_mutex_lock(&td->td_lock);
    td->stopping = true;
    pthread_cond_signal(&td->td_work);
    pthread_mutex_unlock(&td->td_lock);
    pthread_join(td->worker, NULL);
    bool settled = td->power == POWER_ON && (td->seq == 0 || disk_settle(td));
    testdisk_recorder_close(&td->recorder, settled);
    testdisk_cache_clear(&td->cache);
    host_disk_close(td->inner);
    pthread_cond_destroy(&td->td_work);
    pthread_cond_destroy(&td->td_changed);
    pthread_mutex_destroy(&td->td_lock);
    free(td);
}

static const struct host_disk_ops disk_ops = {
    .submit = disk_submit,
    .geometry = disk_geometry,
    .close = disk_close,
};

/* Locks and the worker. */
static bool disk_start(struct testdisk *td)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&td->td_lock, NULL);
    pthread_cond_init(&td->td_changed, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&td->td_work, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&td->worker, NULL, queue_worker, td) == 0) {
        pthread_setname_np(td->worker, "testdisk");
        return true;
    }
    pthread_cond_destroy(&td->td_work);
    pthread_cond_destroy(&td->td_changed);
    pthread_mutex_destroy(&td->td_lock);
    return false;
}

int testdisk_open(struct host_disk *inner, const char *plan, struct host_disk **disk, char *why,
                  size_t why_size)
{
    struct host_disk_geometry geometry;
    struct testdisk *td = calloc(1, sizeof(*td));
    int status = HOST_OK;

    if (td == NULL) {
        return HOST_ENOMEM;
    }
    td->disk.hd_ops = &disk_ops;
    td->inner = inner;
    td->queue_end = &td->queue;
    if (!testdisk_plan_parse(plan, &td->plan, why, why_size)) {
        status = HOST_EINVAL;
        goto out;
    }
    host_disk_geometry(inner, &geometry);
    if (td->plan.record[0] != '\0' &&
        !testdisk_recorder_open(&td->recorder, td->plan.record, td->plan.contents, &geometry,
                                td->plan.cache_off, plan, why, why_size)) {
        status = HOST_ENOENT;
        goto out;
    }
    if (!disk_start(td)) {
        testdisk_recorder_close(&td->recorder, false);
        status = HOST_ENOMEM;
        goto out;
    }
    *disk = &td->disk;
out:
    if (status != HOST_OK) {
        free(td);
    }
    return status;
}

bool testdisk_is(const struct host_disk *disk)
{
    return disk->hd_ops == &disk_ops;
}

int testdisk_cut(struct host_disk *disk)
{
    struct testdisk *td = (struct testdisk *)disk;

    pthread_mutex_lock(&td->td_lock);
    disk_cut_locked(td);
    int status = td->stats.cut_status;
    pthread_mutex_unlock(&td->td_lock);
    return status;
}

int testdisk_plan_set(struct host_disk *disk, const char *text, char *why, size_t why_size)
{
    struct testdisk *td = (struct testdisk *)disk;
    struct testdisk_plan plan;

    if (!testdisk_plan_parse(text, &plan, why, why_size)) {
        return HOST_EINVAL;
    }
    pthread_mutex_lock(&td->td_lock);
    plan.cache_off = td->plan.cache_off;
    plan.contents = td->plan.contents;
    memcpy(plan.record, td->plan.record, sizeof(plan.record));
    td->plan = plan;
    memset(td->seen, 0, sizeof(td->seen));
    td->cut_seen = 0;
    pthread_cond_signal(&td->td_work); /* those that wait to be reordered may not have to */
    pthread_mutex_unlock(&td->td_lock);
    return HOST_OK;
}

void testdisk_stats(struct host_disk *disk, struct testdisk_stats *stats)
{
    struct testdisk *td = (struct testdisk *)disk;

    pthread_mutex_lock(&td->td_lock);
    *stats = td->stats;
    stats->uncovered_writes = td->cache.writes;
    stats->uncovered_bytes = td->cache.bytes;
    stats->uncovered_bytes_max = td->cache.bytes_max;
    stats->events = td->events;
    stats->off = td->power == POWER_OFF;
    stats->record_failed = td->recorder.failed;
    pthread_mutex_unlock(&td->td_lock);
}
