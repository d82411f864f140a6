// SPDX-License-Identifier: BSD-2-Clause
/*
 * memfs, case by case, through the system-call layer: what POSIX and the kernel's own contracts ask of it.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/inproc/inproc.h"

static struct inproc ip;

static int setup(void **state)
{
    (void)state;
    inproc_start(&ip, 256);
    inproc_load("memfs.kext");
    inproc_mount(&ip, "memfs", NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    inproc_unmount(&ip);
    inproc_unload("org.kextbed.memfs");
    inproc_end(&ip);
    return 0;
}

static int lookup(const char *path, struct sys_node *node, struct sys_attr *attr)
{
    return sys_lookup(ip.root, &ip.mount_root, path, SYS_AT_NOFOLLOW, node, attr);
}

static struct sys_attr attr_of(const char *path)
{
    struct sys_node node;
    struct sys_attr attr;

    CHECK_SYS(0, lookup(path, &node, &attr));
    return attr;
}

static sys_file_t *open_file(const char *path, uint32_t flags)
{
    sys_file_t *file;

    CHECK_SYS(0, sys_open(ip.root, &ip.mount_root, path, 0, flags, 0644, &file, NULL, NULL));
    return file;
}

static void close_file(sys_file_t *file)
{
    CHECK_SYS(0, sys_close(ip.root, file));
}

static size_t read_at(sys_file_t *file, void *buf, size_t len, int64_t off)
{
    struct sys_iovec iov = {.base = buf, .len = len};
    size_t done = 0;

    CHECK_SYS(0, sys_pread(ip.root, file, &iov, 1, off, &done));
    return done;
}

static void write_at(sys_file_t *file, const void *buf, size_t len, int64_t off)
{
    struct sys_iovec iov = {.base = (void *)(uintptr_t)buf, .len = len};
    size_t done = 0;

    CHECK_SYS(0, sys_pwrite(ip.root, file, &iov, 1, off, &done));
    assert_int_equal(done, len);
}

static int rename_to(const char *from, const char *to, uint32_t flags)
{
    return sys_rename(ip.root, &ip.mount_root, from, &ip.mount_root, to, 0, flags, NULL);
}

static void assert_zero(const char *buf, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (buf[i])
            fail_msg("byte %zu is %d, not 0", i, buf[i]);
}

/* ---- contents ----------------------------------------------------------------------------------- */

static void sparse__far_write__hole_reads_zero_and_takes_no_space(void **state)
{
    char buf[8192];
    const int64_t far = 5ll << 40;

    (void)state;
    sys_file_t *file = open_file("sparse", SYS_O_RDWR | SYS_O_CREAT);
    write_at(file, "end", 3, far);
    memset(buf, 1, sizeof(buf));
    assert_int_equal(read_at(file, buf, sizeof(buf), far / 2), sizeof(buf));
    assert_zero(buf, sizeof(buf));
    assert_int_equal(read_at(file, buf, sizeof(buf), far), 3);
    assert_memory_equal(buf, "end", 3);
    assert_int_equal(attr_of("sparse").size, far + 3);
    assert_true(attr_of("sparse").alloc <= 8192);
    CHECK_SYS(SYS_EFBIG, sys_ftruncate(ip.root, file, INT64_MAX));
    close_file(file);
    CHECK_SYS(0, sys_unlink(ip.root, &ip.mount_root, "sparse", 0, NULL));
}

static void truncate__down_and_up__no_old_bytes_come_back(void **state)
{
    char buf[12000];

    (void)state;
    sys_file_t *file = open_file("t", SYS_O_RDWR | SYS_O_CREAT);
    memset(buf, 'x', sizeof(buf));
    write_at(file, buf, sizeof(buf), 0);
    CHECK_SYS(0, sys_ftruncate(ip.root, file, 5000));
    CHECK_SYS(0, sys_ftruncate(ip.root, file, 12000));
    assert_int_equal(read_at(file, buf, sizeof(buf), 0), 12000);
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(buf[i], 'x');
    assert_zero(buf + 5000, 7000);
    close_file(file);
    CHECK_SYS(0, sys_unlink(ip.root, &ip.mount_root, "t", 0, NULL));
}

