// SPDX-License-Identifier: BSD-2-Clause
/*
 * The measured parts of workloads about names, attributes and small files. No locks (see client.h).
 */
#include "bench/client/client.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool run_mkfiles(struct job *job)
{
    char name[32];

    job->place->prefix = 'f';
    job->place->empty_files = true;
    for (uint32_t i = 0; i < job->bench->n_files; i++) {
        files_name(name, 'f', i);
        int fd = openat(job->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0 || close(fd) != 0)
            return job_fail(job, "create");
    }
    job->done += job->bench->n_files;
    return true;
}

static bool stat_all(struct job *job)
{
    struct stat st;
    char name[32];

    for (uint32_t i = 0; i < job->bench->n_files; i++) {
        files_name(name, job->place->prefix, i);
        if (fstatat(job->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            return job_fail(job, "stat");
    }
    return true;
}

bool run_stat(struct job *job)
{
    job->done += job->bench->n_files;
    return stat_all(job);
}

bool run_stat_warm(struct job *job)
{
    do {
        if (!stat_all(job))
            return false;
    } while (job_again(job, job->bench->n_files));
    return true;
}

// Reads the whole directory, with each name's attributes if asked to. Counts names, without "." and "..".
static bool list_all(struct job *job, bool attributes, uint64_t *names)
{
    struct dirent *entry;
    struct stat st;
    bool good = true;
    int fd = openat(job->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return job_fail(job, "opendir");
    }
    for (*names = 0; good && (errno = 0, entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        ++*names;
        if (attributes && fstatat(job->dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            good = job_fail(job, "stat");
    }
    if (good && errno != 0)
        good = job_fail(job, "readdir");
    closedir(dir);
    if (good && *names < job->bench->n_files) {
        errno = ENOENT;
        good = job_fail(job, "readdir lost names");
    }
    return good;
}

bool run_readdir(struct job *job)
{
    uint64_t names;

    do {
        if (!list_all(job, false, &names))
            return false;
    } while (job_again(job, names));
    return true;
}

bool run_readdir_stat(struct job *job)
{
    uint64_t names;

    if (!list_all(job, true, &names))
        return false;
    job->done += names;
    return true;
}

bool run_lookup_negative(struct job *job)
{
    struct stat st;
    char name[32];

    for (uint32_t i = 0; i < job->bench->n_files; i++) {
        files_name(name, 'x', i);
        if (fstatat(job->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
            return job_fail(job, "stat of a missing name");
    }
    job->done += job->bench->n_files;
    return true;
}

bool run_rename(struct job *job)
{
    char to_prefix = job->place->prefix == 'f' ? 'g' : 'f';
    char from[32];
    char to[32];

    for (uint32_t i = 0; i < job->bench->n_files; i++) {
        files_name(from, job->place->prefix, i);
        files_name(to, to_prefix, i);
        if (renameat(job->dir_fd, from, job->dir_fd, to) != 0)
            return job_fail(job, "rename");
    }
    job->place->prefix = to_prefix;
    job->done += job->bench->n_files;
    return true;
}

bool run_unlink(struct job *job)
{
    char name[32];

    job->place->empty_files = false;
    for (uint32_t i = 0; i < job->bench->n_files; i++) {
        files_name(name, job->place->prefix, i);
        if (unlinkat(job->dir_fd, name, 0) != 0)
            return job_fail(job, "unlink");
    }
    job->done += job->bench->n_files;
    return true;
}

bool run_smallwrite(struct job *job)
{
    char name[32];

    job->place->small_files = true;
    memset(job->buffer, 's', SMALL_BYTES);
    for (uint32_t i = 0; i < job->bench->n_files; i++) {
        files_name(name, 's', i);
        int fd = openat(job->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0)
            return job_fail(job, "create");
        ssize_t n = write(fd, job->buffer, SMALL_BYTES);
        if (close(fd) != 0 || n != SMALL_BYTES)
            return job_fail(job, "write");
    }
    job->done += job->bench->n_files;
    return true;
}

static bool read_small_files(struct job *job)
{
    char name[32];

    for (uint32_t i = 0; i < job->bench->n_files; i++) {
        files_name(name, 's', i);
        int fd = openat(job->dir_fd, name, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return job_fail(job, "open");
        ssize_t n = read(fd, job->buffer, 2 * SMALL_BYTES);
        close(fd);
        if (n != SMALL_BYTES || job->buffer[0] != 's')
            return job_fail(job, "read");
    }
    return true;
}

bool run_smallread(struct job *job)
{
    job->done += job->bench->n_files;
    return read_small_files(job);
}

bool run_smallread_warm(struct job *job)
{
    do {
        if (!read_small_files(job))
            return false;
    } while (job_again(job, job->bench->n_files));
    return true;
}
