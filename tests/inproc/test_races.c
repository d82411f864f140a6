// SPDX-License-Identifier: BSD-2-Clause
/*
 * Threads that do everything at once to a small tree of the real memfs, with a vnode table so small that
 * vnodes are recycled all the time. What must hold: no call returns an error that is not possible, nothing is
 * left behind, and the validator (the ledger, TSan and ASan in their builds) stays silent.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/inproc/inproc.h"

#define THREADS      4
#define ROUNDS       4000
#define SHAPE_ROUNDS 3000
#define TURNS        2000
#define ACCESSES     20000
#define NAMES        12
#define DIRS         3

struct worker {
    struct inproc *ip;
    unsigned seed;
    unsigned wrong; /* errors that cannot be */
    int first_wrong;
    const char *first_wrong_call;
};

static unsigned pick(struct worker *w, unsigned below)
{
    w->seed = w->seed * 1103515245u + 12345u;
    return (w->seed >> 16) % below;
}

static void random_name(struct worker *w, char *path, size_t size)
{
    snprintf(path, size, "d%u/n%u", pick(w, DIRS), pick(w, NAMES));
}

/* Races may find names gone, taken, or of another kind; nothing else. */
static void expect_race(struct worker *w, const char *call, int error)
{
    switch (error) {
    case 0:
    case SYS_ENOENT:
    case SYS_EEXIST:
    case SYS_ENOTDIR:
    case SYS_EISDIR:
    case SYS_ENOTEMPTY:
    case SYS_EINVAL:
    case SYS_EPERM:
    case SYS_ESTALE:
    case SYS_ELOOP: /* symbolic links may come to point at each other */
        return;
    default:
        if (!w->wrong++) {
            w->first_wrong = error;
            w->first_wrong_call = call;
        }
    }
}

static void write_some(struct worker *w, const char *path)
{
    sys_file_t *file;
    char bytes[5000];
    struct sys_iovec iov = {.base = bytes, .len = sizeof(bytes)};
    size_t done;
    int error =
        sys_open(w->ip->root, &w->ip->mount_root, path, 0, SYS_O_RDWR | SYS_O_CREAT, 0644, &file, NULL, NULL);

    expect_race(w, "open", error);
    if (error)
        return;
    memset(bytes, (int)w->seed, sizeof(bytes));
    expect_race(w, "pwrite", sys_pwrite(w->ip->root, file, &iov, 1, pick(w, 20000), &done));
    expect_race(w, "pread", sys_pread(w->ip->root, file, &iov, 1, pick(w, 20000), &done));
    expect_race(w, "ftruncate", sys_ftruncate(w->ip->root, file, pick(w, 20000)));
    expect_race(w, "close", sys_close(w->ip->root, file));
}

static int count_entry(void *arg, const struct sys_dirent *entry)
{
    (void)entry;
    ++*(unsigned *)arg;
    return 0;
}

static void list(struct worker *w)
{
    char path[16];
    sys_file_t *dir;
    unsigned count = 0;
    bool eof;

    snprintf(path, sizeof(path), "d%u", pick(w, DIRS));
    int error = sys_open(w->ip->root, &w->ip->mount_root, path, 0, SYS_O_RDONLY, 0, &dir, NULL, NULL);
    expect_race(w, "opendir", error);
    if (error)
        return;
    expect_race(w, "readdir", sys_readdir(w->ip->root, dir, 0, count_entry, &count, &eof));
    expect_race(w, "closedir", sys_close(w->ip->root, dir));
}

static void one_round(struct worker *w)
{
    struct sys_node *root = &w->ip->mount_root;
    sys_caller_t *who = w->ip->root;
    struct sys_node node;
    struct sys_attr attr;
    char a[32], b[32];

    random_name(w, a, sizeof(a));
    random_name(w, b, sizeof(b));
    switch (pick(w, 10)) {
    case 0:
        expect_race(w, "mkdir", sys_mkdir(who, root, a, 0, 0755, &node, &attr));
        break;
    case 1:
        expect_race(w, "unlink", sys_unlink(who, root, a, 0, NULL));
        break;
    case 2:
        expect_race(w, "rmdir", sys_rmdir(who, root, a, 0, NULL));
        break;
    case 3:
    case 4:
        expect_race(w, "rename", sys_rename(who, root, a, root, b, 0, 0, NULL));
        break;
    case 5:
        if (sys_lookup(who, root, a, 0, &node, &attr) == 0)
            expect_race(w, "link", sys_link(who, &node, root, b, 0, &attr));
        break;
    case 6:
        list(w);
        break;
    case 7:
        expect_race(w, "symlink", sys_symlink(who, root, a, 0, b, &node, &attr));
        break;
    case 8:
        expect_race(w, "lookup", sys_lookup(who, root, a, SYS_AT_NOFOLLOW, &node, &attr));
        break;
    default:
        write_some(w, a);
    }
}

