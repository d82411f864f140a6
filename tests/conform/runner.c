// SPDX-License-Identifier: BSD-2-Clause
/*
 * runner.c: runs the cases one after the other in one world and says what became of them.
 *
 *   usage: conform --world host|fuse-fast|fuse-exact|inproc [--fs TYPE] [--dir DIR] [--filter TEXT] [--list]
 *                  [--vnodes N] [-v]
 *
 * Cases run on the initial thread; no lock. The exit status is 0 when all that ran passed and every row of
 * the table of differences was asked for (the latter in whole runs only).
 */
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include "tests/conform/conform.h"
#include "tests/conform/worlds.h"

extern const struct conform_suite suite_attributes, suite_data, suite_directories, suite_errors, suite_limits,
    suite_links, suite_locks, suite_open, suite_permission, suite_readdir, suite_remove, suite_rename,
    suite_setid, suite_space, suite_sticky, suite_symlinks, suite_times, suite_unlinked, suite_xattr;
static const struct conform_suite *const suites[] = {
    &suite_open,       &suite_data,  &suite_space,      &suite_unlinked, &suite_directories,
    &suite_readdir,    &suite_links, &suite_symlinks,   &suite_remove,   &suite_rename,
    &suite_attributes, &suite_times, &suite_permission, &suite_sticky,   &suite_setid,
    &suite_xattr,      &suite_locks, &suite_limits,     &suite_errors};

const struct fs_ops *fs;
unsigned features = FEATURES_ALL;
enum world conform_world;

enum outcome { PASSED, FAILED, SKIPPED };
static jmp_buf way_out;
static char reason[256];
static bool verbose;
static unsigned counts[3];

/* ---- how a case ends ----------------------------------------------------------------------------------- */

_Noreturn void conform_fail(const char *file, int line, const char *format, ...)
{
    va_list args;

    printf("    %s:%d: ", file, line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    longjmp(way_out, FAILED);
}

_Noreturn void conform_skip(const char *why)
{
    snprintf(reason, sizeof(reason), "%s", why);
    longjmp(way_out, SKIPPED);
}

void conform_need(unsigned needed)
{
    unsigned lacking = needed & ~features;

    if (lacking)
        conform_skip(world_feature_reason(lacking));
}

void conform_check_errno(const char *file, int line, const char *what, int got, int expected)
{
    if (got != expected)
        conform_fail(file, line, "%s: %s, expected %s", what, conform_errno_name(got),
                     conform_errno_name(expected));
}

/* ---- running ------------------------------------------------------------------------------------------- */

static void case_name(char *out, size_t size, const struct conform_suite *suite,
                      const struct conform_case *test, unsigned row)
{
    if (test->rows)
        snprintf(out, size, "%s.%s[%s]", suite->name, test->name, test->row_name(row));
    else
        snprintf(out, size, "%s.%s", suite->name, test->name);
}

static enum outcome case_run(const struct conform_case *test, unsigned row)
{
    static unsigned number;
    char place[32];

    snprintf(place, sizeof(place), "case-%u", number++);
    volatile int how = setjmp(way_out);
    if (how == 0) {
        CHECK_OK(fs->enter(place));
        if (test->fn)
            test->fn();
        else
            test->row_fn(row);
    }
    fs->leave();
    int error = tree_clear(place);
    if (error && how != FAILED) {
        printf("    what the case left could not be removed: %s\n", conform_errno_name(error));
        return FAILED;
    }
    return (enum outcome)how;
}

static void run_one(const struct conform_suite *suite, const struct conform_case *test, unsigned row,
                    const char *filter)
{
    static const char *const words[] = {"ok", "FAILED", "skipped"};
    char name[256];

    case_name(name, sizeof(name), suite, test, row);
    if (filter && !strstr(name, filter))
        return;
    enum outcome outcome = case_run(test, row);
    counts[outcome]++;
    if (outcome == SKIPPED)
        printf("skipped %s: %s\n", name, reason);
    else if (outcome == FAILED || verbose)
        printf("%s %s\n", words[outcome], name);
}

static void each_case(const char *filter, bool list)
{
    for (size_t i = 0; i < COUNT_OF(suites); i++) {
        for (size_t j = 0; j < suites[i]->count; j++) {
            const struct conform_case *test = &suites[i]->cases[j];
            for (unsigned row = 0; row < (test->rows ? test->rows : 1); row++) {
                char name[256];
                case_name(name, sizeof(name), suites[i], test, row);
                if (list)
                    puts(name);
                else
                    run_one(suites[i], test, row, filter);
            }
        }
    }
}

static int report(const struct world_options *options, const char *filter, const struct timespec *start)
{
    struct timespec now;
    unsigned unused = filter ? 0 : differences_unused();

    clock_gettime(CLOCK_MONOTONIC, &now);
    double seconds = (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
    printf("conform %s %s: %u passed, %u failed, %u skipped, %u bad differences, %.2f s\n", options->world,
           options->fstype, counts[PASSED], counts[FAILED], counts[SKIPPED], unused, seconds);
    return counts[FAILED] || unused ? 1 : 0;
}

static _Noreturn void usage(void)
{
    fputs("usage: conform --world host|fuse-fast|fuse-exact|inproc [--fs TYPE] [--dir DIR] [--filter TEXT]\n"
          "               [--vnodes N] [--list] [-v]\n",
          stderr);
    exit(64);
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"world", 1, NULL, 'w'}, {"fs", 1, NULL, 'f'},     {"dir", 1, NULL, 'd'}, {"filter", 1, NULL, 'F'},
        {"list", 0, NULL, 'l'},  {"vnodes", 1, NULL, 'n'}, {NULL, 0, NULL, 0}};
    struct world_options options = {.world = "inproc", .fstype = "memfs", .max_vnodes = 256};
    const char *filter = NULL;
    struct timespec start;
    int c;

    while ((c = getopt_long(argc, argv, "v", long_options, NULL)) != -1) {
        switch (c) {
        case 'w':
            options.world = optarg;
            break;
        case 'f':
            options.fstype = optarg;
            break;
        case 'd':
            options.dir = optarg;
            break;
        case 'F':
            filter = optarg;
            break;
        case 'n':
            options.max_vnodes = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'l':
            each_case(NULL, true);
            return 0;
        case 'v':
            verbose = true;
            break;
        default:
            usage();
        }
    }
    if (optind != argc || !world_start(&options))
        usage();
    setvbuf(stdout, NULL, _IOLBF, 0);
    clock_gettime(CLOCK_MONOTONIC, &start);
    each_case(filter, false);
    int status = report(&options, filter, &start);
    world_end();
    return status;
}
