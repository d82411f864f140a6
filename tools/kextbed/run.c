// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextbed run: kernel, kext and mount in this very process, in the foreground, for debuggers and for ordinary
 * users.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fusehost/control.h"
#include "fusehost/fusehost.h"
#include "kext/kext_control.h"
#include "libkext/file.h"
#include "libkext/mount_data.h"
#include "tools/common/mounting.h"
#include "tools/kextbed/kextbed.h"

enum { OPT_VNODES = TOOL_OPT_OWN, OPT_LEDGER, OPT_LOG };

struct run {
    struct tool *tool;
    struct loader loader;
    struct fh_run_args args;
    struct kext_bundle *kext;
    const char *socket; /* NULL: nobody is listened to */
    char type[64];
};

static const struct option run_options[] = {{"vnodes", required_argument, NULL, OPT_VNODES},
                                            {"ledger", no_argument, NULL, OPT_LEDGER},
                                            {"log", required_argument, NULL, OPT_LOG},
                                            {"dependency", required_argument, NULL, 'd'},
                                            {"repository", required_argument, NULL, 'r'},
                                            TOOL_OPTIONS,
                                            {NULL, 0, NULL, 0}};

static bool number_read(const char *text, uint32_t *out)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    *out = (uint32_t)value;
    return end != text && *end == '\0' && errno == 0 && value >= 8 && value <= INT_MAX;
}

static bool option_read(struct run *run, int opt, int argc, char **argv)
{
    switch (opt) {
    case 't':
        snprintf(run->type, sizeof(run->type), "%s", optarg);
        return true;
    case 'o':
        run->args.mount.options = optarg;
        return true;
    case OPT_VNODES:
        return number_read(optarg, &run->args.boot.max_vnodes);
    case OPT_LEDGER:
        run->args.boot.ledger = true;
        return true;
    case OPT_LOG:
        run->args.boot.log_file = optarg;
        return true;
    default:
        return tool_option(run->tool, opt, argc, argv) || loader_option(&run->loader, opt, optarg);
    }
}

/* Whether a word of the command line is the kext and not what is mounted. */
static bool word_is_kext(const char *word)
{
    size_t len = strlen(word);

    while (len > 1 && word[len - 1] == '/') {
        len--;
    }
    return len > 5 && strncmp(word + len - 5, ".kext", 5) == 0;
}

/* A type that was not given is the name of the kext. */
static void type_of_kext(struct run *run)
{
    const char *slash = strrchr(run->kext->path, '/');
    const char *name = slash != NULL ? slash + 1 : run->kext->path;
    size_t len = strlen(name);

    if (run->type[0] == '\0') {
        snprintf(run->type, sizeof(run->type), "%.*s", (int)(len > 5 ? len - 5 : len), name);
    }
}

/* Finds the kext: the one that was named, else the one of the type among the usual ones. */
static int kext_find(struct run *run)
{
    int code = loader_collect(&run->loader, true);

    if (code != TOOL_OK || run->tool->diags.errors != 0) {
        return code != TOOL_OK ? code : TOOL_NOT_FOUND;
    }
    run->kext =
        run->loader.ntargets != 0 ? run->loader.targets[0] : loader_find_type(&run->loader, run->type);
    if (run->kext == NULL) {
        kext_diag_add(&run->tool->diags, KEXT_DIAG_REQUEST, NULL, NULL,
                      "there is no %s.kext in the usual folder", run->type);
        kext_diag_mend(&run->tool->diags, "Name it: kextbed run PATH.kext SPECIAL DIR");
        return TOOL_NOT_FOUND;
    }
    type_of_kext(run);
    return TOOL_OK;
}

/* ---- inside the run
 * ----------------------------------------------------------------------------------------------- */

