// SPDX-License-Identifier: BSD-2-Clause
/*
 * listing_internal.h: copies of thread records, for listing.c and watch.c.
 */
#ifndef KEXTBED_VALIDATE_LISTING_INTERNAL_H
#define KEXTBED_VALIDATE_LISTING_INTERNAL_H

#include "validate/validate_internal.h"

#define VIEW_OPERATIONS 8u
struct view_operation {
    const char *name;
    const void *function, *object;
    uint64_t began_ns;
};
struct thread_view {
    struct thread_record record; /* its lock and operation are not to be used */
    unsigned n_operations;       /* innermost first */
    struct view_operation operations[VIEW_OPERATIONS];
};
/** thread_view_next - the next thread from *@index on that does anything. */
bool thread_view_next(uint32_t *index, struct thread_view *view);
void view_lock_describe(const struct lock_entry *entry, char *buf, size_t size);

#endif
