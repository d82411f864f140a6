// SPDX-License-Identifier: BSD-2-Clause
/*
 * 200,000 files visited through a vnode table of 1,000: all vnodes are recycled, none leaks, memory stays
 * flat, and files that lost their names while open keep their contents. The kext is the real memfs, linked by
 * kxld.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/inproc/inproc.h"

#define TABLE_BOUND 1000u
#define DIRECTORIES 200u
#define PER_DIR     1000u
#define ORPHANS     50u

static void name_of(char *path, size_t size, unsigned dir, unsigned file)
{
    snprintf(path, size, "d%u/f%u", dir, file);
}

static unsigned files_per_dir(void)
{
    return getenv("KEXTBED_SANITIZE") && *getenv("KEXTBED_SANITIZE") ? PER_DIR / 10 : PER_DIR;
}

static void make_tree(struct inproc *ip)
{
    char path[64];

    for (unsigned dir = 0; dir < DIRECTORIES; dir++) {
        snprintf(path, sizeof(path), "d%u", dir);
        inproc_mkdir(ip, path);
        for (unsigned file = 0; file < files_per_dir(); file++) {
            name_of(path, sizeof(path), dir, file);
            inproc_write_file(ip, path, path, strlen(path));
        }
    }
}

static void visit_tree(struct inproc *ip)
{
    char path[64];
    struct sys_node node;
    struct sys_attr attr;

    for (unsigned dir = 0; dir < DIRECTORIES; dir++)
        for (unsigned file = 0; file < files_per_dir(); file++) {
            name_of(path, sizeof(path), dir, file);
            CHECK_SYS(0, sys_lookup(ip->root, &ip->mount_root, path, 0, &node, &attr));
            assert_int_equal(attr.size, strlen(path));
        }
}

static void remove_tree(struct inproc *ip)
{
    char path[64];

    for (unsigned dir = 0; dir < DIRECTORIES; dir++) {
        for (unsigned file = 0; file < files_per_dir(); file++) {
            name_of(path, sizeof(path), dir, file);
            CHECK_SYS(0, sys_unlink(ip->root, &ip->mount_root, path, 0, NULL));
        }
        snprintf(path, sizeof(path), "d%u", dir);
        CHECK_SYS(0, sys_rmdir(ip->root, &ip->mount_root, path, 0, NULL));
    }
}

static void orphans_make(struct inproc *ip, sys_file_t **files)
{
    char path[64];

    for (unsigned i = 0; i < ORPHANS; i++) {
        snprintf(path, sizeof(path), "orphan%u", i);
        inproc_write_file(ip, path, path, strlen(path));
        CHECK_SYS(0, sys_open(ip->root, &ip->mount_root, path, 0, SYS_O_RDONLY, 0, &files[i], NULL, NULL));
        CHECK_SYS(0, sys_unlink(ip->root, &ip->mount_root, path, 0, NULL));
    }
}

static void orphans_check(struct inproc *ip, sys_file_t **files)
{
    char expected[64];
    char got[64];

    for (unsigned i = 0; i < ORPHANS; i++) {
        struct sys_iovec iov = {.base = got, .len = sizeof(got)};
        size_t done = 0;
        snprintf(expected, sizeof(expected), "orphan%u", i);
        CHECK_SYS(0, sys_pread(ip->root, files[i], &iov, 1, 0, &done));
        assert_int_equal(done, strlen(expected));
        assert_memory_equal(got, expected, done);
        CHECK_SYS(0, sys_close(ip->root, files[i]));
    }
}

static void bounded_table__200000_files__recycled_and_flat(void **state)
{
    struct inproc ip;
    struct sys_counters first, second;
    sys_file_t *orphans[ORPHANS];

    (void)state;
    inproc_start(&ip, TABLE_BOUND);
    inproc_load("memfs.kext");
    inproc_mount(&ip, "memfs", NULL);
    orphans_make(&ip, orphans);
    make_tree(&ip);
    visit_tree(&ip);
    sys_counters_get(&first);
    visit_tree(&ip);
    sys_counters_get(&second);

    assert_true(second.vnodes <= TABLE_BOUND);
    assert_true(second.vnodes_recycled - first.vnodes_recycled >=
                (uint64_t)DIRECTORIES * files_per_dir() - TABLE_BOUND);
    assert_int_equal(second.iocounts, 0);
    /* One vnode has as much memory behind it as another: what a second visit adds is noise of the caches. */
    assert_true(second.kext_bytes <= first.kext_bytes + first.kext_bytes / 100);
    assert_true(second.kernel_bytes <= first.kernel_bytes + first.kernel_bytes / 100);

    orphans_check(&ip, orphans);
    remove_tree(&ip);
    inproc_unmount(&ip);
    inproc_unload("org.kextbed.memfs");
    inproc_end(&ip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounded_table__200000_files__recycled_and_flat),
    };

    return cmocka_run_group_tests_name("inproc.vnode_bound", tests, NULL, NULL);
}
