// SPDX-License-Identifier: BSD-2-Clause
/*
 * host_disk: image files as disks. Transfers, checks, what a flush and a hole do, who may open what beside
 * whom, requests on threads of the disk's own, and a loop device where the machine lets us have one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "host/disk.h"
#include "host/host.h"

#define BLOCK 512u
#define MIB   (1u << 20)

static char folder[64], image[96], why[512];

static void image_make(off_t size)
{
    int fd = open(image, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, size), 0);
    close(fd);
}

static int setup(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/kextbed-disk-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(image, sizeof(image), "%s/image", folder);
    image_make(MIB);
    return 0;
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof(command), "rm -r '%s'", folder);
    return system(command);
}

static struct host_disk *opened(const char *path, unsigned flags)
{
    struct host_disk *disk = NULL;
    int status = host_disk_open(path, flags, &disk, why, sizeof(why));
    if (status != HOST_OK)
        print_error("%s\n", why);
    assert_int_equal(status, HOST_OK);
    return disk;
}

static void refused(const char *path, unsigned flags, int status, const char *says)
{
    struct host_disk *disk = NULL;
    assert_int_equal(host_disk_open(path, flags, &disk, why, sizeof(why)), status);
    assert_null(disk);
    if (!strstr(why, path) || !strstr(why, says))
        fail_msg("'%s' names not '%s' and '%s'", why, path, says);
    assert_int_equal(host_disk_open(path, flags, &disk, NULL, 0), status);
}

static void done_count(struct host_disk_io *io)
{
    ++*(int *)io->hi_owner;
}

static int run(struct host_disk *disk, struct host_disk_io *io)
{
    int done = 0;
    io->hi_done = done_count;
    io->hi_owner = &done;
    io->hi_status = -1;
    host_disk_submit(disk, io);
    assert_int_equal(done, 1);
    return io->hi_status;
}

static int move(struct host_disk *disk, enum host_disk_op op, void *base, size_t len, uint64_t offset)
{
    struct host_disk_segment segment = {base, len};
    struct host_disk_io io = {
        .hi_op = op, .hi_offset = offset, .hi_len = len, .hi_segments = &segment, .hi_count = 1};
    return run(disk, &io);
}

/* ---- transfers ----------------------------------------------------------------------------------------- */

static void disk__pieces_of_memory__are_one_range(void **state)
{
    enum { PIECES = 200 }; /* more than one system call takes */
    static unsigned char out[PIECES * 2 * BLOCK], in[sizeof(out)];
    struct host_disk_segment segments[PIECES];
    struct host_disk *disk = opened(image, HOST_DISK_WRITABLE);

    (void)state;
    for (size_t i = 0; i < sizeof(out); i++)
        out[i] = (unsigned char)(i * 7 + i / BLOCK);
    for (int i = 0; i < PIECES; i++)
        segments[i] = (struct host_disk_segment){out + (size_t)i * 2 * BLOCK, 2 * BLOCK};
    struct host_disk_io io = {.hi_op = HOST_DISK_WRITE,
                              .hi_offset = 3 * BLOCK,
                              .hi_len = sizeof(out),
                              .hi_segments = segments,
                              .hi_count = PIECES};
    assert_int_equal(run(disk, &io), HOST_OK);
    assert_int_equal(io.hi_moved, sizeof(out));
    assert_int_equal(move(disk, HOST_DISK_READ, in, sizeof(in), 3 * BLOCK), HOST_OK);
    assert_memory_equal(in, out, sizeof(in));

    memset(in, 0, sizeof(in));
    for (int i = 0; i < PIECES; i++)
        segments[i].hs_base = in + (size_t)i * 2 * BLOCK;
    io.hi_op = HOST_DISK_READ;
    assert_int_equal(run(disk, &io), HOST_OK);
    assert_memory_equal(in, out, sizeof(in));
    host_disk_close(disk);
}

