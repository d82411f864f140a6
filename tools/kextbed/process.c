// SPDX-License-Identifier: BSD-2-Clause
/*
 * Verbs about the shared kernel process: start, stop, status, log.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fusehost/fusehost.h"
#include "libkext/channel.h"
#include "libkext/place.h"
#include "tools/kextbed/kextbed.h"

#define FOLLOW_MS   500
#define AWAIT_MS    20
#define AWAIT_TRIES 500u
#define START_TEXT  8192

/* ---- start --------------------------------------------------------------------------------------------- */

enum {
    OPT_VNODES = TOOL_OPT_OWN,
    OPT_CACHE_SIZE,
    OPT_LEDGER,
    OPT_LOG,
    OPT_VALIDATE,
    OPT_EXCEPTIONS,
    OPT_HANG
};

static const struct option start_options[] = {{"vnodes", required_argument, NULL, OPT_VNODES},
                                              {"cache-size", required_argument, NULL, OPT_CACHE_SIZE},
                                              {"ledger", no_argument, NULL, OPT_LEDGER},
                                              {"log", required_argument, NULL, OPT_LOG},
                                              {"validate", optional_argument, NULL, OPT_VALIDATE},
                                              {"exceptions", required_argument, NULL, OPT_EXCEPTIONS},
                                              {"hang", required_argument, NULL, OPT_HANG},
                                              TOOL_OPTIONS,
                                              {NULL, 0, NULL, 0}};

bool vnodes_read(const char *text, uint32_t *out)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    *out = (uint32_t)value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value >= 8 && value <= INT_MAX;
}

/* Whether a kernel process answers there. One that is just ending may still accept: its last word is waited
 * for. */
static bool process_runs(const char *socket)
{
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct kext_client client;
    enum kext_client_result result = kext_client_open(socket, &client, &diags);

    if (result == KEXT_CLIENT_OK) {
        result = kext_client_call(&client, "stat", NULL, -1, "asking", NULL, &diags);
        kext_client_close(&client);
    }
    kext_diags_free(&diags);
    return result == KEXT_CLIENT_OK;
}

/* Somebody else is starting it at this moment: waits until that one serves. False: it does not. */
static bool process_await(const char *socket)
{
    for (unsigned i = 0; i < AWAIT_TRIES; i++) {
        if (process_runs(socket)) {
            return true;
        }
        (void)poll(NULL, 0, AWAIT_MS);
    }
    return false;
}

/* What the child says while it starts: all of it, up to when it closes its standard error. */
static void words_read(int fd, char *text, size_t size)
{
    size_t len = 0;
    ssize_t n;
    char rest[256];

    do {
        n = len + 1 < size ? read(fd, text + len, size - len - 1) : read(fd, rest, sizeof(rest));
        len += n > 0 && len + 1 < size ? (size_t)n : 0;
    } while (n > 0 || (n < 0 && errno == EINTR));
    text[len] = '\0';
}

