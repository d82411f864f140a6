// SPDX-License-Identifier: BSD-2-Clause
/*
 * Verbs about mounts of the shared kernel process: mount, umount.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/common/mounting.h"
#include "tools/kextbed/kextbed.h"

static const struct option mount_options[] = {
    {"force", no_argument, NULL, 'f'}, TOOL_OPTIONS, {NULL, 0, NULL, 0}};

char *path_absolute(const char *path)
{
    return mounting_path(path);
}

static int exit_code(enum kext_client_result result)
{
    return result == KEXT_CLIENT_IN_USE || result == KEXT_CLIENT_EXISTS ? 16 : loader_exit_code(result);
}

int verb_mount(struct tool *tool, int argc, char **argv)
{
    struct mounting request = {.special = "none"};
    struct loader loader;
    int opt;

    loader_begin(&loader, tool);
    while ((opt = getopt_long_only(argc, argv, "t:o:r:qvh", mount_options, NULL)) != -1) {
        if (opt == 't') {
            request.type = optarg;
        } else if (opt == 'o') {
            request.options = optarg;
        } else if (!tool_option(tool, opt, argc, argv) &&
                   (opt != 'r' || !loader_option(&loader, opt, optarg))) {
            loader_end(&loader);
            return tool_usage_told(tool);
        }
    }
    if ((request.type == NULL && !mounting_is_update(request.options)) || argc - optind < 1 ||
        argc - optind > 2) {
        loader_end(&loader);
        return tool_usage_error(tool, "mount: -t TYPE, what to mount, and where");
    }
    request.dir = argv[argc - 1];
    if (argc - optind == 2) {
        request.special = argv[optind];
    }
    enum kext_client_result result = mounting_run(&loader, &request);
    if (result == KEXT_CLIENT_OK) {
        tool_say(tool, 2, "%s is mounted on %s", request.special, request.dir);
    }
    loader_end(&loader);
    return tool_finish(tool, exit_code(result));
}

int verb_umount(struct tool *tool, int argc, char **argv)
{
    struct kext_client client;
    enum kext_client_result result;
    bool force = false;
    int opt;

    while ((opt = getopt_long_only(argc, argv, "fqvh", mount_options, NULL)) != -1) {
        if (opt == 'f') {
            force = true;
        } else if (!tool_option(tool, opt, argc, argv)) {
            return tool_usage_told(tool);
        }
    }
    if (argc - optind != 1) {
        return tool_usage_error(tool, "umount: one folder is needed");
    }
    char *dir = path_absolute(argv[optind]);
    if (tool_connect(tool, &client, &result)) {
        result = kext_client_call(&client, "umount", json_pack("{s:s, s:b}", "dir", dir, "force", force), -1,
                                  "writing back and unmounting", NULL, &tool->diags);
        kext_client_close(&client);
    }
    free(dir);
    return tool_finish(tool, exit_code(result));
}
