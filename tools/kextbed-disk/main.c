// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextbed-disk: looks at what a test device recorded, and makes the images that a disk had, or could have had
 * after a power cut. Here: the command line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/kextbed-disk/kextbed_disk.h"

static const char help_text[] =
    "usage: kextbed-disk info RECORD\n"
    "       kextbed-disk image [options] --record RECORD --out IMAGE\n"
    "       kextbed-disk states [options] --record RECORD --out IMAGE --run COMMAND\n"
    "       kextbed-disk check PLAN\n"
    "Replays the record of a test device (plans and records: testdisk(5)).\n"
    "\n"
    "  info     what the record holds\n"
    "  image    writes the disk as it was, or could have been, at one point\n"
    "  states   makes one state after the other that a power cut could have left, and runs COMMAND on each;\n"
    "           its first parameter, $1, is the image, and what it approves of it answers with 0\n"
    "  check    says whether PLAN is a plan of a test device\n"
    "\n"
    "  --record FILE    made with contents=full\n"
    "  --base FILE      the image before the first request (default: zeros)\n"
    "  --out FILE       the image to write\n"
    "  --at POINT       after so many events, end, or when write:K, flush:K or request:K arrived (default: "
    "end)\n"
    "  --state S        crash, visible (all that was done) or durable (all that was covered); default: "
    "crash\n"
    "  --seed N         what a power cut keeps (default: the record's own, or 1)\n"
    "  --torn UNIT      none, physical or block: what is written in one piece\n"
    "  --keep PERCENT   how much survives\n"
    "  --seeds N        states: so many power cuts at each point, from --seed on (default: 1)\n"
    "  --every N        states: only each N-th point\n"
    "  --prefixes       states: instead, each write in turn as the last one that was done\n"
    "  --run COMMAND    states: for /bin/sh\n"
    "  --json           one JSON object on standard output\n"
    "  -q, --quiet      no output; -h, --help  this text\n"
    "\n"
    "Exit status: 0 done, 1 the command did not approve of a state, 64 wrong usage, 71 something failed.\n";

enum {
    OPT_BASE = TOOL_OPT_OWN,
    OPT_RECORD,
    OPT_OUT,
    OPT_AT,
    OPT_STATE,
    OPT_SEED,
    OPT_TORN,
    OPT_KEEP,
    OPT_SEEDS,
    OPT_EVERY,
    OPT_PREFIXES,
    OPT_RUN
};

static const struct option options[] = {
    TOOL_OPTIONS,
    {"base", required_argument, NULL, OPT_BASE},
    {"record", required_argument, NULL, OPT_RECORD},
    {"out", required_argument, NULL, OPT_OUT},
    {"at", required_argument, NULL, OPT_AT},
    {"state", required_argument, NULL, OPT_STATE},
    {"seed", required_argument, NULL, OPT_SEED},
    {"torn", required_argument, NULL, OPT_TORN},
    {"keep", required_argument, NULL, OPT_KEEP},
    {"seeds", required_argument, NULL, OPT_SEEDS},
    {"every", required_argument, NULL, OPT_EVERY},
    {"prefixes", no_argument, NULL, OPT_PREFIXES},
    {"run", required_argument, NULL, OPT_RUN},
    {NULL, 0, NULL, 0},
};

/* The choices of a power cut are read by whoever reads plans. */
static bool choice_option(struct job *job, const char *name, const char *value, char *why, size_t why_size)
{
    char item[64];

    job->chosen = true;
    snprintf(item, sizeof(item), "%s=%s", name, value);
    return testdisk_choice_parse(item, &job->choice, why, why_size);
}

static bool count_option(const char *name, const char *value, uint64_t *count, char *why, size_t why_size)
{
    char *end;

    errno = 0;
    *count = strtoull(value, &end, 10);
    if (*value >= '1' && *value <= '9' && *end == '\0' && errno == 0) {
        return true;
    }
    snprintf(why, why_size, "--%s %s: a number from 1 on is wanted", name, value);
    return false;
}

static bool state_option(struct job *job, const char *value, char *why, size_t why_size)
{
    static const char *const names[] = {"crash", "visible", "durable"};

    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) == 0) {
            job->state = (enum disk_state)i;
            return true;
        }
    }
    snprintf(why, why_size, "--state %s: crash, visible or durable is wanted", value);
    return false;
}

