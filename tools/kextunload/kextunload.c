// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextunload: unload kexts from the kernel process. All that are named are tried, whatever happens to the
 * others.
 */
#include <stdio.h>
#include <string.h>

#include "libkext/bundle.h"
#include "tools/common/tool.h"

static const char usage_text[] =
    "usage: kextunload [options] [--] KEXT.kext ...\n"
    "\n"
    "  -b, -bundle-id ID      unload the kext with this identifier\n"
    "  -q, -quiet             print nothing\n"
    "  -v, -verbose [0-6]     say more\n"
    "  -h, -help              this text\n"
    "  --json                 one JSON object on standard output instead of text\n"
    "  --socket PATH          the kernel process that listens there\n"
    "\n"
    "Exit status: 0 all are unloaded, 1 one is not loaded, 2 not permitted, 3 one is still in "
    "use,\n11 anything else, 64 usage, 69 no kernel process.\n";

enum { IDS_MAX = 256, EXIT_DENIED = 2, EXIT_PARTIAL = 3 };

struct names {
    const char *ids[IDS_MAX];
    struct kext_bundle *bundles[IDS_MAX]; /* own the identifiers that came from a path; NULL for the others */
    size_t count;
    int code;
};

static void name_add(struct tool *tool, struct names *names, const char *id, struct kext_bundle *bundle)
{
    if (names->count == IDS_MAX) {
        kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, NULL, id,
                      "more than %d kexts named: this one is left out", IDS_MAX);
        kext_bundle_free(bundle);
        names->code = TOOL_UNSPECIFIED;
        return;
    }
    names->ids[names->count] = id;
    names->bundles[names->count++] = bundle;
}

static void path_add(struct tool *tool, struct names *names, const char *path)
{
    struct kext_bundle *bundle;

    if (kext_bundle_open(path, &bundle, &tool->diags)) {
        name_add(tool, names, bundle->info.id, bundle);
    } else {
        kext_diag_mend(&tool->diags, "If the bundle has gone, name what it loaded: kextunload -b ID");
        names->code = TOOL_NOT_FOUND;
    }
}

static int exit_code(enum kext_client_result result)
{
    switch (result) {
    case KEXT_CLIENT_OK:
        return TOOL_OK;
    case KEXT_CLIENT_NOT_FOUND:
        return TOOL_NOT_FOUND;
    case KEXT_CLIENT_DENIED:
        return EXIT_DENIED;
    case KEXT_CLIENT_IN_USE:
        return EXIT_PARTIAL;
    case KEXT_CLIENT_UNREACHABLE:
        return TOOL_UNREACHABLE;
    default:
        return TOOL_UNSPECIFIED;
    }
}

static void kexts_unload(struct tool *tool, struct names *names)
{
    struct kext_client client;
    enum kext_client_result result;
    json_t *rows = json_array();

    json_object_set_new(tool->result, "kexts", rows);
    if (!tool_connect(tool, &client, &result)) {
        names->code = exit_code(result);
        return;
    }
    for (size_t i = 0; i < names->count; i++) {
        char waiting[128];

        snprintf(waiting, sizeof(waiting), "unloading %s", names->ids[i]);
        result = kext_client_call(&client, "unload", json_pack("{s:s}", "id", names->ids[i]), -1, waiting,
                                  NULL, &tool->diags);
        json_array_append_new(
            rows, json_pack("{s:s, s:s}", "name", names->ids[i], "result", kext_client_result_name(result)));
        if (result == KEXT_CLIENT_OK) {
            tool_say(tool, 2, "%s unloaded", names->ids[i]);
        } else {
            names->code = exit_code(result);
        }
    }
    kext_client_close(&client);
}

static const struct option long_options[] = {
    {"bundle-id", required_argument, NULL, 'b'}, TOOL_OPTIONS, {NULL, 0, NULL, 0}};

int main(int argc, char **argv)
{
    static struct names names;
    struct tool tool;
    int opt;

    if (tool_wants_help(argc, argv)) {
        fputs(usage_text, stdout);
        return TOOL_OK;
    }
    tool_begin(&tool, "kextunload");
    while ((opt = getopt_long_only(argc, argv, "b:qvh", long_options, NULL)) != -1) {
        if (opt == 'b') {
            name_add(&tool, &names, optarg, NULL);
        } else if (!tool_option(&tool, opt, argc, argv)) {
            return tool_usage_told(&tool);
        }
    }
    if (names.count == 0 && optind == argc) {
        return tool_usage_error(&tool, "no kext is named");
    }
    for (; optind < argc; optind++) {
        path_add(&tool, &names, argv[optind]);
    }
    if (names.count != 0) {
        kexts_unload(&tool, &names);
    }
    for (size_t i = 0; i < names.count; i++) {
        kext_bundle_free(names.bundles[i]);
    }
    return tool_finish(&tool, names.code);
}