static void punch__middle__zeroes_frees_and_keeps_size(void **state)
{
    static char buf[64 * 1024];
    int64_t at;

    (void)state;
    sys_file_t *file = open_file("p", SYS_O_RDWR | SYS_O_CREAT);
    memset(buf, 'p', sizeof(buf));
    write_at(file, buf, sizeof(buf), 0);
    uint64_t before = attr_of("p").alloc;
    CHECK_SYS(0, sys_punch(ip.root, file, 4000, 20000));
    assert_int_equal(attr_of("p").size, sizeof(buf));
    assert_true(attr_of("p").alloc < before);
    assert_int_equal(read_at(file, buf, sizeof(buf), 0), sizeof(buf));
    assert_zero(buf + 4000, 20000);
    assert_int_equal(buf[3999], 'p');
    assert_int_equal(buf[24000], 'p');
    CHECK_SYS(0, sys_seek(ip.root, file, 0, true, &at));
    assert_int_equal(at, 4096);
    CHECK_SYS(0, sys_seek(ip.root, file, 4096, false, &at));
    assert_int_equal(at, 20480);
    CHECK_SYS(SYS_ENXIO, sys_seek(ip.root, file, sizeof(buf), false, &at));
    close_file(file);
    CHECK_SYS(0, sys_unlink(ip.root, &ip.mount_root, "p", 0, NULL));
}

static void allocate__beyond_end__size_as_asked(void **state)
{
    (void)state;
    sys_file_t *file = open_file("a", SYS_O_RDWR | SYS_O_CREAT);
    CHECK_SYS(0, sys_allocate(ip.root, file, 0, 100000, true));
    assert_int_equal(attr_of("a").size, 0);
    assert_true(attr_of("a").alloc >= 100000);
    CHECK_SYS(0, sys_allocate(ip.root, file, 0, 100000, false));
    assert_int_equal(attr_of("a").size, 100000);
    CHECK_SYS(0, sys_zero_range(ip.root, file, 100, 50000, false));
    close_file(file);
    CHECK_SYS(0, sys_unlink(ip.root, &ip.mount_root, "a", 0, NULL));
}

static void append__two_writers__nothing_overwritten(void **state)
{
    char buf[16];

    (void)state;
    sys_file_t *one = open_file("log", SYS_O_RDWR | SYS_O_CREAT | SYS_O_APPEND);
    sys_file_t *two = open_file("log", SYS_O_WRONLY | SYS_O_APPEND);
    write_at(one, "aa", 2, 0);
    write_at(two, "bb", 2, 0);
    write_at(one, "cc", 2, 0);
    assert_int_equal(read_at(one, buf, sizeof(buf), 0), 6);
    assert_memory_equal(buf, "aabbcc", 6);
    close_file(one);
    close_file(two);
    CHECK_SYS(0, sys_unlink(ip.root, &ip.mount_root, "log", 0, NULL));
}

static void full__size_option__enospc_then_usable_again(void **state)
{
    static char buf[1 << 16];
    struct sys_iovec iov = {.base = buf, .len = sizeof(buf)};
    size_t done;
    int error = 0;

    (void)state;
    inproc_unmount(&ip);
    inproc_mount(&ip, "memfs", "size=1m,mode=0700");
    assert_int_equal(attr_of("").mode, 0700);
    sys_file_t *file = open_file("big", SYS_O_RDWR | SYS_O_CREAT);
    for (int i = 0; i < 32 && !error; i++)
        error = sys_pwrite(ip.root, file, &iov, 1, (int64_t)i * (int64_t)sizeof(buf), &done);
    assert_int_equal(error, SYS_ENOSPC);
    CHECK_SYS(0, sys_ftruncate(ip.root, file, 0));
    write_at(file, buf, sizeof(buf), 0);
    close_file(file);
}

