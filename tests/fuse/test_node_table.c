// SPDX-License-Identifier: BSD-2-Clause
/*
 * The node table by itself: numbers, counts, parents, holds, and all of it from several threads. The kernel
 * half's holds are counted by stand-ins.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fusehost/node_table.h"

#define ROOT_ID 2

static _Atomic int holds_out;

void sys_hold_release(sys_hold_t *hold)
{
    (void)hold;
    atomic_fetch_sub(&holds_out, 1);
}

static sys_hold_t *hold_new(void)
{
    static int any;

    atomic_fetch_add(&holds_out, 1);
    return (sys_hold_t *)&any;
}

static struct fh_node_table table;

static struct sys_node sys_of(uint64_t fileid)
{
    return (struct sys_node){.vnode = fileid * 10, .vid = 1, .mount_id = 7, .fileid = fileid};
}

static struct fh_node *enter(uint64_t fileid, uint64_t generation, struct fh_node *parent, const char *name)
{
    struct sys_node sys = sys_of(fileid);
    struct sys_attr attr = {.generation = generation, .type = SYS_VREG, .nlink = 1, .fileid = fileid};

    return fh_node_enter(&table, &sys, &attr, parent, name);
}

static int setup(void **state)
{
    struct sys_node root = sys_of(ROOT_ID);
    struct sys_attr attr = {.type = SYS_VDIR, .fileid = ROOT_ID};

    (void)state;
    holds_out = 0;
    return fh_nodes_init(&table, 7, &root, &attr);
}

static int teardown(void **state)
{
    (void)state;
    fh_nodes_destroy(&table);
    return holds_out;
}

static void number__is_the_file_id__but_for_reserved_ones(void **state)
{
    static const uint64_t reserved[] = {0, 1, 1ull << 63, UINT64_MAX};

    (void)state;
    assert_int_equal(table.root->nodeid, FH_NODE_ROOT);
    struct fh_node *node = enter(1000, 0, table.root, "a");
    assert_int_equal(node->nodeid, 1000);
    fh_node_put(node);
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        node = enter(reserved[i], 0, table.root, "r");
        assert_true(node->nodeid & FH_NODE_ALIAS);
        struct fh_node *again = fh_node_get(&table, node->nodeid);
        assert_ptr_equal(again, node);
        fh_node_put(again);
        fh_node_forget(&table, node->nodeid, 1);
        fh_node_put(node);
    }
    node = enter(ROOT_ID, 0, table.root, ".");
    assert_ptr_equal(node, table.root);
    fh_node_put(node);
    assert_int_equal(table.count, 1);
}

static void same_file__same_node__and_lookups_add_up(void **state)
{
    (void)state;
    struct fh_node *first = enter(50, 3, table.root, "a");
    struct fh_node *second = enter(50, 3, table.root, "b");
    assert_ptr_equal(first, second);
    fh_node_put(first);
    fh_node_put(second);
    fh_node_forget(&table, 50, 1);
    assert_int_equal(table.count, 1);
    fh_node_forget(&table, 50, 1);
    assert_int_equal(table.count, 0);
    assert_null(fh_node_get(&table, 50));
    fh_node_forget(&table, 50, 1); /* unknown: ignored */
    fh_node_forget(&table, FH_NODE_ROOT, 100);
    assert_non_null(table.root);
}

static void forget__more_than_was_counted__ends_the_node_once(void **state)
{
    (void)state;
    struct fh_node *node = enter(50, 0, table.root, "a");
    fh_node_forget(&table, 50, UINT64_MAX);
    fh_node_forget(&table, 50, 5);
    assert_int_equal(table.count, 1); /* the reference that we have */
    fh_node_put(node);
    assert_int_equal(table.count, 0);
}

