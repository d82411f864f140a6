// SPDX-License-Identifier: BSD-2-Clause
/*
 * disk_claim.c: one writer or any number of readers of an image or device, over all processes of the host,
 * and who it is that has it.
 *
 * An image is claimed by flock(2), which belongs to the open file and so ends with the process, and which
 * names its holder in /proc/locks. A device is opened O_EXCL by its writer, which keeps the host's own mounts
 * out, and claimed by flock too. The file behind a loop device is claimed with it, and an image that is
 * attached to one is not written to beside it.
 *
 * No state. Called by disk_open.c.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/posix/disk_internal.h"

/* ---- who ----------------------------------------------------------------------------------------------- */

/* The process that has a lock on the file; 0: it cannot be told. */
static int holder_of(const struct stat *st)
{
    FILE *locks = fopen("/proc/locks", "re");
    char line[256];
    int holder = 0;

    while (locks && !holder && fgets(line, sizeof line, locks)) {
        int pid;
        unsigned dev_major, dev_minor;
        unsigned long long ino;

        if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%llu", &pid, &dev_major, &dev_minor, &ino) == 4 &&
            pid > 0 && ino == st->st_ino && dev_major == major(st->st_dev) && dev_minor == minor(st->st_dev))
            holder = pid;
    }
    if (locks)
        (void)fclose(locks);
    return holder;
}

static void holder_name(int pid, char *name, size_t size)
{
    struct host_process_info info;

    if (pid == getpid())
        (void)snprintf(name, size, "this process");
    else if (pid && host_process_info(pid, &info) == HOST_OK)
        (void)snprintf(name, size, "%s (process %d)", info.name, pid);
    else if (pid)
        (void)snprintf(name, size, "process %d", pid);
    else
        (void)snprintf(name, size, "another process");
}

/* The directory on which the host has device @rdev mounted. */
static bool host_mount_of(dev_t rdev, char *dir, size_t size)
{
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t room = 0;
    bool found = false;

    while (mounts && !found && getline(&line, &room, mounts) > 0) {
        unsigned dev_major, dev_minor;
        char on[512];

        found = sscanf(line, "%*d %*d %u:%u %*s %511s", &dev_major, &dev_minor, on) == 3 &&
                dev_major == major(rdev) && dev_minor == minor(rdev);
        if (found)
            (void)snprintf(dir, size, "%.511s", on);
    }
    free(line);
    if (mounts)
        (void)fclose(mounts);
    return found;
}

void disk_claim_device_why(const char *path, const struct stat *st, char *why, size_t why_size)
{
    char dir[512], name[64];
    int pid = holder_of(st);

    if (host_mount_of(st->st_rdev, dir, sizeof dir)) {
        (void)snprintf(why, why_size, "%s is mounted on %s by the host itself", path, dir);
    } else if (pid) {
        holder_name(pid, name, sizeof name);
        (void)snprintf(why, why_size, "%s is in use: %s has it", path, name);
    } else {
        (void)snprintf(why, why_size, "%s is in use: mounted, or open to somebody who wants it alone", path);
    }
}

/* ---- the lock ------------------------------------------------------------------------------------------ */

static int lock_take(int fd, bool alone, const char *path, char *why, size_t why_size)
{
    struct stat st;
    char name[64];
    int error;

    do
        error = flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 ? 0 : errno;
    while (error == EINTR);
    if (!error)
        return HOST_OK;
    if (error != EWOULDBLOCK || fstat(fd, &st) != 0) {
        (void)snprintf(why, why_size, "%s cannot be locked: %s", path, strerror(error));
        return HOST_EIO;
    }
    holder_name(holder_of(&st), name, sizeof name);
    (void)snprintf(why, why_size, "%s is in use: %s %s", path, name,
                   alone ? "has it, and a writer has to be alone" : "writes to it");
    return HOST_EBUSY;
}

/* ---- loop devices -------------------------------------------------------------------------------------- */

