// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kernel half in this process: booted, one kext loaded from its bundle, its file system mounted. Belongs
 * to the initial thread.
 */
#include "bench/inproc/inproc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kext/kext_control.h"
#include "libkext/archive.h"
#include "libkext/dependency.h"
#include "libkext/diag.h"
#include "libkext/message.h"
#include "libkext/repository.h"

void die(const char *format, ...)
{
    va_list args;

    fputs("bench-inproc: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

void check_sys(int error, const char *what)
{
    if (error)
        die("%s: Darwin's error %d", what, error);
}

static void *message_of(const char *path, size_t *len)
{
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct kext_repository repo = {0};
    struct kext_bundle *target;
    struct kext_archive archive;
    struct kext_plan plan;
    struct stat st;
    void *message = NULL;
    void *bytes = MAP_FAILED;
    size_t n_loaded;
    int fd = -1;
    const struct kext_loaded *loaded = kext_interfaces_loaded(&n_loaded);

    bool good = kext_repository_add(&repo, path, &target, &diags) &&
                kext_plan_make(&repo, target, loaded, n_loaded, &plan, &diags) &&
                kext_archive_write(&plan, 0, false, &fd, &diags) && fstat(fd, &st) == 0;
    if (good)
        bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    good = good && bytes != MAP_FAILED && kext_archive_read(bytes, (size_t)st.st_size, &archive, &diags) &&
           kext_message_build(&archive, &message, len, &diags);
    if (!good) {
        kext_diags_print(&diags, stderr, "bench-inproc", true);
        die("cannot load %s", path);
    }
    kext_archive_free(&archive);
    munmap(bytes, (size_t)st.st_size);
    close(fd);
    kext_repository_free(&repo);
    kext_diags_free(&diags);
    return message;
}

static void kext_load(const char *path)
{
    static char text[65536];
    struct kext_control_reply reply = {.text = text, .size = sizeof(text)};
    size_t len;
    void *message = message_of(path, &len);

    if (kext_control_load(message, len, &reply) != 0)
        die("cannot load %s: %s", path, text);
    free(message);
}

void kernel_start(struct kernel *kernel, const char *path, const char *type)
{
    const struct sys_boot boot = {0};
    const struct sys_identity id = {.uid = geteuid(), .gid = getegid(), .pid = getpid()};
    const struct sys_mount mount = {.type = type, .special = "none"};

    check_sys(sys_boot(&boot), "boot");
    check_sys(kext_control_boot(), "boot of the extension manager");
    kext_load(path);
    check_sys(sys_caller_create(&id, &kernel->caller), "caller");
    check_sys(sys_mount(sys_caller_kernel(), &mount, &kernel->mount_id, &kernel->root), "mount");
    const struct sys_attr owner = {
        .mask = SYS_ATTR_UID | SYS_ATTR_GID | SYS_ATTR_MODE, .uid = id.uid, .gid = id.gid, .mode = 0755};
    check_sys(sys_setattr(sys_caller_kernel(), &kernel->root, &owner, NULL), "chown of the root");
}

void kernel_end(struct kernel *kernel)
{
    char text[4096] = "";
    struct kext_control_reply reply = {.text = text, .size = sizeof(text)};

    if (sys_unmount(sys_caller_kernel(), kernel->mount_id, 0, text, sizeof(text)) != 0)
        die("cannot unmount: %s", text);
    sys_caller_release(kernel->caller);
    if (kext_control_shutdown(&reply) != 0)
        die("cannot unload: %s", text);
    check_sys(sys_shutdown(), "shutdown");
}