static void *work(void *arg)
{
    for (unsigned i = 0; i < ROUNDS; i++)
        one_round(arg);
    return NULL;
}

static void run_workers(struct inproc *ip, void *(*work_fn)(void *))
{
    pthread_t threads[THREADS];
    struct worker workers[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.ip = ip, .seed = 1 + i};
        assert_int_equal(pthread_create(&threads[i], NULL, work_fn, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < THREADS; i++)
        if (workers[i].wrong)
            fail_msg("thread %u: %s returned %d", i, workers[i].first_wrong_call, workers[i].first_wrong);
}

static void everything_at_once__small_table__nothing_left(void **state)
{
    struct inproc ip;

    (void)state;
    inproc_start(&ip, 64);
    inproc_load("memfs.kext");
    inproc_mount(&ip, "memfs", NULL);
    for (unsigned i = 0; i < DIRS; i++) {
        char path[16];
        snprintf(path, sizeof(path), "d%u", i);
        inproc_mkdir(&ip, path);
    }
    run_workers(&ip, work);
    inproc_unmount(&ip);
    inproc_unload("org.kextbed.memfs");
    inproc_end(&ip);
}

/* ---- the tree's shape ---------------------------------------------------------------------------------- */

/* Four names at every level: what lay in a directory a moment ago may hold that directory now. */
static void random_directory(struct worker *w, char *path, size_t size)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    unsigned depth = 1 + pick(w, 3);
    size_t len = 0;

    for (unsigned i = 0; i < depth; i++)
        len += (size_t)snprintf(path + len, size - len, "%s%s", i ? "/" : "", names[pick(w, 4)]);
}

static void one_shape_round(struct worker *w)
{
    struct sys_node *root = &w->ip->mount_root;
    sys_caller_t *who = w->ip->root;
    struct sys_node node;
    struct sys_attr attr;
    char a[32], b[32];

    random_directory(w, a, sizeof(a));
    random_directory(w, b, sizeof(b));
    switch (pick(w, 8)) {
    case 0:
    case 1:
    case 2:
        expect_race(w, "mkdir", sys_mkdir(who, root, a, 0, 0755, &node, &attr));
        break;
    case 3:
    case 4:
        expect_race(w, "rmdir", sys_rmdir(who, root, a, 0, NULL));
        break;
    case 5:
        expect_race(w, "swap", sys_rename(who, root, a, root, b, 0, SYS_RENAME_SWAP, NULL));
        break;
    default:
        expect_race(w, "rename", sys_rename(who, root, a, root, b, 0, 0, NULL));
    }
}

static void *work_on_shape(void *arg)
{
    for (unsigned i = 0; i < SHAPE_ROUNDS; i++)
        one_shape_round(arg);
    return NULL;
}

static void shape_start(struct inproc *ip)
{
    inproc_start(ip, 64);
    inproc_load("memfs.kext");
    inproc_mount(ip, "memfs", NULL);
}

static void shape_end(struct inproc *ip)
{
    inproc_unmount(ip);
    inproc_unload("org.kextbed.memfs");
    inproc_end(ip);
}

static void directories__moved_into_each_other_and_removed__tree_stays_a_tree(void **state)
{
    struct inproc ip;

    (void)state;
    shape_start(&ip);
    run_workers(&ip, work_on_shape);
    shape_end(&ip);
}

/* Of "a" and "b" one lies in the other. One thread turns that round all the time, the others try to remove
 * the inner one, which holds a file. */
