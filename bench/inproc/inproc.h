// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the parts of bench-inproc share: the kernel half with memfs mounted in it, the peers, and the loop
 * that takes the time. Errors end the program; nothing is left behind, for all of it is this process's
 * memory.
 */
#ifndef KEXTBED_BENCH_INPROC_H
#define KEXTBED_BENCH_INPROC_H

#include <stdbool.h>
#include <stdint.h>

#include "vfs/syscalls.h"

struct kernel {
    sys_caller_t *caller; /* this process's user */
    uint32_t mount_id;
    struct sys_node root; /* of the mount */
};

/* kernel.c */
/** kernel_start - boot, load the kext at @path, mount its file system @type. */
void kernel_start(struct kernel *kernel, const char *path, const char *type);
void kernel_end(struct kernel *kernel);
/** check_sys - end the program if a call of the kernel's failed. @what says what was tried. */
void check_sys(int error, const char *what);
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* measure.c */
/** A share of the work: do some of it and return how many operations that was. */
typedef uint64_t (*work_fn)(void *arg);
#define WORKERS_MAX 2u
/** measure_rate - operations per second of @n threads on CPUs of their own, each of which repeats @work with
 * an element of @args for @ms milliseconds. */
double measure_rate(work_fn work, void *const *args, unsigned n, unsigned ms);
/** measure_median - sorts @values. */
double measure_median(double *values, unsigned n);
/** measure_cpus - how many CPUs this process may use. */
unsigned measure_cpus(void);

/* lookups.c, scaling.c */
struct line {
    const char *name, *unit;
    double value, peer; /* what ours and the peer's figure is */
    double ratio;       /* the median of the rounds' ratios; not always value over peer */
    double aim;
    bool at_most;        /* else at least */
    const char *skipped; /* why there are no figures; or NULL */
};
struct line line_stat_cached(const struct kernel *kernel, const char *tmpfs_dir, unsigned rounds);
void lines_scaling(const struct kernel *kernel, unsigned rounds, struct line *files, struct line *directory);

#endif
