// SPDX-License-Identifier: BSD-2-Clause
/*
 * The name cache, shared names, and what vnodes are called: rules of look-up and entry, purging, the bound,
 * paths, renames. One thread.
 */
#include <libkern/libkern.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"

static vnode_t root, file;
static uint32_t file_ino;

static void begin(void)
{
    KT_ASSERT_OK(tiny_get(tiny_mnt, TINY_ROOT, &root));
    file_ino = tiny_add(tiny_mnt, TINY_ROOT, VREG);
    KT_ASSERT_OK(tiny_get(tiny_mnt, file_ino, &file));
}

static void end(void)
{
    vnode_put(file);
    vnode_put(root);
}

/* What the cache says of @name in the root: -1 (and puts the vnode, which must be @expect), 0, ENOENT. */
static int look(const char *name, uint32_t op, uint32_t flags, vnode_t expect)
{
    vnode_t vp;
    struct componentname cn = tiny_name(name);
    cn.cn_nameiop = op;
    cn.cn_flags = flags;
    int found = cache_lookup(root, &vp, &cn);
    KT_ASSERT_PTR_EQ(vp, found == -1 ? expect : NULLVP);
    if (vp)
        vnode_put(vp);
    return found;
}

static void enter(const char *name, vnode_t vp)
{
    struct componentname cn = tiny_name(name);
    cache_enter(root, vp, &cn);
}

static void lookup__name_of_a_created_vnode__hit(void)
{
    begin();
    KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, file), -1);
    KT_ASSERT_EQ(look("n", LOOKUP, MAKEENTRY, NULLVP), 0);
    KT_ASSERT_EQ(look("n22", LOOKUP, MAKEENTRY, NULLVP), 0);
    end();
}

static void lookup__hash_given_by_the_caller__is_used(void)
{
    begin();
    struct componentname cn = tiny_name("hashed");
    cn.cn_hash = 77;
    cache_enter(root, file, &cn);
    vnode_t vp;
    KT_ASSERT_EQ(cache_lookup(root, &vp, &cn), -1);
    vnode_put(vp);
    cn.cn_hash = 0;
    KT_ASSERT_EQ(cache_lookup(root, &vp, &cn), 0);
    KT_ASSERT_EQ(cn.cn_hash, cache_hash("hashed", 6)); /* filled in */
    end();
}

static void lookup__without_makeentry__drops_the_entry(void)
{
    begin();
    KT_ASSERT_EQ(look("n2", LOOKUP, 0, NULLVP), 0);
    KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, NULLVP), 0);
    end();
}

static void negative__enoent_until_it_is_to_be_made(void)
{
    begin();
    enter("gone", NULLVP);
    KT_ASSERT_EQ(look("gone", LOOKUP, MAKEENTRY, NULLVP), ENOENT);
    KT_ASSERT_EQ(look("gone", DELETE, MAKEENTRY, NULLVP), ENOENT);
    KT_ASSERT_EQ(look("gone", CREATE, MAKEENTRY, NULLVP), 0);
    KT_ASSERT_EQ(look("gone", LOOKUP, MAKEENTRY, NULLVP), 0); /* was dropped */
    enter("gone", NULLVP);
    KT_ASSERT_EQ(look("gone", RENAME, MAKEENTRY, NULLVP), 0);
    end();
}

static void negative__replaced_by_a_file_of_that_name(void)
{
    begin();
    enter("x", NULLVP);
    enter("x", file);
    KT_ASSERT_EQ(look("x", LOOKUP, MAKEENTRY, file), -1);
    end();
}

static void purge_negatives__spares_what_exists(void)
{
    begin();
    enter("gone", NULLVP);
    cache_purge_negatives(root);
    KT_ASSERT_EQ(look("gone", LOOKUP, MAKEENTRY, NULLVP), 0);
    KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, file), -1);
    end();
}

static void purge__of_a_file__all_its_names(void)
{
    begin();
    enter("link", file);
    cache_purge(file);
    KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, NULLVP), 0);
    KT_ASSERT_EQ(look("link", LOOKUP, MAKEENTRY, NULLVP), 0);
    end();
}

static void purge__of_a_directory__what_is_in_it(void)
{
    begin();
    enter("gone", NULLVP);
    cache_purge(root);
    KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, NULLVP), 0);
    KT_ASSERT_EQ(look("gone", LOOKUP, MAKEENTRY, NULLVP), 0);
    enter("n2", file);
    KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, file), -1);
    end();
}

static void lookup__of_a_reclaimed_vnode__miss(void)
{
    begin();
    vnode_recycle(file);
    vnode_put(file);
    KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, NULLVP), 0);
    KT_ASSERT_OK(tiny_get(tiny_mnt, file_ino, &file));
    KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, file), -1);
    end();
}

