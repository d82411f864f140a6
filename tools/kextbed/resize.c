// SPDX-License-Identifier: BSD-2-Clause
/*
 * The verb resize: make the file system on a mount larger or smaller.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/kextbed/kextbed.h"

static const struct option options[] = {TOOL_OPTIONS, {NULL, 0, NULL, 0}};

/* "4096", "64k", "10m", "2g", "1t" as bytes. */
static bool size_read(const char *text, json_int_t *bytes)
{
    static const char units[] = "kmgt";
    char *end;
    int shift = 0;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || errno != 0 || value == 0) {
        return false;
    }
    if (*end != '\0') {
        const char *unit = strchr(units, *end | 0x20);

        if (unit == NULL || end[1] != '\0') {
            return false;
        }
        shift = 10 * (int)(unit - units + 1);
    }
    *bytes = (json_int_t)(value << shift);
    return value <= (unsigned long long)INT64_MAX >> shift;
}

int verb_resize(struct tool *tool, int argc, char **argv)
{
    struct kext_client client;
    enum kext_client_result result;
    json_int_t bytes;
    int opt;

    while ((opt = getopt_long_only(argc, argv, "qvh", options, NULL)) != -1) {
        if (!tool_option(tool, opt, argc, argv)) {
            return tool_usage_error(tool, "resize: the command line is wrong");
        }
    }
    if (argc - optind != 2) {
        return tool_usage_error(tool, "resize: a folder and a size are needed");
    }
    if (!size_read(argv[optind + 1], &bytes)) {
        return tool_usage_error(tool, "resize: the size is a number of bytes, with k, m, g or t behind it");
    }
    char *dir = path_absolute(argv[optind]);
    if (tool_connect(tool, &client, &result)) {
        result = kext_client_call(&client, "resize", json_pack("{s:s, s:I}", "dir", dir, "bytes", bytes), -1,
                                  "changing its size", NULL, &tool->diags);
        kext_client_close(&client);
    }
    free(dir);
    return tool_finish(tool, result == KEXT_CLIENT_IN_USE ? 16 : loader_exit_code(result));
}
