// SPDX-License-Identifier: BSD-2-Clause
/*
 * A hash table from names to pointers, for one link.
 *
 * With linear probing at load 1/2 the longest run in a table of a million honest names is below a hundred, so
 * KXLD_NAME_TABLE_STEPS is met only by names that were made to collide.
 *
 * Owns: its slots, in a pool. Locks: none. Callers: graph.c, elf/.
 */
#include "kxld/name_table_internal.h"
#include "kxld/text_internal.h"

void kxld_name_table_init(struct kxld_name_table *table, struct kxld_pool *pool)
{
    memset(table, 0, sizeof(*table));
    table->pool = pool;
}

/* Where @name is or could go; NULL after too many steps. FNV's low bits are good enough to be an index. */
static struct kxld_name_slot *table_probe(const struct kxld_name_table *table, const char *name, size_t len,
                                          uint32_t hash)
{
    uint32_t mask = table->n_slots - 1;
    uint32_t at = hash & mask;

    for (uint32_t step = 0; step < KXLD_NAME_TABLE_STEPS; step++) {
        struct kxld_name_slot *slot = &table->slots[at];

        if (!slot->value)
            return slot;
        if (slot->hash == hash && slot->len == len && memcmp(slot->name, name, len) == 0)
            return slot;
        at = (at + 1) & mask;
    }
    return NULL;
}

static enum kxld_name_result table_grow(struct kxld_name_table *table)
{
    struct kxld_name_table bigger = *table;

    bigger.n_slots = table->n_slots ? table->n_slots * 2 : 64;
    bigger.slots = kxld_pool_array(table->pool, bigger.n_slots, sizeof(*bigger.slots));
    if (!bigger.slots)
        return KXLD_NAME_NO_MEMORY;
    for (uint32_t i = 0; i < table->n_slots; i++) {
        const struct kxld_name_slot *from = &table->slots[i];
        struct kxld_name_slot *to;

        if (!from->value)
            continue;
        to = table_probe(&bigger, from->name, from->len, from->hash);
        if (!to)
            return KXLD_NAME_COLLIDING;
        *to = *from;
    }
    *table = bigger;
    return KXLD_NAME_NEW;
}

enum kxld_name_result kxld_name_table_enter(struct kxld_name_table *table, const char *name, size_t len,
                                            struct kxld_name_slot **slot)
{
    uint32_t hash = kxld_name_hash(name, len);

    if (table->n_used >= table->n_slots / 2) {
        enum kxld_name_result result = table_grow(table);

        if (result != KXLD_NAME_NEW)
            return result;
    }
    *slot = table_probe(table, name, len, hash);
    if (!*slot)
        return KXLD_NAME_COLLIDING;
    if ((*slot)->value)
        return KXLD_NAME_FOUND;
    (*slot)->name = name;
    (*slot)->len = (uint32_t)len;
    (*slot)->hash = hash;
    table->n_used++;
    return KXLD_NAME_NEW;
}

void *kxld_name_table_find(const struct kxld_name_table *table, const char *name, size_t len)
{
    const struct kxld_name_slot *slot;

    if (!table->n_slots)
        return NULL;
    slot = table_probe(table, name, len, kxld_name_hash(name, len));
    return slot ? slot->value : NULL;
}
