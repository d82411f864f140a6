// SPDX-License-Identifier: BSD-2-Clause
/*
 * See inproc.h. Belongs to the test's initial thread; the calls of syscalls.h may be made from any.
 */
#include "tests/inproc/inproc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kext/kext_control.h"
#include "libkext/archive.h"
#include "libkext/dependency.h"
#include "libkext/diag.h"
#include "libkext/message.h"
#include "libkext/repository.h"

static void print_kernel_log(void)
{
    static char text[65536];
    uint64_t seq = 0;

    while (sys_log_read(&seq, text, sizeof(text)) > 0)
        fputs(text, stderr);
}

void inproc_check(int got, int expected, const char *what, const char *file, int line)
{
    if (got == expected)
        return;
    print_kernel_log();
    print_error("%s returned %d, expected %d\n", what, got, expected);
    _fail(file, line);
}

static uint32_t validate_flag(void)
{
    const char *wish = getenv("KEXTBED_VALIDATE");

    return wish && strcmp(wish, "0") != 0 ? SYS_BOOT_VALIDATE : 0;
}

static uint64_t cache_size(void)
{
    const char *wish = getenv("KEXTBED_CACHE_SIZE");

    return wish ? strtoull(wish, NULL, 10) : 0;
}

void inproc_start(struct inproc *ip, uint32_t max_vnodes)
{
    struct sys_boot boot = {
        .max_vnodes = max_vnodes, .cache_bytes = cache_size(), .flags = SYS_BOOT_LEDGER | validate_flag()};

    CHECK_SYS(0, inproc_boot(ip, &boot));
}

int inproc_boot(struct inproc *ip, const struct sys_boot *args)
{
    struct sys_identity id = {0};

    memset(ip, 0, sizeof(*ip));
    int error = sys_boot(args);
    if (error)
        return error;
    CHECK_SYS(0, kext_control_boot());
    CHECK_SYS(0, sys_caller_create(&id, &ip->root));
    sys_counters_get(&ip->baseline);
    return 0;
}

static void counters_compare(const struct sys_counters *now, const struct sys_counters *then)
{
    assert_int_equal(now->iocounts, then->iocounts);
    assert_int_equal(now->usecounts, then->usecounts);
    assert_int_equal(now->mounts, then->mounts);
    assert_int_equal(now->file_systems, then->file_systems);
    assert_int_equal(now->open_files, then->open_files);
    assert_int_equal(now->kext_bytes, then->kext_bytes);
    assert_int_equal(now->kext_allocations, then->kext_allocations);
    assert_int_equal(now->credentials, then->credentials);
    assert_int_equal(now->procs, then->procs);
    assert_int_equal(now->threads, then->threads);
    assert_int_equal(now->locks, then->locks);
}

void inproc_end(struct inproc *ip)
{
    struct sys_counters now;
    char text[4096];
    struct kext_control_reply reply = {.text = text, .size = sizeof(text)};

    sys_counters_get(&now);
    counters_compare(&now, &ip->baseline);
    sys_caller_release(ip->root);
    CHECK_SYS(0, kext_control_shutdown(&reply));
    CHECK_SYS(0, sys_shutdown());
}

static void fail_with(const struct kext_diags *diags, const char *path)
{
    print_kernel_log();
    kext_diags_print(diags, stderr, "inproc", true);
    fail_msg("could not load %s", path);
}

/* What a tool and the control server do together, without the socket between them. */
static void *load_message(const char *path, size_t *len)
{
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct kext_repository repo = {0};
    struct kext_bundle *target;
    struct kext_archive archive;
    struct kext_plan plan;
    struct stat st;
    void *message = NULL;
    size_t nloaded;
    int fd = -1;

    const struct kext_loaded *loaded = kext_interfaces_loaded(&nloaded);
    if (!kext_repository_add(&repo, path, &target, &diags) ||
        !kext_plan_make(&repo, target, loaded, nloaded, &plan, &diags) ||
        !kext_archive_write(&plan, 0, false, &fd, &diags))
        fail_with(&diags, path);
    assert_int_equal(fstat(fd, &st), 0);
    uint8_t *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_true(bytes != MAP_FAILED);
    if (!kext_archive_read(bytes, (size_t)st.st_size, &archive, &diags) ||
        !kext_message_build(&archive, &message, len, &diags))
        fail_with(&diags, path);
    kext_archive_free(&archive);
    munmap(bytes, (size_t)st.st_size);
    close(fd);
    kext_repository_free(&repo);
    kext_diags_free(&diags);
    return message;
}

void inproc_load(const char *kext_path)
{
    const char *build = getenv("KEXTBED_BUILD");
    char path[4096];
    static char text[65536];
    struct kext_control_reply reply = {.text = text, .size = sizeof(text)};
    size_t len;

    if (kext_path[0] == '/')
        snprintf(path, sizeof(path), "%s", kext_path);
    else
        snprintf(path, sizeof(path), "%s/Extensions/%s", build ? build : ".", kext_path);
    void *message = load_message(path, &len);
    int error = kext_control_load(message, len, &reply);
    free(message);
    if (error) {
        print_kernel_log();
        fail_msg("loading %s: error %d\n%s", path, error, text);
    }
}

void inproc_unload(const char *id)
{
    char text[4096];
    struct kext_control_reply reply = {.text = text, .size = sizeof(text)};
    int error = kext_control_unload(id, &reply);

    if (error)
        fail_msg("unloading %s: error %d\n%s", id, error, text);
}

void inproc_mount(struct inproc *ip, const char *type, const char *options)
{
    struct sys_mount args = {
        .type = type,
        .special = "none",
        .data = options,
        .data_size = options ? strlen(options) + 1 : 0,
    };

    CHECK_SYS(0, sys_mount(ip->root, &args, &ip->mount_id, &ip->mount_root));
}

void inproc_unmount(struct inproc *ip)
{
    char why[4096] = "";
    int error = sys_unmount(ip->root, ip->mount_id, 0, why, sizeof(why));

    if (error)
        fail_msg("unmount: error %d: %s", error, why);
}

void inproc_write_file(struct inproc *ip, const char *path, const void *bytes, size_t len)
{
    sys_file_t *file;
    size_t done = 0;
    struct sys_iovec iov = {.base = (void *)(uintptr_t)bytes, .len = len};

    CHECK_SYS(
        0, sys_open(ip->root, &ip->mount_root, path, 0, SYS_O_RDWR | SYS_O_CREAT, 0644, &file, NULL, NULL));
    if (len) {
        CHECK_SYS(0, sys_pwrite(ip->root, file, &iov, 1, 0, &done));
        assert_int_equal(done, len);
    }
    CHECK_SYS(0, sys_close(ip->root, file));
}

void inproc_mkdir(struct inproc *ip, const char *path)
{
    struct sys_node node;
    struct sys_attr attr;

    CHECK_SYS(0, sys_mkdir(ip->root, &ip->mount_root, path, 0, 0755, &node, &attr));
}