/* The path of the file that loop device @number shows; false: none. */
static bool loop_path(const char *number, char *path, size_t size)
{
    char name[96];

    (void)snprintf(name, sizeof name, "/sys/dev/block/%s/loop/backing_file", number);
    FILE *file = fopen(name, "re");
    if (!file)
        return false;
    bool got = fgets(path, (int)size, file) != NULL;
    (void)fclose(file);
    if (got)
        path[strcspn(path, "\n")] = '\0';
    return got;
}

static bool same_file(const struct loop_info64 *info, const char *path, const struct stat *st)
{
    struct stat other;

    return (info->lo_inode == st->st_ino && info->lo_device == st->st_dev) ||
           (stat(path, &other) == 0 && other.st_dev == st->st_dev && other.st_ino == st->st_ino);
}

/* The file that a loop device shows is claimed too, if it can be found by its name. */
static int behind_claim(struct disk_file *disk, const struct stat *device, char *why, size_t why_size)
{
    struct loop_info64 info;
    char number[32], path[PATH_MAX];
    struct stat st;

    (void)snprintf(number, sizeof number, "%u:%u", major(device->st_rdev), minor(device->st_rdev));
    if (ioctl(disk->df_fd, LOOP_GET_STATUS64, &info) != 0 || !loop_path(number, path, sizeof path) ||
        stat(path, &st) != 0 || !S_ISREG(st.st_mode) || !same_file(&info, path, &st))
        return HOST_OK;
    disk->df_behind_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (disk->df_behind_fd < 0)
        return HOST_OK;
    return lock_take(disk->df_behind_fd, disk->df_writable, path, why, why_size);
}

/* Is the image attached to the loop device @name, as one that writes? */
static bool loop_writes_to(const char *name, const struct stat *st)
{
    struct loop_info64 info;
    char device[32], path[PATH_MAX] = "";
    struct stat dev;

    if (strncmp(name, "loop", 4) != 0 || strlen(name) > 16)
        return false;
    (void)snprintf(device, sizeof device, "/dev/%.16s", name);
    if (stat(device, &dev) != 0 || !S_ISBLK(dev.st_mode) || major(dev.st_rdev) != LOOP_MAJOR)
        return false;
    char number[32];
    (void)snprintf(number, sizeof number, "%u:%u", major(dev.st_rdev), minor(dev.st_rdev));
    if (!loop_path(number, path, sizeof path))
        return false;
    int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool writes = ioctl(fd, LOOP_GET_STATUS64, &info) == 0 && !(info.lo_flags & LO_FLAGS_READ_ONLY) &&
                  same_file(&info, path, st);
    close(fd);
    if (!writes || !(info.lo_flags & LO_FLAGS_AUTOCLEAR))
        return writes;
    /* One that goes by itself may be on its way: it counts while somebody has it mounted. */
    fd = open(device, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == EBUSY;
    close(fd);
    return false;
}

static int loops_check(const char *path, const struct stat *st, char *why, size_t why_size)
{
    DIR *dir = opendir("/sys/block");
    struct dirent *ent;
    int status = HOST_OK;

    while (dir && status == HOST_OK && (ent = readdir(dir)) != NULL) {
        if (!loop_writes_to(ent->d_name, st))
            continue;
        (void)snprintf(why, why_size, "%s is in use: it is attached to /dev/%.16s, which writes to it", path,
                       ent->d_name);
        status = HOST_EBUSY;
    }
    if (dir)
        (void)closedir(dir);
    return status;
}

int disk_claim(struct disk_file *disk, const char *path, const struct stat *st, char *why, size_t why_size)
{
    int status = lock_take(disk->df_fd, disk->df_writable, path, why, why_size);

    if (status == HOST_OK && disk->df_device && major(st->st_rdev) == LOOP_MAJOR)
        status = behind_claim(disk, st, why, why_size);
    else if (status == HOST_OK && !disk->df_device && disk->df_writable)
        status = loops_check(path, st, why, why_size);
    return status;
}
