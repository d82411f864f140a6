// SPDX-License-Identifier: BSD-2-Clause
/*
 * Counts operations and prints how far the run is. All state is atomic; the thread that wins the exchange of
 * the next due time prints. No locks.
 */
#include "tools/fsx/progress.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND_NS 1000000000u
#define QUIET_NS  (2 * (uint64_t)SECOND_NS) // short runs print no progress

static struct {
    uint64_t started_ns;
    uint64_t total;
    uint64_t interval; // operations, 0 = by time
    bool quiet;
    atomic_uint_fast64_t done;
    atomic_uint_fast64_t next_ns;
    atomic_bool stop;
    atomic_int signal;
} progress;

static uint64_t clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static void stop_by_signal(int number)
{
    atomic_store(&progress.signal, number);
    atomic_store(&progress.stop, true);
}

void progress_start(const struct fsx_options *options, uint64_t total)
{
    struct sigaction action = {.sa_handler = stop_by_signal, .sa_flags = SA_RESTART | (int)SA_RESETHAND};

    progress.started_ns = clock_ns();
    progress.total = total;
    progress.interval = options->progress;
    progress.quiet = options->quiet;
    atomic_store(&progress.next_ns, progress.started_ns + QUIET_NS);
    // A second signal ends at once (SA_RESETHAND): the file system may hang.
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void progress_tick(void)
{
    uint64_t done = atomic_fetch_add(&progress.done, 1) + 1;

    if (progress.quiet)
        return;
    uint64_t now = clock_ns();
    uint_fast64_t due = atomic_load(&progress.next_ns);
    if (progress.interval != 0) {
        if (done % progress.interval != 0 || now - progress.started_ns < QUIET_NS)
            return;
    } else if (now < due || !atomic_compare_exchange_strong(&progress.next_ns, &due, now + SECOND_NS)) {
        return;
    }
    if (progress.total != 0)
        fprintf(stderr, "fsx: %llu of %llu operations\n", (unsigned long long)done,
                (unsigned long long)progress.total);
    else
        fprintf(stderr, "fsx: %llu operations\n", (unsigned long long)done);
}

void progress_stop(void)
{
    atomic_store(&progress.stop, true);
}

bool progress_stopped(void)
{
    return atomic_load(&progress.stop);
}

int progress_signal(void)
{
    return atomic_load(&progress.signal);
}

uint64_t progress_done(void)
{
    return atomic_load(&progress.done);
}

double progress_seconds(void)
{
    return (double)(clock_ns() - progress.started_ns) / SECOND_NS;
}
