// SPDX-License-Identifier: BSD-2-Clause
/*
 * The verb revoke: take a file away from everybody who has it open.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/kextbed/kextbed.h"

static const struct option options[] = {TOOL_OPTIONS, {NULL, 0, NULL, 0}};

/* What the host has not written back would be lost. The file as it is for those who have it open now; -1: the
 * host does not say, and is not needed. */
static int file_flush(const char *path)
{
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

        if (file >= 0) {
            (void)fsync(file);
            close(file);
        }
    }
    return fd;
}

/* The kernel process may not ask the host about its own mounts. Asked for attributes of what is no more, the
 * host gives up whatever it keeps of it, under all its names. */
static void file_gone(int fd)
{
    struct statx stx;

    if (fd >= 0) {
        (void)statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &stx);
        close(fd);
    }
}

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
        int fd = file_flush(path);
        result = kext_client_call(&client, "revoke", json_pack("{s:s}", "path", path), -1, "taking it away",
                                  NULL, &tool->diags);
        kext_client_close(&client);
        file_gone(fd);
    }
    free(path);
    return tool_finish(tool, result == KEXT_CLIENT_IN_USE ? 16 : loader_exit_code(result));
}
