// SPDX-License-Identifier: BSD-2-Clause
/*
 * The volatile cache; see cache.h. Owns the writes that it was given. No locks: the owner's.
 *
 * A write that is durable by itself stays in the list until a flush covers it: a flush and a power cut put it
 * on the medium once more, after the older writes that they put there, and so nothing older can ever lie over
 * it.
 */
#include "host/testdisk/cache.h"

#include <stdlib.h>

#include "host/testdisk/rng.h"

#define PIECES_MAX 4096u /* into which one write is torn */

struct testdisk_write *testdisk_write_new(uint64_t offset, uint64_t len, bool with_data)
{
    struct testdisk_write *write = calloc(1, sizeof(*write));
    void *data = NULL;

    if (write == NULL) {
        return NULL;
    }
    /* Direct I/O wants its memory aligned. */
    if (with_data && len != 0 && posix_memalign(&data, len % 4096 == 0 ? 4096 : 512, len) != 0) {
        free(write);
        return NULL;
    }
    write->offset = offset;
    write->len = len;
    write->data = data;
    return write;
}

void testdisk_write_free(struct testdisk_write *write)
{
    if (write != NULL) {
        free(write->data);
        free(write);
    }
}

void testdisk_cache_begin(struct testdisk_cache *cache, struct testdisk_write *write)
{
    write->prev = NULL;
    write->next = cache->under_way;
    if (write->next != NULL) {
        write->next->prev = write;
    }
    cache->under_way = write;
}

static void unlink_under_way(struct testdisk_cache *cache, struct testdisk_write *write)
{
    *(write->prev != NULL ? &write->prev->next : &cache->under_way) = write->next;
    if (write->next != NULL) {
        write->next->prev = write->prev;
    }
}

bool testdisk_cache_done(struct testdisk_cache *cache, struct testdisk_write *write, uint64_t len,
                         uint64_t event)
{
    if (len == 0) {
        testdisk_cache_drop(cache, write);
        return true;
    }
    if (!testdisk_extents_set(&cache->newest, write->offset, write->offset + len, write)) {
        return false;
    }
    unlink_under_way(cache, write);
    write->len = len;
    write->done = event;
    write->next = NULL;
    write->prev = cache->last;
    *(cache->last != NULL ? &cache->last->next : &cache->first) = write;
    cache->last = write;
    cache->writes++;
    cache->bytes += write->data != NULL ? len : 0;
    if (cache->bytes > cache->bytes_max) {
        cache->bytes_max = cache->bytes;
    }
    return true;
}

void testdisk_cache_drop(struct testdisk_cache *cache, struct testdisk_write *write)
{
    unlink_under_way(cache, write);
    testdisk_write_free(write);
}

bool testdisk_cache_seal(const struct testdisk_cache *cache, uint64_t bound, struct testdisk_extents *map)
{
    for (const struct testdisk_write *write = cache->first; write != NULL; write = write->next) {
        if ((write->done < bound || write->durable) &&
            !testdisk_extents_set(map, write->offset, write->offset + write->len, write)) {
            testdisk_extents_clear(map);
            return false;
        }
    }
    return true;
}

void testdisk_cache_covered(struct testdisk_cache *cache, uint64_t bound)
{
    testdisk_extents_remove_until(&cache->newest, bound);
    while (cache->first != NULL && cache->first->done < bound) {
        struct testdisk_write *write = cache->first;

        cache->first = write->next;
        cache->writes--;
        cache->bytes -= write->data != NULL ? write->len : 0;
        testdisk_write_free(write);
    }
    *(cache->first != NULL ? &cache->first->prev : &cache->last) = NULL;
}

/* ---- power cuts ---------------------------------------------------------------------------------------- */

/* One write, and the moment at which it counts as done. Two writes of which one was done before the other
 * arrived keep that order; others have any, which the seed chooses. */
struct candidate {
    const struct testdisk_write *write;
    uint64_t moment;
};

static int candidate_compare(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->moment != y->moment) {
        return x->moment < y->moment ? -1 : 1;
    }
    /* At one moment: a write that was done then, before one that was only under way. */
    if ((x->write->done == 0) != (y->write->done == 0)) {
        return x->write->done == 0 ? 1 : -1;
    }
    return x->write->seq < y->write->seq ? -1 : 1;
}