static void enter__same_again__one_entry(void)
{
    begin();
    uint64_t before = tiny_counters().name_cache_entries;
    enter("n2", file);
    enter("n2", file);
    KT_ASSERT_EQ(tiny_counters().name_cache_entries, before);
    end();
}

static void counters__after_recycling__are_exact(void)
{
    begin();
    struct vfs_counters before = tiny_counters(), after;
    for (unsigned i = 0; i < 30; i++) {
        vnode_t vp;
        KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp));
        vnode_recycle(vp);
        vnode_put(vp);
    }
    after = tiny_counters();
    KT_ASSERT_EQ(after.name_cache_entries, before.name_cache_entries);
    KT_ASSERT_EQ(after.name_strings, before.name_strings);
    KT_ASSERT_EQ(after.vnodes, before.vnodes);
    KT_ASSERT_EQ(after.usecounts, before.usecounts);
    end();
}

static void enter_with_gen__after_a_purge__nothing(void)
{
    begin();
    struct componentname cn = tiny_name("late");
    uint32_t gen = cache_generation(root);
    cache_enter_with_gen(root, file, &cn, gen);
    KT_ASSERT_EQ(look("late", LOOKUP, MAKEENTRY, file), -1);
    cache_purge(file);
    cache_enter_with_gen(root, file, &cn, gen);
    KT_ASSERT_EQ(look("late", LOOKUP, MAKEENTRY, NULLVP), 0);
    end();
}

static void bound__many_names__old_ones_go(void)
{
    char name[16];
    begin();
    for (unsigned i = 0; i < 10000; i++) {
        snprintf(name, sizeof(name), "name%u", i);
        enter(name, NULLVP);
    }
    KT_ASSERT_LE(tiny_counters().name_cache_entries, 2 * 64); /* two for each vnode that the table has */
    KT_ASSERT_EQ(look("name9999", LOOKUP, MAKEENTRY, NULLVP), ENOENT);
    KT_ASSERT_EQ(look("name1", LOOKUP, MAKEENTRY, NULLVP), 0);
    end();
}

static void bound__name_in_use__stays(void)
{
    char name[16];
    begin();
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "name%u", i);
        enter(name, NULLVP);
        KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, file), -1);
    }
    end();
}

static void purgevfs__leaves_the_other_mount(void)
{
    vnode_t other;
    struct componentname cn = tiny_name("kept");
    begin();
    KT_ASSERT_OK(tiny_get(tiny_root, TINY_ROOT, &other));
    cache_enter(other, NULLVP, &cn);
    cache_purgevfs(tiny_mnt->mp);
    KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, NULLVP), 0);
    vnode_t vp;
    KT_ASSERT_EQ(cache_lookup(other, &vp, &cn), ENOENT);
    vnode_put(other);
    end();
}

/* ---- shared names -------------------------------------------------------------------------------------- */

static void addname__equal_names__one_string(void)
{
    const char *a = vfs_addname("shared-name", 6, 0, 0), *b = vfs_addname("shared", 6, 123, 0);
    KT_ASSERT_PTR_EQ(a, b);
    KT_ASSERT_STR(a, "shared");
    KT_ASSERT_OK(vfs_removename(a));
    KT_ASSERT_STR(b, "shared");
    KT_ASSERT_OK(vfs_removename(b));
    static const char stray[] = "never added";
    KT_ASSERT_ERRNO(vfs_removename(stray), ENOENT);
}

/* ---- identity ------------------------------------------------------------------------------------------ */

static void getname__and_parent__of_a_created_vnode(void)
{
    begin();
    const char *name = vnode_getname(file);
    KT_ASSERT_STR(name, "n2");
    vnode_putname(name);
    vnode_t parent = vnode_getparent(file);
    KT_ASSERT_PTR_EQ(parent, root);
    vnode_put(parent);
    KT_ASSERT_NULL(vnode_getparent(root));
    KT_ASSERT_NULL(vnode_getname(root));
    end();
}

static void update_identity__moves_usecount_and_name(void)
{
    vnode_t dir;
    begin();
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VDIR), &dir));
    uint32_t before = vnode_usecount(root);
    vnode_update_identity(file, dir, "renamed", 7, 0,
                          VNODE_UPDATE_PARENT | VNODE_UPDATE_NAME | VNODE_UPDATE_CACHE);
    KT_ASSERT_EQ(vnode_usecount(root), before - 1);
    KT_ASSERT_EQ(vnode_usecount(dir), 1);
    KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, NULLVP), 0);
    const char *name = vnode_getname(file);
    KT_ASSERT_STR(name, "renamed");
    vnode_putname(name);
    vnode_update_identity(file, NULLVP, NULL, 0, 0, VNODE_UPDATE_PARENT | VNODE_UPDATE_NAME);
    KT_ASSERT_EQ(vnode_usecount(dir), 0);
    KT_ASSERT_NULL(vnode_getname(file));
    vnode_put(dir);
    end();
}

