// SPDX-License-Identifier: BSD-2-Clause
/*
 * The treap behind extents.h. Owns its nodes. No locks: the owner's. Called by the cache of the test device
 * and by replays.
 */
#include "host/testdisk/extents.h"

#include <stdlib.h>

#include "host/testdisk/rng.h"

typedef struct testdisk_extent node;

/* Pieces that start before @key to @low, the others to @high. */
static void split(node *tree, uint64_t key, node **low, node **high)
{
    while (tree != NULL) {
        if (tree->start < key) {
            *low = tree;
            low = &tree->right;
            tree = tree->right;
        } else {
            *high = tree;
            high = &tree->left;
            tree = tree->left;
        }
    }
    *low = NULL;
    *high = NULL;
}

/* All of @low lies before all of @high. */
static node *merge(node *low, node *high)
{
    node *tree = NULL;
    node **place = &tree;

    while (low != NULL && high != NULL) {
        if (low->priority > high->priority) {
            *place = low;
            place = &low->right;
            low = low->right;
        } else {
            *place = high;
            place = &high->left;
            high = high->left;
        }
    }
    *place = low != NULL ? low : high;
    return tree;
}

static node *last_of(node *tree)
{
    while (tree != NULL && tree->right != NULL) {
        tree = tree->right;
    }
    return tree;
}

static void free_all(struct testdisk_extents *map, node *tree)
{
    if (tree != NULL) {
        free_all(map, tree->left);
        free_all(map, tree->right);
        map->count--;
        free(tree);
    }
}

static void fill(struct testdisk_extents *map, node *piece, uint64_t start, uint64_t end,
                 const struct testdisk_write *write)
{
    *piece = (node){.start = start, .end = end, .write = write, .priority = testdisk_mix(++map->made)};
    map->count++;
}

bool testdisk_extents_set(struct testdisk_extents *map, uint64_t start, uint64_t end,
                          const struct testdisk_write *write)
{
    node *piece = malloc(sizeof(*piece));
    node *tail = malloc(sizeof(*tail)); /* what sticks out behind, of a piece that was there */
    node *low, *middle, *high, *last;
    uint64_t sticks_out = 0;
    const struct testdisk_write *whose = NULL;

    if (piece == NULL || tail == NULL) {
        free(piece);
        free(tail);
        return false;
    }
    split(map->root, start, &low, &high);
    split(high, end, &middle, &high);
    if ((last = last_of(low)) != NULL && last->end > start) {
        sticks_out = last->end;
        whose = last->write;
        last->end = start;
    }
    if ((last = last_of(middle)) != NULL && last->end > sticks_out) {
        sticks_out = last->end;
        whose = last->write;
    }
    free_all(map, middle);
    fill(map, piece, start, end, write);
    if (sticks_out > end) {
        fill(map, tail, end, sticks_out, whose);
        high = merge(tail, high);
    } else {
        free(tail);
    }
    map->root = merge(merge(low, piece), high);
    return true;
}

const struct testdisk_extent *testdisk_extents_find(const struct testdisk_extents *map, uint64_t offset)
{
    const node *found = NULL;

    for (const node *tree = map->root; tree != NULL;) {
        if (tree->end > offset) {
            found = tree;
            tree = tree->left;
        } else {
            tree = tree->right;
        }
    }
    return found;
}

static node *without(struct testdisk_extents *map, node *tree, uint64_t bound)
{
    if (tree == NULL) {
        return NULL;
    }
    tree->left = without(map, tree->left, bound);
    tree->right = without(map, tree->right, bound);
    if (tree->write->done >= bound) {
        return tree;
    }
    node *rest = merge(tree->left, tree->right);
    map->count--;
    free(tree);
    return rest;
}

void testdisk_extents_remove_until(struct testdisk_extents *map, uint64_t bound)
{
    map->root = without(map, map->root, bound);
}

void testdisk_extents_clear(struct testdisk_extents *map)
{
    free_all(map, map->root);
    map->root = NULL;
}
