// SPDX-License-Identifier: BSD-2-Clause
/*
 * A real image file under a kext that reads it block by block through the device below it: attach, mount,
 * read from several threads while vnodes are recycled, unmount, detach; and what has the image meanwhile.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/inproc/inproc.h"

#define BLOCK   4096u
#define BLOCKS  200u
#define THREADS 4
#define READS   500

static struct inproc ip;
static char image[64], node[SYS_DISK_NODE_MAX];
static uint32_t unit;

static uint8_t byte_of(uint32_t block, uint32_t at)
{
    return (uint8_t)(block * 31 + at * 7 + at / 256);
}

static int setup(void **state)
{
    static uint8_t room[BLOCK];
    const char *build = getenv("KEXTBED_BUILD");
    char kext[4096];

    (void)state;
    strcpy(image, "/tmp/kextbed-image-XXXXXX");
    int fd = mkstemp(image);
    if (fd < 0)
        return -1;
    for (uint32_t block = 0; block < BLOCKS; block++) {
        for (uint32_t at = 0; at < BLOCK; at++)
            room[at] = byte_of(block, at);
        if (write(fd, room, BLOCK) != (ssize_t)BLOCK)
            return -1;
    }
    if (write(fd, "what is no whole block", 22) != 22)
        return -1;
    close(fd);
    inproc_start(&ip, 128); /* fewer vnodes than blocks */
    snprintf(kext, sizeof(kext), "%s/tests/fuse/kexts/blockfs.kext", build ? build : ".");
    inproc_load(kext);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    inproc_unload("org.kextbed.test.blockfs");
    inproc_end(&ip);
    return unlink(image);
}

static void attach(bool read_only)
{
    char why[300] = "";
    const struct sys_disk args = {.path = image, .read_only = read_only, .why = why, .why_size = sizeof(why)};
    int error = sys_disk_attach(ip.root, &args, &unit, node);
    if (error)
        fail_msg("attach: error %d: %s", error, why);
}

static int mount_it(uint64_t flags)
{
    const struct sys_mount args = {.type = "blockfs", .special = node, .flags = flags};
    return sys_mount(ip.root, &args, &ip.mount_id, &ip.mount_root);
}

/* 0, or what went wrong. */
static int block_check(uint32_t block)
{
    uint8_t room[BLOCK + 1];
    struct sys_iovec iov = {room, sizeof(room)};
    char name[16];
    size_t done = 0;
    sys_file_t *file;

    snprintf(name, sizeof(name), "%u", block);
    int error = sys_open(ip.root, &ip.mount_root, name, 0, SYS_O_RDONLY, 0, &file, NULL, NULL);
    if (error)
        return error;
    error = sys_pread(NULL, file, &iov, 1, 0, &done);
    if (!error && done != BLOCK)
        error = -1;
    for (uint32_t at = 0; at < BLOCK && !error; at++)
        error = room[at] == byte_of(block, at) ? 0 : -2;
    sys_close(ip.root, file);
    return error;
}

static void *reader(void *arg)
{
    unsigned seed = (unsigned)(uintptr_t)arg;
    intptr_t failed = 0;
    for (int i = 0; i < READS && !failed; i++)
        failed = block_check((uint32_t)rand_r(&seed) % BLOCKS);
    return (void *)failed;
}

static void disk__read_by_many__every_block_is_its_own(void **state)
{
    pthread_t threads[THREADS];
    sys_hold_t *root;
    void *failed;

    (void)state;
    attach(true);
    CHECK_SYS(0, mount_it(SYS_MNT_RDONLY));
    CHECK_SYS(0,
              sys_hold(&ip.mount_root, &root)); /* its name would go with its vnode, which is recycled too */
    CHECK_SYS(SYS_ENOENT, block_check(BLOCKS)); /* the end, which is no whole block, is not seen */
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reader, (void *)(uintptr_t)(i + 1)), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_int_equal((intptr_t)failed, 0);
    }
    sys_hold_release(root);
    CHECK_SYS(SYS_EBUSY, sys_disk_detach(unit));
    inproc_unmount(&ip);
    CHECK_SYS(0, sys_disk_detach(unit));
}

static void disk__attached__is_nobody_elses(void **state)
{
    char why[300] = "", other[SYS_DISK_NODE_MAX];
    uint32_t second;
    struct sys_disk args = {.path = image, .why = why, .why_size = sizeof(why)};

    (void)state;
    attach(false);
    CHECK_SYS(SYS_EBUSY, sys_disk_attach(ip.root, &args, &second, other));
    assert_non_null(strstr(why, "this process has it"));
    CHECK_SYS(SYS_EROFS, mount_it(0)); /* the file system's own */
    CHECK_SYS(0, sys_disk_detach(unit));
    attach(true);
    args.read_only = true; /* readers may be many, mounts may not */
    CHECK_SYS(0, sys_disk_attach(ip.root, &args, &second, other));
    CHECK_SYS(0, mount_it(SYS_MNT_RDONLY));
    CHECK_SYS(0, sys_disk_detach(second));
    inproc_unmount(&ip);
    CHECK_SYS(0, sys_disk_detach(unit));
}

static void disk__image_that_shrinks__is_an_error_for_whoever_reads(void **state)
{
    (void)state;
    attach(true);
    CHECK_SYS(0, mount_it(SYS_MNT_RDONLY));
    CHECK_SYS(0, block_check(BLOCKS - 1));
    assert_int_equal(truncate(image, 10 * BLOCK), 0);
    CHECK_SYS(SYS_EIO, block_check(BLOCKS - 2));
    CHECK_SYS(0, block_check(9));
    inproc_unmount(&ip);
    CHECK_SYS(0, sys_disk_detach(unit));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(disk__read_by_many__every_block_is_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(disk__attached__is_nobody_elses, setup, teardown),
        cmocka_unit_test_setup_teardown(disk__image_that_shrinks__is_an_error_for_whoever_reads, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