static void file_id_used_again__old_number_stays_with_the_old_file(void **state)
{
    (void)state;
    struct fh_node *old = enter(50, 1, table.root, "a");
    struct fh_node *fresh = enter(50, 2, table.root, "a");
    assert_ptr_not_equal(old, fresh);
    assert_int_equal(old->nodeid, 50);
    assert_true(fresh->nodeid & FH_NODE_ALIAS);

    struct fh_node *found = fh_node_find(&table, 50);
    assert_ptr_equal(found, fresh);
    fh_node_put(found);
    found = fh_node_get(&table, 50);
    assert_ptr_equal(found, old);
    fh_node_put(found);
    fh_node_put(old);
    fh_node_forget(&table, 50, 1);
    found = enter(50, 2, table.root, "b");
    assert_ptr_equal(found, fresh);
    fh_node_put(found);
    fh_node_put(fresh);
    fh_node_forget(&table, fresh->nodeid, 2);
    assert_int_equal(table.count, 0);
}

static void parent__stays_as_long_as_a_child_names_it(void **state)
{
    char name[FH_NAME_SIZE];

    (void)state;
    struct fh_node *dir = enter(60, 0, table.root, "dir");
    struct fh_node *child = enter(61, 0, dir, "child");
    fh_node_put(dir);
    fh_node_forget(&table, 60, 1);
    struct fh_node *parent = fh_node_place(child, name);
    assert_ptr_equal(parent, dir);
    assert_string_equal(name, "child");
    fh_node_put(parent);
    fh_node_put(child);
    fh_node_forget(&table, 61, 1);
    assert_int_equal(table.count, 0);
}

static void deep_chain__ends_without_recursion(void **state)
{
    struct fh_node *parent = table.root;

    (void)state;
    fh_node_retain(parent);
    for (uint64_t id = 100; id < 200100; id++) {
        struct fh_node *node = enter(id, 0, parent, "d");
        fh_node_put(parent);
        if (id > 100)
            fh_node_forget(&table, id - 1, 1);
        parent = node;
    }
    fh_node_put(parent);
    fh_node_forget(&table, 200099, 1);
    assert_int_equal(table.count, 0);
}

static void place__moves_and_goes(void **state)
{
    char name[FH_NAME_SIZE];

    (void)state;
    struct fh_node *dir = enter(60, 0, table.root, "dir");
    struct fh_node *file = enter(61, 0, table.root, "old");
    fh_node_move(file, dir, "new");
    struct fh_node *parent = fh_node_place(file, name);
    assert_ptr_equal(parent, dir);
    assert_string_equal(name, "new");
    fh_node_put(parent);
    fh_node_unname(file, dir, "other"); /* not its name: nothing happens */
    parent = fh_node_place(file, name);
    assert_ptr_equal(parent, dir);
    fh_node_put(parent);
    fh_node_unname(file, dir, "new");
    assert_null(fh_node_place(file, name));
    fh_node_forget(&table, 60, 1);
    fh_node_put(dir);
    assert_int_equal(table.count, 1);
    fh_node_forget(&table, 61, 1);
    fh_node_put(file);
}

static void hold__ends_with_the_node__or_at_once(void **state)
{
    (void)state;
    struct fh_node *node = enter(50, 0, table.root, "a");
    fh_node_keep(node, hold_new());
    assert_int_equal(holds_out, 1);
    fh_node_keep(node, hold_new()); /* it has one */
    assert_int_equal(holds_out, 1);
    fh_node_forget(&table, 50, 1);
    fh_node_keep(node, hold_new()); /* the host has forgotten it */
    assert_int_equal(holds_out, 1);
    fh_node_put(node);
    assert_int_equal(holds_out, 0);
}

static void weak_reference__is_the_last_one_set(void **state)
{
    struct sys_node sys = {.vnode = 77, .vid = 9, .mount_id = 7, .fileid = 50}, got;

    (void)state;
    struct fh_node *node = enter(50, 0, table.root, "a");
    fh_node_weak(node, &got);
    assert_int_equal(got.vnode, 500);
    fh_node_set_weak(node, &sys);
    fh_node_weak(node, &got);
    assert_int_equal(got.vnode, 77);
    assert_int_equal(got.vid, 9);
    assert_int_equal(got.fileid, 50);
    assert_int_equal(got.mount_id, 7);
    fh_node_forget(&table, 50, 1);
    fh_node_put(node);
}

