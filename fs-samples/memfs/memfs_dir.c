// SPDX-License-Identifier: BSD-2-Clause
/*
 * A directory's names: a hash table to find one, and an array of slots to show them in a stable order. A
 * slot's number is what readdir's cookies are made of: it stays while the name stays, so a listing that goes
 * on after names came and went neither repeats nor misses one that was there all the time.
 *
 * Locks: the caller holds the directory's n_lock, exclusive for all functions that change something.
 */
#include "memfs.h"

#define BUCKETS_MIN 8u
#define SLOTS_MIN   8u

static uint32_t name_hash(const char *name, size_t len)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    return hash ^ (hash >> 15);
}

struct memfs_entry *memfs_dir_find(const struct memfs_node *node, const char *name, size_t len)
{
    const struct memfs_dir *dir = &node->u.dir;

    if (dir->d_nbuckets == 0)
        return NULL;
    uint32_t hash = name_hash(name, len);
    struct memfs_entry *entry = dir->d_buckets[hash & (dir->d_nbuckets - 1)];
    while (entry &&
           !(entry->e_hash == hash && entry->e_namelen == len && memcmp(entry->e_name, name, len) == 0))
        entry = entry->e_hash_next;
    return entry;
}

static int buckets_grow(struct memfs_dir *dir)
{
    uint32_t count = dir->d_nbuckets ? dir->d_nbuckets * 2 : BUCKETS_MIN;
    struct memfs_entry **buckets = memfs_alloc(count * sizeof(*buckets));

    if (!buckets)
        return ENOSPC;
    for (uint32_t i = 0; i < dir->d_nbuckets; i++) {
        struct memfs_entry *entry = dir->d_buckets[i];
        while (entry) {
            struct memfs_entry *next = entry->e_hash_next;
            struct memfs_entry **bucket = &buckets[entry->e_hash & (count - 1)];
            entry->e_hash_next = *bucket;
            *bucket = entry;
            entry = next;
        }
    }
    memfs_free(dir->d_buckets, dir->d_nbuckets * sizeof(*buckets));
    dir->d_buckets = buckets;
    dir->d_nbuckets = count;
    return 0;
}

static int slots_grow(struct memfs_dir *dir)
{
    uint32_t count = dir->d_slot_capacity ? dir->d_slot_capacity * 2 : SLOTS_MIN;
    struct memfs_entry **slots = memfs_alloc(count * sizeof(*slots));

    if (!slots)
        return ENOSPC;
    if (dir->d_slots)
        memcpy(slots, dir->d_slots, dir->d_nslots * sizeof(*slots));
    memfs_free(dir->d_slots, dir->d_slot_capacity * sizeof(*slots));
    dir->d_slots = slots;
    dir->d_slot_capacity = count;
    return 0;
}

/* A free slot; the array grows only when more than half of it is in use, so holes are filled first. */
static int slot_take(struct memfs_dir *dir, uint32_t *out)
{
    if (dir->d_count < dir->d_nslots / 2) {
        uint32_t slot = dir->d_first_free;
        while (slot < dir->d_nslots && dir->d_slots[slot])
            slot++;
        dir->d_first_free = slot;
        if (slot < dir->d_nslots) {
            *out = slot;
            return 0;
        }
    }
    if (dir->d_nslots == dir->d_slot_capacity) {
        int error = slots_grow(dir);
        if (error)
            return error;
    }
    *out = dir->d_nslots++;
    return 0;
}

static void entry_target(struct memfs_entry *entry, struct memfs_node *node)
{
    entry->e_node = node;
    entry->e_ino = node->n_ino;
    entry->e_type = node->n_type;
}

struct memfs_entry *memfs_entry_alloc(const char *name, size_t len)
{
    struct memfs_entry *entry = memfs_alloc(sizeof(*entry) + len + 1);

    if (entry) {
        entry->e_hash = name_hash(name, len);
        entry->e_namelen = (uint16_t)len;
        memcpy(entry->e_name, name, len);
    }
    return entry;
}

void memfs_entry_free(struct memfs_entry *entry)
{
    if (entry)
        memfs_free(entry, sizeof(*entry) + entry->e_namelen + 1u);
}

int memfs_dir_add(struct memfs_node *node, struct memfs_entry *entry, struct memfs_node *child)
{
    struct memfs_dir *dir = &node->u.dir;
    uint32_t slot;
    int error = dir->d_count >= dir->d_nbuckets ? buckets_grow(dir) : 0;

    if (!error)
        error = slot_take(dir, &slot);
    if (error)
        return error;
    entry_target(entry, child);
    entry->e_slot = slot;
    struct memfs_entry **bucket = &dir->d_buckets[entry->e_hash & (dir->d_nbuckets - 1)];
    entry->e_hash_next = *bucket;
    *bucket = entry;
    dir->d_slots[slot] = entry;
    dir->d_count++;
    dir->d_changes++;
    return 0;
}

void memfs_dir_remove(struct memfs_node *node, struct memfs_entry *entry)
{
    struct memfs_dir *dir = &node->u.dir;
    struct memfs_entry **where = &dir->d_buckets[entry->e_hash & (dir->d_nbuckets - 1)];

    while (*where != entry)
        where = &(*where)->e_hash_next;
    *where = entry->e_hash_next;
    dir->d_slots[entry->e_slot] = NULL;
    if (entry->e_slot < dir->d_first_free)
        dir->d_first_free = entry->e_slot;
    while (dir->d_nslots && !dir->d_slots[dir->d_nslots - 1])
        dir->d_nslots--;
    dir->d_count--;
    dir->d_changes++;
}

void memfs_dir_retarget(struct memfs_node *node, struct memfs_entry *entry, struct memfs_node *child)
{
    entry_target(entry, child);
    node->u.dir.d_changes++;
}

void memfs_dir_destroy(struct memfs_node *node)
{
    struct memfs_dir *dir = &node->u.dir;

    memfs_free(dir->d_buckets, dir->d_nbuckets * sizeof(*dir->d_buckets));
    memfs_free(dir->d_slots, dir->d_slot_capacity * sizeof(*dir->d_slots));
}
