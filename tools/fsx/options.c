// SPDX-License-Identifier: BSD-2-Clause
/*
 * Parses the command line of fsx, one option per table row or case. No state beyond getopt's own; called once
 * by main before any thread exists.
 */
#include "tools/fsx/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum {
    LONG_NO_PUNCH = 0x100,
    LONG_NO_ALLOC,
    LONG_NO_ZERO,
    LONG_RACY_PUNCH,
    LONG_REPLAY,
    LONG_INJECT_BUG,
    LONG_INJECT_SHARED,
};

static const char short_options[] = "N:S:l:o:p:P:WRb:c:dqnr:w:t:j:h";

static const struct option long_options[] = {
    {"help", no_argument, NULL, 'h'},
    {"no-punch", no_argument, NULL, LONG_NO_PUNCH},
    {"no-alloc", no_argument, NULL, LONG_NO_ALLOC},
    {"no-zero", no_argument, NULL, LONG_NO_ZERO},
    {"racy-punch", no_argument, NULL, LONG_RACY_PUNCH},
    {"replay", required_argument, NULL, LONG_REPLAY},
    {"inject-bug", required_argument, NULL, LONG_INJECT_BUG},
    {"inject-shared", required_argument, NULL, LONG_INJECT_SHARED},
    {NULL, 0, NULL, 0},
};

static const char help_text[] =
    "usage: fsx [options] FILE\n"
    "Does random operations on FILE and checks every byte read against a copy in memory.\n"
    "\n"
    "  -N numops    stop after so many operations (default: run until interrupted)\n"
    "  -S seed      seed of the random numbers (default and 0: a fresh one, which is printed)\n"
    "  -l filelen   longest the file may become, in bytes (default 262144)\n"
    "  -o maxop     longest read or write, in bytes (default 65536)\n"
    "  -b opstart   operations before opstart change only the copy in memory (default 1)\n"
    "  -c chance    close and reopen the file once in chance operations (default 100, 0 = never)\n"
    "  -r readbdy   reads start on multiples of readbdy bytes (default 1)\n"
    "  -w writebdy  writes, holes and allocations start on multiples of writebdy (default 1)\n"
    "  -t truncbdy  truncations go to multiples of truncbdy (default 1)\n"
    "  -W           no mapped writes\n"
    "  -R           no mapped reads\n"
    "  -n           do not check the file size\n"
    "  -p interval  progress line every interval operations (default: once a second)\n"
    "  -P dir       leave the files about a mismatch in dir (default: beside FILE)\n"
    "  -d           print each operation as it starts\n"
    "  -q           print only the seed, what the host refuses, and failures\n"
    "  -j threads   so many threads on FILE.shared and so many on a file FILE.ownN each\n"
    "  --no-punch   no holes             } left out by themselves, with a line saying so,\n"
    "  --no-alloc   no allocation        } where the host refuses them\n"
    "  --no-zero    no zeroing of ranges }\n"
    "  --racy-punch with -j over FUSE: punch holes beside the other threads' mapped writes\n"
    "  --replay F   run the operations of F, a FILE.fsxops left by an earlier mismatch\n"
    "  -h, --help   this text\n"
    "\n"
    "Exit status: 0 no mismatch, 1 mismatch or failed operation, 64 bad usage, 71 fsx could not work.\n";

__attribute__((format(printf, 1, 2))) static bool usage_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("fsx: ", stderr);
    vfprintf(stderr, format, args);
    fputs(" (fsx --help lists the options)\n", stderr);
    va_end(args);
    return false;
}

// A whole number in C notation with an optional k, m or g behind it, within [min, max].
static bool parse_count(const char *what, const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
    static const char suffixes[] = "kmg";
    char *end = NULL;
    unsigned shift = 0;

    errno = 0;
    uint64_t n = strtoull(text, &end, 0);
    if (errno != 0 || end == text || text[strspn(text, " \t")] == '-')
        return usage_error("%s: '%s' is not a number", what, text);
    const char *suffix = *end != '\0' ? strchr(suffixes, *end | 0x20) : NULL;
    if (suffix != NULL) {
        shift = 10 * (unsigned)(suffix - suffixes + 1);
        end++;
    }
    if (*end != '\0' || (shift != 0 && n > (UINT64_MAX >> shift)))
        return usage_error("%s: '%s' is not a number", what, text);
    n <<= shift;
    if (n < min || n > max)
        return usage_error("%s: %s is not between %llu and %llu", what, text, (unsigned long long)min,
                           (unsigned long long)max);
    *value = n;
    return true;
}

