// SPDX-License-Identifier: BSD-2-Clause
/*
 * 10,000 cached stats of one file of a memfs, in process: a name cache hit and its attributes. Run under
 * callgrind, which counts stats_run() alone. usage: stat_count [validate]
 */
#include <stdio.h>
#include <string.h>

#include "tests/inproc/inproc.h"

#define STATS 10000u

static struct inproc ip;

void stats_run(void);

__attribute__((noinline)) void stats_run(void)
{
    struct sys_node node;
    struct sys_attr attr;

    for (unsigned i = 0; i < STATS; i++)
        CHECK_SYS(0, sys_lookup(ip.root, &ip.mount_root, "file", SYS_AT_NOFOLLOW, &node, &attr));
}

int main(int argc, char **argv)
{
    struct sys_boot args = {.max_vnodes = 256};
    struct sys_node node;

    (void)argv;
    if (argc > 1)
        args.flags = SYS_BOOT_VALIDATE;
    CHECK_SYS(0, inproc_boot(&ip, &args));
    inproc_load("memfs.kext");
    inproc_mount(&ip, "memfs", NULL);
    inproc_write_file(&ip, "file", "x", 1);
    CHECK_SYS(0, sys_lookup(ip.root, &ip.mount_root, "file", 0, &node, NULL));
    stats_run();
    inproc_unmount(&ip);
    inproc_unload("org.kextbed.memfs");
    inproc_end(&ip);
    return 0;
}