static void options__bad__refused_and_nothing_mounted(void **state)
{
    static const char *const bad[] = {"size=",  "size=1x",        "colour=blue",
                                      "mode=9", "size=1m,,uid=1", "size=99999999999999999999",
                                      "uid=-1", "nodes=0",        "size=4096extra"};
    struct sys_mount args = {.type = "memfs", .special = "none"};
    struct sys_node root;
    uint32_t id;

    (void)state;
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        args.data = bad[i];
        args.data_size = strlen(bad[i]) + 1;
        CHECK_SYS(SYS_EINVAL, sys_mount(ip.root, &args, &id, &root));
    }
}

/* ---- changes while it is mounted ---------------------------------------------------------------- */

static uint64_t volume_size(void)
{
    struct sys_statfs sfs;

    CHECK_SYS(0, sys_statfs(ip.root, ip.mount_id, &sfs));
    return sfs.blocks * sfs.bsize;
}

static void resize__in_use__only_what_is_free_goes(void **state)
{
    static char buf[1 << 16];
    struct sys_iovec iov = {.base = buf, .len = sizeof(buf)};
    size_t done;

    (void)state;
    inproc_unmount(&ip);
    inproc_mount(&ip, "memfs", "size=1m");
    sys_file_t *file = open_file("big", SYS_O_RDWR | SYS_O_CREAT);
    for (int i = 0; i < 8; i++)
        write_at(file, buf, sizeof(buf), (int64_t)i * (int64_t)sizeof(buf));
    CHECK_SYS(SYS_ENOSPC, sys_resize(ip.root, ip.mount_id, 256 << 10));
    assert_int_equal(volume_size(), 1 << 20);
    CHECK_SYS(0, sys_resize(ip.root, ip.mount_id, 560 << 10));
    assert_int_equal(volume_size(), 560 << 10);
    CHECK_SYS(SYS_ENOSPC, sys_pwrite(ip.root, file, &iov, 1, 8 * (int64_t)sizeof(buf) + (1 << 16), &done));
    CHECK_SYS(0, sys_resize(ip.root, ip.mount_id, 4 << 20));
    for (int i = 8; i < 40; i++)
        write_at(file, buf, sizeof(buf), (int64_t)i * (int64_t)sizeof(buf));
    CHECK_SYS(SYS_EINVAL, sys_resize(ip.root, ip.mount_id, 100));
    close_file(file);
}

static void update__options__as_named(void **state)
{
    struct sys_mount args = {.type = "memfs", .special = "none", .flags = SYS_MNT_UPDATE};
    struct sys_node node;
    struct sys_attr attr;

    (void)state;
    args.data = "size=2m";
    args.data_size = 8;
    CHECK_SYS(0, sys_mount(ip.root, &args, &ip.mount_id, NULL));
    assert_int_equal(volume_size(), 2 << 20);
    inproc_mkdir(&ip, "d");
    args.data = "nodes=1";
    CHECK_SYS(SYS_ENOSPC, sys_mount(ip.root, &args, &ip.mount_id, NULL));
    args.data = "nodes=2";
    CHECK_SYS(0, sys_mount(ip.root, &args, &ip.mount_id, NULL));
    CHECK_SYS(SYS_ENOSPC, sys_mkdir(ip.root, &ip.mount_root, "e", 0, 0755, &node, &attr));
    args.data = "colour";
    CHECK_SYS(SYS_EINVAL, sys_mount(ip.root, &args, &ip.mount_id, NULL));
    assert_int_equal(volume_size(), 2 << 20);
}

