// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the kext tools share: options that mean the same in all of them, exit codes, and one way to report.
 *
 * Letters that mean the same everywhere: -b/-bundle-id, -d/-dependency, -r/-repository,
 * -e/-no-system-extensions, -q/-quiet, -v/-verbose [0-6], -h/-help; and in ours alone --json, --socket PATH.
 * A long option may have one dash. Everything here runs on the tool's only thread.
 */
#ifndef KEXTBED_TOOLS_COMMON_TOOL_H
#define KEXTBED_TOOLS_COMMON_TOOL_H

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>

#include "libkext/client.h"
#include "libkext/diag.h"

/* Exit codes that other systems' scripts know. */
enum {
    TOOL_OK = 0,
    TOOL_NOT_FOUND = 1,
    TOOL_NO_ARCH = 2,
    TOOL_ABORTED = 3,
    TOOL_BAD_KEXT = 4,
    TOOL_LOAD_FAILED = 6,
    TOOL_UNSPECIFIED = 11,
    TOOL_NO_START = 34,
    TOOL_USAGE = 64,
    TOOL_UNREACHABLE = 69,
    TOOL_DENIED = 77,
};

struct tool {
    const char *name;        /* for messages */
    const char *verb;        /* of an umbrella command; NULL: none */
    int verbose;             /* 0-6; 1 unless told otherwise */
    bool quiet;              /* errors alone decide the exit status; nothing is printed */
    bool json;               /* one JSON object on standard output instead of text */
    const char *socket;      /* NULL: the usual one */
    struct kext_diags diags; /* gathered, printed by tool_finish() */
    json_t *result;          /* members of the JSON object */
};

/* Values of the long options that have no letter. */
enum { TOOL_OPT_JSON = 1000, TOOL_OPT_SOCKET, TOOL_OPT_OWN };

/* Rows for the long options that all tools have. */
#define TOOL_OPTIONS                                                                                         \
    {"help", no_argument, NULL, 'h'}, {"quiet", no_argument, NULL, 'q'},                                     \
        {"verbose", no_argument, NULL, 'v'}, {"json", no_argument, NULL, TOOL_OPT_JSON},                     \
    {                                                                                                        \
        "socket", required_argument, NULL, TOOL_OPT_SOCKET                                                   \
    }

void tool_begin(struct tool *tool, const char *name);

/** tool_option - handle an option that all tools have, but -h.
 *  @argc, @argv  so that -v finds its operand: the next argument, if that is one digit from 0 to 6.
 *  Returns: whether @opt was one of them. */
bool tool_option(struct tool *tool, int opt, int argc, char **argv);

/** tool_wants_help - whether -h, -help or --help stands among the arguments: it goes before everything else.
 */
bool tool_wants_help(int argc, char **argv);

/** tool_once - warn when an option that counts once is given again. @given is set. */
void tool_once(struct tool *tool, const char *option, bool *given);

/** tool_usage_error - say what is wrong with the command line, and where to read on. Returns TOOL_USAGE. */
int tool_usage_error(struct tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** tool_usage_told - the same after getopt has said what is wrong. */
int tool_usage_told(struct tool *tool);

/** tool_say - a line on standard output at a level of verbosity; nothing when quiet or JSON. */
void tool_say(const struct tool *tool, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** tool_finish - print what was gathered, as text on standard error or as JSON, and let go of it. Returns
 * @code. */
int tool_finish(struct tool *tool, int code);

/** tool_connect - reach the kernel process. False: an error was added. */
bool tool_connect(struct tool *tool, struct kext_client *client, enum kext_client_result *result);

#endif
