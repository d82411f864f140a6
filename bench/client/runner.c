// SPDX-License-Identifier: BSD-2-Clause
/*
 * Runs one workload: prepares each thread's directory, makes the caches cold if asked to, lets all threads
 * start together and takes the time from the first start to the last end. Owns the table of workloads. No
 * locks: threads meet at a barrier.
 */
#include "bench/client/client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS   1000000000u
#define REPEAT_NS   (SECOND_NS / 5)  // a workload that can be repeated runs so long
#define SETTLE_NS   (SECOND_NS / 20) // for servers to finish with what preparation left behind
#define DROP_NAMES  "2"              // names and attributes, and the pages of the files that go with them
#define DROP_CACHES "/proc/sys/vm/drop_caches"

static const struct workload workloads[] = {
    {"mkfiles", UNIT_OPS, COLD_NO, false, prepare_no_files, run_mkfiles},
    {"stat_cold", UNIT_OPS, COLD_NAMES, false, prepare_files, run_stat},
    {"stat_warm", UNIT_OPS, COLD_NO, false, prepare_files_warm, run_stat_warm},
    {"readdir", UNIT_OPS, COLD_NAMES, false, prepare_files, run_readdir},
    {"readdir_stat", UNIT_OPS, COLD_NAMES, false, prepare_files, run_readdir_stat},
    {"lookup_negative", UNIT_OPS, COLD_NAMES, false, prepare_files, run_lookup_negative},
    {"rename", UNIT_OPS, COLD_NO, false, prepare_files_warm, run_rename},
    {"unlink", UNIT_OPS, COLD_NO, false, prepare_files_warm, run_unlink},
    {"smallwrite", UNIT_OPS, COLD_NO, false, prepare_no_small, run_smallwrite},
    {"smallread", UNIT_OPS, COLD_NAMES, false, prepare_small, run_smallread},
    {"smallread_warm", UNIT_OPS, COLD_NO, false, prepare_small_warm, run_smallread_warm},
    {"seqwrite", UNIT_BYTES, COLD_NO, true, prepare_no_big, run_seqwrite},
    {"seqread", UNIT_BYTES, COLD_DATA, true, prepare_big, run_seqread},
    {"seqread_warm", UNIT_BYTES, COLD_NO, true, prepare_big_warm, run_seqread_warm},
    {"randread", UNIT_OPS, COLD_DATA, true, prepare_big, run_randread},
    {"randwrite", UNIT_OPS, COLD_NO, true, prepare_big_warm, run_randwrite},
    {"mmap_write", UNIT_BYTES, COLD_NO, true, prepare_big_warm, run_mmap_write},
    {"mmap_read", UNIT_BYTES, COLD_DATA, true, prepare_big, run_mmap_read},
};

static pthread_barrier_t start_line;

const struct workload *workload_find(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
        if (strlen(workloads[i].name) == len && strncmp(workloads[i].name, name, len) == 0)
            return &workloads[i];
    return NULL;
}

void workload_list(void)
{
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
        puts(workloads[i].name);
}

uint64_t clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

bool job_again(struct job *job, uint64_t done)
{
    job->done += done;
    return clock_ns() - job->started_ns < REPEAT_NS;
}

static bool job_open(struct job *job, struct bench *bench, uint32_t thread, uint32_t n_threads)
{
    char path[PATH_MAX];

    *job = (struct job){.bench = bench, .place = &bench->places[thread], .dir_fd = -1, .fd = -1};
    job->big_bytes = bench->data_bytes / n_threads / CHUNK_BYTES * CHUNK_BYTES;
    job->buffer = malloc(CHUNK_BYTES);
    if (job->buffer == NULL)
        return job_fail(job, "malloc");
    directory_path(bench, thread, path);
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return job_fail(job, "mkdir");
    job->place->made = true;
    job->dir_fd = directory_open(bench, thread);
    return job->dir_fd >= 0 || job_fail(job, "open of the directory");
}

static void job_close(struct job *job)
{
    if (job->fd >= 0)
        close(job->fd);
    if (job->dir_fd >= 0)
        close(job->dir_fd);
    free(job->buffer);
}