/* Makes or removes files until one cannot; how many that were. */
static void *files_make(void *arg)
{
    struct sys_node node;
    struct sys_attr attr;
    char name[16];
    unsigned *n = arg;

    for (;; ++*n) {
        snprintf(name, sizeof(name), "f%u", *n);
        if (sys_mknod(ip.root, &ip.mount_root, name, 0, SYS_VREG, 0644, 0, &node, &attr) != 0)
            return NULL;
    }
}

static void *files_remove(void *arg)
{
    char name[16];
    unsigned *n = arg;

    for (;; ++*n) {
        snprintf(name, sizeof(name), "f%u", *n);
        if (sys_unlink(ip.root, &ip.mount_root, name, 0, NULL) != 0)
            return NULL;
    }
}

static unsigned on_a_thread(void *(*fn)(void *))
{
    pthread_t thread;
    unsigned n = 0;

    assert_int_equal(pthread_create(&thread, NULL, fn, &n), 0);
    pthread_join(thread, NULL);
    return n;
}

/* What one thread gives back is there for every other, to the last. */
static void limit_of_nodes__used_by_threads_in_turn__is_exact(void **state)
{
    struct sys_mount args = {.type = "memfs", .special = "none", .flags = SYS_MNT_UPDATE};

    (void)state;
    args.data = "nodes=41";
    args.data_size = 9;
    CHECK_SYS(0, sys_mount(ip.root, &args, &ip.mount_id, NULL));
    for (unsigned turn = 0; turn < 5; turn++) {
        assert_int_equal(on_a_thread(files_make), 40); /* and the root */
        assert_int_equal(on_a_thread(files_remove), 40);
    }
    assert_int_equal(on_a_thread(files_make), 40);
    args.data = "nodes=40";
    CHECK_SYS(SYS_ENOSPC, sys_mount(ip.root, &args, &ip.mount_id, NULL));
    CHECK_SYS(0, sys_unlink(ip.root, &ip.mount_root, "f7", 0, NULL));
    CHECK_SYS(0, sys_mount(ip.root, &args, &ip.mount_id, NULL));
}

static void reload__read_only__unused_vnodes_go_files_stay(void **state)
{
    struct sys_mount args = {.type = "memfs", .special = "none", .flags = SYS_MNT_UPDATE | SYS_MNT_RELOAD};
    struct sys_mount_info info;

    (void)state;
    inproc_write_file(&ip, "kept", "1", 1);
    inproc_write_file(&ip, "idle", "2", 1);
    sys_file_t *file = open_file("kept", SYS_O_RDONLY);
    CHECK_SYS(SYS_EINVAL, sys_mount(ip.root, &args, &ip.mount_id, NULL));
    args.flags = SYS_MNT_UPDATE | SYS_MNT_RDONLY;
    CHECK_SYS(0, sys_mount(ip.root, &args, &ip.mount_id, NULL));
    args.flags = SYS_MNT_UPDATE | SYS_MNT_RELOAD;
    CHECK_SYS(0, sys_mount(ip.root, &args, &ip.mount_id, NULL));
    CHECK_SYS(0, sys_mount_info(ip.mount_id, &info));
    assert_int_equal(info.vnodes, 2); /* the root and what is open */
    assert_int_equal(attr_of("idle").size, 1);
    assert_int_equal(attr_of("kept").size, 1);
    close_file(file);
}

/* ---- names -------------------------------------------------------------------------------------- */

static void link__counts__and_last_name(void **state)
{
    struct sys_node node;
    struct sys_attr attr;
    char buf[8];

    (void)state;
    inproc_write_file(&ip, "one", "1", 1);
    CHECK_SYS(0, lookup("one", &node, &attr));
    CHECK_SYS(0, sys_link(ip.root, &node, &ip.mount_root, "two", 0, &attr));
    assert_int_equal(attr.nlink, 2);
    assert_int_equal(attr_of("one").fileid, attr_of("two").fileid);
    CHECK_SYS(SYS_EEXIST, sys_link(ip.root, &node, &ip.mount_root, "two", 0, &attr));
    CHECK_SYS(0, sys_unlink(ip.root, &ip.mount_root, "one", 0, NULL));
    sys_file_t *file = open_file("two", SYS_O_RDWR);
    CHECK_SYS(0, sys_unlink(ip.root, &ip.mount_root, "two", 0, NULL));
    assert_int_equal(read_at(file, buf, sizeof(buf), 0), 1);
    CHECK_SYS(0, sys_getattr(ip.root, &node, &attr));
    assert_int_equal(attr.nlink, 0);
    CHECK_SYS(SYS_ENOENT, sys_link(ip.root, &node, &ip.mount_root, "three", 0, &attr));
    close_file(file);
}