static void disk__what_makes_no_sense__is_refused(void **state)
{
    static unsigned char buf[8 * BLOCK];
    struct host_disk_segment two[] = {{buf, BLOCK}, {buf + BLOCK, 100}};
    struct host_disk *disk = opened(image, HOST_DISK_WRITABLE);
    struct host_disk_io io = {
        .hi_op = HOST_DISK_READ, .hi_len = 2 * BLOCK, .hi_segments = two, .hi_count = 2};

    (void)state;
    assert_int_equal(move(disk, HOST_DISK_READ, buf, BLOCK, 100), HOST_EINVAL);
    assert_int_equal(move(disk, HOST_DISK_READ, buf, 100, 0), HOST_EINVAL);
    assert_int_equal(move(disk, HOST_DISK_READ, buf, BLOCK, MIB), HOST_EINVAL);
    assert_int_equal(move(disk, HOST_DISK_READ, buf, 2 * BLOCK, MIB - BLOCK), HOST_EINVAL);
    assert_int_equal(move(disk, HOST_DISK_WRITE, buf, BLOCK, UINT64_MAX - BLOCK + 1), HOST_EINVAL);
    assert_int_equal(run(disk, &io), HOST_EINVAL);
    two[1].hs_len = 2 * BLOCK; /* more than the request says */
    assert_int_equal(run(disk, &io), HOST_EINVAL);
    io.hi_op = HOST_DISK_FLUSH;
    assert_int_equal(run(disk, &io), HOST_EINVAL);
    assert_int_equal(move(disk, HOST_DISK_READ, buf, 0, 0), HOST_OK);
    host_disk_close(disk);

    disk = opened(image, 0);
    struct host_disk_geometry geometry;
    host_disk_geometry(disk, &geometry);
    assert_false(geometry.hg_writable);
    assert_int_equal(move(disk, HOST_DISK_WRITE, buf, BLOCK, 0), HOST_EPERM);
    assert_int_equal(move(disk, HOST_DISK_UNMAP, NULL, BLOCK, 0), HOST_EPERM);
    host_disk_close(disk);
}

static void disk__an_image_that_changes_its_size__is_noticed(void **state)
{
    static unsigned char buf[4 * BLOCK];
    struct host_disk_geometry geometry;
    struct host_disk *disk = opened(image, HOST_DISK_WRITABLE);
    struct host_disk_segment segment = {buf, sizeof(buf)};
    struct host_disk_io io = {
        .hi_op = HOST_DISK_READ, .hi_len = sizeof(buf), .hi_segments = &segment, .hi_count = 1};

    (void)state;
    assert_int_equal(truncate(image, MIB + 700), 0);
    assert_int_equal(move(disk, HOST_DISK_WRITE, buf, BLOCK, MIB), HOST_OK);
    assert_int_equal(move(disk, HOST_DISK_WRITE, buf, BLOCK, MIB + BLOCK), HOST_EINVAL); /* no whole block */
    host_disk_geometry(disk, &geometry);
    assert_int_equal(geometry.hg_size, MIB + BLOCK);
    assert_int_equal(geometry.hg_block, BLOCK);
    assert_true(geometry.hg_block_physical >= BLOCK && geometry.hg_writable);
    assert_int_equal(truncate(image, BLOCK), 0);
    assert_int_equal(run(disk, &io), HOST_EIO);
    assert_int_equal(io.hi_moved, BLOCK);
    host_disk_close(disk);
}