/* Runs a program of ours that goes into the background. Returns its exit status, -1: it could not be run. */
static int program_run(char **argv, char *text, size_t size)
{
    char *path = kext_place_program(argv[0]);
    int ends[2], status = -1;
    pid_t child = pipe2(ends, O_CLOEXEC) == 0 ? fork() : -1;

    text[0] = '\0';
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        if (path != NULL) {
            execv(path, argv);
        }
        execvp(argv[0], argv);
        fprintf(stderr, "kextbed: cannot run %s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    free(path);
    if (child < 0) {
        snprintf(text, size, "%s", strerror(errno));
        return -1;
    }
    close(ends[1]);
    words_read(ends[0], text, size);
    close(ends[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Runs the kernel process, which returns once it serves from the background, or has failed. */
static int process_spawn(struct tool *tool, const char *socket, char **argv)
{
    static char text[START_TEXT];
    int status = program_run(argv, text, sizeof(text));

    if (status == 0 || (status == FH_EXIT_RUNNING && process_await(socket))) {
        if (status != 0) {
            tool_say(tool, 1, "the kernel process is running already");
        } else if (!tool->quiet) {
            fputs(text, stderr);
        }
        return TOOL_OK;
    }
    text[text[0] != '\0' && text[strlen(text) - 1] == '\n' ? strlen(text) - 1 : strlen(text)] = '\0';
    kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, NULL, NULL, "the kernel process did not start%s%s",
                  text[0] != '\0' ? ":\n" : "", text);
    return TOOL_LOAD_FAILED;
}

/* A kernel process at a socket of its own keeps a lock of its own. */
static char *pidfile_beside(const char *socket)
{
    char *path = NULL;

    return strcmp(socket, KEXT_CHANNEL_SOCKET) == 0 || asprintf(&path, "%s.pid", socket) < 0 ? NULL : path;
}

/* An option of fusehost's own, handed on. False: it is none. */
static bool start_option(int opt, char **args, int *n)
{
    static const struct {
        int opt;
        const char *name;
    } own[] = {{OPT_VNODES, "--vnodes"}, {OPT_CACHE_SIZE, "--cache-size"}, {OPT_LOG, "--log"},
               {OPT_LEDGER, "--ledger"}, {OPT_VALIDATE, "--validate"},     {OPT_EXCEPTIONS, "--exceptions"},
               {OPT_HANG, "--hang"}};

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (own[i].opt != opt) {
            continue;
        }
        if (opt == OPT_VALIDATE && optarg != NULL) {
            args[(*n)++] = strcmp(optarg, "panic") == 0  ? (char *)(uintptr_t) "--validate=panic"
                           : strcmp(optarg, "warn") == 0 ? (char *)(uintptr_t) "--validate=warn"
                           : strcmp(optarg, "off") == 0  ? (char *)(uintptr_t) "--validate=off"
                                                         : (char *)(uintptr_t) "--validate=?";
            return true;
        }
        args[(*n)++] = (char *)(uintptr_t)own[i].name;
        if (optarg != NULL) {
            args[(*n)++] = optarg;
        }
        return true;
    }
    return false;
}

int verb_start(struct tool *tool, int argc, char **argv)
{
    char *args[24] = {(char *)(uintptr_t) "fusehost"};
    int n = 1, opt;
    uint32_t vnodes;
    uint64_t cache;

    while ((opt = getopt_long_only(argc, argv, "qvh", start_options, NULL)) != -1) {
        if (opt == OPT_VNODES && !vnodes_read(optarg, &vnodes)) {
            return tool_usage_error(tool, "start: --vnodes %s: a number of at least 8 is needed", optarg);
        }
        if (opt == OPT_CACHE_SIZE && !fh_cache_size_read(optarg, &cache)) {
            return tool_usage_error(tool, "start: --cache-size %s: " FH_CACHE_SIZE_WANTED, optarg);
        }
        if (!start_option(opt, args, &n) && !tool_option(tool, opt, argc, argv)) {
            return tool_usage_told(tool);
        }
        if (n > 16) {
            return tool_usage_error(tool, "start: an option is given too often");
        }
    }
    if (optind != argc) {
        return tool_usage_error(tool, "start takes no argument '%s'", argv[optind]);
    }
    const char *socket = tool->socket != NULL ? tool->socket : kext_channel_path();
    if (geteuid() != 0 && strcmp(socket, KEXT_CHANNEL_SOCKET) == 0) {
        kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, NULL, NULL,
                      "the shared kernel process is root's to start");
        kext_diag_mend(&tool->diags,
                       "kextbed run needs no privileges, nor does a process of your own: --socket PATH");
        return tool_finish(tool, TOOL_DENIED);
    }
    if (process_runs(socket)) {
        tool_say(tool, 1, "the kernel process is running already");
        return tool_finish(tool, TOOL_OK);
    }
    char *pidfile = pidfile_beside(socket);
    args[n++] = (char *)(uintptr_t) "--socket";
    args[n++] = (char *)(uintptr_t)socket;
    if (pidfile != NULL) {
        args[n++] = (char *)(uintptr_t) "--pidfile";
        args[n++] = pidfile;
    }
    int code = process_spawn(tool, socket, args);
    free(pidfile);
    return tool_finish(tool, code);
}

/* ---- stop ---------------------------------------------------------------------------------------------- */

static const struct option force_options[] = {
    {"force", no_argument, NULL, 'f'}, {"follow", no_argument, NULL, 'f'}, TOOL_OPTIONS, {NULL, 0, NULL, 0}};

static int exit_code(enum kext_client_result result)
{
    return result == KEXT_CLIENT_IN_USE ? 16 : loader_exit_code(result);
}

/* The answer comes before the process ends. The socket knows who listens at its other end. */
static int process_open(const struct kext_client *client)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    return getsockopt(client->sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0
               ? (int)syscall(SYS_pidfd_open, peer.pid, 0)
               : -1;
}

static void end_await(int process)
{
    struct pollfd pfd = {.fd = process, .events = POLLIN};

    while (process >= 0 && poll(&pfd, 1, -1) < 0 && errno == EINTR) {
    }
}

int verb_stop(struct tool *tool, int argc, char **argv)
{
    struct kext_client client;
    enum kext_client_result result;
    bool force = false;
    int opt;

    while ((opt = getopt_long_only(argc, argv, "fqvh", force_options, NULL)) != -1) {
        if (opt == 'f') {
            force = true;
        } else if (!tool_option(tool, opt, argc, argv)) {
            return tool_usage_told(tool);
        }
    }
    if (tool_connect(tool, &client, &result)) {
        int process = process_open(&client);

        result = kext_client_call(&client, "stop", json_pack("{s:b}", "force", force), -1, "unmounting", NULL,
                                  &tool->diags);
        kext_client_close(&client);
        if (result == KEXT_CLIENT_OK || (force && result == KEXT_CLIENT_IN_USE)) {
            end_await(process); /* with force it ends, whatever it had to leave behind */
        }
        if (process >= 0) {
            close(process);
        }
    }
    return tool_finish(tool, exit_code(result));
}

/* ---- status -------------------------------------------------------------------------------------------- */

static void member_print(const char *key, const json_t *value, int indent)
{
    const char *name;
    json_t *member;

    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, name, member)
        {
            member_print(name, member, indent);
        }
    } else if (json_is_integer(value)) {
        printf("%*s%-20s %" JSON_INTEGER_FORMAT "\n", indent, "", key, json_integer_value(value));
    } else if (json_is_real(value)) {
        printf("%*s%-20s %.3f\n", indent, "", key, json_real_value(value));
    } else if (json_is_string(value)) {
        printf("%*s%-20s %s\n", indent, "", key, json_string_value(value));
    } else if (json_is_boolean(value)) {
        printf("%*s%-20s %s\n", indent, "", key, json_is_true(value) ? "yes" : "no");
    }
}