static void names__limits__checked(void **state)
{
    char name[300];

    (void)state;
    memset(name, 'n', sizeof(name));
    name[255] = 0;
    inproc_write_file(&ip, name, "", 0);
    CHECK_SYS(0, sys_unlink(ip.root, &ip.mount_root, name, 0, NULL));
    name[255] = 'n';
    name[256] = 0;
    struct sys_node node;
    struct sys_attr attr;
    CHECK_SYS(SYS_ENAMETOOLONG, lookup(name, &node, &attr));
    CHECK_SYS(SYS_ENAMETOOLONG, sys_mkdir(ip.root, &ip.mount_root, name, 0, 0755, &node, &attr));
}

struct rename_row {
    const char *from, *to;
    int expected;
};

static void rename__every_kind_over_every_kind__as_posix_says(void **state)
{
    static const struct rename_row rows[] = {
        {"file", "other", 0},
        {"file", "emptydir", SYS_EISDIR},
        {"file", "fulldir", SYS_EISDIR},
        {"emptydir", "file", SYS_ENOTDIR},
        {"emptydir", "emptydir2", 0},
        {"emptydir", "fulldir", SYS_ENOTEMPTY},
        {"fulldir", "emptydir", 0},
        {"fulldir", "fulldir/below", SYS_EINVAL},
        {"fulldir/x", "fulldir", SYS_ENOTEMPTY},
        {"fulldir/sub", "fulldir", SYS_ENOTEMPTY},
        {"link", "file", 0},
        {"file", "link", 0},
        {"none", "file", SYS_ENOENT},
        {"file", "file", 0},
        {"file", "new", 0},
        {"fulldir", "new", 0},
        {"file", "fulldir/x", 0},
    };
    struct sys_node node;
    struct sys_attr attr;

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        inproc_write_file(&ip, "file", "f", 1);
        inproc_write_file(&ip, "other", "o", 1);
        inproc_mkdir(&ip, "emptydir");
        inproc_mkdir(&ip, "emptydir2");
        inproc_mkdir(&ip, "fulldir");
        inproc_mkdir(&ip, "fulldir/sub");
        inproc_write_file(&ip, "fulldir/x", "x", 1);
        CHECK_SYS(0, sys_symlink(ip.root, &ip.mount_root, "link", 0, "nowhere", &node, &attr));
        int error = rename_to(rows[i].from, rows[i].to, 0);
        if (error != rows[i].expected)
            fail_msg("%s over %s: %d, expected %d", rows[i].from, rows[i].to, error, rows[i].expected);
        inproc_unmount(&ip); /* what is left of each row goes with its mount */
        inproc_mount(&ip, "memfs", NULL);
    }
}

static void rename__flags__exclusive_and_swap(void **state)
{
    (void)state;
    inproc_write_file(&ip, "a", "a", 1);
    inproc_mkdir(&ip, "d");
    inproc_mkdir(&ip, "d/sub");
    uint64_t file = attr_of("a").fileid;
    CHECK_SYS(SYS_EEXIST, rename_to("a", "d", SYS_RENAME_EXCL));
    CHECK_SYS(0, rename_to("a", "d/sub", SYS_RENAME_SWAP));
    assert_int_equal(attr_of("d/sub").fileid, file);
    assert_int_equal(attr_of("a").type, SYS_VDIR);
    assert_int_equal(attr_of("d").nlink, 2);
    CHECK_SYS(SYS_EINVAL, rename_to("d", "d/sub", SYS_RENAME_SWAP));
    CHECK_SYS(SYS_ENOENT, rename_to("d", "none", SYS_RENAME_SWAP));
}

