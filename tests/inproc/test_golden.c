// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kexts built by earlier releases, kept as binaries, must load and run in every later build: layouts, symbols
 * and semantics that a built kext relies on do not move. tests/golden/README.md says how one is added.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/inproc/inproc.h"

/* Operations that came after 0.1.0: a kext that does not know them is asked as before, or says that it
 * cannot. */
static void use_newer_operations(struct inproc *ip, const char *type)
{
    struct sys_suspend suspend = {.owner = 1, .timeout_ms = 10000};
    struct sys_mount update = {.type = type, .special = "none", .flags = SYS_MNT_UPDATE | SYS_MNT_RDONLY};
    struct sys_mount_info info;

    CHECK_SYS(SYS_ENOTSUP, sys_resize(ip->root, ip->mount_id, 1ull << 40));
    CHECK_SYS(0, sys_suspend(ip->root, ip->mount_id, &suspend, NULL, 0));
    CHECK_SYS(0, sys_resume(ip->root, ip->mount_id, 1));
    CHECK_SYS(0, sys_mount(ip->root, &update, &ip->mount_id, NULL));
    CHECK_SYS(0, sys_mount_info(ip->mount_id, &info));
    assert_true(info.flags & SYS_MNT_RDONLY);
    update.flags = SYS_MNT_UPDATE | SYS_MNT_RELOAD;
    CHECK_SYS(0, sys_mount(ip->root, &update, &ip->mount_id, NULL));
}

static void use_memfs(struct inproc *ip)
{
    struct sys_node node;
    struct sys_attr attr;

    inproc_mkdir(ip, "d");
    inproc_write_file(ip, "d/f", "golden", 6);
    CHECK_SYS(0, sys_rename(ip->root, &ip->mount_root, "d/f", &ip->mount_root, "g", 0, 0, NULL));
    CHECK_SYS(0, sys_lookup(ip->root, &ip->mount_root, "g", 0, &node, &attr));
    assert_int_equal(attr.size, 6);
    CHECK_SYS(0, sys_setxattr(ip->root, &node, "user.x", "1", 1, 0));
    CHECK_SYS(0, sys_unlink(ip->root, &ip->mount_root, "g", 0, NULL));
    CHECK_SYS(0, sys_rmdir(ip->root, &ip->mount_root, "d", 0, NULL));
    use_newer_operations(ip, "memfs");
}

static void use_emptyfs(struct inproc *ip)
{
    struct sys_node node;
    struct sys_attr attr;

    CHECK_SYS(0, sys_getattr(ip->root, &ip->mount_root, &attr));
    assert_int_equal(attr.type, SYS_VDIR);
    CHECK_SYS(SYS_ENOENT, sys_lookup(ip->root, &ip->mount_root, "x", 0, &node, &attr));
    CHECK_SYS(SYS_EROFS, sys_mkdir(ip->root, &ip->mount_root, "x", 0, 0755, &node, &attr));
}

static void run_bundle(const char *release, const char *type, void (*use)(struct inproc *))
{
    struct inproc ip;
    char path[4096];
    char id[64];

    snprintf(path, sizeof(path), "%s/%s/%s.kext", GOLDEN_DIR, release, type);
    snprintf(id, sizeof(id), "org.kextbed.%s", type);
    inproc_start(&ip, 64);
    inproc_load(path);
    inproc_mount(&ip, type, NULL);
    use(&ip);
    inproc_unmount(&ip);
    inproc_unload(id);
    inproc_end(&ip);
}

static void golden__every_release__loads_and_runs(void **state)
{
    DIR *dir = opendir(GOLDEN_DIR);
    struct dirent *entry;
    unsigned releases = 0;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        print_message("release %s\n", entry->d_name);
        run_bundle(entry->d_name, "memfs", use_memfs);
        run_bundle(entry->d_name, "emptyfs", use_emptyfs);
        releases++;
    }
    closedir(dir);
    assert_true(releases > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden__every_release__loads_and_runs),
    };

    return cmocka_run_group_tests_name("inproc.golden", tests, NULL, NULL);
}
