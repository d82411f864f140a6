// SPDX-License-Identifier: BSD-2-Clause
/*
 * mount.kext: the helper that mount(8) runs for `mount -t kext.TYPE SPECIAL DIR` and for lines of fstab(5).
 * The kernel process is started and the type's kext is loaded where that has not been done.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libkext/place.h"
#include "tools/common/mounting.h"

static const char usage_text[] =
    "usage: mount.kext SPECIAL DIR [-fnsv] [-o OPTIONS] -t kext.TYPE\n"
    "\n"
    "Run by mount(8): mount -t kext.TYPE SPECIAL DIR\n"
    "Exit status: 0 mounted, 1 usage or not permitted, 2 system error, 32 not mounted.\n";

/* As mount(8) has them. */
enum { MOUNT_USAGE = 1, MOUNT_SYSTEM = 2, MOUNT_FAILED = 32 };

/* Options that are mount(8)'s own business and mean nothing to a file system. */
static bool option_is_outside(const char *name, size_t len)
{
    static const char *const names[] = {"auto",  "noauto",  "user",    "nouser",  "users",
                                        "owner", "noowner", "group",   "nogroup", "nofail",
                                        "fail",  "_netdev", "defaults"};

    if ((len > 2 && (strncmp(name, "x-", 2) == 0 || strncmp(name, "X-", 2) == 0)) ||
        (len >= 8 && strncmp(name, "comment=", 8) == 0)) {
        return true;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == len && strncmp(names[i], name, len) == 0) {
            return true;
        }
    }
    return false;
}

/* What is left for the file system; written over @options. */
static char *options_filter(char *options)
{
    char *out = options;

    for (char *name = options; *name != '\0';) {
        size_t len = strcspn(name, ",");
        char *next = name + len + (name[len] == ',');

        if (len != 0 && !option_is_outside(name, len)) {
            if (out != options) {
                *out++ = ',';
            }
            memmove(out, name, len);
            out += len;
        }
        name = next;
    }
    *out = '\0';
    return options;
}

static bool process_start(void)
{
    char *path = kext_place_program("kextbed");
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        if (path != NULL) {
            execl(path, "kextbed", "start", "-q", (char *)NULL);
        }
        execlp("kextbed", "kextbed", "start", "-q", (char *)NULL);
        _exit(127);
    }
    free(path);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int mount_run(struct tool *tool, const struct mounting *request)
{
    struct loader loader;
    enum kext_client_result result;

    loader_begin(&loader, tool);
    result = mounting_run(&loader, request);
    if (result == KEXT_CLIENT_UNREACHABLE && geteuid() == 0 && process_start()) {
        kext_diags_free(&tool->diags);
        result = mounting_run(&loader, request);
    }
    loader_end(&loader);
    switch (result) {
    case KEXT_CLIENT_OK:
        return 0;
    case KEXT_CLIENT_DENIED:
        return MOUNT_USAGE;
    case KEXT_CLIENT_UNREACHABLE:
        return MOUNT_SYSTEM;
    default:
        return MOUNT_FAILED;
    }
}

/* "kext.memfs", as mount(8) was told, or the bare type. */
static const char *type_of(const char *type)
{
    return type != NULL && strncmp(type, "kext.", 5) == 0 ? type + 5 : type;
}

int main(int argc, char **argv)
{
    struct mounting request = {0};
    struct tool tool;
    char *options = NULL;
    bool fake = false;
    int opt;

    if (tool_wants_help(argc, argv)) {
        fputs(usage_text, stdout);
        return 0;
    }
    tool_begin(&tool, "mount.kext");
    while ((opt = getopt(argc, argv, "fnsvrwo:t:N:")) != -1) {
        switch (opt) {
        case 'f':
            fake = true;
            break;
        case 'v':
            tool.verbose = 2;
            break;
        case 'o':
            options = options_filter(optarg);
            break;
        case 't':
            request.type = type_of(optarg);
            break;
        case 'n':
        case 's':
        case 'r':
        case 'w':
            break; /* no mtab is kept; an unknown option stays an error; rw and ro come with -o */
        default:
            (void)tool_usage_told(&tool);
            return MOUNT_USAGE;
        }
    }
    if (argc - optind != 2 || request.type == NULL || request.type[0] == '\0') {
        (void)tool_usage_error(&tool, "what, where and -t kext.TYPE are needed");
        return MOUNT_USAGE;
    }
    request.special = argv[optind];
    request.dir = argv[optind + 1];
    request.options = options != NULL && options[0] != '\0' ? options : NULL;
    return tool_finish(&tool, fake ? 0 : mount_run(&tool, &request));
}
