// SPDX-License-Identifier: BSD-2-Clause
/*
 * Verbs about suspending a mount: suspend, resume. With a command the suspension belongs to the connection,
 * so that it ends with this process however that ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/kextbed/kextbed.h"

enum { OPT_TIMEOUT = TOOL_OPT_OWN };

static const struct option suspend_options[] = {
    {"timeout", required_argument, NULL, OPT_TIMEOUT}, TOOL_OPTIONS, {NULL, 0, NULL, 0}};
static const struct option resume_options[] = {
    {"force", no_argument, NULL, 'f'}, TOOL_OPTIONS, {NULL, 0, NULL, 0}};

static int exit_code(enum kext_client_result result)
{
    return result == KEXT_CLIENT_IN_USE ? 16 : loader_exit_code(result);
}

/* Seconds, with a fraction if need be, as milliseconds; -1: that is no time. */
static json_int_t milliseconds(const char *text)
{
    char *end;
    double seconds = strtod(text, &end);

    return end == text || *end != '\0' || !(seconds >= 0 && seconds <= 86400) ? -1
                                                                              : (json_int_t)(seconds * 1000);
}

/* Runs the command; its exit status as a shell would give it. */
static int command_run(struct tool *tool, char **argv)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        execvp(argv[0], argv);
        fprintf(stderr, "kextbed: cannot run %s: %s\n", argv[0], strerror(errno));
        _exit(errno == ENOENT ? 127 : 126);
    }
    if (pid < 0) {
        kext_diag_add(&tool->diags, KEXT_DIAG_LOAD, NULL, NULL, "no process for %s: %s", argv[0],
                      strerror(errno));
        return TOOL_UNSPECIFIED;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int verb_suspend(struct tool *tool, int argc, char **argv)
{
    struct kext_client client;
    enum kext_client_result result;
    json_int_t timeout = 10000;
    int opt, code;

    /* "+": what follows the folder is the command's. */
    while ((opt = getopt_long_only(argc, argv, "+qvh", suspend_options, NULL)) != -1) {
        if (opt == OPT_TIMEOUT) {
            timeout = milliseconds(optarg);
        } else if (!tool_option(tool, opt, argc, argv)) {
            return tool_usage_told(tool);
        }
    }
    if (timeout < 0) {
        return tool_usage_error(tool, "suspend: --timeout takes seconds, at most a day of them");
    }
    if (argc - optind < 1) {
        return tool_usage_error(tool, "suspend: a folder is needed");
    }
    char **command = argv[optind + 1] != NULL ? argv + optind + 1 : NULL;
    char *dir = path_absolute(argv[optind]);
    bool connected = tool_connect(tool, &client, &result);
    if (connected) {
        result = kext_client_call(
            &client, "suspend",
            json_pack("{s:s, s:I, s:b}", "dir", dir, "timeout_ms", timeout, "bound", command != NULL), -1,
            "waiting until nobody is in it", NULL, &tool->diags);
    }
    code = exit_code(result);
    if (result == KEXT_CLIENT_OK && command != NULL) {
        code = command_run(tool, command);
    }
    if (connected) {
        kext_client_close(&client);
    }
    free(dir);
    return tool_finish(tool, code);
}

int verb_resume(struct tool *tool, int argc, char **argv)
{
    struct kext_client client;
    enum kext_client_result result;
    bool force = false;
    int opt;

    while ((opt = getopt_long_only(argc, argv, "fqvh", resume_options, NULL)) != -1) {
        if (opt == 'f') {
            force = true;
        } else if (!tool_option(tool, opt, argc, argv)) {
            return tool_usage_told(tool);
        }
    }
    if (argc - optind != 1) {
        return tool_usage_error(tool, "resume: one folder is needed");
    }
    char *dir = path_absolute(argv[optind]);
    if (tool_connect(tool, &client, &result)) {
        result = kext_client_call(&client, "resume", json_pack("{s:s, s:b}", "dir", dir, "force", force), -1,
                                  "resuming", NULL, &tool->diags);
        kext_client_close(&client);
    }
    free(dir);
    return tool_finish(tool, exit_code(result));
}