static void *turn_round_or_remove(void *arg)
{
    struct worker *w = arg;
    struct sys_node *root = &w->ip->mount_root;
    sys_caller_t *who = w->ip->root;

    for (unsigned i = 0; i < TURNS; i++) {
        if (w->seed == 1) {
            const char *outer = i % 2 ? "b" : "a", *inner = i % 2 ? "a" : "b";
            char below[8], into[8];
            snprintf(below, sizeof(below), "%s/%s", outer, inner);
            snprintf(into, sizeof(into), "c/%s", outer);
            expect_race(w, "out", sys_rename(who, root, below, root, "c", 0, 0, NULL));
            expect_race(w, "in", sys_rename(who, root, outer, root, into, 0, 0, NULL));
            expect_race(w, "back", sys_rename(who, root, "c", root, inner, 0, 0, NULL));
        } else {
            expect_race(w, "rmdir", sys_rmdir(who, root, (w->seed + i) % 2 ? "a/b" : "b/a", 0, NULL));
        }
    }
    return NULL;
}

/* A removal locks a directory and what lies in it. One that trusts what was found before it had the locks
 * takes them the wrong way round: this hangs then. */
static void rmdir__of_what_holds_its_parent_by_now__no_deadlock(void **state)
{
    struct inproc ip;

    (void)state;
    shape_start(&ip);
    inproc_mkdir(&ip, "a");
    inproc_mkdir(&ip, "a/b");
    inproc_write_file(&ip, "a/f", "", 0);
    inproc_write_file(&ip, "a/b/f", "", 0);
    run_workers(&ip, turn_round_or_remove);
    shape_end(&ip);
}

/* ---- who may --------------------------------------------------------------------------------------------
 */

#define OWNER 1000u
#define OTHER 2000u

static const struct sys_attr of_owner = {.mask = SYS_ATTR_UID | SYS_ATTR_MODE, .uid = OWNER, .mode = 0700};
static const struct sys_attr of_other = {.mask = SYS_ATTR_UID | SYS_ATTR_MODE, .uid = OTHER, .mode = 0007};

struct flipper {
    struct inproc *ip;
    struct sys_node dir;
    _Atomic bool stop;
};

static void *flip_owner(void *arg)
{
    struct flipper *flipper = arg;

    for (unsigned i = 0; !atomic_load(&flipper->stop); i++)
        (void)sys_setattr(flipper->ip->root, &flipper->dir, i % 2 ? &of_owner : &of_other, NULL);
    return NULL;
}

/* Owner and mode change together, from one pair that lets the owner in to another that lets everybody else
 * in. Whoever saw half of a change would be refused. */
static void access__while_owner_and_mode_change__sees_both_or_neither(void **state)
{
    const struct sys_identity id = {.uid = OWNER, .gid = OWNER, .pid = 1};
    struct flipper flipper = {0};
    struct sys_attr attr;
    sys_caller_t *owner;
    struct inproc ip;
    pthread_t thread;

    (void)state;
    inproc_start(&ip, 0);
    inproc_load("memfs.kext");
    inproc_mount(&ip, "memfs", NULL);
    CHECK_SYS(0, sys_caller_create(&id, &owner));
    flipper.ip = &ip;
    CHECK_SYS(0, sys_mkdir(ip.root, &ip.mount_root, "dir", 0, 0755, &flipper.dir, &attr));
    CHECK_SYS(0, sys_setattr(ip.root, &flipper.dir, &of_owner, NULL));
    assert_int_equal(pthread_create(&thread, NULL, flip_owner, &flipper), 0);
    for (unsigned i = 0; i < ACCESSES; i++)
        CHECK_SYS(0, sys_access(owner, &flipper.dir, 7));
    atomic_store(&flipper.stop, true);
    pthread_join(thread, NULL);
    sys_caller_release(owner);
    inproc_unmount(&ip);
    inproc_unload("org.kextbed.memfs");
    inproc_end(&ip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_at_once__small_table__nothing_left),
        cmocka_unit_test(directories__moved_into_each_other_and_removed__tree_stays_a_tree),
        cmocka_unit_test(rmdir__of_what_holds_its_parent_by_now__no_deadlock),
        cmocka_unit_test(access__while_owner_and_mode_change__sees_both_or_neither),
    };

    return cmocka_run_group_tests_name("inproc.races", tests, NULL, NULL);
}
