// SPDX-License-Identifier: BSD-2-Clause
/*
 * stress.c: many threads, each with a seed that is told first; verified against the models at the end.
 *
 *   usage: conform-stress --world W [--fs TYPE] [--dir DIR] [--vnodes N] [--threads N] [--ops N] [--seed N]
 *
 * The answer to one seed is the same sequence of operations per thread; how threads interleave is the
 * machine's.
 */
#include <getopt.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/conform/stress.h"
#include "tests/conform/worlds.h"

#define THREADS_MAX 64

const struct fs_ops *fs;
unsigned features = FEATURES_ALL;
enum world conform_world;
static struct world_options options = {.world = "inproc", .fstype = "memfs", .max_vnodes = 128};
static struct stress_thread threads[THREADS_MAX];

_Noreturn void stress_fail(const struct stress_thread *t, const char *format, ...)
{
    va_list args;

    flockfile(stdout);
    printf("thread %u, seed %llu, operation %lu, %s: ", t->number, (unsigned long long)t->seed, t->done,
           t->op);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
    _exit(1);
}

/* What helpers.c reports belongs to no thread's model. */
_Noreturn void conform_fail(const char *file, int line, const char *format, ...)
{
    va_list args;

    printf("%s:%d: ", file, line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
    _exit(1);
}

void conform_check_errno(const char *file, int line, const char *what, int got, int expected)
{
    if (got != expected)
        conform_fail(file, line, "%s: %s, expected %s", what, conform_errno_name(got),
                     conform_errno_name(expected));
}

void stress_expect(const struct stress_thread *t, int got, int expected)
{
    if (got != expected)
        stress_fail(t, "error %d, expected %d", got, expected);
}

unsigned stress_pick(struct stress_thread *t, unsigned below)
{
    t->random = t->random * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)((t->random >> 33) % below);
}

static void *thread_run(void *arg)
{
    struct stress_thread *t = arg;

    stress_model_start(t);
    for (; t->done < t->ops; t->done++) {
        if (stress_pick(t, 5) == 0)
            stress_shared_step(t);
        else
            stress_model_step(t);
    }
    return NULL;
}

static void run(unsigned count, unsigned long ops, uint64_t seed)
{
    pthread_t ids[THREADS_MAX];

    CHECK_OK(fs->enter("stress"));
    make_dir(ROOT, "shared", 0755);
    for (unsigned i = 0; i < 3; i++) {
        char path[32];
        snprintf(path, sizeof(path), "shared/d%u", i);
        make_dir(ROOT, path, 0755);
    }
    for (unsigned i = 0; i < count; i++) {
        threads[i] = (struct stress_thread){.number = i, .seed = seed + i, .random = seed + i, .ops = ops};
        if (pthread_create(&ids[i], NULL, thread_run, &threads[i]) != 0)
            abort();
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(ids[i], NULL);
    for (unsigned i = 0; i < count; i++)
        stress_model_verify(&threads[i]);
    stress_shared_verify(&threads[0]);
    fs->leave();
    CHECK_OK(tree_clear("stress"));
}

static _Noreturn void usage(void)
{
    fputs("usage: conform-stress --world host|fuse-fast|fuse-exact|inproc [--fs TYPE] [--dir DIR] [--vnodes "
          "N]\n"
          "                      [--threads N] [--ops N] [--seed N]\n",
          stderr);
    exit(64);
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"world", 1, NULL, 'w'},   {"fs", 1, NULL, 'f'},  {"dir", 1, NULL, 'd'},  {"vnodes", 1, NULL, 'n'},
        {"threads", 1, NULL, 't'}, {"ops", 1, NULL, 'o'}, {"seed", 1, NULL, 's'}, {NULL, 0, NULL, 0}};
    unsigned long count = 8, ops = 5000;
    uint64_t seed = (uint64_t)time(NULL);
    struct timespec start, end;
    int c;

    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (c == 'w')
            options.world = optarg;
        else if (c == 'f')
            options.fstype = optarg;
        else if (c == 'd')
            options.dir = optarg;
        else if (c == 'n')
            options.max_vnodes = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 't')
            count = strtoul(optarg, NULL, 10);
        else if (c == 'o')
            ops = strtoul(optarg, NULL, 10);
        else if (c == 's')
            seed = strtoull(optarg, NULL, 10);
        else
            usage();
    }
    if (optind != argc || count < 1 || count > THREADS_MAX)
        usage();
    printf("stress: --world %s --fs %s --threads %lu --ops %lu --seed %llu\n", options.world, options.fstype,
           count, ops, (unsigned long long)seed);
    fflush(stdout);
    if (!world_start(&options))
        usage();
    clock_gettime(CLOCK_MONOTONIC, &start);
    run((unsigned)count, ops, seed);
    clock_gettime(CLOCK_MONOTONIC, &end);
    world_end();
    printf("stress: %lu operations verified, %.2f s\n", count * ops,
           (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
    return 0;
}
