// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextload: load kexts into the kernel process, for everyday use: few options, few words. kextutil is the
 * tool for those who write kexts.
 */
#include <stdio.h>
#include <string.h>

#include "tools/common/loader.h"

static const char usage_text[] =
    "usage: kextload [options] [--] KEXT.kext ...\n"
    "\n"
    "  -b, -bundle-id ID      load the kext with this identifier; the highest version found\n"
    "  -d, -dependency KEXT   a kext outside of the usual folder that may be needed\n"
    "  -r, -repository DIR    a folder of further kexts\n"
    "  -q, -quiet             print nothing\n"
    "  -v, -verbose [0-6]     say more; 0 leaves out warnings\n"
    "  -h, -help              this text\n"
    "  --json                 one JSON object on standard output instead of text\n"
    "  --socket PATH          the kernel process that listens there\n"
    "\n"
    "Exit status: 0 all are loaded, 11 one is not, 64 usage, 69 no kernel process, 77 not permitted.\n";

static const char *const developer_options[] = {
    "n", "no-load",     "t", "print-diagnostics",  "s", "symbols",
    "a", "address",     "A", "use-load-addresses", "e", "no-system-extensions",
    "i", "interactive", "l", "load-only"};

/* Options that this tool once had elsewhere and that kextutil has now. */
static const char *developer_option(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *name = argv[i] + (argv[i][0] == '-') + (argv[i][0] == '-' && argv[i][1] == '-');

        for (size_t j = 0; argv[i][0] == '-' && j < sizeof(developer_options) / sizeof(developer_options[0]);
             j++) {
            if (strcmp(name, developer_options[j]) == 0) {
                return argv[i];
            }
        }
    }
    return NULL;
}

static int exit_code(enum kext_client_result result)
{
    int code = loader_exit_code(result);

    return code == TOOL_UNREACHABLE || code == TOOL_DENIED || code == TOOL_OK ? code : TOOL_UNSPECIFIED;
}

static int kexts_load(struct loader *loader)
{
    enum kext_client_result result = loader_connect(loader);
    json_t *rows = json_array();
    int code = exit_code(result);

    for (size_t i = 0; result == KEXT_CLIENT_OK && i < loader->ntargets; i++) {
        const struct kext_info *info = &loader->targets[i]->info;
        bool now = false;
        enum kext_client_result one = loader_load(loader, loader->targets[i], false, &now);

        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:b}", "name", info->id, "version",
                                              info->version_text, "result", kext_client_result_name(one),
                                              "loaded_now", now));
        if (one != KEXT_CLIENT_OK) {
            code = exit_code(one);
        }
    }
    json_object_set_new(loader->tool->result, "kexts", rows);
    return code;
}

static const struct option long_options[] = {{"bundle-id", required_argument, NULL, 'b'},
                                             {"dependency", required_argument, NULL, 'd'},
                                             {"repository", required_argument, NULL, 'r'},
                                             TOOL_OPTIONS,
                                             {NULL, 0, NULL, 0}};

int main(int argc, char **argv)
{
    struct tool tool;
    struct loader loader;
    int opt, code;

    if (tool_wants_help(argc, argv)) {
        fputs(usage_text, stdout);
        return TOOL_OK;
    }
    tool_begin(&tool, "kextload");
    loader_begin(&loader, &tool);
    const char *moved = developer_option(argc, argv);
    if (moved != NULL) {
        return tool_usage_error(&tool, "%s is an option of kextutil", moved);
    }
    while ((opt = getopt_long_only(argc, argv, "b:d:r:qvh", long_options, NULL)) != -1) {
        if (!tool_option(&tool, opt, argc, argv) && !loader_option(&loader, opt, optarg)) {
            loader_end(&loader);
            return tool_usage_told(&tool);
        }
    }
    for (; optind < argc; optind++) {
        loader_path(&loader, argv[optind]);
    }
    if (loader.npaths + loader.nids == 0) {
        loader_end(&loader);
        return tool_usage_error(&tool, "no kext is named");
    }
    code = loader_collect(&loader, true);
    if (code == TOOL_OK && tool.diags.errors == 0) {
        code = kexts_load(&loader);
    } else {
        code = TOOL_UNSPECIFIED;
    }
    loader_end(&loader);
    return tool_finish(&tool, code);
}
