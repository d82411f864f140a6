// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory_tag.c: named statistics buckets. Permanent ones belong to literals in the kernel half and are found
 * through a table keyed by the literal's address, read without a lock; counted ones belong to OSMalloc tags.
 *
 * A tag does not count its blocks as references, which would be one more word that all CPUs fight for: one
 * that was given up with blocks alive stays on the list until somebody who looks at the list finds it without
 * any.
 *
 * Lock: tag_lock (rank 840) over the list of tags and insertions into the table.
 */
#include <stdatomic.h>
#include <string.h>

#include "kern/memory_internal.h"
#include "host/host.h"

#define TABLE_SIZE 1024u /* a power of two, far above the number of literals */

struct table_entry {
    const char *_Atomic literal;
    struct memory_tag *tag; /* written before the literal is published */
};

static struct host_mutex tag_lock;
static struct memory_tag *all_tags;
static struct table_entry table[TABLE_SIZE];

void memory_tag_init(void)
{
    host_mutex_init(&tag_lock);
}

static struct memory_tag *tag_make(const char *name)
{
    struct memory_tag *tag = host_alloc_zero(sizeof *tag);

    if (!tag)
        return NULL;
    (void)strlcpy(tag->name, name, sizeof tag->name);
    tag->next = all_tags;
    all_tags = tag;
    return tag;
}

/* tag_lock held. Literals with equal text share a tag. */
static struct memory_tag *tag_find_permanent(const char *name)
{
    for (struct memory_tag *tag = all_tags; tag; tag = tag->next)
        if (!tag->counted && strcmp(tag->name, name) == 0)
            return tag;
    return NULL;
}

static struct memory_tag *tag_insert(const char *literal, uint32_t start)
{
    struct memory_tag *tag;

    host_mutex_lock(&tag_lock);
    tag = tag_find_permanent(literal);
    if (!tag)
        tag = tag_make(literal);
    KASSERT(tag, "no memory for the tag \"%s\"", literal);
    for (uint32_t i = 0; i < TABLE_SIZE; i++) {
        struct table_entry *entry = &table[(start + i) % TABLE_SIZE];
        const char *there = atomic_load_explicit(&entry->literal, memory_order_relaxed);

        if (there == literal)
            break;
        if (!there) {
            entry->tag = tag;
            atomic_store_explicit(&entry->literal, literal, memory_order_release);
            break;
        }
    }
    host_mutex_unlock(&tag_lock);
    return tag;
}

struct memory_tag *memory_tag_named(const char *literal)
{
    uint32_t start = (uint32_t)(((uintptr_t)literal * 0x9e3779b97f4a7c15ULL) >> 54);

    for (uint32_t i = 0; i < TABLE_SIZE; i++) {
        struct table_entry *entry = &table[(start + i) % TABLE_SIZE];
        const char *there = atomic_load_explicit(&entry->literal, memory_order_acquire);

        if (there == literal)
            return entry->tag;
        if (!there)
            break;
    }
    return tag_insert(literal, start);
}

/* Takes the tags off the list that have ended. tag_lock held. */
static void tags_reap(void)
{
    struct kern_memory_stats stats;

    for (struct memory_tag **at = &all_tags; *at;) {
        struct memory_tag *tag = *at;

        if (tag->given_up)
            counters_read(&tag->counters, &stats);
        if (!tag->given_up || stats.blocks) {
            at = &tag->next;
            continue;
        }
        *at = tag->next;
        host_free(tag);
    }
}

uint32_t memory_tag_counted(void)
{
    uint32_t count = 0;

    host_mutex_lock(&tag_lock);
    tags_reap();
    for (struct memory_tag *tag = all_tags; tag; tag = tag->next)
        count += tag->counted;
    host_mutex_unlock(&tag_lock);
    return count;
}

struct memory_tag *memory_tag_create(const char *name, uint32_t owner)
{
    struct memory_tag *tag;

    host_mutex_lock(&tag_lock);
    tag = tag_make(name);
    if (tag) {
        tag->counted = true;
        tag->owner = owner;
    }
    host_mutex_unlock(&tag_lock);
    return tag;
}

void memory_tag_give_up(struct memory_tag *tag)
{
    host_mutex_lock(&tag_lock);
    tag->given_up = true;
    tags_reap();
    host_mutex_unlock(&tag_lock);
}

void memory_tag_name(const struct memory_tag *tag, char *buf, size_t len)
{
    (void)strlcpy(buf, "a tag that is gone", len);
    host_mutex_lock(&tag_lock);
    tags_reap();
    for (struct memory_tag *known = all_tags; known; known = known->next)
        if (known == tag)
            (void)strlcpy(buf, known->name, len);
    host_mutex_unlock(&tag_lock);
}

bool kern_tag_stats(const char *name, struct kern_memory_stats *stats)
{
    bool found = false;

    host_mutex_lock(&tag_lock);
    tags_reap();
    for (struct memory_tag *tag = all_tags; tag && !found; tag = tag->next) {
        if (strcmp(tag->name, name) == 0) {
            counters_read(&tag->counters, stats);
            found = true;
        }
    }
    host_mutex_unlock(&tag_lock);
    return found;
}

void kern_tag_each(void (*fn)(void *arg, const char *tag, const struct kern_memory_stats *stats), void *arg)
{
    struct kern_memory_stats stats;

    host_mutex_lock(&tag_lock);
    tags_reap();
    for (struct memory_tag *tag = all_tags; tag; tag = tag->next) {
        counters_read(&tag->counters, &stats);
        if (stats.blocks)
            fn(arg, tag->name, &stats);
    }
    host_mutex_unlock(&tag_lock);
}
