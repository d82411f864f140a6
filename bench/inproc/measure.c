// SPDX-License-Identifier: BSD-2-Clause
/*
 * Threads that repeat a piece of work for a while, each on a CPU of its own, and what they got done per
 * second. No locks: they meet at a barrier and look at a flag.
 */
#include "bench/inproc/inproc.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define SECOND_NS 1000000000ull

static struct {
    pthread_barrier_t line; /* the threads and the one that takes the time */
    _Atomic bool stop;
} race;

struct runner {
    pthread_t thread;
    work_fn work;
    void *arg;
    unsigned index;
    uint64_t done;
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

unsigned measure_cpus(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

/* Places the calling thread on the @index-th of the CPUs that it may use. */
static void cpu_take(unsigned index)
{
    cpu_set_t all, one;

    if (sched_getaffinity(0, sizeof(all), &all) != 0)
        return;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &all) && index-- == 0) {
            CPU_SET(cpu, &one);
            (void)sched_setaffinity(0, sizeof(one), &one);
            return;
        }
    }
}

static void *runner_main(void *arg)
{
    struct runner *runner = arg;

    cpu_take(runner->index);
    (void)runner->work(runner->arg);
    pthread_barrier_wait(&race.line);
    while (!atomic_load_explicit(&race.stop, memory_order_relaxed))
        runner->done += runner->work(runner->arg);
    return NULL;
}

double measure_rate(work_fn work, void *const *args, unsigned n, unsigned ms)
{
    struct runner runners[WORKERS_MAX];
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    uint64_t done = 0;

    atomic_store(&race.stop, false);
    pthread_barrier_init(&race.line, NULL, n + 1);
    for (unsigned i = 0; i < n; i++) {
        runners[i] = (struct runner){.work = work, .arg = args[i], .index = i};
        if (pthread_create(&runners[i].thread, NULL, runner_main, &runners[i]) != 0)
            die("cannot start a thread");
    }
    pthread_barrier_wait(&race.line);
    uint64_t start = now_ns();
    nanosleep(&pause, NULL);
    atomic_store(&race.stop, true);
    uint64_t end = now_ns();
    for (unsigned i = 0; i < n; i++) {
        pthread_join(runners[i].thread, NULL);
        done += runners[i].done;
    }
    pthread_barrier_destroy(&race.line);
    return (double)done * (double)SECOND_NS / (double)(end - start);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double measure_median(double *values, unsigned n)
{
    qsort(values, n, sizeof(values[0]), compare);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}
