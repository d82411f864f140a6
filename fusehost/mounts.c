// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading and changing the host's mount table; see mounts.h. Ordinary users change it through fusermount3.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "fusehost/child.h"
#include "fusehost/fusehost.h"
#include "fusehost/log.h"
#include "fusehost/mounts.h"
#include "fusehost/patience.h"

#define DEAD_WAIT_MS    2000
#define RESOLVE_WAIT_MS 10000
#define DETACH_WAIT_MS  5000 /* of a detachment that waits for no data */

/* Spaces and the like appear as three octal digits. */
static void unescape(char *text)
{
    char *to = text;

    for (char *from = text; *from; from++) {
        if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' && from[2] <= '7' &&
            from[3] >= '0' && from[3] <= '7') {
            *to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 3;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

/* id parent major:minor root dir options [tags...] - type source options */
static bool row_parse(char *line, struct fh_mount_row *row)
{
    char *save, *field, *dir = NULL;
    int n = 0;

    for (field = strtok_r(line, " ", &save); field && strcmp(field, "-") != 0;
         field = strtok_r(NULL, " ", &save)) {
        n++;
        if (n == 3 && sscanf(field, "%u:%u", &row->dev_major, &row->dev_minor) != 2)
            return false;
        if (n == 5)
            dir = field;
    }
    char *type = strtok_r(NULL, " ", &save);
    char *source = strtok_r(NULL, " ", &save);
    if (!dir || !type)
        return false;
    unescape(dir);
    unescape(type);
    if (source)
        unescape(source);
    row->dir = dir;
    row->type = type;
    row->source = source ? source : "";
    return true;
}

int fh_mounts_each(bool (*fn)(void *arg, const struct fh_mount_row *row), void *arg)
{
    FILE *in = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t size = 0;
    bool more = true;

    if (!in)
        return errno;
    while (more && getline(&line, &size, in) > 0) {
        struct fh_mount_row row = {0};

        line[strcspn(line, "\n")] = '\0';
        if (row_parse(line, &row))
            more = fn(arg, &row);
    }
    free(line);
    fclose(in);
    return 0;
}

bool fh_mount_is_ours(const struct fh_mount_row *row)
{
    return strncmp(row->type, "fuse.kext.", 10) == 0;
}

/* ---- who uses it --------------------------------------------------------------------------------------- */

struct users {
    const char *dir;
    size_t dir_len;
    char *buf;
    size_t size, len;
    unsigned shown, more;
};

static bool path_is_inside(const struct users *users, const char *path)
{
    return strncmp(path, users->dir, users->dir_len) == 0 &&
           (path[users->dir_len] == '/' || path[users->dir_len] == '\0' || path[users->dir_len] == ' ');
}

static bool link_is_inside(const struct users *users, const char *link)
{
    char target[4096];
    ssize_t n = readlink(link, target, sizeof(target) - 1);

    if (n < 0)
        return false;
    target[n] = '\0';
    return path_is_inside(users, target);
}

static bool any_fd_is_inside(const struct users *users, const char *pid)
{
    char path[300];
    bool found = false;
    struct dirent *ent;

    snprintf(path, sizeof(path), "/proc/%s/fd", pid);
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    while (!found && (ent = readdir(dir))) {
        char link[600];

        if (!isdigit((unsigned char)ent->d_name[0]))
            continue;
        snprintf(link, sizeof(link), "%s/%s", path, ent->d_name);
        found = link_is_inside(users, link);
    }
    closedir(dir);
    return found;
}

static bool any_mapping_is_inside(const struct users *users, const char *pid)
{
    char path[300];
    char *line = NULL;
    size_t size = 0;
    bool found = false;

    snprintf(path, sizeof(path), "/proc/%s/maps", pid);
    FILE *in = fopen(path, "re");
    if (!in)
        return false;
    while (!found && getline(&line, &size, in) > 0) {
        char *name = strchr(line, '/');

        if (name) {
            name[strcspn(name, "\n")] = '\0';
            found = path_is_inside(users, name);
        }
    }
    free(line);
    fclose(in);
    return found;
}

static bool process_is_inside(const struct users *users, const char *pid)
{
    static const char *const links[] = {"cwd", "root"};
    char path[300];

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        snprintf(path, sizeof(path), "/proc/%s/%s", pid, links[i]);
        if (link_is_inside(users, path))
            return true;
    }
    return any_fd_is_inside(users, pid) || any_mapping_is_inside(users, pid);
}

static void user_name(struct users *users, const char *pid)
{
    char path[300], name[64] = "?";
    int n;

    snprintf(path, sizeof(path), "/proc/%s/comm", pid);
    FILE *in = fopen(path, "re");
    if (in) {
        if (fgets(name, sizeof(name), in))
            name[strcspn(name, "\n")] = '\0';
        fclose(in);
    }
    if (users->shown == 8 || users->len + 100 > users->size) {
        users->more++;
        return;
    }
    n = snprintf(users->buf + users->len, users->size - users->len, "%s%s (pid %s)", users->shown ? ", " : "",
                 name, pid);
    users->len += (size_t)n;
    users->shown++;
}

void fh_mount_users(const char *dir, char *buf, size_t size)
{
    struct users users = {.dir = dir, .dir_len = strlen(dir), .buf = buf, .size = size};
    struct dirent *ent;
    DIR *proc = opendir("/proc");

    buf[0] = '\0';
    if (!proc)
        return;
    while ((ent = readdir(proc)))
        if (isdigit((unsigned char)ent->d_name[0]) && process_is_inside(&users, ent->d_name))
            user_name(&users, ent->d_name);
    closedir(proc);
    if (users.more)
        snprintf(buf + users.len, size - users.len, " and %u more", users.more);
}

/* ---- taking a mount away ------------------------------------------------------------------------------- */

struct detach {
    const char *dir;
    int flags;
    bool lazy;
};

/* Ordinary users take their mounts away through fusermount3, whose only error code is 1. */
static int detach_child(void *arg)
{
    const struct detach *detach = arg;
    char *argv[] = {"fusermount3", detach->lazy ? "-uqz" : "-uq", "--", (char *)(uintptr_t)detach->dir, NULL};

    if (umount2(detach->dir, detach->flags) == 0)
        return 0;
    if (errno != EPERM)
        return errno;
    execvp(argv[0], argv);
    return EACCES; /* no such program; EPERM's number is what fusermount3 ends with */
}

int fh_mount_detach(const char *dir, unsigned how, const struct fh_mount_wait *wait)
{
    bool lazy = how & FH_DETACH_LAZY;
    struct detach detach = {
        .dir = dir,
        .flags = UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0) | (how & FH_DETACH_ABORT ? MNT_FORCE : 0),
        .lazy = lazy,
    };
    int result = fh_child_run(detach_child, &detach, wait ? FH_CHILD_FOREVER : fh_patience_ms(DETACH_WAIT_MS),
                              wait ? wait->tick : NULL, wait ? wait->arg : NULL, FH_MOUNT_TICK_MS);

    return result < 0 ? -result : result == 1 ? EBUSY : result;
}

