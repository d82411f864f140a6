// SPDX-License-Identifier: BSD-2-Clause
/*
 * A radix tree of 64 ways: the pages of a file by number, in order. As high as the greatest number needs.
 *
 * Locks: its owner's. Called by ubc_file.c.
 */
#include "ubc/ubc_internal.h"

#define WAY_BITS 6u
#define WAYS     (1u << WAY_BITS)
#define LEVELS   9u /* 54 bits */

struct node {
    void *slot[WAYS];
    unsigned used;
};

static unsigned way_of(uint64_t index, unsigned height)
{
    return (unsigned)(index >> (WAY_BITS * (height - 1))) % WAYS;
}

static bool fits(const struct ubc_tree *tree, uint64_t index)
{
    return tree->ut_height && !(index >> (WAY_BITS * tree->ut_height));
}

void *ubc_tree_find(const struct ubc_tree *tree, uint64_t index)
{
    if (!fits(tree, index))
        return NULL;
    void *at = tree->ut_root;
    for (unsigned height = tree->ut_height; height && at; height--)
        at = ((struct node *)at)->slot[way_of(index, height)];
    return at;
}

static void *next_below(const struct node *node, unsigned height, uint64_t index)
{
    for (unsigned way = way_of(index, height), first = way; way < WAYS; way++) {
        void *below = node->slot[way];
        if (below && height > 1)
            below = next_below(below, height - 1, way == first ? index : 0);
        if (below)
            return below;
    }
    return NULL;
}

void *ubc_tree_next(const struct ubc_tree *tree, uint64_t index)
{
    return fits(tree, index) ? next_below(tree->ut_root, tree->ut_height, index) : NULL;
}

static struct node *node_make(void)
{
    return kern_alloc(sizeof(struct node), "ubc_tree");
}

void ubc_tree_insert(struct ubc_tree *tree, uint64_t index, void *entry)
{
    KASSERT(!(index >> (WAY_BITS * LEVELS)), "page number %llu is too large", (unsigned long long)index);
    for (; !fits(tree, index); tree->ut_height++) {
        if (!tree->ut_root) /* no node goes that has never had an entry */
            continue;
        struct node *root = node_make();
        root->slot[0] = tree->ut_root;
        root->used = 1;
        tree->ut_root = root;
    }
    if (!tree->ut_root)
        tree->ut_root = node_make();
    struct node *node = tree->ut_root;
    for (unsigned height = tree->ut_height; height > 1; height--) {
        void **slot = &node->slot[way_of(index, height)];
        if (!*slot) {
            *slot = node_make();
            node->used++;
        }
        node = *slot;
    }
    node->slot[way_of(index, 1)] = entry;
    node->used++;
}

void ubc_tree_remove(struct ubc_tree *tree, uint64_t index)
{
    struct node *path[LEVELS + 1];
    void *at = tree->ut_root;
    for (unsigned height = tree->ut_height; height; height--) {
        path[height] = at;
        at = path[height]->slot[way_of(index, height)];
    }
    for (unsigned height = 1; height <= tree->ut_height; height++) {
        path[height]->slot[way_of(index, height)] = NULL;
        if (--path[height]->used)
            return;
        kern_free(path[height], sizeof(struct node));
    }
    *tree = (struct ubc_tree){NULL, 0};
}
