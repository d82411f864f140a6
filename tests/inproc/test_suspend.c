// SPDX-License-Identifier: BSD-2-Clause
/*
 * A busy memfs that is suspended again and again. While it is suspended its owner copies it twice, and in
 * between sees all others come to rest: the copies must be equal, whatever the threads were about to do.
 * Nobody sees an error, and at the end every thread finds all that it had written.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/inproc/inproc.h"
#include "tests/support/rest.h"

#define THREADS       6
#define FILES         16
#define SIZE_MAX_FILE 20000u
#define ROUNDS        60
#define OWNER         1u
#define REST_S        60u /* for the slowest of builds on a busy machine */

struct worker {
    struct inproc *ip;
    unsigned number, seed;
    uint32_t size[FILES]; /* of each file, 0: there is none */
    unsigned char fill[FILES];
    _Atomic(unsigned long) done;
    unsigned wrong;
    char what[128];
};

static atomic_bool stop;

static unsigned pick(struct worker *w, unsigned below)
{
    w->seed = w->seed * 1103515245u + 12345u;
    return (w->seed >> 16) % below;
}

static void fault(struct worker *w, const char *call, int error)
{
    if (!w->wrong++)
        snprintf(w->what, sizeof(w->what), "thread %u: %s: %d", w->number, call, error);
}

static void path_of(const struct worker *w, unsigned file, char *path, size_t size)
{
    snprintf(path, size, "d%u/f%u", w->number, file);
}

static void write_whole(struct worker *w, unsigned i)
{
    static __thread unsigned char bytes[SIZE_MAX_FILE];
    struct sys_iovec iov = {.base = bytes};
    sys_file_t *file;
    char path[32];
    size_t done;

    path_of(w, i, path, sizeof(path));
    w->fill[i] = (unsigned char)(1 + pick(w, 255));
    w->size[i] = 1 + pick(w, SIZE_MAX_FILE - 1);
    memset(bytes, w->fill[i], w->size[i]);
    iov.len = w->size[i];
    int error = sys_open(w->ip->root, &w->ip->mount_root, path, 0, SYS_O_RDWR | SYS_O_CREAT | SYS_O_TRUNC,
                         0644, &file, NULL, NULL);
    if (error) {
        fault(w, "open to write", error);
        return;
    }
    error = sys_pwrite(w->ip->root, file, &iov, 1, 0, &done);
    if (error || done != w->size[i])
        fault(w, "write", error);
    error = sys_close(w->ip->root, file);
    if (error)
        fault(w, "close", error);
}

static void check_whole(struct worker *w, unsigned i)
{
    static __thread unsigned char bytes[SIZE_MAX_FILE + 1];
    struct sys_iovec iov = {.base = bytes, .len = sizeof(bytes)};
    sys_file_t *file;
    char path[32];
    size_t done = 0;

    path_of(w, i, path, sizeof(path));
    int error = sys_open(w->ip->root, &w->ip->mount_root, path, 0, SYS_O_RDONLY, 0, &file, NULL, NULL);
    if (!w->size[i]) {
        if (error != SYS_ENOENT)
            fault(w, "a file that is not there", error);
        return;
    }
    if (error) {
        fault(w, "open to read", error);
        return;
    }
    error = sys_pread(w->ip->root, file, &iov, 1, 0, &done);
    if (error || done != w->size[i])
        fault(w, "read", error);
    for (size_t at = 0; at < done; at++)
        if (bytes[at] != w->fill[i]) {
            fault(w, "contents", (int)at);
            break;
        }
    error = sys_close(w->ip->root, file);
    if (error)
        fault(w, "close", error);
}

static void move(struct worker *w, unsigned from, unsigned to)
{
    char a[32], b[32];

    if (!w->size[from] || from == to)
        return;
    path_of(w, from, a, sizeof(a));
    path_of(w, to, b, sizeof(b));
    int error = sys_rename(w->ip->root, &w->ip->mount_root, a, &w->ip->mount_root, b, 0, 0, NULL);
    if (error)
        fault(w, "rename", error);
    w->size[to] = w->size[from];
    w->fill[to] = w->fill[from];
    w->size[from] = 0;
}

static void take_away(struct worker *w, unsigned i)
{
    char path[32];

    if (!w->size[i])
        return;
    path_of(w, i, path, sizeof(path));
    int error = sys_unlink(w->ip->root, &w->ip->mount_root, path, 0, NULL);
    if (error)
        fault(w, "unlink", error);
    w->size[i] = 0;
}

static void *work(void *arg)
{
    struct worker *w = arg;

    while (!atomic_load(&stop)) {
        unsigned file = pick(w, FILES);

        switch (pick(w, 6)) {
        case 0:
        case 1:
            write_whole(w, file);
            break;
        case 2:
            move(w, file, pick(w, FILES));
            break;
        case 3:
            take_away(w, file);
            break;
        default:
            check_whole(w, file);
        }
        w->done++;
    }
    return NULL;
}

/* ---- the copy ------------------------------------------------------------------------------------------ */

struct copy {
    char *bytes;
    size_t len, room;
};

static void copy_add(struct copy *copy, const void *bytes, size_t len)
{
    if (copy->len + len > copy->room) {
        copy->room = 2 * (copy->len + len);
        copy->bytes = realloc(copy->bytes, copy->room);
        assert_non_null(copy->bytes);
    }
    memcpy(copy->bytes + copy->len, bytes, len);
    copy->len += len;
}