static bool own_option(struct job *job, int opt, char *why, size_t why_size)
{
    switch (opt) {
    case OPT_BASE:
        job->base = optarg;
        return true;
    case OPT_RECORD:
        job->record = optarg;
        return true;
    case OPT_OUT:
        job->out = optarg;
        return true;
    case OPT_AT:
        job->at = optarg;
        return record_point_known(optarg, why, why_size);
    case OPT_RUN:
        job->run = optarg;
        return true;
    case OPT_PREFIXES:
        job->prefixes = true;
        return true;
    case OPT_STATE:
        return state_option(job, optarg, why, why_size);
    case OPT_SEED:
        return choice_option(job, "seed", optarg, why, why_size);
    case OPT_TORN:
        return choice_option(job, "torn", optarg, why, why_size);
    case OPT_KEEP:
        return choice_option(job, "keep", optarg, why, why_size);
    case OPT_SEEDS:
        return count_option("seeds", optarg, &job->seeds, why, why_size);
    case OPT_EVERY:
        return count_option("every", optarg, &job->every, why, why_size);
    default:
        snprintf(why, why_size, "the command line is wrong");
        return false;
    }
}

static int plan_check(struct tool *tool, const char *text)
{
    struct testdisk_plan plan;
    char why[256];

    if (!testdisk_plan_parse(text, &plan, why, sizeof(why))) {
        kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, NULL, NULL, "the plan: %s", why);
        return tool_finish(tool, TOOL_USAGE);
    }
    tool_say(tool, 1, "this is a plan of a test device");
    return tool_finish(tool, TOOL_OK);
}

static int verb_call(struct tool *tool, struct job *job, int argc, char **argv)
{
    const char *verb = tool->verb;
    const char *operand = argc - optind == 1 ? argv[optind] : NULL;

    if (strcmp(verb, "info") == 0 || strcmp(verb, "check") == 0) {
        if (operand == NULL) {
            return tool_usage_error(tool, "%s: exactly one %s is needed", verb,
                                    verb[0] == 'i' ? "record" : "plan");
        }
        job->record = operand;
        return verb[0] == 'i' ? verb_info(tool, job) : plan_check(tool, operand);
    }
    if (optind != argc) {
        return tool_usage_error(tool, "%s: '%s' is too much", verb, argv[optind]);
    }
    if (job->record == NULL || job->out == NULL) {
        return tool_usage_error(tool, "%s: --record and --out are needed", verb);
    }
    if (strcmp(verb, "image") == 0) {
        return verb_image(tool, job);
    }
    if (job->run == NULL) {
        return tool_usage_error(tool, "%s: --run is needed", verb);
    }
    return verb_states(tool, job);
}

int main(int argc, char **argv)
{
    static const char *const verbs[] = {"info", "image", "states", "check"};
    struct job job = {
        .choice = {.seed = 1, .torn = TESTDISK_TORN_PHYSICAL, .keep = -1}, .seeds = 1, .every = 1};
    struct tool tool;
    char why[256];
    int opt;

    tool_begin(&tool, "kextbed-disk");
    if (tool_wants_help(argc, argv)) {
        fputs(help_text, stdout);
        return tool_finish(&tool, TOOL_OK);
    }
    for (unsigned i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        tool.verb = strcmp(argv[1], verbs[i]) == 0 ? verbs[i] : tool.verb;
    }
    if (tool.verb == NULL) {
        return tool_usage_error(&tool,
                                argc > 1 ? "no such verb: %s; there are info, image, states and check"
                                         : "a verb is needed%s: info, image, states or check",
                                argc > 1 ? argv[1] : "");
    }
    argc--;
    argv++;
    while ((opt = getopt_long_only(argc, argv, "qvh", options, NULL)) != -1) {
        if (!tool_option(&tool, opt, argc, argv) && !own_option(&job, opt, why, sizeof(why))) {
            return tool_usage_error(&tool, "%s: %s", tool.verb, why);
        }
    }
    return verb_call(&tool, &job, argc, argv);
}
