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

enum {
    OPT_VNODES = TOOL_OPT_OWN,
    OPT_CACHE_SIZE,
    OPT_LEDGER,
    OPT_LOG,
    OPT_VALIDATE,
    OPT_EXCEPTIONS,
    OPT_HANG
};

struct run {
    struct tool *tool;
    struct loader loader;
    struct fh_run_args args;
    struct kext_bundle *kext;
    const char *socket; /* NULL: nobody is listened to */
    int failed;         /* exit code, where loading fails */
    const char *wrong;  /* with the command line */
    char type[64];
};

static const struct option run_options[] = {{"vnodes", required_argument, NULL, OPT_VNODES},
                                            {"cache-size", required_argument, NULL, OPT_CACHE_SIZE},
                                            {"ledger", no_argument, NULL, OPT_LEDGER},
                                            {"log", required_argument, NULL, OPT_LOG},
                                            {"validate", optional_argument, NULL, OPT_VALIDATE},
                                            {"exceptions", required_argument, NULL, OPT_EXCEPTIONS},
                                            {"hang", required_argument, NULL, OPT_HANG},
                                            {"dependency", required_argument, NULL, 'd'},
                                            {"repository", required_argument, NULL, 'r'},
                                            TOOL_OPTIONS,
                                            {NULL, 0, NULL, 0}};

static bool seconds_read(const char *text, uint32_t *out)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    *out = (uint32_t)value;
    return end != text && *end == '\0' && errno == 0 && value >= 1 && value <= INT_MAX;
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
        if (!vnodes_read(optarg, &run->args.boot.max_vnodes)) {
            run->wrong = "a number of at least 8 is needed after --vnodes";
            return false;
        }
        return true;
    case OPT_CACHE_SIZE:
        if (!fh_cache_size_read(optarg, &run->args.boot.cache_bytes)) {
            run->wrong = "after --cache-size " FH_CACHE_SIZE_WANTED;
            return false;
        }
        return true;
    case OPT_LEDGER:
        run->args.boot.ledger = true;
        return true;
    case OPT_VALIDATE:
        run->args.boot.validate.policy = optarg != NULL ? optarg : "panic";
        return fh_validate_policy_known(run->args.boot.validate.policy);
    case OPT_EXCEPTIONS:
        run->args.boot.validate.exceptions = optarg;
        return true;
    case OPT_HANG:
        return seconds_read(optarg, &run->args.boot.validate.hang_s);
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
        return code != TOOL_OK ? code : TOOL_BAD_KEXT;
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

/* ---- inside the run ------------------------------------------------------------------------------------ */

/* False: what is wrong was added. */
static bool archive_make(struct run *run, uint8_t **bytes, size_t *len)
{
    struct kext_diags *diags = &run->tool->diags;
    size_t n;
    const struct kext_loaded *interfaces = kext_interfaces_loaded(&n);
    struct kext_plan plan;
    int fd, error;

    if (!kext_plan_make(&run->loader.repo, run->kext, interfaces, n, &plan, diags) ||
        !kext_archive_write(&plan, 0, true, &fd, diags)) {
        return false;
    }
    error = kext_fd_read(fd, KEXT_WIRE_MAX_SIZE, bytes, len);
    close(fd);
    if (error != 0) {
        kext_diag_add(diags, KEXT_DIAG_LOAD, run->kext->path, NULL, "cannot be read: %s", strerror(error));
    }
    return error == 0;
}

/* Room for all that a start routine can lead to. */
#define START_TEXT 16384

static int kext_begin(struct run *run)
{
    static char text[START_TEXT];
    struct kext_control_reply reply = {.text = text, .size = sizeof(text)};
    int error = kext_control_start(run->kext->info.id, &reply);

    size_t len = strlen(text);

    if (len != 0 && text[len - 1] == '\n') {
        text[len - 1] = '\0';
    }
    if (error != 0) {
        kext_diag_add(&run->tool->diags, KEXT_DIAG_LOAD, run->kext->path, NULL, "%s", text);
    }
    return error;
}

static bool socket_listen(struct run *run)
{
    struct control_server_args server = {.socket = run->socket, .mode = 0600, .stop = fh_stop_request};
    char err[1024] = "";

    if (run->socket != NULL && control_server_start(&server, err, sizeof(err)) != 0) {
        kext_diag_add(&run->tool->diags, KEXT_DIAG_REQUEST, NULL, NULL, "%s", err);
        return false;
    }
    return true;
}

/* Loaded first and started afterwards: in between a debugger sees the kext and can stop in its start routine.
 */
static bool run_load(void *arg)
{
    struct run *run = arg;
    uint8_t *bytes = NULL;
    size_t len = 0;

    run->failed = TOOL_BAD_KEXT;
    bool ok = archive_make(run, &bytes, &len) && control_archive_load(bytes, len, &run->tool->diags) == 0;
    free(bytes);
    if (ok) {
        run->failed = TOOL_NO_START;
        ok = kext_begin(run) == 0;
    }
    if (ok) {
        run->failed = TOOL_LOAD_FAILED;
        ok = socket_listen(run);
    }
    return ok;
}

static void run_ready(void *arg, struct fh_session *session)
{
    struct run *run = arg;
    struct tool *tool = run->tool;

    /* Warnings are of use now and not when everything is over. */
    if (!tool->json && !tool->quiet) {
        kext_diags_print(&tool->diags, stderr, tool->name, tool->verbose > 0);
        kext_diags_free(&tool->diags);
    }
    tool_say(run->tool, 1, "%s is mounted on %s; interrupt to unmount", run->type, fh_session_dir(session));
    fflush(stdout);
}

/* The kexts go when the kernel half does; the socket goes first. */
static bool run_unload(void *arg)
{
    struct run *run = arg;

    return run->socket == NULL || control_server_stop();
}

/* What scripts get to know: why it failed, in the codes of the other verbs. */
static int exit_code(const struct run *run, int code)
{
    if (code != FH_EXIT_FAILURE) {
        return code;
    }
    if (run->args.stage == FH_RUN_LOAD) {
        return run->failed;
    }
    switch (run->args.error) {
    case EPERM:
    case EACCES:
        return TOOL_DENIED;
    case ENOENT:
    case ENODEV:
        return TOOL_NOT_FOUND;
    case EBUSY:
        return FH_EXIT_BUSY;
    default:
        return TOOL_LOAD_FAILED;
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
        code = exit_code(run, fh_run(&run->args));
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
            return run.wrong != NULL ? tool_usage_error(tool, "run: %s", run.wrong) : tool_usage_told(tool);
        }
    }
    if (optind < argc && word_is_kext(argv[optind])) {
        loader_path(&run.loader, argv[optind++]);
    }
    if (argc - optind < 1 || argc - optind > 2 || (run.loader.npaths == 0 && run.type[0] == '\0')) {
        loader_end(&run.loader);
        return tool_usage_error(tool, "run: a kext or -t TYPE, then what to mount, and where");
    }
    run.socket = tool->socket;
    code = run_begin(&run, argc - optind == 2 ? argv[optind] : "none", argv[argc - 1]);
    loader_end(&run.loader);
    return tool_finish(tool, code);
}
