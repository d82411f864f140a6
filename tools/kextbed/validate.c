// SPDX-License-Identifier: BSD-2-Clause
/*
 * Verbs about what is held and waited for in a kernel process with the validator on: refs, locks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/kextbed/kextbed.h"

enum { OPT_CONTENTION = TOOL_OPT_OWN, OPT_DOT };

static const struct option options[] = {{"contention", no_argument, NULL, OPT_CONTENTION},
                                        {"dot", no_argument, NULL, OPT_DOT},
                                        TOOL_OPTIONS,
                                        {NULL, 0, NULL, 0}};

static const char *text_of(const json_t *row, const char *member)
{
    const char *text = json_string_value(json_object_get(row, member));

    return text != NULL ? text : "";
}

static json_int_t number_of(const json_t *row, const char *member)
{
    return json_integer_value(json_object_get(row, member));
}

static void frames_print(const json_t *row)
{
    size_t i;
    json_t *frame;

    json_array_foreach(json_object_get(row, "frames"), i, frame)
    {
        printf("      #%zu %s\n", i, json_string_value(frame));
    }
}

/* "3 usecount: NAME (...), since 1.250 s, by org.kextbed.memfs in vnop_open, for process 12", or
 * "3 usecount: NAME (...), of takers that are not kept" */
static void ref_print(const json_t *row)
{
    json_int_t thread = number_of(row, "thread"), pid = number_of(row, "pid");
    const char *kext = text_of(row, "kext"), *operation = text_of(row, "operation");

    if (json_is_false(json_object_get(row, "kept"))) {
        printf("%" JSON_INTEGER_FORMAT " %s: %s, of takers that are not kept\n", number_of(row, "count"),
               text_of(row, "kind"), text_of(row, "object"));
        return;
    }
    printf("%" JSON_INTEGER_FORMAT " %s: %s, since %.3f s, by %s", number_of(row, "count"),
           text_of(row, "kind"), text_of(row, "object"), json_real_value(json_object_get(row, "seconds")),
           kext[0] != '\0' ? kext : "the kernel");
    if (operation[0] != '\0') {
        printf(" in %s", operation);
    }
    if (thread != 0) {
        printf(", thread %" JSON_INTEGER_FORMAT, thread);
    }
    if (pid != 0) {
        printf(", for process %" JSON_INTEGER_FORMAT, pid);
    }
    putchar('\n');
}

static void lock_print(const json_t *row)
{
    const char *operation = text_of(row, "operation"), *kext = text_of(row, "kext");

    printf("thread %" JSON_INTEGER_FORMAT " %s %s %s, since %.3f s", number_of(row, "thread"),
           text_of(row, "thread_name"), text_of(row, "kind"), text_of(row, "object"),
           json_real_value(json_object_get(row, "seconds")));
    if (operation[0] != '\0') {
        printf(", in %s%s%s", operation, kext[0] != '\0' ? " of " : "", kext);
    }
    putchar('\n');
}

static int waited_longer(const void *left, const void *right)
{
    double a = json_real_value(json_object_get(*(json_t *const *)left, "wait_seconds"));
    double b = json_real_value(json_object_get(*(json_t *const *)right, "wait_seconds"));

    return a < b ? 1 : a > b ? -1 : 0;
}

static void classes_print(const json_t *classes)
{
    size_t n = json_array_size(classes);
    const json_t **rows = calloc(n + 1, sizeof(*rows));

    for (size_t i = 0; rows != NULL && i < n; i++) {
        rows[i] = json_array_get(classes, i);
    }
    if (rows != NULL) {
        qsort(rows, n, sizeof(*rows), waited_longer);
    }
    printf("%10s %10s %12s %12s  class\n", "taken", "waited", "wait ms", "longest ms");
    for (size_t i = 0; rows != NULL && i < n; i++) {
        printf("%10" JSON_INTEGER_FORMAT " %10" JSON_INTEGER_FORMAT " %12.3f %12.3f  %s: %s\n",
               number_of(rows[i], "taken"), number_of(rows[i], "waited"),
               1e3 * json_real_value(json_object_get(rows[i], "wait_seconds")),
               1e3 * json_real_value(json_object_get(rows[i], "wait_max_seconds")), text_of(rows[i], "kind"),
               text_of(rows[i], "name"));
    }
    free(rows);
}

static void reply_print(const struct tool *tool, const json_t *reply)
{
    size_t i;
    json_t *row;

    json_array_foreach(json_object_get(reply, "refs"), i, row)
    {
        ref_print(row);
        if (tool->verbose > 1) {
            frames_print(row);
        }
    }
    json_array_foreach(json_object_get(reply, "locks"), i, row)
    {
        lock_print(row);
        if (tool->verbose > 1) {
            frames_print(row);
        }
    }
    if (json_object_get(reply, "classes") != NULL) {
        classes_print(json_object_get(reply, "classes"));
    }
    fputs(text_of(reply, "order"), stdout);
}

static int ask(struct tool *tool, const char *verb, json_t *request)
{
    struct kext_client client;
    enum kext_client_result result;
    json_t *reply = NULL;

    if (!tool_connect(tool, &client, &result)) {
        json_decref(request);
        return tool_finish(tool, loader_exit_code(result));
    }
    result = kext_client_call(&client, verb, request, -1, "asking", &reply, &tool->diags);
    kext_client_close(&client);
    if (result == KEXT_CLIENT_OK) {
        if (!tool->json && !tool->quiet) {
            reply_print(tool, reply);
        }
        json_object_update(tool->result, reply);
        json_decref(reply);
    }
    return tool_finish(tool, loader_exit_code(result));
}

static int verb_ask(struct tool *tool, const char *verb, bool wants_kinds, int argc, char **argv)
{
    bool contention = false, dot = false;
    int opt;

    while ((opt = getopt_long_only(argc, argv, "qvh", options, NULL)) != -1) {
        if (wants_kinds && opt == OPT_CONTENTION) {
            contention = true;
        } else if (wants_kinds && opt == OPT_DOT) {
            dot = true;
        } else if (!tool_option(tool, opt, argc, argv)) {
            return tool_usage_error(tool, "%s: the command line is wrong", verb);
        }
    }
    if (optind != argc) {
        return tool_usage_error(tool, "%s takes no argument '%s'", verb, argv[optind]);
    }
    return ask(tool, verb, json_pack("{s:b, s:b}", "contention", contention, "order", dot));
}

int verb_refs(struct tool *tool, int argc, char **argv)
{
    return verb_ask(tool, "refs", false, argc, argv);
}

int verb_locks(struct tool *tool, int argc, char **argv)
{
    return verb_ask(tool, "locks", true, argc, argv);
}
