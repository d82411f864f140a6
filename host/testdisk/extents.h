// SPDX-License-Identifier: BSD-2-Clause
/*
 * extents.h: which write has the last word on each byte of a disk: pieces that do not overlap, ordered by
 * offset, in a treap. Setting a piece cuts, shortens or removes what lay there before; a step costs O(log n),
 * plus the pieces that it removes.
 *
 * Owns its nodes, not the writes they name. No locks: the owner's.
 */
#ifndef KEXTBED_HOST_TESTDISK_EXTENTS_H
#define KEXTBED_HOST_TESTDISK_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A write, or an unmap, that a disk was given. */
struct testdisk_write {
    struct testdisk_write *prev, *next; /* the list that it is in */
    uint64_t offset;
    uint64_t len; /* once it is complete: what was done of it */
    uint64_t seq;
    uint64_t submitted; /* number of the event */
    uint64_t done;      /* number of the event, 0: under way */
    bool durable;       /* is on the medium by itself once it is done */
    uint8_t *data;      /* NULL: an unmap, zeros */
};

struct testdisk_extent {
    uint64_t start, end; /* bytes, the end outside */
    const struct testdisk_write *write;
    struct testdisk_extent *left, *right;
    uint64_t priority; /* larger than both children's */
};

struct testdisk_extents {
    struct testdisk_extent *root;
    uint64_t count;
    uint64_t made; /* pieces ever; priorities follow from it */
};

/** testdisk_extents_set - [@start, @end) is @write's from now on. Not empty.
 *  Returns: false without memory; nothing has changed then. */
bool testdisk_extents_set(struct testdisk_extents *map, uint64_t start, uint64_t end,
                          const struct testdisk_write *write);
/** testdisk_extents_find - the first piece that ends behind @offset; NULL: there is none. */
const struct testdisk_extent *testdisk_extents_find(const struct testdisk_extents *map, uint64_t offset);
/** testdisk_extents_remove_until - forget all pieces of writes that were done before the event @bound. O(n).
 */
void testdisk_extents_remove_until(struct testdisk_extents *map, uint64_t bound);
void testdisk_extents_clear(struct testdisk_extents *map);

/** testdisk_extent_data - the bytes of a piece; NULL: zeros. */
static inline const uint8_t *testdisk_extent_data(const struct testdisk_extent *extent, uint64_t from)
{
    const struct testdisk_write *write = extent->write;

    return write->data != NULL ? write->data + (from - write->offset) : NULL;
}

#endif