/* The requests of a mount, a line each: "LOOKUP 12, 3 errors". */
static void ops_print(const json_t *ops, int indent)
{
    const char *name;
    json_t *op;

    json_object_foreach((json_t *)(uintptr_t)ops, name, op)
    {
        json_int_t errors = json_integer_value(json_object_get(op, "errors"));

        printf("%*s%-20s %" JSON_INTEGER_FORMAT, indent, "", name,
               json_integer_value(json_object_get(op, "count")));
        if (errors != 0) {
            printf(", %" JSON_INTEGER_FORMAT " error%s", errors, errors == 1 ? "" : "s");
        }
        putchar('\n');
    }
}

static void mount_print(const json_t *row, bool in_full)
{
    const char *options = json_string_value(json_object_get(row, "options"));
    const json_t *stats = json_object_get(row, "stats");
    const char *name;
    json_t *member;

    printf("%s on %s type %s", json_string_value(json_object_get(row, "special")),
           json_string_value(json_object_get(row, "dir")), json_string_value(json_object_get(row, "type")));
    if (options != NULL && options[0] != '\0') {
        printf(" (%s)", options);
    }
    putchar('\n');
    const char *waiting = json_string_value(json_object_get(row, "waiting"));
    if (waiting != NULL) {
        printf("    not answered: %s\n", waiting);
    }
    json_object_foreach((json_t *)(uintptr_t)(in_full ? stats : NULL), name, member)
    {
        if (strcmp(name, "ops") == 0) {
            ops_print(member, 6);
        } else {
            member_print(name, member, 4);
        }
    }
}

static double cache_mib(const json_t *cache, const char *name)
{
    return (double)json_integer_value(json_object_get(cache, name)) / (1 << 20);
}

