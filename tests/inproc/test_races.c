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

#define THREADS 4
#define ROUNDS  4000
#define NAMES   12
#define DIRS    3

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

static void everything_at_once__small_table__nothing_left(void **state)
{
    struct inproc ip;
    pthread_t threads[THREADS];
    struct worker workers[THREADS];

    (void)state;
    inproc_start(&ip, 64);
    inproc_load("memfs.kext");
    inproc_mount(&ip, "memfs", NULL);
    for (unsigned i = 0; i < DIRS; i++) {
        char path[16];
        snprintf(path, sizeof(path), "d%u", i);
        inproc_mkdir(&ip, path);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.ip = &ip, .seed = 1 + i};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < THREADS; i++)
        if (workers[i].wrong)
            fail_msg("thread %u: %s returned %d", i, workers[i].first_wrong_call, workers[i].first_wrong);
    inproc_unmount(&ip);
    inproc_unload("org.kextbed.memfs");
    inproc_end(&ip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_at_once__small_table__nothing_left),
    };

    return cmocka_run_group_tests_name("inproc.races", tests, NULL, NULL);
}
