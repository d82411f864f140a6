// SPDX-License-Identifier: BSD-2-Clause
/*
 * bench-inproc: what memfs does without FUSE, called in its own process. bench/run starts it; alone it prints
 * a small table.
 */
#include "bench/inproc/inproc.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define EXIT_USAGE 64
#define LINES      3u
#define ROUNDS_MAX 1000

static const char help_text[] =
    "usage: bench-inproc [options] MEMFS_KEXT\n"
    "Measures memfs in this process, without FUSE, against peers in the same moments.\n"
    "\n"
    "  --rounds N    rounds to take the median of (default 15; one takes half a second)\n"
    "  --tmpfs DIR   a directory on the host's tmpfs (default /dev/shm)\n"
    "  --json        one line of JSON instead of the table\n"
    "  -h, --help    this text\n";

struct request {
    const char *kext, *tmpfs;
    unsigned rounds;
    bool json;
};

static bool parse_options(int argc, char **argv, struct request *request)
{
    static const struct option table[] = {
        {"rounds", required_argument, NULL, 'r'},
        {"tmpfs", required_argument, NULL, 't'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    char *end = NULL;
    unsigned long rounds;
    int option;

    while ((option = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        switch (option) {
        case 'r':
            rounds = strtoul(optarg, &end, 10);
            if (*end != '\0' || rounds < 1 || rounds > ROUNDS_MAX)
                return false;
            request->rounds = (unsigned)rounds;
            break;
        case 't':
            request->tmpfs = optarg;
            break;
        case 'j':
            request->json = true;
            break;
        case 'h':
            fputs(help_text, stdout);
            exit(EXIT_SUCCESS);
        default:
            return false;
        }
    }
    if (argc - optind != 1)
        return false;
    request->kext = argv[optind];
    return true;
}

/* Nothing in a name or a reason needs to be escaped. */
static void print_json(const struct line *line, const char *comma)
{
    printf("%s{\"name\": \"%s\", \"unit\": \"%s\", \"aim\": %.2f, \"aim_is\": \"%s\", ", comma, line->name,
           line->unit, line->aim, line->at_most ? "at most" : "at least");
    if (line->skipped)
        printf("\"skipped\": \"%s\"}", line->skipped);
    else
        printf("\"value\": %.4f, \"peer\": %.4f, \"ratio\": %.4f}", line->value, line->peer, line->ratio);
}

static void print_text(const struct line *line)
{
    if (line->skipped)
        printf("%-16s skipped: %s\n", line->name, line->skipped);
    else
        printf("%-16s %12.1f %-6s peer %12.1f  ratio %.2f, aim %s %.2f\n", line->name, line->value,
               line->unit, line->peer, line->ratio, line->at_most ? "at most" : "at least", line->aim);
}

int main(int argc, char **argv)
{
    struct request request = {.tmpfs = "/dev/shm", .rounds = 15};
    struct kernel kernel;
    struct line lines[LINES];

    if (!parse_options(argc, argv, &request)) {
        fprintf(stderr, "bench-inproc: bad usage (--help lists the options)\n");
        return EXIT_USAGE;
    }
    kernel_start(&kernel, request.kext, "memfs");
    lines[0] = line_stat_cached(&kernel, request.tmpfs, request.rounds);
    lines_scaling(&kernel, request.rounds, &lines[1], &lines[2]);
    kernel_end(&kernel);
    for (unsigned i = 0; i < LINES; i++) {
        if (request.json)
            print_json(&lines[i], i ? ", " : "[");
        else
            print_text(&lines[i]);
    }
    if (request.json)
        puts("]");
    return EXIT_SUCCESS;
}