static struct candidate *candidates_gather(const struct testdisk_cache *cache, uint64_t seed, uint64_t now,
                                           size_t *count)
{
    size_t n = 0, room = cache->writes;

    for (const struct testdisk_write *write = cache->under_way; write != NULL; write = write->next) {
        room++;
    }
    struct candidate *all = malloc((room + 1) * sizeof(*all));
    if (all == NULL) {
        return NULL;
    }
    for (const struct testdisk_write *write = cache->first; write != NULL; write = write->next) {
        all[n++] = (struct candidate){write, write->done};
    }
    for (const struct testdisk_write *write = cache->under_way; write != NULL; write = write->next) {
        uint64_t span = now - write->submitted + 1;
        uint64_t later = testdisk_random(seed, TESTDISK_SALT_POINT, write->seq, 0) % span;

        all[n++] = (struct candidate){write, write->submitted + later};
    }
    qsort(all, n, sizeof(*all), candidate_compare);
    *count = n;
    return all;
}

/* Keeps each piece of @unit bytes of a torn write or not; of a very long one (an unmap) larger pieces. */
static bool write_tear(const struct testdisk_write *write, uint64_t seed, uint32_t unit,
                       struct testdisk_extents *map, struct testdisk_loss *loss)
{
    uint64_t end = write->offset + write->len;
    uint64_t kept = 0, piece = unit;

    while (write->len / piece > PIECES_MAX) {
        piece *= 2;
    }
    for (uint64_t at = write->offset, next; at < end; at = next) {
        next = at - at % piece + piece;
        if (next > end) {
            next = end;
        }
        if (testdisk_chance(testdisk_random(seed, TESTDISK_SALT_TORN, write->seq, at), 50)) {
            kept += next - at;
            if (!testdisk_extents_set(map, at, next, write)) {
                return false;
            }
        }
    }
    loss->kept += kept == write->len;
    loss->torn += kept != 0 && kept != write->len;
    loss->lost += kept == 0;
    return true;
}

static bool write_cut(const struct testdisk_write *write, const struct testdisk_choice *choice, unsigned keep,
                      uint32_t unit, struct testdisk_extents *map, struct testdisk_loss *loss)
{
    uint64_t random = testdisk_random(choice->seed, TESTDISK_SALT_WRITE, write->seq, 0);
    bool durable = write->durable && write->done != 0;

    if (!durable && unit != 0 && keep != 0 && keep != 100 && random >> 62 == 0) {
        return write_tear(write, choice->seed, unit, map, loss);
    }
    if (!durable && !testdisk_chance(random, keep)) {
        loss->lost++;
        return true;
    }
    loss->kept++;
    return testdisk_extents_set(map, write->offset, write->offset + write->len, write);
}

/* From nearly nothing to nearly everything: the states that programs get wrong lie near both. */
static unsigned keep_percent(const struct testdisk_choice *choice)
{
    static const uint8_t percents[] = {5, 20, 50, 80, 95};
    uint64_t random = testdisk_random(choice->seed, TESTDISK_SALT_MOOD, 0, 0);

    return choice->keep >= 0 ? (unsigned)choice->keep : percents[random % sizeof(percents)];
}

bool testdisk_cache_cut(const struct testdisk_cache *cache, const struct testdisk_choice *choice,
                        uint64_t now, uint32_t block, uint32_t physical, struct testdisk_extents *map,
                        struct testdisk_loss *loss)
{
    const uint32_t units[] = {
        [TESTDISK_TORN_NONE] = 0, [TESTDISK_TORN_PHYSICAL] = physical, [TESTDISK_TORN_BLOCK] = block};
    struct testdisk_loss sum = {0};
    size_t count = 0;
    bool ok = true;
    struct candidate *all = candidates_gather(cache, choice->seed, now, &count);

    if (all == NULL) {
        return false;
    }
    for (size_t i = 0; i < count && ok; i++) {
        ok = write_cut(all[i].write, choice, keep_percent(choice), units[choice->torn], map, &sum);
    }
    free(all);
    if (!ok) {
        testdisk_extents_clear(map);
    } else if (loss != NULL) {
        *loss = sum;
    }
    return ok;
}

void testdisk_cache_clear(struct testdisk_cache *cache)
{
    testdisk_extents_clear(&cache->newest);
    for (struct testdisk_write *write = cache->first, *next; write != NULL; write = next) {
        next = write->next;
        testdisk_write_free(write);
    }
    while (cache->under_way != NULL) {
        testdisk_cache_drop(cache, cache->under_way);
    }
    cache->first = cache->last = NULL;
    cache->writes = cache->bytes = 0;
}