static bool job_open_big(struct job *job, enum cold cold)
{
    job->fd = openat(job->dir_fd, "big", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (job->fd < 0)
        return job_fail(job, "open");
    if (cold != COLD_DATA)
        return true;
    // Only clean pages are dropped.
    if (fsync(job->fd) != 0)
        return job_fail(job, "fsync");
    errno = posix_fadvise(job->fd, 0, 0, POSIX_FADV_DONTNEED);
    return errno == 0 || job_fail(job, "posix_fadvise");
}

/*
 * Makes the kernel forget names and attributes. An open directory would keep its own, and the list of its
 * names with them: the threads' directories are closed meanwhile.
 */
static bool drop_names(const struct bench *bench, struct job *jobs, uint32_t n_threads, struct result *result)
{
    int fd = open(DROP_CACHES, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && syncfs(jobs[0].dir_fd) == 0;

    for (uint32_t i = 0; good && i < n_threads; i++) {
        close(jobs[i].dir_fd);
        jobs[i].dir_fd = -1;
    }
    good = good && write(fd, DROP_NAMES, 1) == 1;
    for (uint32_t i = 0; good && i < n_threads; i++) {
        jobs[i].dir_fd = directory_open(bench, i);
        good = jobs[i].dir_fd >= 0;
    }
    if (!good) {
        snprintf(result->problem, sizeof(result->problem), "cannot drop the caches: %s", strerror(errno));
        result->skipped = true;
    }
    if (fd >= 0)
        close(fd);
    return good;
}

static void settle(void)
{
    struct timespec pause = {.tv_nsec = SETTLE_NS};

    nanosleep(&pause, NULL);
}

static bool note_problem(const struct job *job, const char *name, struct result *result)
{
    snprintf(result->problem, sizeof(result->problem), "%s: %s: %s", name, job->what, strerror(job->error));
    return false;
}

static bool prepare(const struct workload *workload, struct job *jobs, uint32_t n_threads,
                    struct result *result)
{
    for (uint32_t i = 0; i < n_threads; i++) {
        if (!workload->prepare(&jobs[i]) || (workload->big_file && !job_open_big(&jobs[i], workload->cold)))
            return note_problem(&jobs[i], workload->name, result);
        jobs[i].done = 0;
    }
    if (workload->cold == COLD_NAMES && !drop_names(jobs[0].bench, jobs, n_threads, result))
        return false;
    settle();
    return true;
}

struct starter {
    struct job *job;
    const struct workload *workload;
    pthread_t thread;
};

static void *starter_main(void *arg)
{
    struct starter *starter = arg;
    struct job *job = starter->job;

    pthread_barrier_wait(&start_line);
    job->started_ns = clock_ns();
    starter->workload->run(job);
    job->ended_ns = clock_ns();
    return NULL;
}

static void run_together(const struct workload *workload, struct job *jobs, uint32_t n_threads,
                         struct result *result)
{
    struct starter starters[BENCH_THREADS_MAX];
    uint64_t first = UINT64_MAX;
    uint64_t last = 0;

    pthread_barrier_init(&start_line, NULL, n_threads);
    for (uint32_t i = 0; i < n_threads; i++) {
        starters[i] = (struct starter){.job = &jobs[i], .workload = workload};
        int error = pthread_create(&starters[i].thread, NULL, starter_main, &starters[i]);
        if (error != 0) {
            // Those already waiting at the start line would wait for ever.
            fprintf(stderr, "bench-client: cannot start a thread: %s\n", strerror(error));
            exit(EXIT_FAILURE);
        }
    }
    for (uint32_t i = 0; i < n_threads; i++)
        pthread_join(starters[i].thread, NULL);
    pthread_barrier_destroy(&start_line);
    for (uint32_t i = 0; i < n_threads; i++) {
        if (jobs[i].error != 0)
            note_problem(&jobs[i], workload->name, result);
        first = jobs[i].started_ns < first ? jobs[i].started_ns : first;
        last = jobs[i].ended_ns > last ? jobs[i].ended_ns : last;
        result->done += jobs[i].done;
    }
    result->seconds = (double)(last - first) / SECOND_NS;
}

void workload_run(struct bench *bench, const struct workload *workload, uint32_t n_threads,
                  struct result *result)
{
    struct job jobs[BENCH_THREADS_MAX];
    uint32_t opened = 0;
    bool good = true;

    *result = (struct result){0};
    while (good && opened < n_threads) {
        good = job_open(&jobs[opened], bench, opened, n_threads);
        if (!good)
            note_problem(&jobs[opened], workload->name, result);
        opened++;
    }
    if (good && prepare(workload, jobs, n_threads, result)) {
        run_together(workload, jobs, n_threads, result);
        // What is left to write back must not disturb what is measured next, here or on another file system.
        if (jobs[0].dir_fd >= 0)
            syncfs(jobs[0].dir_fd);
    }
    for (uint32_t i = 0; i < opened; i++)
        job_close(&jobs[i]);
}
