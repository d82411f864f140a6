// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a second thread is worth: on a file of its own, against what it is worth to pure computation in the
 * same moments (two CPUs of a machine seldom are two of everything); and in one directory, against one
 * thread.
 */
#include "bench/inproc/inproc.h"

#include <stdio.h>
#include <stdlib.h>

#define BATCH    50u
#define SLICE_MS 60u
#define IO_BYTES 4096u
#define FILE_IOS 64u /* a file's size in I/Os */

/* Apart from the other's, a pair of cache lines at least: what is measured is not this program's own
 * counters. */
#define WORKER_ALIGN 128

struct worker {
    _Alignas(WORKER_ALIGN) sys_caller_t *caller;
    struct sys_node shared, dir; /* the directory that all share, and one of its own */
    sys_file_t *file;            /* in its own */
    char name[16], other_name[16];
    char *buffer;
    uint64_t state;
};

static uint64_t compute(void *arg)
{
    struct worker *worker = arg;
    uint64_t x = worker->state;

    for (unsigned i = 0; i < 20000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    worker->state = x;
    return 1;
}

static uint64_t use_file(void *arg)
{
    struct worker *worker = arg;
    const struct sys_iovec iov = {.base = worker->buffer, .len = IO_BYTES};
    struct sys_node node;
    struct sys_attr attr;
    size_t done;

    for (unsigned i = 0; i < BATCH; i++) {
        int64_t off = (int64_t)(worker->state++ % FILE_IOS) * IO_BYTES;

        check_sys(sys_pwrite(NULL, worker->file, &iov, 1, off, &done), "write");
        check_sys(sys_pread(NULL, worker->file, &iov, 1, off, &done), "read");
        check_sys(sys_lookup(worker->caller, &worker->dir, worker->name, SYS_AT_NOFOLLOW, &node, &attr),
                  "stat");
        check_sys(sys_getattr(worker->caller, &node, &attr), "getattr");
    }
    return 4 * BATCH;
}

static uint64_t use_directory(void *arg)
{
    struct worker *worker = arg;
    struct sys_node node;
    struct sys_attr attr;

    for (unsigned i = 0; i < BATCH; i++) {
        check_sys(
            sys_mknod(worker->caller, &worker->shared, worker->name, 0, SYS_VREG, 0644, 0, &node, &attr),
            "mknod");
        check_sys(sys_lookup(worker->caller, &worker->shared, worker->name, SYS_AT_NOFOLLOW, &node, &attr),
                  "stat");
        check_sys(sys_rename(worker->caller, &worker->shared, worker->name, &worker->shared,
                             worker->other_name, 0, 0, NULL),
                  "rename");
        check_sys(sys_unlink(worker->caller, &worker->shared, worker->other_name, 0, NULL), "unlink");
    }
    return 4 * BATCH;
}

static void worker_make(const struct kernel *kernel, const struct sys_node *shared, struct worker *worker,
                        unsigned number)
{
    struct sys_attr attr;
    size_t done;

    *worker =
        (struct worker){.caller = kernel->caller, .shared = *shared, .state = 0x9e3779b97f4a7c15ull + number};
    snprintf(worker->name, sizeof(worker->name), "name-%u", number);
    snprintf(worker->other_name, sizeof(worker->other_name), "other-%u", number);
    worker->buffer = calloc(FILE_IOS, IO_BYTES);
    if (!worker->buffer)
        die("no memory");
    const struct sys_iovec iov = {.base = worker->buffer, .len = FILE_IOS * IO_BYTES};
    char dir[16];

    snprintf(dir, sizeof(dir), "own-%u", number);
    check_sys(sys_mkdir(kernel->caller, &kernel->root, dir, 0, 0755, &worker->dir, &attr), "mkdir");
    check_sys(sys_open(kernel->caller, &worker->dir, worker->name, 0, SYS_O_RDWR | SYS_O_CREAT, 0644,
                       &worker->file, NULL, NULL),
              "open");
    check_sys(sys_pwrite(NULL, worker->file, &iov, 1, 0, &done), "write");
}

struct series {
    double *one, *two, *ratio;
};

static struct series series_make(unsigned rounds)
{
    double *values = calloc(3 * (size_t)rounds, sizeof(*values));

    if (!values)
        die("no memory");
    return (struct series){values, values + rounds, values + 2 * (size_t)rounds};
}

static double speed_up(work_fn work, void *const *args, struct series *series, unsigned round)
{
    series->one[round] = measure_rate(work, args, 1, SLICE_MS);
    series->two[round] = measure_rate(work, args, 2, SLICE_MS);
    return series->two[round] / series->one[round];
}

static void run_rounds(void *const *args, unsigned rounds, struct line *files, struct line *directory)
{
    struct series control = series_make(rounds), own = series_make(rounds), shared = series_make(rounds);

    for (unsigned i = 0; i < rounds; i++) {
        control.ratio[i] = speed_up(compute, args, &control, i);
        own.ratio[i] = speed_up(use_file, args, &own, i);
        own.two[i] = own.ratio[i];
        own.ratio[i] /= control.ratio[i];
        shared.ratio[i] = speed_up(use_directory, args, &shared, i);
    }
    files->value = measure_median(own.two, rounds);
    files->peer = measure_median(control.ratio, rounds);
    files->ratio = measure_median(own.ratio, rounds);
    directory->value = measure_median(shared.two, rounds);
    directory->peer = measure_median(shared.one, rounds);
    directory->ratio = measure_median(shared.ratio, rounds);
    free(control.one);
    free(own.one);
    free(shared.one);
}

void lines_scaling(const struct kernel *kernel, unsigned rounds, struct line *files, struct line *directory)
{
    struct worker workers[WORKERS_MAX];
    void *args[WORKERS_MAX];
    struct sys_node shared;
    struct sys_attr attr;

    *files = (struct line){.name = "scale_files", .unit = "x", .aim = 0.9};
    *directory = (struct line){.name = "scale_directory", .unit = "ops/s", .aim = 1.0};
    if (measure_cpus() < WORKERS_MAX) {
        files->skipped = directory->skipped = "there is one CPU only";
        return;
    }
    check_sys(sys_mkdir(kernel->caller, &kernel->root, "shared", 0, 0755, &shared, &attr), "mkdir");
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        worker_make(kernel, &shared, &workers[i], i);
        args[i] = &workers[i];
    }
    run_rounds(args, rounds, files, directory);
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        check_sys(sys_close(kernel->caller, workers[i].file), "close");
        free(workers[i].buffer);
    }
}