static void rename__directory_moves__dotdot_follows(void **state)
{
    struct sys_node node;
    struct sys_attr attr;

    (void)state;
    inproc_mkdir(&ip, "from");
    inproc_mkdir(&ip, "from/child");
    inproc_mkdir(&ip, "to");
    CHECK_SYS(0, rename_to("from/child", "to/child", 0));
    CHECK_SYS(0, lookup("to/child/..", &node, &attr));
    assert_int_equal(attr.fileid, attr_of("to").fileid);
    assert_int_equal(attr_of("from").nlink, 2);
    assert_int_equal(attr_of("to").nlink, 3);
}

static void rmdir__not_empty_and_standing_inside(void **state)
{
    struct sys_node inside, node;
    struct sys_attr attr;

    (void)state;
    inproc_mkdir(&ip, "d");
    inproc_write_file(&ip, "d/f", "", 0);
    CHECK_SYS(SYS_ENOTEMPTY, sys_rmdir(ip.root, &ip.mount_root, "d", 0, NULL));
    CHECK_SYS(0, lookup("d", &inside, &attr));
    CHECK_SYS(0, sys_unlink(ip.root, &ip.mount_root, "d/f", 0, NULL));
    sys_hold_t *hold;
    CHECK_SYS(0, sys_hold(&inside, &hold));
    CHECK_SYS(0, sys_rmdir(ip.root, &ip.mount_root, "d", 0, NULL));
    CHECK_SYS(SYS_ENOENT, sys_lookup(ip.root, &inside, "x", 0, &node, &attr));
    CHECK_SYS(SYS_ENOENT, sys_mkdir(ip.root, &inside, "x", 0, 0755, &node, &attr));
    sys_hold_release(hold);
}

/* ---- directories -------------------------------------------------------------------------------- */

struct seen {
    unsigned char names[3000];
    unsigned count, stop_after;
    int64_t cookie;
};

static int see(void *arg, const struct sys_dirent *entry)
{
    struct seen *seen = arg;
    unsigned number;

    seen->cookie = entry->cookie;
    if (sscanf(entry->name, "n%u", &number) == 1) {
        seen->names[number]++;
        seen->count++;
    }
    return seen->stop_after && seen->count >= seen->stop_after;
}

/* Both directories stay open when they are gone; the outer one's node is free by then if nothing keeps it. */
static void rename__into_removed_directory_of_a_removed_one__enoent(void **state)
{
    struct sys_node outer, inner;
    struct sys_attr attr;
    sys_hold_t *hold;
    char name[16];

    (void)state;
    inproc_mkdir(&ip, "outer");
    inproc_mkdir(&ip, "outer/inner");
    inproc_mkdir(&ip, "other");
    inproc_write_file(&ip, "other/f", "", 0);
    CHECK_SYS(0, lookup("outer", &outer, &attr));
    CHECK_SYS(0, lookup("outer/inner", &inner, &attr));
    CHECK_SYS(0, sys_hold(&inner, &hold));
    CHECK_SYS(0, sys_rmdir(ip.root, &ip.mount_root, "outer/inner", 0, NULL));
    CHECK_SYS(0, sys_rmdir(ip.root, &ip.mount_root, "outer", 0, NULL));
    for (unsigned i = 0; i < 600; i++) { /* more than there are vnodes */
        snprintf(name, sizeof(name), "f%u", i);
        inproc_write_file(&ip, name, "", 0);
    }
    CHECK_SYS(SYS_ENOENT, sys_rename(ip.root, &ip.mount_root, "other/f", &inner, "f", 0, 0, NULL));
    CHECK_SYS(SYS_ENOENT, sys_rename(ip.root, &inner, "f", &ip.mount_root, "g", 0, 0, NULL));
    CHECK_SYS(0, lookup("other/f", &outer, &attr));
    sys_hold_release(hold);
}

