// SPDX-License-Identifier: BSD-2-Clause
/*
 * The verb revoke: take a file away from everybody who has it open.
 */
#include <stdlib.h>

#include "tools/kextbed/kextbed.h"

static const struct option options[] = {TOOL_OPTIONS, {NULL, 0, NULL, 0}};

int verb_revoke(struct tool *tool, int argc, char **argv)
{
    struct kext_client client;
    enum kext_client_result result;
    int opt;

    while ((opt = getopt_long_only(argc, argv, "qvh", options, NULL)) != -1) {
        if (!tool_option(tool, opt, argc, argv)) {
            return tool_usage_error(tool, "revoke: the command line is wrong");
        }
    }
    if (argc - optind != 1) {
        return tool_usage_error(tool, "revoke: one file is needed");
    }
    char *path = path_absolute(argv[optind]);
    if (tool_connect(tool, &client, &result)) {
        result = kext_client_call(&client, "revoke", json_pack("{s:s}", "path", path), -1, "taking it away",
                                  NULL, &tool->diags);
        kext_client_close(&client);
    }
    free(path);
    return tool_finish(tool, result == KEXT_CLIENT_IN_USE ? 16 : loader_exit_code(result));
}
