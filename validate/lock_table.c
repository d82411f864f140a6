// SPDX-License-Identifier: BSD-2-Clause
/*
 * lock_table.c: all locks of kexts by address, and their classes. A lock that was destroyed stays as a
 * tombstone with the place of its end, until a new one is made at its address; so using it can be told from
 * using what never was a lock.
 *
 * Lock: one per shard of the table (rank 710); class_lock (the same rank, never together) to make a class.
 * Called by the checking variants.
 */
#include <string.h>
#include <libkern/libkern.h>

#include "validate/validate_internal.h"

#define SHARDS  64u
#define BUCKETS 512u /* in each shard */

struct shard {
    lck_spin_t *lock;
    struct lock_entry *buckets[BUCKETS];
};

static struct shard *shards;
static struct lock_class *_Atomic classes[CLASSES_MAX];
static _Atomic uint32_t n_classes;
static lck_mtx_t *class_lock;
static lck_grp_t *group;

const char *lock_kind_name(enum lock_kind kind)
{
    static const char *const names[] = {
        [LOCK_MTX] = "mutex", [LOCK_RW] = "reader-writer lock", [LOCK_SPIN] = "spin lock"};
    return names[kind];
}

void lock_table_boot(void)
{
    group = lck_grp_alloc_init("validate.locks", LCK_GRP_ATTR_NULL);
    class_lock = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    shards = kern_alloc(SHARDS * sizeof(*shards), "validator");
    for (unsigned i = 0; i < SHARDS; i++)
        shards[i].lock = lck_spin_alloc_init(group, LCK_ATTR_NULL);
}

void lock_table_shutdown(void)
{
    for (unsigned i = 0; i < SHARDS; i++) {
        for (unsigned j = 0; j < BUCKETS; j++) {
            struct lock_entry *next;
            for (struct lock_entry *entry = shards[i].buckets[j]; entry; entry = next) {
                next = entry->next;
                kern_free(entry, sizeof(*entry));
            }
        }
        lck_spin_free(shards[i].lock, group);
    }
    kern_free(shards, SHARDS * sizeof(*shards));
    uint32_t count = atomic_load(&n_classes);
    for (uint32_t i = 0; i < count; i++) {
        kern_free(atomic_load(&classes[i]), sizeof(struct lock_class));
        atomic_store(&classes[i], NULL);
    }
    atomic_store(&n_classes, 0);
    lck_mtx_free(class_lock, group);
    lck_grp_free(group);
}

/* ---- classes ------------------------------------------------------------------------------------------- */

struct lock_class *lock_class_at(uint32_t index)
{
    return index < CLASSES_MAX ? atomic_load_explicit(&classes[index], memory_order_acquire) : NULL;
}

static struct lock_class *class_find(const char *name, enum lock_kind kind, const void *site)
{
    struct lock_class *class;
    for (uint32_t i = 0; (class = lock_class_at(i)); i++) {
        if (class->site == site && class->kind == kind && strcmp(class->group, name) == 0)
            return class;
    }
    return NULL;
}

static struct lock_class *class_make(const char *name, enum lock_kind kind, const void *site)
{
    uint32_t index = atomic_load_explicit(&n_classes, memory_order_relaxed);
    char where[96];
    if (index == CLASSES_MAX)
        return lock_class_at(CLASSES_MAX - 1); /* what has no class of its own shares the last */
    struct lock_class *class = kern_alloc(sizeof(*class), "validator");
    class->index = index;
    class->kind = kind;
    class->site = site;
    strlcpy(class->group, name, sizeof(class->group));
    kern_describe_pc((const char *)site - 1, where, sizeof(where));
    snprintf(class->name, sizeof(class->name), "%s, made by %s", name, where);
    atomic_store_explicit(&classes[index], class, memory_order_release);
    atomic_store_explicit(&n_classes, index + 1, memory_order_release);
    return class;
}

static struct lock_class *class_of(const char *name, enum lock_kind kind, const void *site)
{
    struct lock_class *class = class_find(name, kind, site);
    if (class)
        return class;
    lck_mtx_lock(class_lock);
    class = class_find(name, kind, site);
    if (!class)
        class = class_make(name, kind, site);
    lck_mtx_unlock(class_lock);
    return class;
}

/* ---- locks --------------------------------------------------------------------------------------------- */

static struct lock_entry **bucket_of(const void *lock, struct shard **shard)
{
    uint64_t hash = ((uintptr_t)lock >> 4) * 0x9e3779b97f4a7c15ULL;
    *shard = &shards[hash >> 58];
    return &(*shard)->buckets[(hash >> 40) % BUCKETS];
}

static struct lock_entry *bucket_find(struct lock_entry *entry, const void *lock)
{
    while (entry && atomic_load_explicit(&entry->lock, memory_order_relaxed) != lock)
        entry = entry->next;
    return entry;
}

struct lock_entry *lock_table_find(const void *lock)
{
    struct shard *shard;
    struct lock_entry **bucket = bucket_of(lock, &shard);
    lck_spin_lock(shard->lock);
    struct lock_entry *entry = bucket_find(*bucket, lock);
    lck_spin_unlock(shard->lock);
    return entry;
}

bool lock_table_add(const void *lock, enum lock_kind kind, lck_grp_t *grp, const void *site)
{
    struct lock_class *class = class_of(lck_grp_name(grp), kind, site);
    struct lock_entry *fresh = NULL, *entry;
    struct shard *shard;
    struct lock_entry **bucket = bucket_of(lock, &shard);
    if (!lock_table_find(lock)) {
        fresh = kern_alloc(sizeof(*fresh), "validator");
        atomic_store_explicit(&fresh->lock, lock, memory_order_relaxed);
    }
    lck_spin_lock(shard->lock);
    entry = bucket_find(*bucket, lock);
    if (!entry) {
        entry = fresh;
        entry->next = *bucket;
        *bucket = entry;
        fresh = NULL;
    }
    bool was_alive = atomic_load_explicit(&entry->alive, memory_order_relaxed);
    entry->class = class;
    atomic_store_explicit(&entry->alive, true, memory_order_release);
    lck_spin_unlock(shard->lock);
    kern_free(fresh, sizeof(*fresh));
    return !was_alive;
}

void lock_table_end(struct lock_entry *entry)
{
    struct validate_stack stack;
    struct shard *shard;
    (void)bucket_of(atomic_load_explicit(&entry->lock, memory_order_relaxed), &shard);
    validate_stack_take(&stack);
    lck_spin_lock(shard->lock);
    entry->ending = stack;
    atomic_fetch_add_explicit(&entry->life, 1, memory_order_relaxed);
    atomic_store_explicit(&entry->alive, false, memory_order_release);
    lck_spin_unlock(shard->lock);
}
