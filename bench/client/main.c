// SPDX-License-Identifier: BSD-2-Clause
/*
 * Command line and output of bench-client. No locks.
 */
#include "bench/client/client.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXIT_USAGE = 64,
    FILES_DEFAULT = 20000,
    FILES_MAX = 1000000,
    MIB_DEFAULT = 256,
    MIB_MAX = 8192,
};

static const char help_text[] =
    "usage: bench-client [options] --workload NAME[,NAME...] DIR\n"
    "       bench-client [options] --ask DIR\n"
    "Does each workload in DIR and prints how fast it went, one line each.\n"
    "\n"
    "  --workload LIST   what to do, in this order; NAME_2t runs NAME with two threads (up to 16)\n"
    "  --ask             read the names of workloads from standard input, one a line, and answer each\n"
    "  --files N         files in a directory (default 20000)\n"
    "  --mib N           size of the big file in MiB (default 256)\n"
    "  --json            each line is a JSON object\n"
    "  --keep            leave the files in DIR\n"
    "  --list            print the names of all workloads\n"
    "  -h, --help        this text\n";

struct request {
    char *list; // of workloads; cut into names as they are run
    bool ask;
    bool json;
    bool keep;
};

static bool parse_number(const char *text, unsigned long max, unsigned long *value)
{
    char *end = NULL;

    *value = strtoul(text, &end, 10);
    return end != text && *end == '\0' && *value >= 1 && *value <= max;
}

static bool parse_options(int argc, char **argv, struct bench *bench, struct request *request)
{
    static const struct option table[] = {
        {"workload", required_argument, NULL, 'w'},
        {"ask", no_argument, NULL, 'a'},
        {"files", required_argument, NULL, 'f'},
        {"mib", required_argument, NULL, 'm'},
        {"json", no_argument, NULL, 'j'},
        {"keep", no_argument, NULL, 'k'},
        {"list", no_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    unsigned long number;
    int option;

    while ((option = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        switch (option) {
        case 'w':
            request->list = optarg;
            break;
        case 'a':
            request->ask = true;
            break;
        case 'f':
            if (!parse_number(optarg, FILES_MAX, &number))
                return false;
            bench->n_files = (uint32_t)number;
            break;
        case 'm':
            if (!parse_number(optarg, MIB_MAX, &number))
                return false;
            bench->data_bytes = (uint64_t)number << 20;
            break;
        case 'j':
            request->json = true;
            break;
        case 'k':
            request->keep = true;
            break;
        case 'l':
            workload_list();
            exit(EXIT_SUCCESS);
        case 'h':
            fputs(help_text, stdout);
            exit(EXIT_SUCCESS);
        default:
            return false;
        }
    }
    if (argc - optind != 1 || (request->list != NULL) == request->ask)
        return false;
    bench->dir = argv[optind];
    return true;
}

// Finds the workload of "name" or "name_2t". NULL if there is none.
static const struct workload *parse_workload(const char *name, uint32_t *n_threads)
{
    const char *suffix = strrchr(name, '_');
    char end = '\0';
    unsigned threads;

    *n_threads = 1;
    if (suffix != NULL && sscanf(suffix, "_%2u%c", &threads, &end) == 2 && end == 't' &&
        suffix[strlen(suffix) - 1] == 't' && threads >= 1 && threads <= BENCH_THREADS_MAX) {
        *n_threads = threads;
        return workload_find(name, (size_t)(suffix - name));
    }
    return workload_find(name, strlen(name));
}

static void print_json(const char *name, const struct workload *workload, uint32_t n_threads,
                       const struct result *result)
{
    double rate = result->seconds > 0 ? (double)result->done / result->seconds : 0;

    // Problems come from strerror and fixed texts: nothing in them needs to be escaped.
    if (result->problem[0] != '\0')
        printf("{\"workload\": \"%s\", \"threads\": %u, \"%s\": \"%s\"}\n", name, n_threads,
               result->skipped ? "skipped" : "failed", result->problem);
    else if (workload->unit == UNIT_OPS)
        printf(
            "{\"workload\": \"%s\", \"threads\": %u, \"unit\": \"ops/s\", \"value\": %.1f, \"count\": %llu, "
            "\"seconds\": %.6f}\n",
            name, n_threads, rate, (unsigned long long)result->done, result->seconds);
    else
        printf(
            "{\"workload\": \"%s\", \"threads\": %u, \"unit\": \"MB/s\", \"value\": %.1f, \"count\": %llu, "
            "\"seconds\": %.6f}\n",
            name, n_threads, rate / 1e6, (unsigned long long)result->done, result->seconds);
}

static void print_text(const char *name, const struct workload *workload, const struct result *result)
{
    double rate = result->seconds > 0 ? (double)result->done / result->seconds : 0;

    if (result->problem[0] != '\0')
        printf("%-20s %s: %s\n", name, result->skipped ? "skipped" : "failed", result->problem);
    else if (workload->unit == UNIT_OPS)
        printf("%-20s %12.0f ops/s   %llu in %.3f s\n", name, rate, (unsigned long long)result->done,
               result->seconds);
    else
        printf("%-20s %12.1f MB/s    %llu bytes in %.3f s\n", name, rate / 1e6,
               (unsigned long long)result->done, result->seconds);
}

// All names are checked before the first workload runs.
static bool check_list(const char *list)
{
    char *copy = strdup(list);
    char *rest = NULL;
    bool good = copy != NULL;

    for (char *name = good ? strtok_r(copy, ",", &rest) : NULL; good && name != NULL;
         name = strtok_r(NULL, ",", &rest)) {
        uint32_t n_threads;

        good = parse_workload(name, &n_threads) != NULL;
        if (!good)
            fprintf(stderr, "bench-client: there is no workload '%s' (--list names them)\n", name);
    }
    free(copy);
    return good;
}

// Runs the workload called @name, which exists. Returns whether it did not fail.
static bool run_named(struct bench *bench, const struct request *request, const char *name)
{
    struct result result;
    uint32_t n_threads;
    const struct workload *workload = parse_workload(name, &n_threads);

    workload_run(bench, workload, n_threads, &result);
    if (request->json)
        print_json(name, workload, n_threads, &result);
    else
        print_text(name, workload, &result);
    fflush(stdout);
    return result.problem[0] == '\0' || result.skipped;
}

static int run_list(struct bench *bench, const struct request *request)
{
    char *rest = NULL;
    int code = EXIT_SUCCESS;

    if (!check_list(request->list))
        return EXIT_USAGE;
    for (char *name = strtok_r(request->list, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest))
        if (!run_named(bench, request, name))
            code = EXIT_FAILURE;
    return code;
}

static int run_asked(struct bench *bench, const struct request *request)
{
    char name[64];
    int code = EXIT_SUCCESS;

    while (code != EXIT_USAGE && fgets(name, sizeof(name), stdin) != NULL) {
        name[strcspn(name, "\n")] = '\0';
        if (!check_list(name))
            code = EXIT_USAGE;
        else if (!run_named(bench, request, name))
            code = EXIT_FAILURE;
    }
    return code;
}

int main(int argc, char **argv)
{
    static struct bench bench = {.n_files = FILES_DEFAULT, .data_bytes = (uint64_t)MIB_DEFAULT << 20};
    struct request request = {0};

    if (!parse_options(argc, argv, &bench, &request)) {
        fprintf(stderr, "bench-client: bad usage (--help lists the options)\n");
        return EXIT_USAGE;
    }
    int code = request.ask ? run_asked(&bench, &request) : run_list(&bench, &request);
    if (!request.keep)
        place_clear(&bench);
    return code;
}