static int archive_make(struct run *run, uint8_t **bytes, size_t *len)
{
    size_t n;
    const struct kext_loaded *interfaces = kext_interfaces_loaded(&n);
    struct kext_plan plan;
    int fd, error;

    if (!kext_plan_make(&run->loader.repo, run->kext, interfaces, n, &plan, &run->tool->diags) ||
        !kext_archive_write(&plan, 0, true, &fd, &run->tool->diags)) {
        return EINVAL;
    }
    error = kext_fd_read(fd, KEXT_WIRE_MAX_SIZE, bytes, len);
    close(fd);
    return error;
}

static int run_load(void *arg, char *err, size_t errlen)
{
    struct run *run = arg;
    struct control_server_args server = {.socket = run->socket, .mode = 0600, .stop = fh_stop_request};
    uint8_t *bytes = NULL;
    size_t len = 0;
    int error = archive_make(run, &bytes, &len);

    if (error != 0) {
        snprintf(err, errlen, "the kext cannot be read");
        return error;
    }
    /* Loaded first and started afterwards: in between a debugger sees the kext and can stop in its start
     * routine. */
    error = control_archive_load(bytes, len, err, errlen);
    free(bytes);
    if (error == 0) {
        struct kext_control_reply reply = {.text = err, .size = errlen};

        error = kext_control_start(run->kext->info.id, &reply);
    }
    if (error == 0 && run->socket != NULL) {
        error = control_server_start(&server, err, errlen);
    }
    return error;
}

static void run_ready(void *arg, struct fh_session *session)
{
    struct run *run = arg;

    tool_say(run->tool, 1, "%s is mounted on %s; interrupt to unmount", run->type, fh_session_dir(session));
    fflush(stdout);
}

/* The kexts go when the kernel half does; the socket goes first. */
static void run_unload(void *arg)
{
    struct run *run = arg;

    if (run->socket != NULL) {
        control_server_stop();
    }
}

static int run_begin(struct run *run, const char *special, const char *dir)
{
    char *path = mounting_path(dir), *from = strcmp(special, "none") != 0 && access(special, F_OK) == 0
                                                 ? mounting_path(special)
                                                 : strdup(special);
    struct mount_data data = {0};
    int code = kext_find(run);

    if (code == TOOL_OK && !mount_data_read(run->args.mount.options, &data, &run->tool->diags)) {
        code = TOOL_UNSPECIFIED;
    }
    if (code == TOOL_OK) {
        run->args.mount.type = run->type;
        run->args.mount.special = from;
        run->args.mount.dir = path;
        run->args.mount.options = data.options;
        run->args.mount.data = data.bytes;
        run->args.mount.data_size = data.size;
        run->args.mount.uid = getuid();
        run->args.mount.gid = getgid();
        run->args.mount.pid = getpid();
        run->args.load = run_load;
        run->args.ready = run_ready;
        run->args.unload = run_unload;
        run->args.arg = run;
        code = fh_run(&run->args);
    }
    mount_data_free(&data);
    free(path);
    free(from);
    return code;
}

int verb_run(struct tool *tool, int argc, char **argv)
{
    static struct run run;
    int opt, code;

    run.tool = tool;
    loader_begin(&run.loader, tool);
    while ((opt = getopt_long_only(argc, argv, "d:r:t:o:qvh", run_options, NULL)) != -1) {
        if (!option_read(&run, opt, argc, argv)) {
            loader_end(&run.loader);
            return tool_usage_error(tool, "run: the command line is wrong");
        }
    }
    if (optind < argc && word_is_kext(argv[optind])) {
        loader_path(&run.loader, argv[optind++]);
    }
    if (argc - optind != 2 || (run.loader.npaths == 0 && run.type[0] == '\0')) {
        loader_end(&run.loader);
        return tool_usage_error(tool, "run: a kext or -t TYPE, then what to mount, and where");
    }
    run.socket = tool->socket;
    code = run_begin(&run, argv[optind], argv[optind + 1]);
    loader_end(&run.loader);
    return tool_finish(tool, code);
}
