// SPDX-License-Identifier: BSD-2-Clause
/*
 * The names of a directory: a hash table to find them and an array that gives them their order. A name keeps
 * its place in the array for life, so that a readdir in pieces never misses or repeats one; places of names
 * that went are used again. Locks: the caller holds the directory's n_lock.
 */
#include "bench/ceiling/ceiling.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t name_hash(const char *name, size_t len)
{
    uint64_t hash = 0x9e3779b97f4a7c15u + len;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)name[i]) * 0x100000001b3u;
    return (uint32_t)(hash ^ (hash >> 32));
}

struct dirent_slot *dir_find(const struct node *node, const char *name)
{
    const struct directory *dir = &node->n_dir;
    size_t len = strlen(name);

    if (dir->n_chains == 0)
        return NULL;
    uint32_t hash = name_hash(name, len);
    struct dirent_slot *entry = dir->chains[hash & (dir->n_chains - 1)];
    while (entry != NULL &&
           (entry->hash != hash || entry->name_len != len || memcmp(entry->name, name, len) != 0))
        entry = entry->next;
    return entry;
}

static int chains_grow(struct directory *dir)
{
    size_t n_chains = dir->n_chains != 0 ? 2 * dir->n_chains : 16;
    struct dirent_slot **chains = calloc(n_chains, sizeof(chains[0]));

    if (chains == NULL)
        return ENOMEM;
    for (size_t i = 0; i < dir->n_slots; i++) {
        struct dirent_slot *entry = dir->slots[i];

        if (entry == NULL)
            continue;
        entry->next = chains[entry->hash & (n_chains - 1)];
        chains[entry->hash & (n_chains - 1)] = entry;
    }
    free(dir->chains);
    dir->chains = chains;
    dir->n_chains = n_chains;
    return 0;
}

// Makes room for one more element of @size bytes in an array. Returns 0 or ENOMEM.
static int array_grow(void **array, size_t used, size_t *room, size_t size)
{
    if (used < *room)
        return 0;
    size_t bigger = *room != 0 ? 2 * *room : 16;
    void *moved = realloc(*array, bigger * size);
    if (moved == NULL)
        return ENOMEM;
    *array = moved;
    *room = bigger;
    return 0;
}

int dir_add(struct node *node, const char *name, struct node *child)
{
    struct directory *dir = &node->n_dir;
    size_t len = strlen(name);

    if (dir->n_names >= dir->n_chains && chains_grow(dir) != 0)
        return ENOMEM;
    if (array_grow((void **)&dir->slots, dir->n_slots, &dir->slots_room, sizeof(dir->slots[0])) != 0)
        return ENOMEM;
    // Room in which dir_remove, which must not fail, leaves the place.
    if (array_grow((void **)&dir->holes, dir->n_slots, &dir->holes_room, sizeof(dir->holes[0])) != 0)
        return ENOMEM;
    struct dirent_slot *entry = malloc(sizeof(*entry) + len + 1);
    if (entry == NULL)
        return ENOMEM;
    entry->node = child;
    entry->hash = name_hash(name, len);
    entry->name_len = len;
    memcpy(entry->name, name, len + 1);
    entry->slot = dir->n_holes != 0 ? dir->holes[--dir->n_holes] : (uint32_t)dir->n_slots++;
    dir->slots[entry->slot] = entry;
    struct dirent_slot **chain = &dir->chains[entry->hash & (dir->n_chains - 1)];
    entry->next = *chain;
    *chain = entry;
    dir->n_names++;
    return 0;
}

void dir_remove(struct node *node, struct dirent_slot *entry)
{
    struct directory *dir = &node->n_dir;
    struct dirent_slot **link = &dir->chains[entry->hash & (dir->n_chains - 1)];

    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    dir->slots[entry->slot] = NULL;
    dir->holes[dir->n_holes++] = entry->slot;
    dir->n_names--;
    free(entry);
}

void dir_free(struct directory *dir)
{
    free(dir->chains);
    free(dir->slots);
    free(dir->holes);
}
