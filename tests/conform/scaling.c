// SPDX-License-Identifier: BSD-2-Clause
/*
 * scaling.c: how much more two threads get done than one, on files of their own in one file system, in
 * process; beside it a control that only computes, which says what the machine itself can give.
 *
 *   usage: conform-scaling [--threads N] [--ops N] [--runs N] TYPE...       memfs onelockfs unless given
 *
 * Figures for people, never a test: no threshold. Of several runs the best counts for each number of threads.
 * Each thread takes its own time, and a run lasts from the first that begins to the last that ends: so short
 * runs
 * (--ops 5000), of which some are not disturbed, are right on a busy machine, too.
 */
#include <getopt.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/inproc/inproc.h"

#define THREADS_MAX 64

struct worker {
    struct inproc *kernel; /* NULL: the control */
    unsigned number;
    unsigned long ops;
    pthread_barrier_t *start;
    uint64_t began_ns, ended_ns;
    volatile uint64_t sink;
};

static unsigned long ops = 200000;
static unsigned thread_count = 2, runs = 5;

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void compute(struct worker *worker)
{
    uint64_t value = worker->number + 1;

    for (unsigned long i = 0; i < worker->ops * 500; i++)
        value = value * 6364136223846793005ull + (value >> 7);
    worker->sink = value;
}

/* Half reads, a quarter each of writes and stats by name. */
static void files(struct worker *worker, sys_file_t *file, const char *path)
{
    char block[4096] = {0};
    struct sys_iovec iov = {block, sizeof(block)};
    struct sys_node node;
    struct sys_attr attr;
    size_t done;

    for (unsigned long i = 0; i < worker->ops; i++) {
        int64_t off = (int64_t)(i % 64) * 4096;
        int error;
        if (i % 4 == 0)
            error = sys_pwrite(NULL, file, &iov, 1, off, &done);
        else if (i % 4 == 1)
            error = sys_lookup(worker->kernel->root, &worker->kernel->mount_root, path, 0, &node, &attr);
        else
            error = sys_pread(NULL, file, &iov, 1, off, &done);
        if (error)
            abort();
    }
}

static void *worker_run(void *arg)
{
    struct worker *worker = arg;
    sys_file_t *file = NULL;
    char path[32];

    snprintf(path, sizeof(path), "d%u/f", worker->number);
    if (worker->kernel && sys_open(worker->kernel->root, &worker->kernel->mount_root, path, 0,
                                   SYS_O_RDWR | SYS_O_CREAT, 0644, &file, NULL, NULL) != 0)
        abort();
    pthread_barrier_wait(worker->start);
    worker->began_ns = now_ns();
    if (file)
        files(worker, file, path);
    else
        compute(worker);
    worker->ended_ns = now_ns();
    if (file)
        (void)sys_close(NULL, file);
    return NULL;
}

/* Operations per second of all threads together. */
static double measure(struct inproc *kernel, unsigned count)
{
    struct worker workers[THREADS_MAX];
    pthread_t ids[THREADS_MAX];
    pthread_barrier_t barrier;
    uint64_t began_ns = UINT64_MAX, ended_ns = 0;

    pthread_barrier_init(&barrier, NULL, count);
    for (unsigned i = 0; i < count; i++) {
        workers[i] = (struct worker){.kernel = kernel, .number = i, .ops = ops, .start = &barrier};
        if (pthread_create(&ids[i], NULL, worker_run, &workers[i]) != 0)
            abort();
    }
    for (unsigned i = 0; i < count; i++) {
        pthread_join(ids[i], NULL);
        began_ns = workers[i].began_ns < began_ns ? workers[i].began_ns : began_ns;
        ended_ns = workers[i].ended_ns > ended_ns ? workers[i].ended_ns : ended_ns;
    }
    pthread_barrier_destroy(&barrier);
    return (double)count * (double)ops * 1e9 / (double)(ended_ns - began_ns);
}

struct rates {
    double one, many; /* the best run */
};

static void rates_take(struct rates *best, struct inproc *kernel)
{
    double one = measure(kernel, 1), many = measure(kernel, thread_count);

    best->one = one > best->one ? one : best->one;
    best->many = many > best->many ? many : best->many;
}

static void rates_print(const char *name, const struct rates *rates)
{
    printf("%-12s 1 thread %10.0f/s   %u threads %10.0f/s   x %.2f\n", name, rates->one, thread_count,
           rates->many, rates->many / rates->one);
}

/* The control takes turns with the file system, so that both have the same neighbours. */
static void scaling(const char *type, struct inproc *kernel)
{
    struct rates files_best = {0}, control = {0};

    for (unsigned i = 0; i < runs; i++) {
        rates_take(&control, NULL);
        rates_take(&files_best, kernel);
    }
    rates_print("control", &control);
    rates_print(type, &files_best);
    printf("%-12s scales %.2f as well as the control\n", type,
           files_best.many / files_best.one / (control.many / control.one));
}

static void type_run(const char *type)
{
    struct inproc kernel;
    char name[64];

    /* Without the ledger of references, which would be what is measured. */
    const struct sys_boot boot = {.max_vnodes = 1024};
    CHECK_SYS(0, inproc_boot(&kernel, &boot));
    snprintf(name, sizeof(name), "%s.kext", type);
    inproc_load(name);
    inproc_mount(&kernel, type, NULL);
    for (unsigned i = 0; i < thread_count; i++) {
        snprintf(name, sizeof(name), "d%u", i);
        inproc_mkdir(&kernel, name);
    }
    scaling(type, &kernel);
    inproc_unmount(&kernel);
    snprintf(name, sizeof(name), "org.kextbed.%s", type);
    inproc_unload(name);
    inproc_end(&kernel);
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"threads", 1, NULL, 't'}, {"ops", 1, NULL, 'o'}, {"runs", 1, NULL, 'r'}, {NULL, 0, NULL, 0}};
    static char *const usual[] = {"memfs", "onelockfs"};
    int c;

    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (c == 't')
            thread_count = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 'o')
            ops = strtoul(optarg, NULL, 10);
        else if (c == 'r')
            runs = (unsigned)strtoul(optarg, NULL, 10);
        else
            thread_count = 0;
    }
    if (thread_count < 1 || thread_count > THREADS_MAX || ops < 1 || runs < 1) {
        fputs("usage: conform-scaling [--threads N] [--ops N] [--runs N] TYPE...\n", stderr);
        return 64;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    char *const *types = optind < argc ? argv + optind : usual;
    for (int left = optind < argc ? argc - optind : 2; left > 0; left--)
        type_run(*types++);
    return 0;
}
