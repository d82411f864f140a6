// SPDX-License-Identifier: BSD-2-Clause
/*
 * A cached stat: one name, found in the name cache, and its file's attributes; against the host's own stat(2)
 * on tmpfs, which pays for entering the system and has its own cache of names. No locks, one thread.
 */
#include "bench/inproc/inproc.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define BATCH    200u
#define SLICE_MS 40u
#define NAME     "a-file-like-many"

struct ours {
    sys_caller_t *caller;
    struct sys_node dir;
};

static uint64_t stat_ours(void *arg)
{
    const struct ours *ours = arg;
    struct sys_node node;
    struct sys_attr attr;

    for (unsigned i = 0; i < BATCH; i++)
        if (sys_lookup(ours->caller, &ours->dir, NAME, SYS_AT_NOFOLLOW, &node, &attr) != 0)
            die("the file is not found any more");
    return BATCH;
}

static uint64_t stat_hosts(void *arg)
{
    const int *dir_fd = arg;
    struct stat st;

    for (unsigned i = 0; i < BATCH; i++)
        if (fstatat(*dir_fd, NAME, &st, AT_SYMLINK_NOFOLLOW) != 0)
            die("the host's file is not found any more");
    return BATCH;
}

static void compare_rates(struct line *line, struct ours *ours, int dir_fd, unsigned rounds)
{
    double *value = calloc(3 * (size_t)rounds, sizeof(*value));
    void *const ours_arg[] = {ours}, *const hosts_arg[] = {&dir_fd};

    if (!value)
        die("no memory");
    double *peer = value + rounds, *ratio = peer + rounds;
    for (unsigned i = 0; i < rounds; i++) {
        value[i] = 1e9 / measure_rate(stat_ours, ours_arg, 1, SLICE_MS);
        peer[i] = 1e9 / measure_rate(stat_hosts, hosts_arg, 1, SLICE_MS);
        ratio[i] = value[i] / peer[i];
    }
    line->value = measure_median(value, rounds);
    line->peer = measure_median(peer, rounds);
    line->ratio = measure_median(ratio, rounds);
    free(value);
}

struct line line_stat_cached(const struct kernel *kernel, const char *tmpfs_dir, unsigned rounds)
{
    struct line line = {.name = "stat_cached", .unit = "ns", .aim = 1.0, .at_most = true};
    struct ours ours = {.caller = kernel->caller};
    struct sys_node file;
    struct sys_attr attr;
    struct statfs fs;
    char dir[4096];

    snprintf(dir, sizeof(dir), "%s/kextbed-bench-XXXXXX", tmpfs_dir);
    if (statfs(tmpfs_dir, &fs) != 0 || fs.f_type != TMPFS_MAGIC || !mkdtemp(dir)) {
        line.skipped = "there is no tmpfs to compare with (--tmpfs names one)";
        return line;
    }
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0 || mknodat(dir_fd, NAME, S_IFREG | 0644, 0) != 0)
        die("cannot make a file in %s", dir);
    check_sys(sys_mkdir(kernel->caller, &kernel->root, "stat", 0, 0755, &ours.dir, &attr), "mkdir");
    check_sys(sys_mknod(kernel->caller, &ours.dir, NAME, 0, SYS_VREG, 0644, 0, &file, &attr), "mknod");

    compare_rates(&line, &ours, dir_fd, rounds);

    unlinkat(dir_fd, NAME, 0);
    close(dir_fd);
    rmdir(dir);
    return line;
}
