// SPDX-License-Identifier: BSD-2-Clause
/*
 * Common behaviour of the kext tools; see tool.h. Owns the diagnostics and the JSON result of the running
 * tool.
 */
#include "tools/common/tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void tool_begin(struct tool *tool, const char *name)
{
    memset(tool, 0, sizeof(*tool));
    tool->name = name;
    tool->verbose = 1;
    tool->result = json_object();
}

bool tool_wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "-help") == 0 || strcmp(argv[i], "--help") == 0) {
            return true;
        }
    }
    return false;
}

/* getopt leaves the operand of -v where it is, since it may be missing. */
static int verbosity_read(int argc, char **argv)
{
    const char *next = optind < argc ? argv[optind] : NULL;

    if (next != NULL && next[0] >= '0' && next[0] <= '6' && next[1] == '\0') {
        optind++;
        return next[0] - '0';
    }
    return 2;
}

bool tool_option(struct tool *tool, int opt, int argc, char **argv)
{
    switch (opt) {
    case 'q':
        tool->quiet = true;
        return true;
    case 'v':
        tool->verbose = verbosity_read(argc, argv);
        tool->quiet = false;
        return true;
    case TOOL_OPT_JSON:
        tool->json = true;
        return true;
    case TOOL_OPT_SOCKET:
        tool->socket = optarg;
        return true;
    default:
        return false;
    }
}

void tool_once(struct tool *tool, const char *option, bool *given)
{
    if (*given) {
        kext_diag_add(&tool->diags, KEXT_DIAG_WARNING, NULL, NULL,
                      "%s is given more than once; the last one counts", option);
    }
    *given = true;
}

int tool_usage_error(struct tool *tool, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s: ", tool->name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return tool_usage_told(tool);
}

int tool_usage_told(struct tool *tool)
{
    fprintf(stderr, "Try '%s%s%s --help'.\n", tool->name, tool->verb != NULL ? " " : "",
            tool->verb != NULL ? tool->verb : "");
    kext_diags_free(&tool->diags);
    json_decref(tool->result);
    return TOOL_USAGE;
}

void tool_say(const struct tool *tool, int level, const char *format, ...)
{
    va_list args;

    if (tool->quiet || tool->json || tool->verbose < level) {
        return;
    }
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

int tool_finish(struct tool *tool, int code)
{
    if (tool->json) {
        json_object_set_new(tool->result, "exit", json_integer(code));
        json_object_set_new(tool->result, "problems", kext_diags_to_json(&tool->diags));
        json_dumpf(tool->result, stdout, JSON_INDENT(2));
        putchar('\n');
    } else if (!tool->quiet) {
        fflush(stdout);
        kext_diags_print(&tool->diags, stderr, tool->name, tool->verbose > 0);
    }
    kext_diags_free(&tool->diags);
    json_decref(tool->result);
    return code;
}

bool tool_connect(struct tool *tool, struct kext_client *client, enum kext_client_result *result)
{
    *result = kext_client_open(tool->socket, client, &tool->diags);
    client->progress = tool->quiet || tool->json ? NULL : tool->name;
    return *result == KEXT_CLIENT_OK;
}
