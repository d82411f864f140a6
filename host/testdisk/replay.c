// SPDX-License-Identifier: BSD-2-Clause
/*
 * Replays; see replay.h. Runs the events of a record through the same cache that the test device has.
 */
#include "host/testdisk/replay.h"

#include <stdlib.h>
#include <string.h>

#include "host/host.h"

bool testdisk_replay_begin(struct testdisk_replay *replay, const struct testdisk_record *record,
                           struct testdisk_sink medium, char *why, size_t why_size)
{
    memset(replay, 0, sizeof(*replay));
    for (size_t i = 0; i < record->count; i++) {
        const struct testdisk_event *event = &record->events[i];

        if (event->is_submit && event->op == HOST_DISK_WRITE && event->hex == NULL && !event->zeros) {
            snprintf(why, why_size,
                     "the record has no contents (write %llu): it was made without contents=full",
                     (unsigned long long)event->seq);
            return false;
        }
    }
    replay->by_seq = calloc(record->n_submits + 1, sizeof(*replay->by_seq));
    if (replay->by_seq == NULL) {
        snprintf(why, why_size, "no memory");
        return false;
    }
    replay->record = record;
    replay->medium = medium;
    return true;
}

static bool map_put(const struct testdisk_extents *map, struct testdisk_sink sink)
{
    const struct testdisk_extent *extent;

    for (uint64_t at = 0; (extent = testdisk_extents_find(map, at)) != NULL; at = extent->end) {
        if (!sink.put(sink.arg, extent->start, extent->end - extent->start,
                      testdisk_extent_data(extent, extent->start))) {
            return false;
        }
    }
    return true;
}

static bool submit(struct testdisk_replay *replay, const struct testdisk_event *event, uint64_t now)
{
    if (event->op != HOST_DISK_WRITE &&
        (event->op != HOST_DISK_UNMAP || !replay->record->geometry.hg_unmap)) {
        return true;
    }
    /* Zeros need no memory of their own. */
    struct testdisk_write *write = testdisk_write_new(event->offset, event->len, event->hex != NULL);
    if (write == NULL) {
        return false;
    }
    write->seq = event->seq;
    write->submitted = now;
    write->durable = event->fua;
    if (event->hex != NULL) {
        testdisk_event_contents(event, write->data);
    }
    testdisk_cache_begin(&replay->cache, write);
    replay->by_seq[event->seq - 1] = write;
    return true;
}

static bool write_done(struct testdisk_replay *replay, const struct testdisk_event *event, uint64_t now)
{
    struct testdisk_write *write = replay->by_seq[event->seq - 1];

    if (write == NULL) {
        return true;
    }
    if (event->status != HOST_OK || event->lied || event->moved == 0) {
        testdisk_cache_drop(&replay->cache, write);
        return true;
    }
    if ((write->durable || replay->record->cache_off) &&
        !replay->medium.put(replay->medium.arg, write->offset, event->moved, write->data)) {
        return false;
    }
    if (replay->record->cache_off) {
        testdisk_cache_drop(&replay->cache, write);
        return true;
    }
    return testdisk_cache_done(&replay->cache, write, event->moved, now);
}

static bool flush_done(struct testdisk_replay *replay, const struct testdisk_event *event)
{
    /* Events count from 1. */
    uint64_t bound = replay->record->submits[event->seq - 1] + 1;
    struct testdisk_extents map = {0};

    if (event->status != HOST_OK || event->lied) {
        return true;
    }
    bool ok = testdisk_cache_seal(&replay->cache, bound, &map) && map_put(&map, replay->medium);
    testdisk_extents_clear(&map);
    if (ok) {
        testdisk_cache_covered(&replay->cache, bound);
    }
    return ok;
}

static bool step(struct testdisk_replay *replay)
{
    const struct testdisk_event *event = &replay->record->events[replay->at];
    uint64_t now = ++replay->at;

    if (event->is_submit) {
        return submit(replay, event, now);
    }
    if (event->op == HOST_DISK_FLUSH) {
        return flush_done(replay, event);
    }
    return event->op == HOST_DISK_READ || write_done(replay, event, now);
}

bool testdisk_replay_to(struct testdisk_replay *replay, size_t events)
{
    bool ok = true;

    while (ok && replay->at < events && replay->at < replay->record->count) {
        ok = step(replay);
    }
    return ok;
}

bool testdisk_replay_visible(const struct testdisk_replay *replay, struct testdisk_sink sink)
{
    return map_put(&replay->cache.newest, sink);
}

bool testdisk_replay_cut(const struct testdisk_replay *replay, const struct testdisk_choice *choice,
                         struct testdisk_sink sink, struct testdisk_loss *loss)
{
    const struct host_disk_geometry *geometry = &replay->record->geometry;
    struct testdisk_extents map = {0};
    bool ok = testdisk_cache_cut(&replay->cache, choice, replay->at, geometry->hg_block,
                                 geometry->hg_block_physical, &map, loss) &&
              map_put(&map, sink);

    testdisk_extents_clear(&map);
    return ok;
}

uint64_t testdisk_replay_uncovered(const struct testdisk_replay *replay)
{
    uint64_t count = replay->cache.writes;

    for (const struct testdisk_write *write = replay->cache.under_way; write != NULL; write = write->next) {
        count++;
    }
    return count;
}

void testdisk_replay_end(struct testdisk_replay *replay)
{
    testdisk_cache_clear(&replay->cache);
    free(replay->by_seq);
    memset(replay, 0, sizeof(*replay));
}