static bool parse_threads(const char *text, struct fsx_options *o)
{
    uint64_t n = 0;

    if (!parse_count("-j", text, 1, FSX_THREADS_MAX, &n))
        return false;
    o->threads = (uint32_t)n;
    return true;
}

static bool parse_one(int option, struct fsx_options *o)
{
    switch (option) {
    case 'N':
        return parse_count("-N", optarg, 1, UINT32_MAX - 1, &o->num_ops);
    case 'S':
        return parse_count("-S", optarg, 0, UINT64_MAX, &o->seed);
    case 'l':
        return parse_count("-l", optarg, 1, FSX_FILE_LEN_MAX, &o->file_len);
    case 'o':
        return parse_count("-o", optarg, 1, FSX_FILE_LEN_MAX, &o->max_op);
    case 'p':
        return parse_count("-p", optarg, 1, UINT64_MAX, &o->progress);
    case 'b':
        return parse_count("-b", optarg, 1, UINT32_MAX - 1, &o->op_start);
    case 'c':
        return parse_count("-c", optarg, 0, UINT64_MAX, &o->close_chance);
    case 'r':
        return parse_count("-r", optarg, 1, FSX_FILE_LEN_MAX, &o->read_bdy);
    case 'w':
        return parse_count("-w", optarg, 1, FSX_FILE_LEN_MAX, &o->write_bdy);
    case 't':
        return parse_count("-t", optarg, 1, FSX_FILE_LEN_MAX, &o->trunc_bdy);
    case 'j':
        return parse_threads(optarg, o);
    case LONG_INJECT_BUG:
        return parse_count("--inject-bug", optarg, 1, UINT32_MAX - 1, &o->inject_op);
    case LONG_INJECT_SHARED:
        return parse_count("--inject-shared", optarg, 1, UINT32_MAX - 1, &o->inject_share);
    default:
        return usage_error("bad option");
    }
}

// Options without a number. Returns whether @option was one of them.
static bool parse_flag(int option, struct fsx_options *o)
{
    switch (option) {
    case 'P':
        o->save_dir = optarg;
        return true;
    case 'W':
        return o->no_map_write = true;
    case 'R':
        return o->no_map_read = true;
    case 'n':
        return o->no_size_check = true;
    case 'd':
        return o->debug = true;
    case 'q':
        return o->quiet = true;
    case LONG_NO_PUNCH:
        return o->no_punch = true;
    case LONG_NO_ALLOC:
        return o->no_alloc = true;
    case LONG_NO_ZERO:
        return o->no_zero = true;
    case LONG_RACY_PUNCH:
        return o->racy_punch = true;
    case LONG_REPLAY:
        o->replay = optarg;
        return true;
    default:
        return false;
    }
}

static uint64_t seed_make(void)
{
    uint32_t seed = 0;

    // Short seeds are easier to type again; the clock serves where there is no entropy yet.
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
        seed = (uint32_t)time(NULL);
    return seed != 0 ? seed : 1;
}

static bool options_check(const struct fsx_options *o)
{
    if (o->replay != NULL && o->threads != 0)
        return usage_error("--replay and -j do not go together: a replay runs one file's operations");
    if (o->op_start > 1 && o->num_ops != 0 && o->op_start > o->num_ops)
        return usage_error("-b %llu is beyond the last operation (-N %llu)", (unsigned long long)o->op_start,
                           (unsigned long long)o->num_ops);
    if (o->read_bdy > o->file_len || o->write_bdy > o->file_len || o->trunc_bdy > o->file_len)
        return usage_error("a boundary (-r, -w, -t) is larger than the file length (-l)");
    if (o->inject_share != 0 && o->threads == 0)
        return usage_error("--inject-shared needs -j");
    return true;
}

bool options_parse(int argc, char **argv, struct fsx_options *o, int *exit_code)
{
    int option;

    *o = (struct fsx_options){.program = argv[0] != NULL ? argv[0] : "fsx",
                              .file_len = 256 << 10,
                              .max_op = 64 << 10,
                              .op_start = 1,
                              .close_chance = 100,
                              .read_bdy = 1,
                              .write_bdy = 1,
                              .trunc_bdy = 1};
    *exit_code = FSX_EXIT_USAGE;
    while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help_text, stdout);
            *exit_code = FSX_EXIT_OK;
            return false;
        }
        if (option == '?')
            return usage_error("bad option");
        if (!parse_flag(option, o) && !parse_one(option, o))
            return false;
    }
    if (argc - optind != 1 || argv[optind][0] == '\0')
        return usage_error("exactly one file name is needed");
    o->path = argv[optind];
    if (o->max_op > o->file_len)
        o->max_op = o->file_len;
    if (o->seed == 0)
        o->seed = seed_make();
    return options_check(o);
}