#define RING   5u
#define PARENT (VNODE_UPDATE_PARENT | VNODE_UPDATE_NAME)

/* Renames that race may say of directories that they lie in each other. */
static void update_identity__circle_of_parents__last_one_is_refused(void)
{
    for (unsigned size = 2; size <= RING; size++) {
        vnode_t ring[RING], inside;
        char path[64];
        int len = sizeof(path);
        for (unsigned i = 0; i < size; i++)
            KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VDIR), &ring[i]));
        KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &inside));
        vnode_update_identity(inside, ring[0], "f", 1, 0, PARENT);
        for (unsigned i = 0; i < size; i++)
            vnode_update_identity(ring[i], ring[(i + 1) % size], "d", 1, 0, PARENT);
        KT_ASSERT_ERRNO(vn_getpath(inside, path, &len), ENOENT);
        KT_ASSERT_NULL(vnode_getparent(ring[size - 1]));
        KT_ASSERT_EQ(vnode_usecount(ring[0]), 1); /* of the file in it */
        for (unsigned i = 0; i < size; i++)
            vnode_put(ring[i]);
        vnode_put(inside);
        KT_ASSERT_OK(vflush(tiny_mnt->mp, NULLVP, 0));
        KT_ASSERT_EQ(tiny_counters().usecounts, 0);
    }
}

/* Threads that give a handful of directories each other as parents: none must hold another in the end. */
static void shuffle(void *arg)
{
    vnode_t *dirs = arg;
    static _Atomic(uint32_t) seeds;
    uint32_t random = (uint32_t)ktest_seed() + atomic_fetch_add(&seeds, 1) * 7919u;
    for (unsigned i = 0; i < 20000; i++) {
        random = random * 1664525u + 1013904223u;
        vnode_update_identity(dirs[(random >> 8) % RING], dirs[(random >> 16) % RING], "d", 1, 0, PARENT);
    }
}

static void update_identity__from_many_threads__no_circle_stays(void)
{
    vnode_t dirs[RING];
    void *threads[3];
    for (unsigned i = 0; i < RING; i++)
        KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VDIR), &dirs[i]));
    for (unsigned i = 0; i < 3; i++)
        threads[i] = ktest_thread(shuffle, dirs);
    for (unsigned i = 0; i < 3; i++)
        ktest_thread_join(threads[i]);
    for (unsigned i = 0; i < RING; i++)
        vnode_put(dirs[i]);
    KT_ASSERT_OK(vflush(tiny_mnt->mp, NULLVP, 0));
    KT_ASSERT_EQ(tiny_counters().usecounts, 0);
}

static void found__without_name_and_parent__gets_both(void)
{
    vnode_t vp;
    char path[64];
    int len = sizeof(path);
    begin();
    vnode_update_identity(file, NULLVP, NULL, 0, 0, PARENT | VNODE_UPDATE_CACHE);
    KT_ASSERT_ERRNO(vn_getpath(file, path, &len), ENOENT);
    KT_ASSERT_OK(vnode_lookup("/n2/n2", 0, &vp, tiny_ctx()));
    KT_ASSERT_PTR_EQ(vp, file);
    vnode_put(vp);
    len = sizeof(path);
    KT_ASSERT_OK(vn_getpath(file, path, &len));
    KT_ASSERT_STR(path, "/n2/n2");
    /* What the file system said stays, and one with several names is the file system's business. */
    vnode_update_identity(file, NULLVP, "own", 3, 0, PARENT | VNODE_UPDATE_CACHE);
    KT_ASSERT_OK(vnode_lookup("/n2/n2", 0, &vp, tiny_ctx()));
    vnode_put(vp);
    len = sizeof(path);
    KT_ASSERT_OK(vn_getpath(file, path, &len));
    KT_ASSERT_STR(path, "/n2/own");
    vnode_setmultipath(file);
    vnode_update_identity(file, NULLVP, NULL, 0, 0, PARENT | VNODE_UPDATE_CACHE);
    KT_ASSERT_OK(vnode_lookup("/n2/n2", 0, &vp, tiny_ctx()));
    vnode_put(vp);
    KT_ASSERT_NULL(vnode_getparent(file));
    KT_ASSERT_NULL(vnode_getname(file));
    end();
}

