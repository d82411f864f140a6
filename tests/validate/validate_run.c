// SPDX-License-Identifier: BSD-2-Clause
/*
 * Runs one kext in process, without FUSE, with the validator on: loads it, mounts "smallfs", does what the
 * command line says, unmounts, unloads, and prints "findings: N". Messages of the kernel half go to standard
 * error, with source lines as in the host program.
 *
 * usage: validate_run panic|warn|off EXCEPTIONS|- KEXT STEP...
 *   stat:PATH read:PATH write:PATH rename:FROM:TO unmount-busy:PATH holders:PATH locks order
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fusehost/control_debugger.h"
#include "fusehost/source_lines.h"
#include "libkext/file.h"
#include "tests/inproc/inproc.h"

static struct inproc ip;

static void boot(const char *policy, const char *exceptions)
{
    struct sys_boot args = {.max_vnodes = 64};
    uint8_t *text = NULL;
    size_t len;

    if (strcmp(policy, "panic") == 0)
        args.flags = SYS_BOOT_VALIDATE;
    else if (strcmp(policy, "warn") == 0)
        args.flags = SYS_BOOT_VALIDATE_WARN;
    if (strcmp(exceptions, "-") != 0 && kext_file_read(exceptions, 1 << 20, &text, &len) == 0)
        args.exceptions = (const char *)text;
    int error = inproc_boot(&ip, &args);
    free(text);
    if (error) {
        printf("boot: %d\n", error);
        exit(3);
    }
}

static sys_file_t *file_open(const char *path)
{
    sys_file_t *file = NULL;
    int error = sys_open(ip.root, &ip.mount_root, path, 0, SYS_O_RDWR, 0, &file, NULL, NULL);

    if (error)
        printf("open %s: %d\n", path, error);
    return file;
}

static void file_use(const char *path, bool write)
{
    char text[16] = "";
    struct sys_iovec iov = {.base = text, .len = sizeof(text)};
    sys_file_t *file = file_open(path);
    size_t done;

    if (!file)
        return;
    int error =
        write ? sys_pwrite(ip.root, file, &iov, 1, 0, &done) : sys_pread(ip.root, file, &iov, 1, 0, &done);
    if (error)
        printf("%s %s: %d\n", write ? "write" : "read", path, error);
    sys_close(ip.root, file);
}

static void ref_print(void *arg, const struct sys_row *row)
{
    (void)arg;
    printf("ref: kind %u count %u age %llu in '%s' of '%s' for %d: %s; %s\n", row->kind, row->count,
           (unsigned long long)row->age_ns, row->operation, row->kext, row->pid, row->object,
           row->unkept ? "not kept" : row->frames[0]);
}

static void class_print(void *arg, const struct sys_lock_class *class)
{
    (void)arg;
    printf("class: %s %s taken %llu waited %llu\n", class->kind, class->name,
           (unsigned long long)class->taken, (unsigned long long)class->waited);
}

static void text_print(void *arg, const char *text)
{
    fputs(text, arg);
}

static void busy(const char *path)
{
    char why[4096];
    sys_file_t *file = file_open(path);
    int error = sys_unmount(ip.root, ip.mount_id, 0, why, sizeof(why));

    printf("busy: %d %s\n", error, why);
    sys_each_ref(ip.mount_id, ref_print, NULL);
    sys_close(ip.root, file);
}

/* Two processes open a file; the mount is busy with both, with one, and then with many. */
static void holders(const char *path)
{
    enum { MANY = 40 };
    struct sys_identity id = {.pid = 77};
    sys_file_t *files[MANY];
    sys_caller_t *other;
    char why[4096];

    CHECK_SYS(0, sys_caller_create(&id, &other));
    files[0] = file_open(path);
    CHECK_SYS(0, sys_open(other, &ip.mount_root, path, 0, SYS_O_RDWR, 0, &files[1], NULL, NULL));
    printf("both: %d %s\n", sys_unmount(ip.root, ip.mount_id, 0, why, sizeof(why)), why);
    sys_close(ip.root, files[0]);
    printf("one: %d %s\n", sys_unmount(ip.root, ip.mount_id, 0, why, sizeof(why)), why);
    sys_close(other, files[1]);
    for (int i = 0; i < MANY; i++)
        files[i] = file_open(path);
    sys_each_ref(ip.mount_id, ref_print, NULL);
    for (int i = 0; i < MANY; i++)
        sys_close(ip.root, files[i]);
    sys_each_ref(ip.mount_id, ref_print, NULL);
    sys_caller_release(other);
}

static void step(char *text)
{
    char *verb = strsep(&text, ":"), *path = strsep(&text, ":");
    struct sys_node node;
    struct sys_attr attr;
    int error = 0;

    if (strcmp(verb, "stat") == 0)
        error = sys_lookup(ip.root, &ip.mount_root, path, 0, &node, &attr);
    else if (strcmp(verb, "read") == 0 || strcmp(verb, "write") == 0)
        file_use(path, verb[0] == 'w');
    else if (strcmp(verb, "rename") == 0)
        error = sys_rename(ip.root, &ip.mount_root, path, &ip.mount_root, text, 0, 0, NULL);
    else if (strcmp(verb, "unmount-busy") == 0)
        busy(path);
    else if (strcmp(verb, "holders") == 0)
        holders(path);
    else if (strcmp(verb, "locks") == 0)
        sys_each_lock_class(class_print, NULL);
    else if (strcmp(verb, "order") == 0)
        sys_lock_order(text_print, stdout);
    else
        error = -1;
    if (error)
        printf("%s %s: %d\n", verb, path ? path : "", error);
}

/* Loads the bundle NAME.kext and says where its source lines are. Its identifier goes to @id. */
static void load(const char *bundle, char *id, size_t idlen)
{
    char path[4096];
    uint8_t *exec = NULL;
    size_t len;
    const char *name = strrchr(bundle, '/') + 1;
    int name_len = (int)strlen(name) - (int)strlen(".kext");

    snprintf(id, idlen, "org.kextbed.test.%.*s", name_len, name);
    snprintf(path, sizeof(path), "%s/Contents/MacOS/%.*s", bundle, name_len, name);
    fh_source_lines_prepare();
    inproc_load(bundle);
    if (kext_file_read(path, 1 << 26, &exec, &len) == 0)
        control_debugger_add(id, exec, len);
    free(exec);
}

int main(int argc, char **argv)
{
    char id[128];

    if (argc < 4)
        return 64;
    setvbuf(stdout, NULL, _IOLBF, 0);
    boot(argv[1], argv[2]);
    load(argv[3], id, sizeof(id));
    inproc_mount(&ip, "smallfs", NULL);
    for (int i = 4; i < argc; i++)
        step(argv[i]);
    inproc_unmount(&ip);
    inproc_unload(id);
    control_debugger_prune();
    printf("findings: %llu\n", (unsigned long long)sys_validate_findings());
    inproc_end(&ip);
    return 0;
}