static void revoked__number_is_dead__file_gets_another(void **state)
{
    struct sys_node sys = sys_of(50), got;

    (void)state;
    struct fh_node *old = enter(50, 1, table.root, "a");
    fh_node_revoke(old);
    fh_node_weak(old, &got);
    assert_true(got.vnode == FH_NODE_REVOKED);
    fh_node_set_weak(old, &sys);
    fh_node_weak(old, &got);
    assert_true(got.vnode == FH_NODE_REVOKED);
    assert_null(fh_node_find(&table, 50));

    struct fh_node *fresh = enter(50, 1, table.root, "a");
    assert_ptr_not_equal(old, fresh);
    assert_true(fresh->nodeid & FH_NODE_ALIAS);
    fh_node_weak(fresh, &got);
    assert_int_equal(got.vnode, 500);
    fh_node_forget(&table, 50, 1);
    fh_node_put(old);
    fh_node_forget(&table, fresh->nodeid, 1);
    fh_node_put(fresh);
    assert_int_equal(table.count, 0);
}

static bool count_one(void *arg, struct fh_node *node)
{
    (void)node;
    return ++*(unsigned *)arg < 1000000;
}

static void each__visits_all__also_when_the_table_grew(void **state)
{
    unsigned n = 0;

    (void)state;
    for (uint64_t id = 10; id < 50010; id++)
        fh_node_put(enter(id, 0, table.root, "x"));
    fh_nodes_each(&table, count_one, &n);
    assert_int_equal(n, 50000);
    for (uint64_t id = 10; id < 50010; id++)
        fh_node_forget(&table, id, 1);
    assert_int_equal(table.count, 0);
}

#define STORM_THREADS 4
#define STORM_STEPS   40000
#define STORM_FILES   64

static void *storm(void *arg)
{
    uint64_t seed = (uint64_t)(uintptr_t)arg;

    for (int i = 0; i < STORM_STEPS; i++) {
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        uint64_t id = 1 + (seed >> 33) % STORM_FILES;
        char name[16];
        snprintf(name, sizeof(name), "n%d", (int)(seed >> 60));
        struct fh_node *node = enter(id, 0, table.root, name);
        struct sys_node weak;

        if ((seed >> 50 & 15) == 0)
            fh_node_keep(node, hold_new());
        if ((seed >> 50 & 15) == 1)
            fh_node_unname(node, table.root, name);
        fh_node_weak(node, &weak);
        if (weak.fileid != node->fileid || weak.vnode != weak.fileid * 10)
            abort();
        struct fh_node *again = fh_node_get(&table, node->nodeid);
        if (again != node)
            abort();
        fh_node_put(again);
        uint64_t nodeid = node->nodeid;
        fh_node_put(node);
        fh_node_forget(&table, nodeid, 1);
    }
    return NULL;
}

static void threads__counts_stay_exact(void **state)
{
    pthread_t threads[STORM_THREADS];

    (void)state;
    for (uintptr_t i = 0; i < STORM_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, storm, (void *)(i + 1)), 0);
    for (int i = 0; i < STORM_THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(table.count, 0);
    assert_int_equal(holds_out, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(number__is_the_file_id__but_for_reserved_ones),
        CASE(same_file__same_node__and_lookups_add_up),
        CASE(forget__more_than_was_counted__ends_the_node_once),
        CASE(file_id_used_again__old_number_stays_with_the_old_file),
        CASE(parent__stays_as_long_as_a_child_names_it),
        CASE(deep_chain__ends_without_recursion),
        CASE(place__moves_and_goes),
        CASE(hold__ends_with_the_node__or_at_once),
        CASE(weak_reference__is_the_last_one_set),
        CASE(revoked__number_is_dead__file_gets_another),
        CASE(each__visits_all__also_when_the_table_grew),
        CASE(threads__counts_stay_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
