// SPDX-License-Identifier: BSD-2-Clause
/*
 * cache.h: the volatile cache of a disk, as a model without any I/O: the writes that nothing covers yet, in
 * the order in which they were done, those that are under way, and what a flush or a power cut makes of them.
 * The test device runs it beside a real disk, a replay beside a record; both therefore agree.
 *
 * Time is counted in events: the arrival and the completion of each request are one each, from 1.
 * Memory: every byte that was written since the last flush, overwritten ones too, since a cut may keep them.
 * No locks: the owner's.
 */
#ifndef KEXTBED_HOST_TESTDISK_CACHE_H
#define KEXTBED_HOST_TESTDISK_CACHE_H

#include "host/testdisk/extents.h"
#include "host/testdisk/plan.h"

struct testdisk_cache {
    struct testdisk_write *first, *last; /* done and not covered, in order of completion */
    struct testdisk_write *under_way;    /* in no order */
    struct testdisk_extents newest;      /* what a read sees of them */
    uint64_t writes, bytes;              /* done and not covered */
    uint64_t bytes_max;
};

/* What a power cut did to the writes that nothing covered. */
struct testdisk_loss {
    uint64_t kept, torn, lost; /* writes; torn: a part of it was kept */
};

/** testdisk_write_new - a write of @len bytes at @offset, with memory for them where @with_data. NULL without
 * memory. */
struct testdisk_write *testdisk_write_new(uint64_t offset, uint64_t len, bool with_data);
void testdisk_write_free(struct testdisk_write *write);

/** testdisk_cache_begin - @write has arrived: it is under way, and the cache's. */
void testdisk_cache_begin(struct testdisk_cache *cache, struct testdisk_write *write);
/** testdisk_cache_done - @write is done, as far as @len, at the event @event.
 *  Returns: false without memory; it is still under way then. */
bool testdisk_cache_done(struct testdisk_cache *cache, struct testdisk_write *write, uint64_t len,
                         uint64_t event);
/** testdisk_cache_drop - @write came to nothing, or nobody needs to know it any more. Freed. */
void testdisk_cache_drop(struct testdisk_cache *cache, struct testdisk_write *write);

/** testdisk_cache_seal - what has to reach the medium so that all writes done before the event @bound are
 * there. @map is empty before, and names writes that testdisk_cache_covered() frees.
 *  Returns: false without memory. */
bool testdisk_cache_seal(const struct testdisk_cache *cache, uint64_t bound, struct testdisk_extents *map);
/** testdisk_cache_covered - they are there: forget them. */
void testdisk_cache_covered(struct testdisk_cache *cache, uint64_t bound);

/** testdisk_cache_cut - what reaches the medium when the power goes at the event @now: of each write that
 * nothing covers all, some or nothing, as @choice says; of those that are under way as well.
 *  @block, @physical  bytes, of the disk.
 *  @map   empty before. @loss may be NULL.
 *  Returns: false without memory. */
bool testdisk_cache_cut(const struct testdisk_cache *cache, const struct testdisk_choice *choice,
                        uint64_t now, uint32_t block, uint32_t physical, struct testdisk_extents *map,
                        struct testdisk_loss *loss);

/** testdisk_cache_clear - forget everything, what is under way too. */
void testdisk_cache_clear(struct testdisk_cache *cache);

#endif