static void disk__an_image_of_any_size__is_seen_up_to_its_last_block(void **state)
{
    static const off_t sizes[] = {0, 1, BLOCK - 1, BLOCK, INT32_MAX, UINT32_MAX + 513ll, INT64_MAX};
    static unsigned char buf[2 * BLOCK];
    struct host_disk_geometry geometry;
    char path[] = "/dev/shm/kextbed-disk-XXXXXX"; /* where files may be as large as a number can say */
    int fd = mkstemp(path);

    (void)state;
    if (fd < 0)
        skip();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint64_t size = (uint64_t)sizes[i] & ~(uint64_t)(BLOCK - 1);
        if (ftruncate(fd, sizes[i]) != 0)
            continue;
        struct host_disk *disk = opened(path, HOST_DISK_WRITABLE);
        host_disk_geometry(disk, &geometry);
        assert_int_equal(geometry.hg_size, size);
        if (size)
            assert_int_equal(move(disk, HOST_DISK_READ, buf, BLOCK, size - BLOCK), HOST_OK);
        assert_int_equal(move(disk, HOST_DISK_READ, buf, BLOCK, size), HOST_EINVAL);
        if (size)
            assert_int_equal(move(disk, HOST_DISK_WRITE, buf, 2 * BLOCK, size - BLOCK), HOST_EINVAL);
        host_disk_close(disk);
    }
    close(fd);
    assert_int_equal(unlink(path), 0);
}

static void disk__a_full_host__is_no_room(void **state)
{
    static unsigned char buf[4 * BLOCK];
    struct rlimit before, limit;
    struct host_disk *disk = opened(image, HOST_DISK_WRITABLE);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 8 * BLOCK;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int status = move(disk, HOST_DISK_WRITE, buf, sizeof(buf), 16 * BLOCK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, HOST_ENOSPC);
    host_disk_close(disk);
}

static void disk__flush_write_through_and_holes__do_what_they_say(void **state)
{
    static unsigned char out[64 * 1024], in[sizeof(out)];
    struct host_disk_geometry geometry;
    struct stat before, after;
    struct host_disk *disk = opened(image, HOST_DISK_WRITABLE);
    struct host_disk_segment segment = {out, sizeof(out)};
    struct host_disk_io io = {.hi_op = HOST_DISK_WRITE,
                              .hi_fua = true,
                              .hi_len = sizeof(out),
                              .hi_segments = &segment,
                              .hi_count = 1};

    (void)state;
    memset(out, 0x5a, sizeof(out));
    assert_int_equal(run(disk, &io), HOST_OK);
    assert_int_equal(move(disk, HOST_DISK_FLUSH, NULL, 0, 0), HOST_OK);
    assert_int_equal(stat(image, &before), 0);
    host_disk_geometry(disk, &geometry);
    struct host_disk_io hole = {.hi_op = HOST_DISK_UNMAP, .hi_len = sizeof(out)};
    assert_int_equal(run(disk, &hole), HOST_OK);
    assert_int_equal(move(disk, HOST_DISK_READ, in, sizeof(in), 0), HOST_OK);
    assert_int_equal(stat(image, &after), 0);
    assert_int_equal(after.st_size, MIB);
    if (geometry.hg_unmap) {
        assert_true(after.st_blocks < before.st_blocks);
        memset(out, 0, sizeof(out));
    }
    assert_memory_equal(in, out, sizeof(in));
    host_disk_close(disk);
}

/* ---- who may have it ----------------------------------------------------------------------------------- */

static void disk__a_writer__is_alone(void **state)
{
    char other[96];
    struct host_disk *writer = opened(image, HOST_DISK_WRITABLE), *readers[3];

    (void)state;
    snprintf(other, sizeof(other), "%s/other", folder);
    unlink(other);
    assert_int_equal(link(image, other), 0);
    refused(image, HOST_DISK_WRITABLE, HOST_EBUSY, "this process has it");
    refused(other, 0, HOST_EBUSY, "this process writes to it");
    host_disk_close(writer);
    for (int i = 0; i < 3; i++)
        readers[i] = opened(i ? image : other, 0);
    refused(other, HOST_DISK_WRITABLE, HOST_EBUSY, "a writer has to be alone");
    for (int i = 0; i < 3; i++)
        host_disk_close(readers[i]);
    host_disk_close(opened(other, HOST_DISK_WRITABLE));
}