static void cache_print(const json_t *cache)
{
    if (cache != NULL) {
        printf("cache: %.1f of %.1f MiB used, %.1f MiB not written yet\n", cache_mib(cache, "bytes"),
               cache_mib(cache, "limit"), cache_mib(cache, "dirty_bytes"));
    }
}

static void status_print(const struct tool *tool, const json_t *reply)
{
    size_t i;
    json_t *row;

    printf("kernel process %" JSON_INTEGER_FORMAT ", user %" JSON_INTEGER_FORMAT ", Darwin %s interfaces\n",
           json_integer_value(json_object_get(reply, "pid")),
           json_integer_value(json_object_get(reply, "uid")),
           json_string_value(json_object_get(reply, "darwin")));
    json_array_foreach(json_object_get(reply, "mounts"), i, row)
    {
        mount_print(row, tool->verbose > 1);
    }
    cache_print(json_object_get(reply, "cache"));
    puts("held now:");
    member_print("counters", json_object_get(reply, "counters"), 4);
}

int verb_status(struct tool *tool, int argc, char **argv)
{
    struct kext_client client;
    enum kext_client_result result;
    json_t *reply = NULL;
    int opt;

    while ((opt = getopt_long_only(argc, argv, "qvh", start_options, NULL)) != -1) {
        if (!tool_option(tool, opt, argc, argv)) {
            return tool_usage_told(tool);
        }
    }
    if (tool_connect(tool, &client, &result)) {
        result = kext_client_call(&client, "status", NULL, -1, "asking", &reply, &tool->diags);
        kext_client_close(&client);
    }
    if (result == KEXT_CLIENT_OK) {
        if (!tool->json && !tool->quiet) {
            status_print(tool, reply);
        }
        json_object_update(tool->result, reply);
        json_decref(reply);
    }
    return tool_finish(tool, exit_code(result));
}

/* ---- log ----------------------------------------------------------------------------------------------- */

/* One piece of the log as text; as members of @lines; or, while it is followed, as an object a line. */
static void log_print(const struct tool *tool, const char *text, json_t *lines)
{
    if (!tool->json) {
        fputs(text, stdout);
        fflush(stdout);
        return;
    }
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");

        if (lines != NULL) {
            json_array_append_new(lines, json_stringn(line, len));
        } else {
            json_t *object = json_pack("{s:o}", "line", json_stringn(line, len));

            json_dumpf(object, stdout, JSON_COMPACT);
            putchar('\n');
            json_decref(object);
        }
        line += len + (line[len] == '\n');
    }
    fflush(stdout);
}

int verb_log(struct tool *tool, int argc, char **argv)
{
    struct kext_client client;
    enum kext_client_result result;
    json_int_t seq = 0;
    bool follow = false;
    int opt;

    while ((opt = getopt_long_only(argc, argv, "fqvh", force_options, NULL)) != -1) {
        if (opt == 'f') {
            follow = true;
        } else if (!tool_option(tool, opt, argc, argv)) {
            return tool_usage_told(tool);
        }
    }
    if (!tool_connect(tool, &client, &result)) {
        return tool_finish(tool, exit_code(result));
    }
    json_t *lines = tool->json && !follow ? json_array() : NULL;
    for (bool more = true; more;) {
        json_t *reply = NULL;

        result = kext_client_call(&client, "log", json_pack("{s:I}", "seq", seq), -1, "asking", &reply,
                                  &tool->diags);
        const char *text = json_string_value(json_object_get(reply, "text"));
        bool some = text != NULL && text[0] != '\0';
        if (some) {
            log_print(tool, text, lines);
        }
        seq = json_integer_value(json_object_get(reply, "seq"));
        json_decref(reply);
        more = result == KEXT_CLIENT_OK && (some || follow);
        if (more && !some) {
            (void)poll(NULL, 0, FOLLOW_MS); /* the log tells nobody when it grows */
        }
    }
    kext_client_close(&client);
    if (lines != NULL) {
        json_object_set_new(tool->result, "lines", lines);
    } else {
        tool->json = false; /* followed: an object a line has been printed */
    }
    return tool_finish(tool, exit_code(result));
}