static void readdir__names_removed_meanwhile__others_seen_once(void **state)
{
    static struct seen seen;
    char path[32];
    bool eof = false;

    (void)state;
    inproc_mkdir(&ip, "big");
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(path, sizeof(path), "big/n%u", i);
        inproc_write_file(&ip, path, "", 0);
    }
    sys_file_t *dir = open_file("big", SYS_O_RDONLY);
    seen.stop_after = 1000;
    CHECK_SYS(0, sys_readdir(ip.root, dir, 0, see, &seen, &eof));
    assert_false(eof);
    for (unsigned i = 0; i < 3000;
         i += 2) { /* every second name goes, before and after the place we stopped at */
        snprintf(path, sizeof(path), "big/n%u", i);
        CHECK_SYS(0, sys_unlink(ip.root, &ip.mount_root, path, 0, NULL));
    }
    seen.stop_after = 0;
    CHECK_SYS(0, sys_readdir(ip.root, dir, seen.cookie, see, &seen, &eof));
    assert_true(eof);
    for (unsigned i = 1; i < 3000; i += 2)
        assert_int_equal(seen.names[i], 1);
    close_file(dir);
}

/* ---- attributes --------------------------------------------------------------------------------- */

static void times__set_and_read__to_the_nanosecond(void **state)
{
    struct sys_node node;
    struct sys_attr attr, set = {.mask = SYS_ATTR_ATIME | SYS_ATTR_MTIME,
                                 .atime = {1000000001, 123456789},
                                 .mtime = {-5, 999999999}};

    (void)state;
    inproc_write_file(&ip, "f", "", 0);
    CHECK_SYS(0, lookup("f", &node, &attr));
    CHECK_SYS(0, sys_setattr(ip.root, &node, &set, &attr));
    attr = attr_of("f");
    assert_int_equal(attr.atime.sec, 1000000001);
    assert_int_equal(attr.atime.nsec, 123456789);
    assert_int_equal(attr.mtime.sec, -5);
    assert_int_equal(attr.mtime.nsec, 999999999);
}

static void modes__set_id_and_sticky__kept(void **state)
{
    struct sys_node node;
    struct sys_attr attr, set = {.mask = SYS_ATTR_MODE, .mode = 07755};

    (void)state;
    inproc_write_file(&ip, "f", "", 0);
    CHECK_SYS(0, lookup("f", &node, &attr));
    CHECK_SYS(0, sys_setattr(ip.root, &node, &set, NULL));
    assert_int_equal(attr_of("f").mode, 07755);
}

static void special_files__made__as_asked(void **state)
{
    struct sys_node node;
    struct sys_attr attr;

    (void)state;
    CHECK_SYS(0, sys_mknod(ip.root, &ip.mount_root, "fifo", 0, SYS_VFIFO, 0600, 0, &node, &attr));
    CHECK_SYS(0, sys_mknod(ip.root, &ip.mount_root, "chr", 0, SYS_VCHR, 0600, (3u << 24) | 7, &node, &attr));
    CHECK_SYS(0, sys_mknod(ip.root, &ip.mount_root, "blk", 0, SYS_VBLK, 0600, (8u << 24) | 1, &node, &attr));
    CHECK_SYS(0, sys_mknod(ip.root, &ip.mount_root, "sock", 0, SYS_VSOCK, 0600, 0, &node, &attr));
    assert_int_equal(attr_of("fifo").type, SYS_VFIFO);
    assert_int_equal(attr_of("chr").type, SYS_VCHR);
    assert_int_equal(attr_of("chr").rdev, (3u << 24) | 7);
    assert_int_equal(attr_of("blk").type, SYS_VBLK);
    assert_int_equal(attr_of("sock").type, SYS_VSOCK);
}

