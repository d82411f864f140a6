// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_tree.c: the trees of libkern/tree.h against an array of flags, with their rules checked after each
 * step.
 */
#include <libkern/libkern.h>
#include <libkern/tree.h>

#include "tests/support/ktest_kern.h"

#define N_KEYS 200

struct item {
    int key;
    bool in;
    RB_ENTRY(item) link;
};
RB_HEAD(items, item);

static int item_compare(const struct item *a, const struct item *b)
{
    return a->key < b->key ? -1 : a->key > b->key;
}

RB_PROTOTYPE(items, item, link, item_compare);
RB_GENERATE(items, item, link, item_compare);

/* The number of black elements on every way down; fails where ways differ, a red one has a red child or a
 * link is wrong. */
static int height_check(const struct item *at, const struct item *parent)
{
    int left, right;

    if (!at)
        return 0;
    KT_ASSERT(at->link.rbe_parent == parent);
    KT_ASSERT(!(parent && parent->link.rbe_red && at->link.rbe_red));
    left = height_check(at->link.rbe_left, at);
    right = height_check(at->link.rbe_right, at);
    KT_ASSERT_EQ(left, right);
    return left + !at->link.rbe_red;
}

static void order_check(struct items *tree, struct item *all)
{
    struct item *at, *back = NULL;
    int key = -1;

    RB_FOREACH(at, items, tree)
    {
        for (key++; key < at->key; key++)
            KT_ASSERT(!all[key].in);
        KT_ASSERT(at->in);
        KT_ASSERT(RB_PREV(items, tree, at) == back);
        back = at;
    }
    for (key++; key < N_KEYS; key++)
        KT_ASSERT(!all[key].in);
    KT_ASSERT(RB_MAX(items, tree) == back);
}

static void tree__random_inserts_and_removes__keeps_order_and_balance(void)
{
    static struct item all[N_KEYS];
    struct items tree = RB_INITIALIZER(&tree);
    unsigned seed = 1;

    for (int i = 0; i < N_KEYS; i++)
        all[i] = (struct item){.key = i};
    for (int step = 0; step < 4000; step++) {
        seed = seed * 1103515245u + 12345u;
        struct item *item = &all[(seed >> 16) % N_KEYS];
        struct item twin = {.key = item->key};

        KT_ASSERT(RB_FIND(items, &tree, &twin) == (item->in ? item : NULL));
        if (item->in) {
            KT_ASSERT(RB_INSERT(items, &tree, &twin) == item);
            KT_ASSERT(RB_REMOVE(items, &tree, item) == item);
        } else {
            KT_ASSERT(RB_INSERT(items, &tree, item) == NULL);
        }
        item->in = !item->in;
        (void)height_check(RB_ROOT(&tree), NULL);
        if (step % 50 == 0)
            order_check(&tree, all);
    }
}

static void tree__nearest__is_the_first_not_less(void)
{
    struct item two = {.key = 2}, five = {.key = 5}, key = {.key = 3};
    struct items tree;

    RB_INIT(&tree);
    KT_ASSERT(RB_EMPTY(&tree));
    KT_ASSERT(RB_NFIND(items, &tree, &key) == NULL);
    RB_INSERT(items, &tree, &two);
    RB_INSERT(items, &tree, &five);
    KT_ASSERT(RB_NFIND(items, &tree, &key) == &five);
    key.key = 2;
    KT_ASSERT(RB_NFIND(items, &tree, &key) == &two);
    key.key = 6;
    KT_ASSERT(RB_NFIND(items, &tree, &key) == NULL);
    KT_ASSERT(RB_MIN(items, &tree) == &two);
    RB_REMOVE(items, &tree, &two);
    RB_REMOVE(items, &tree, &five);
    KT_ASSERT(RB_EMPTY(&tree));
}

static const struct ktest_case cases[] = {
    KT_CASE(tree__random_inserts_and_removes__keeps_order_and_balance),
    KT_CASE(tree__nearest__is_the_first_not_less),
};
KT_KERN_SUITE(tree, cases);