static int dead_child(void *arg)
{
    struct statfs fs;

    return statfs(arg, &fs) != 0 && errno == ENOTCONN;
}

bool fh_mount_is_dead(const char *dir)
{
    return fh_child_run(dead_child, (void *)(uintptr_t)dir, DEAD_WAIT_MS, NULL, NULL, 0) == 1;
}

struct resolve {
    const char *dir;
    char *full; /* shared with the child */
};

static int resolve_child(void *arg)
{
    const struct resolve *resolve = arg;
    struct stat st;

    if (!realpath(resolve->dir, resolve->full) || stat(resolve->full, &st) != 0)
        return errno;
    return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
}

int fh_dir_resolve(const char *dir, char *full)
{
    char *shared = mmap(NULL, PATH_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct resolve resolve = {.dir = dir, .full = shared};

    if (shared == MAP_FAILED)
        return errno;
    int result = fh_child_run(resolve_child, &resolve, fh_patience_ms(RESOLVE_WAIT_MS), NULL, NULL, 0);
    if (result == 0)
        memcpy(full, shared, PATH_MAX);
    munmap(shared, PATH_MAX);
    return result < 0 ? -result : result;
}

static int sync_child(void *arg)
{
    int fd = open(arg, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 || syncfs(fd) != 0;
}

bool fh_mount_sync_ticking(const char *dir, int timeout_ms, void (*tick)(void *arg), int tick_ms)
{
    return fh_child_run(sync_child, (void *)(uintptr_t)dir, timeout_ms, tick, NULL, tick_ms) == 0;
}

bool fh_mount_sync(const char *dir, int timeout_ms)
{
    return fh_mount_sync_ticking(dir, timeout_ms, NULL, 0);
}

struct dead {
    const char *only;
    char *dirs[64];
    unsigned n;
};

static bool dead_collect(void *arg, const struct fh_mount_row *row)
{
    struct dead *dead = arg;

    if (fh_mount_is_ours(row) && (!dead->only || strcmp(dead->only, row->dir) == 0))
        dead->dirs[dead->n++] = strdup(row->dir);
    return dead->n < sizeof(dead->dirs) / sizeof(dead->dirs[0]);
}

unsigned fh_dead_mounts_clear(const char *dir)
{
    struct dead dead = {.only = dir};
    unsigned cleared = 0;

    fh_mounts_each(dead_collect, &dead);
    /* Latest first: one may lie on top of, or inside, another. */
    while (dead.n-- > 0) {
        char *at = dead.dirs[dead.n];

        if (at && fh_mount_is_dead(at)) {
            int err = fh_mount_detach(at, FH_DETACH_LAZY, NULL);

            if (err)
                fh_log(FH_LOG_WARNING, "%s: cannot clear a dead mount away: %s\n", at, strerror(err));
            else
                cleared++;
        }
        free(at);
    }
    return cleared;
}
