// SPDX-License-Identifier: BSD-2-Clause
/*
 * The state that a workload starts from: trees of files and the big file, made outside the measured time.
 * No locks (see client.h).
 */
#include "bench/client/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool job_fail(struct job *job, const char *what)
{
    job->error = errno;
    job->what = what;
    return false;
}

void files_name(char name[32], char prefix, uint32_t index)
{
    snprintf(name, 32, "%c%07u", prefix, index);
}

void directory_path(const struct bench *bench, uint32_t thread, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/bench.%u", bench->dir, thread);
}

int directory_open(const struct bench *bench, uint32_t thread)
{
    char path[PATH_MAX];

    directory_path(bench, thread, path);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool files_remove(struct job *job, char prefix)
{
    char name[32];

    for (uint32_t i = 0; i < job->bench->n_files; i++) {
        files_name(name, prefix, i);
        if (unlinkat(job->dir_fd, name, 0) != 0 && errno != ENOENT)
            return job_fail(job, "unlink");
    }
    return true;
}

bool prepare_no_files(struct job *job)
{
    if (!job->place->empty_files)
        return true;
    job->place->empty_files = false;
    return files_remove(job, job->place->prefix);
}

bool prepare_files(struct job *job)
{
    return job->place->empty_files || run_mkfiles(job);
}

bool prepare_files_warm(struct job *job)
{
    return prepare_files(job) && run_stat(job);
}

bool prepare_no_small(struct job *job)
{
    if (!job->place->small_files)
        return true;
    job->place->small_files = false;
    return files_remove(job, 's');
}

bool prepare_small(struct job *job)
{
    return job->place->small_files || run_smallwrite(job);
}

bool prepare_small_warm(struct job *job)
{
    return prepare_small(job) && run_smallread(job);
}

bool prepare_no_big(struct job *job)
{
    job->place->big_bytes = 0;
    return unlinkat(job->dir_fd, "big", 0) == 0 || errno == ENOENT || job_fail(job, "unlink");
}

static bool with_big_file(struct job *job, bool (*run)(struct job *job))
{
    job->fd = openat(job->dir_fd, "big", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (job->fd < 0)
        return job_fail(job, "open");
    bool good = run(job);
    close(job->fd);
    job->fd = -1;
    return good;
}

bool prepare_big(struct job *job)
{
    if (job->place->big_bytes == job->big_bytes)
        return true;
    return prepare_no_big(job) && with_big_file(job, run_seqwrite);
}

bool prepare_big_warm(struct job *job)
{
    return prepare_big(job) && with_big_file(job, run_seqread);
}

void place_clear(struct bench *bench)
{
    char path[PATH_MAX];

    for (uint32_t i = 0; i < BENCH_THREADS_MAX; i++) {
        struct job job = {.bench = bench, .place = &bench->places[i]};

        if (!bench->places[i].made)
            continue;
        directory_path(bench, i, path);
        job.dir_fd = directory_open(bench, i);
        if (job.dir_fd < 0)
            continue;
        prepare_no_files(&job);
        prepare_no_small(&job);
        prepare_no_big(&job);
        close(job.dir_fd);
        rmdir(path);
        bench->places[i] = (struct place){0};
    }
}