struct listing {
    char names[64][16];
    unsigned count;
};

static int note_entry(void *arg, const struct sys_dirent *entry)
{
    struct listing *listing = arg;

    if (entry->name[0] != '.' && listing->count < 64)
        snprintf(listing->names[listing->count++], 16, "%s", entry->name);
    return 0;
}

static void copy_file(struct inproc *ip, const char *path, struct copy *copy)
{
    static unsigned char bytes[SIZE_MAX_FILE];
    struct sys_iovec iov = {.base = bytes, .len = sizeof(bytes)};
    struct sys_attr attr = {0};
    struct sys_node node;
    sys_file_t *file;
    size_t done = 0;

    CHECK_SYS(0, sys_open(ip->root, &ip->mount_root, path, 0, SYS_O_RDONLY, 0, &file, &node, &attr));
    CHECK_SYS(0, sys_pread(ip->root, file, &iov, 1, 0, &done));
    CHECK_SYS(0, sys_close(ip->root, file));
    assert_int_equal(done, attr.size);
    copy_add(copy, path, strlen(path));
    copy_add(copy, &attr.fileid, sizeof(attr.fileid));
    copy_add(copy, &attr.mtime, sizeof(attr.mtime));
    copy_add(copy, &attr.ctime, sizeof(attr.ctime));
    copy_add(copy, bytes, done);
}

static void copy_all(struct inproc *ip, struct copy *copy)
{
    *copy = (struct copy){0};
    for (unsigned i = 0; i < THREADS; i++) {
        struct listing listing = {.count = 0};
        char path[40];
        sys_file_t *dir;
        bool eof;

        snprintf(path, sizeof(path), "d%u", i);
        CHECK_SYS(0, sys_open(ip->root, &ip->mount_root, path, 0, SYS_O_RDONLY, 0, &dir, NULL, NULL));
        CHECK_SYS(0, sys_readdir(ip->root, dir, 0, note_entry, &listing, &eof));
        CHECK_SYS(0, sys_close(ip->root, dir));
        for (unsigned n = 0; n < listing.count; n++) {
            snprintf(path, sizeof(path), "d%u/%s", i, listing.names[n]);
            copy_file(ip, path, copy);
        }
    }
}

/* Every one of them gets a round done. */
static void let_work(const struct worker *workers)
{
    unsigned long before[THREADS];
    const struct timespec pause = {.tv_nsec = 100000};
    time_t limit = time(NULL) + REST_S;

    for (unsigned i = 0; i < THREADS; i++)
        before[i] = atomic_load(&workers[i].done);
    for (unsigned i = 0; i < THREADS; i++)
        while (atomic_load(&workers[i].done) == before[i]) {
            if (time(NULL) > limit)
                fail_msg("thread %u gets nothing done between two suspensions", i);
            nanosleep(&pause, NULL);
        }
}

static void suspend_and_copy(struct inproc *ip, size_t *copied)
{
    struct sys_suspend args = {.owner = OWNER, .timeout_ms = 30000, .label = "the copier"};
    struct copy first, second;
    char why[1024] = "";

    int error = sys_suspend(ip->root, ip->mount_id, &args, why, sizeof(why));
    if (error)
        fail_msg("suspend: %d: %s", error, why);
    sys_suspend_as(OWNER);
    copy_all(ip, &first);
    if (!rest_await(REST_S)) /* whoever got through has done its harm, and all others wait */
        fail_msg("work goes on while all of it is suspended");
    copy_all(ip, &second);
    sys_suspend_as(0);
    CHECK_SYS(0, sys_resume(ip->root, ip->mount_id, OWNER));
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.bytes, second.bytes, first.len);
    *copied += first.len;
    free(first.bytes);
    free(second.bytes);
}

static void suspend__busy__copies_are_still_and_nothing_is_lost(void **state)
{
    struct inproc ip;
    pthread_t threads[THREADS];
    static struct worker workers[THREADS];
    unsigned long done = 0;
    size_t copied = 0;

    (void)state;
    inproc_start(&ip, 64); /* vnodes come and go all the time */
    inproc_load("memfs.kext");
    inproc_mount(&ip, "memfs", NULL);
    for (unsigned i = 0; i < THREADS; i++) {
        char path[16];

        workers[i] = (struct worker){.ip = &ip, .number = i, .seed = 1 + i};
        snprintf(path, sizeof(path), "d%u", i);
        inproc_mkdir(&ip, path);
    }
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        let_work(workers);
        suspend_and_copy(&ip, &copied);
    }
    atomic_store(&stop, true);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < THREADS; i++) {
        for (unsigned file = 0; file < FILES; file++)
            check_whole(&workers[i], file);
        if (workers[i].wrong)
            fail_msg("%s (and %u more)", workers[i].what, workers[i].wrong - 1);
        done += workers[i].done;
    }
    print_message("%u suspensions, %zu bytes copied, %lu rounds of work beside\n", ROUNDS, copied, done);
    inproc_unmount(&ip);
    inproc_unload("org.kextbed.memfs");
    inproc_end(&ip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suspend__busy__copies_are_still_and_nothing_is_lost),
    };

    return cmocka_run_group_tests_name("inproc.suspend", tests, NULL, NULL);
}