static void renamed__names_follow(void)
{
    vnode_t dir, child;
    struct componentname from = tiny_name("n3"), to = tiny_name("moved"), in_dir = tiny_name("n4");
    begin();
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VDIR), &dir));
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, 3, VREG), &child));
    enter("moved", NULLVP);
    vnode_identity_renamed(root, dir, &from, root, NULLVP, &to, 0);
    KT_ASSERT_EQ(look("n3", LOOKUP, MAKEENTRY, NULLVP), 0);
    KT_ASSERT_EQ(look("moved", LOOKUP, MAKEENTRY, NULLVP), 0); /* no longer known not to exist */
    vnode_t vp;
    KT_ASSERT_EQ(cache_lookup(dir, &vp, &in_dir), -1); /* what is in it stays */
    vnode_put(vp);
    char path[64];
    int len = sizeof(path);
    KT_ASSERT_OK(vn_getpath(child, path, &len));
    KT_ASSERT_STR(path, "/n2/moved/n4");
    vnode_put(child);
    vnode_put(dir);
    end();
}

static void renamed__over_a_file__loses_its_names(void)
{
    vnode_t other;
    struct componentname from = tiny_name("n2"), to = tiny_name("n3");
    begin();
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &other));
    vnode_identity_renamed(root, file, &from, root, other, &to, 0);
    KT_ASSERT_EQ(look("n3", LOOKUP, MAKEENTRY, NULLVP), 0);
    KT_ASSERT_EQ(look("n2", LOOKUP, MAKEENTRY, NULLVP), 0);
    enter("n3", file);
    KT_ASSERT_EQ(look("n3", LOOKUP, MAKEENTRY, file), -1);
    vnode_put(other);
    end();
}

static void getpath__crosses_mounts_and_checks_the_buffer(void)
{
    char path[64];
    vnode_t top;
    begin();
    int len = sizeof(path);
    KT_ASSERT_OK(vn_getpath(file, path, &len));
    KT_ASSERT_STR(path, "/n2/n2");
    KT_ASSERT_EQ(len, 7);
    len = sizeof(path);
    KT_ASSERT_OK(vn_getpath(root, path, &len));
    KT_ASSERT_STR(path, "/n2");
    len = 7;
    KT_ASSERT_OK(vn_getpath(file, path, &len));
    len = 6;
    KT_ASSERT_ERRNO(vn_getpath(file, path, &len), ENOSPC);
    len = 1;
    KT_ASSERT_ERRNO(vn_getpath(file, path, &len), ENOSPC);
    KT_ASSERT_OK(tiny_get(tiny_root, TINY_ROOT, &top));
    len = sizeof(path);
    KT_ASSERT_OK(vn_getpath(top, path, &len));
    KT_ASSERT_STR(path, "/");
    KT_ASSERT_EQ(len, 2);
    vnode_put(top);
    vnode_update_identity(file, NULLVP, NULL, 0, 0, VNODE_UPDATE_NAME);
    len = sizeof(path);
    KT_ASSERT_ERRNO(vn_getpath(file, path, &len), ENOENT);
    end();
}

static const struct ktest_case cases[] = {
    KT_CASE(lookup__name_of_a_created_vnode__hit),
    KT_CASE(lookup__hash_given_by_the_caller__is_used),
    KT_CASE(lookup__without_makeentry__drops_the_entry),
    KT_CASE(negative__enoent_until_it_is_to_be_made),
    KT_CASE(negative__replaced_by_a_file_of_that_name),
    KT_CASE(purge_negatives__spares_what_exists),
    KT_CASE(purge__of_a_file__all_its_names),
    KT_CASE(purge__of_a_directory__what_is_in_it),
    KT_CASE(lookup__of_a_reclaimed_vnode__miss),
    KT_CASE(enter__same_again__one_entry),
    KT_CASE(counters__after_recycling__are_exact),
    KT_CASE(enter_with_gen__after_a_purge__nothing),
    KT_CASE(bound__many_names__old_ones_go),
    KT_CASE(bound__name_in_use__stays),
    KT_CASE(purgevfs__leaves_the_other_mount),
    KT_CASE(addname__equal_names__one_string),
    KT_CASE(getname__and_parent__of_a_created_vnode),
    KT_CASE(update_identity__moves_usecount_and_name),
    KT_CASE(update_identity__circle_of_parents__last_one_is_refused),
    KT_CASE(update_identity__from_many_threads__no_circle_stays),
    KT_CASE(found__without_name_and_parent__gets_both),
    KT_CASE(renamed__names_follow),
    KT_CASE(renamed__over_a_file__loses_its_names),
    KT_CASE(getpath__crosses_mounts_and_checks_the_buffer),
};
TINY_SUITE(core_names, cases);