static void disk__what_another_process_has__is_refused_with_its_name(void **state)
{
    int ready[2], ended[2], status;
    char byte, pid[32];

    (void)state;
    assert_int_equal(pipe2(ready, O_CLOEXEC) | pipe2(ended, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct host_disk *disk;
        bool got = host_disk_open(image, HOST_DISK_WRITABLE, &disk, NULL, 0) == HOST_OK;
        close(ended[1]);
        if (!got || write(ready[1], "x", 1) != 1)
            _exit(1);
        _exit(read(ended[0], &byte, 1) == 0 ? 0 : 2); /* with the disk open */
    }
    close(ended[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    snprintf(pid, sizeof(pid), "(process %d)", child);
    refused(image, HOST_DISK_WRITABLE, HOST_EBUSY, pid);
    refused(image, 0, HOST_EBUSY, pid);
    close(ended[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    host_disk_close(opened(image, HOST_DISK_WRITABLE));
    close(ready[0]);
    close(ready[1]);
}

static void disk__what_is_no_disk__is_refused(void **state)
{
    char fifo[96];

    (void)state;
    snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    refused(fifo, 0, HOST_EINVAL, "neither");
    refused(folder, 0, HOST_EINVAL, "neither");
    refused("/dev/null", HOST_DISK_WRITABLE, HOST_EINVAL, "neither");
    unlink(fifo);
    refused(fifo, 0, HOST_ENOENT, strerror(ENOENT));
    struct host_disk *disk;
    assert_int_equal(host_disk_open(image, 0x80, &disk, why, sizeof(why)), HOST_EINVAL);
    if (geteuid() != 0) {
        assert_int_equal(chmod(image, 0400), 0);
        refused(image, HOST_DISK_WRITABLE, HOST_EPERM, strerror(EACCES));
    }
}

/* ---- threads of the disk's own ------------------------------------------------------------------------- */

static unsigned thread_count(void)
{
    DIR *dir = opendir("/proc/self/task");
    unsigned count = 0;
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void nothing(void *arg)
{
    (void)arg;
}

static _Atomic unsigned completed;

static void done_async(struct host_disk_io *io)
{
    assert_int_equal(io->hi_status, HOST_OK);
    atomic_fetch_add((_Atomic unsigned *)io->hi_owner, 1);
}

static void disk__requests_that_may_not_wait__are_all_done(void **state)
{
    enum { REQUESTS = 400 };
    static unsigned char out[REQUESTS][BLOCK], in[REQUESTS][BLOCK];
    struct host_disk_segment segments[REQUESTS];
    struct host_disk_io ios[REQUESTS];
    struct host_thread *first;

    (void)state;
    /* The first thread of all may bring one of a sanitizer's with it. */
    assert_int_equal(host_thread_create(nothing, NULL, "first", 0, &first), HOST_OK);
    host_thread_join(first);
    unsigned before = thread_count();
    struct host_disk *disk = opened(image, HOST_DISK_WRITABLE);
    for (int pass = 0; pass < 2; pass++) {
        atomic_store(&completed, 0);
        for (int i = 0; i < REQUESTS; i++) {
            memset(out[i], i, BLOCK);
            segments[i] = (struct host_disk_segment){pass ? in[i] : out[i], BLOCK};
            ios[i] = (struct host_disk_io){.hi_op = pass ? HOST_DISK_READ : HOST_DISK_WRITE,
                                           .hi_async = true,
                                           .hi_offset = (uint64_t)i * BLOCK,
                                           .hi_len = BLOCK,
                                           .hi_segments = &segments[i],
                                           .hi_count = 1,
                                           .hi_done = done_async,
                                           .hi_owner = &completed};
            host_disk_submit(disk, &ios[i]);
        }
        while (atomic_load(&completed) < REQUESTS)
            host_thread_yield();
    }
    assert_memory_equal(in, out, sizeof(in));
    assert_true(thread_count() <= before + 8);
    host_disk_close(disk);
    assert_int_equal(thread_count(), before);
}

/* ---- a loop device ------------------------------------------------------------------------------------- */

static bool loop_attach(char *device, size_t size)
{
    char command[160];
    snprintf(command, sizeof(command), "losetup -f --show '%s' 2>/dev/null", image);
    FILE *out = popen(command, "r");
    bool got = out && fgets(device, (int)size, out) != NULL;
    if (out && pclose(out) != 0)
        got = false;
    if (got)
        device[strcspn(device, "\n")] = '\0';
    return got;
}

static void disk__a_loop_device__is_a_disk_and_its_image_is_taken(void **state)
{
    static unsigned char out[8 * BLOCK], in[sizeof(out)];
    struct host_disk_geometry geometry;
    char device[64], command[96];

    (void)state;
    if (!loop_attach(device, sizeof(device))) {
        print_message("no loop device to be had here\n");
        skip();
    }
    struct host_disk *disk = opened(device, HOST_DISK_WRITABLE);
    host_disk_geometry(disk, &geometry);
    memset(out, 0x77, sizeof(out));
    int wrote = move(disk, HOST_DISK_WRITE, out, sizeof(out), 4 * BLOCK);
    int flushed = move(disk, HOST_DISK_FLUSH, NULL, 0, 0);
    struct host_disk *second = NULL;
    int again = host_disk_open(device, HOST_DISK_WRITABLE, &second, why, sizeof(why));
    int behind = host_disk_open(image, 0, &second, NULL, 0);
    struct host_disk_io hole = {.hi_op = HOST_DISK_UNMAP, .hi_offset = 8 * BLOCK, .hi_len = 8 * BLOCK};
    int unmapped = run(disk, &hole);
    host_disk_close(disk);
    int beside = host_disk_open(image, HOST_DISK_WRITABLE, &second, why, sizeof(why));
    snprintf(command, sizeof(command), "losetup -d '%s'", device);
    int detached = system(command);

    assert_int_equal(geometry.hg_size, MIB);
    assert_true(geometry.hg_block >= BLOCK && geometry.hg_writable);
    assert_int_equal(wrote, HOST_OK);
    assert_int_equal(flushed, HOST_OK);
    assert_int_equal(again, HOST_EBUSY);
    assert_int_equal(behind, HOST_EBUSY);
    assert_int_equal(unmapped, HOST_OK);
    assert_int_equal(beside, HOST_EBUSY);
    assert_non_null(strstr(why, device));
    assert_int_equal(detached, 0);
    disk = opened(image, 0);
    assert_int_equal(move(disk, HOST_DISK_READ, in, 4 * BLOCK, 4 * BLOCK), HOST_OK);
    assert_memory_equal(in, out, 4 * BLOCK);
    host_disk_close(disk);
}

static void thread_exit(void *data)
{
    (void)data;
}

static void fault(const struct host_fault *seen)
{
    (void)seen;
    host_die(1);
}

int main(void)
{
    static const struct host_upcalls upcalls = {.thread_exit = thread_exit, .fault = fault};
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        CASE(disk__pieces_of_memory__are_one_range),
        CASE(disk__what_makes_no_sense__is_refused),
        CASE(disk__an_image_that_changes_its_size__is_noticed),
        CASE(disk__an_image_of_any_size__is_seen_up_to_its_last_block),
        CASE(disk__a_full_host__is_no_room),
        CASE(disk__flush_write_through_and_holes__do_what_they_say),
        CASE(disk__a_writer__is_alone),
        CASE(disk__what_another_process_has__is_refused_with_its_name),
        CASE(disk__what_is_no_disk__is_refused),
        CASE(disk__requests_that_may_not_wait__are_all_done),
        CASE(disk__a_loop_device__is_a_disk_and_its_image_is_taken),
    };
    if (host_init(HOST_VERSION, &upcalls) != HOST_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