static void xattrs__create_replace_list_remove(void **state)
{
    struct sys_node node;
    struct sys_attr attr;
    char buf[64];
    size_t len;

    (void)state;
    inproc_write_file(&ip, "x", "", 0);
    CHECK_SYS(0, lookup("x", &node, &attr));
    CHECK_SYS(0, sys_setxattr(ip.root, &node, "user.a", "12345", 5, 0));
    CHECK_SYS(SYS_EEXIST, sys_setxattr(ip.root, &node, "user.a", "1", 1, SYS_XATTR_CREATE));
    CHECK_SYS(SYS_ENOATTR, sys_setxattr(ip.root, &node, "user.b", "1", 1, SYS_XATTR_REPLACE));
    CHECK_SYS(0, sys_setxattr(ip.root, &node, "user.b", "", 0, 0));
    CHECK_SYS(0, sys_getxattr(ip.root, &node, "user.a", NULL, 0, &len));
    assert_int_equal(len, 5);
    CHECK_SYS(SYS_ERANGE, sys_getxattr(ip.root, &node, "user.a", buf, 4, &len));
    CHECK_SYS(0, sys_getxattr(ip.root, &node, "user.a", buf, sizeof(buf), &len));
    assert_memory_equal(buf, "12345", 5);
    CHECK_SYS(0, sys_listxattr(ip.root, &node, buf, sizeof(buf), &len));
    assert_int_equal(len, 14);
    CHECK_SYS(0, sys_removexattr(ip.root, &node, "user.a"));
    CHECK_SYS(SYS_ENOATTR, sys_removexattr(ip.root, &node, "user.a"));
    CHECK_SYS(SYS_ENOATTR, sys_getxattr(ip.root, &node, "user.a", buf, sizeof(buf), &len));
}

/* ---- mounts ------------------------------------------------------------------------------------- */

static void unmount__open_file__busy_and_says_who(void **state)
{
    char why[1024] = "";

    (void)state;
    sys_file_t *file = open_file("held", SYS_O_RDWR | SYS_O_CREAT);
    CHECK_SYS(SYS_EBUSY, sys_unmount(ip.root, ip.mount_id, 0, why, sizeof(why)));
    assert_non_null(strstr(why, "held"));
    write_at(file, "still here", 10, 0);
    close_file(file);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(sparse__far_write__hole_reads_zero_and_takes_no_space),
        CASE(truncate__down_and_up__no_old_bytes_come_back),
        CASE(punch__middle__zeroes_frees_and_keeps_size),
        CASE(allocate__beyond_end__size_as_asked),
        CASE(append__two_writers__nothing_overwritten),
        CASE(full__size_option__enospc_then_usable_again),
        CASE(options__bad__refused_and_nothing_mounted),
        CASE(resize__in_use__only_what_is_free_goes),
        CASE(update__options__as_named),
        CASE(limit_of_nodes__used_by_threads_in_turn__is_exact),
        CASE(reload__read_only__unused_vnodes_go_files_stay),
        CASE(link__counts__and_last_name),
        CASE(names__limits__checked),
        CASE(rename__every_kind_over_every_kind__as_posix_says),
        CASE(rename__flags__exclusive_and_swap),
        CASE(rename__directory_moves__dotdot_follows),
        CASE(rename__into_removed_directory_of_a_removed_one__enoent),
        CASE(rmdir__not_empty_and_standing_inside),
        CASE(readdir__names_removed_meanwhile__others_seen_once),
        CASE(times__set_and_read__to_the_nanosecond),
        CASE(modes__set_id_and_sticky__kept),
        CASE(special_files__made__as_asked),
        CASE(xattrs__create_replace_list_remove),
        CASE(unmount__open_file__busy_and_says_who),
    };

    return cmocka_run_group_tests_name("inproc.memfs", tests, NULL, NULL);
}
