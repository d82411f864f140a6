// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextstat: what is loaded in the kernel process, as a table, as JSON, or as a graph.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/common/tool.h"

static const char usage_text[] =
    "usage: kextstat [options]\n"
    "\n"
    "  -a, -arch              show each kext's architecture\n"
    "  -b, -bundle-id ID      only the kext with this identifier; may be given again\n"
    "  -k, -no-kernel         leave out what is part of the kernel process itself\n"
    "  -l, -list-only         leave out the header\n"
    "  -h, -help              this text\n"
    "  --json                 one JSON object on standard output\n"
    "  --dot                  who links against whom, for graphviz\n"
    "  --socket PATH          the kernel process that listens there\n"
    "\n"
    "Exit status: 0; 1 a kext asked for is not loaded; 64 usage; 69 no kernel process.\n";

enum { OPT_DOT = TOOL_OPT_OWN, IDS_MAX = 256 };

struct view {
    const char *ids[IDS_MAX];
    bool seen[IDS_MAX];
    size_t nids;
    bool arch, no_kernel, no_header, dot;
};

static const char *text_of(const json_t *row, const char *member, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(row, member));

    return text != NULL ? text : otherwise;
}

static uint64_t number_of(const json_t *row, const char *member)
{
    return (uint64_t)json_integer_value(json_object_get(row, member));
}

static bool row_wanted(struct view *view, const json_t *row)
{
    const char *name = text_of(row, "name", "");
    bool wanted = view->nids == 0;

    if (view->no_kernel && json_is_true(json_object_get(row, "interface"))) {
        return false;
    }
    for (size_t i = 0; i < view->nids; i++) {
        if (strcmp(view->ids[i], name) == 0) {
            view->seen[i] = wanted = true;
        }
    }
    return wanted;
}

/* "0x7f..." for what has an address, plain 0 for what has none. */
static const char *hex(uint64_t value, char buf[24])
{
    snprintf(buf, 24, value != 0 ? "%#" PRIx64 : "%" PRIu64, value);
    return buf;
}

static void row_print(const struct view *view, const json_t *row)
{
    char address[24], size[24], wired[24];
    const char *uuid = text_of(row, "uuid", NULL);
    const char *state = text_of(row, "state", "started");
    size_t i;
    json_t *index;

    printf("%5" PRIu64 " %4" PRIu64 " %-18s %-10s %-10s ", number_of(row, "index"), number_of(row, "refs"),
           hex(number_of(row, "address"), address), hex(number_of(row, "size"), size),
           hex(number_of(row, "wired"), wired));
    if (view->arch) {
        printf("%-7s ", "x86_64");
    }
    printf("%s (%s)", text_of(row, "name", "?"), text_of(row, "version", "?"));
    if (uuid != NULL) {
        printf(" %s", uuid);
    }
    fputs(" <", stdout);
    json_array_foreach(json_object_get(row, "linked"), i, index)
    {
        printf("%s%" JSON_INTEGER_FORMAT, i != 0 ? " " : "", json_integer_value(index));
    }
    fputs(strcmp(state, "started") == 0 ? ">\n" : "> ", stdout);
    if (strcmp(state, "started") != 0) {
        printf("(%s)\n", strcmp(state, "loaded") == 0 ? "not started" : "stopped, still in use");
    }
}

static void header_print(const struct view *view)
{
    printf("%5s %4s %-18s %-10s %-10s %s%s\n", "Index", "Refs", "Address", "Size", "Wired",
           view->arch ? "Arch    " : "", "Name (Version) UUID <Linked Against>");
}

static void graph_print(const json_t *rows)
{
    size_t i, j;
    json_t *row, *index;

    puts("digraph kexts {\n    rankdir=LR;\n    node [shape=box];");
    json_array_foreach(rows, i, row)
    {
        printf("    k%" PRIu64 " [label=\"%s\\n%s\"];\n", number_of(row, "index"), text_of(row, "name", "?"),
               text_of(row, "version", "?"));
        json_array_foreach(json_object_get(row, "linked"), j, index)
        {
            printf("    k%" PRIu64 " -> k%" JSON_INTEGER_FORMAT ";\n", number_of(row, "index"),
                   json_integer_value(index));
        }
    }
    puts("}");
}

static int view_print(struct tool *tool, struct view *view, const json_t *all)
{
    json_t *rows = json_array(), *row;
    int code = TOOL_OK;
    size_t i;

    json_array_foreach(all, i, row)
    {
        if (row_wanted(view, row)) {
            json_array_append(rows, row);
        }
    }
    if (!tool->json && view->dot) {
        graph_print(rows);
    } else if (!tool->json && !tool->quiet) {
        if (!view->no_header) {
            header_print(view);
        }
        json_array_foreach(rows, i, row)
        {
            row_print(view, row);
        }
    }
    json_object_set_new(tool->result, "kexts", rows);
    for (i = 0; i < view->nids; i++) {
        if (!view->seen[i]) {
            kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, NULL, view->ids[i], "not loaded");
            code = TOOL_NOT_FOUND;
        }
    }
    return code;
}

static const struct option long_options[] = {{"arch", no_argument, NULL, 'a'},
                                             {"bundle-id", required_argument, NULL, 'b'},
                                             {"no-kernel", no_argument, NULL, 'k'},
                                             {"list-only", no_argument, NULL, 'l'},
                                             {"dot", no_argument, NULL, OPT_DOT},
                                             TOOL_OPTIONS,
                                             {NULL, 0, NULL, 0}};

static bool option_read(struct tool *tool, struct view *view, int opt, int argc, char **argv)
{
    switch (opt) {
    case 'a':
        view->arch = true;
        return true;
    case 'b':
        if (view->nids < IDS_MAX) {
            view->ids[view->nids++] = optarg;
        }
        return true;
    case 'k':
        view->no_kernel = true;
        return true;
    case 'l':
        view->no_header = true;
        return true;
    case OPT_DOT:
        view->dot = true;
        return true;
    default:
        return tool_option(tool, opt, argc, argv);
    }
}

int main(int argc, char **argv)
{
    static struct view view;
    struct kext_client client;
    enum kext_client_result result;
    struct tool tool;
    json_t *reply = NULL;
    int opt, code = TOOL_UNREACHABLE;

    if (tool_wants_help(argc, argv)) {
        fputs(usage_text, stdout);
        return TOOL_OK;
    }
    tool_begin(&tool, "kextstat");
    while ((opt = getopt_long_only(argc, argv, "ab:klqvh", long_options, NULL)) != -1) {
        if (!option_read(&tool, &view, opt, argc, argv)) {
            return tool_usage_told(&tool);
        }
    }
    if (optind != argc) {
        return tool_usage_error(&tool, "'%s' is no option; -b names a kext", argv[optind]);
    }
    if (tool_connect(&tool, &client, &result)) {
        result = kext_client_call(&client, "stat", NULL, -1, "asking what is loaded", &reply, &tool.diags);
        kext_client_close(&client);
    }
    if (result == KEXT_CLIENT_OK) {
        code = view_print(&tool, &view, json_object_get(reply, "kexts"));
        json_decref(reply);
    }
    return tool_finish(&tool, code);
}
