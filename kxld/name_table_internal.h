// SPDX-License-Identifier: BSD-2-Clause
/*
 * A hash table from names to pointers, for one link. Open addressing, at most half full. Names come from
 * hostile objects, so the number of steps of one search is bounded: a table in which names collide on purpose
 * refuses them.
 *
 * Owns: its slots, in a pool. Locks: none. Callers: graph.c, elf/.
 */
#ifndef KXLD_NAME_TABLE_INTERNAL_H
#define KXLD_NAME_TABLE_INTERNAL_H

#include "kxld/memory_internal.h"

/* Steps of one search. Honest names at half load stay far below; see name_table.c. */
#define KXLD_NAME_TABLE_STEPS 1024u

struct kxld_name_slot {
    const char *name;
    void *value; /* NULL: free slot */
    uint32_t len;
    uint32_t hash;
};

struct kxld_name_table {
    struct kxld_pool *pool;
    struct kxld_name_slot *slots;
    uint32_t n_slots; /* power of two, or 0 */
    uint32_t n_used;
};

enum kxld_name_result {
    KXLD_NAME_FOUND,     /* *slot holds the value */
    KXLD_NAME_NEW,       /* *slot is free: name, len and hash are set, the caller must set value */
    KXLD_NAME_NO_MEMORY, /* the table could not grow */
    KXLD_NAME_COLLIDING, /* too many names with like hashes */
};

void kxld_name_table_init(struct kxld_name_table *table, struct kxld_pool *pool);

/* Finds @name or makes room for it. @name must outlive the table. */
enum kxld_name_result kxld_name_table_enter(struct kxld_name_table *table, const char *name, size_t len,
                                            struct kxld_name_slot **slot);

/* The value of @name, or NULL. */
void *kxld_name_table_find(const struct kxld_name_table *table, const char *name, size_t len);

#endif
