// SPDX-License-Identifier: BSD-2-Clause
/*
 * The verb testdisk: what the test device below a mount has done, a new plan for it, a power cut.
 */
#include <stdlib.h>

#include "tools/kextbed/kextbed.h"

enum { OPT_CUT = TOOL_OPT_OWN, OPT_PLAN };

static const struct option options[] = {{"cut", no_argument, NULL, OPT_CUT},
                                        {"plan", required_argument, NULL, OPT_PLAN},
                                        TOOL_OPTIONS,
                                        {NULL, 0, NULL, 0}};

static long long number(const json_t *row, const char *name)
{
    return (long long)json_integer_value(json_object_get(row, name));
}

static void stats_print(const struct tool *tool, const json_t *reply)
{
    static const char *const ops[] = {"read", "write", "flush", "unmap"};
    const json_t *uncovered = json_object_get(reply, "uncovered"), *cut = json_object_get(reply, "cut");

    tool_say(tool, 1, "power %s, %lld events, %lld requests under way, %lld done out of order",
             json_string_value(json_object_get(reply, "power")), number(reply, "events"),
             number(reply, "under_way"), number(reply, "reordered"));
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        const json_t *row = json_object_get(reply, ops[i]);

        tool_say(tool, 1,
                 "%-5s %9lld  %13lld bytes  %lld failed, %lld short, %lld late, %lld lied; %lld errors below",
                 ops[i], number(row, "requests"), number(row, "bytes"), number(row, "failed"),
                 number(row, "short"), number(row, "late"), number(row, "lied"), number(row, "errors"));
    }
    tool_say(tool, 1, "not covered by a flush: %lld writes, %lld bytes (at most %lld)",
             number(uncovered, "writes"), number(uncovered, "bytes"), number(uncovered, "bytes_max"));
    if (number(cut, "kept") + number(cut, "torn") + number(cut, "lost") != 0) {
        tool_say(tool, 1, "the power cut kept %lld writes, tore %lld and lost %lld", number(cut, "kept"),
                 number(cut, "torn"), number(cut, "lost"));
    }
    if (json_is_true(json_object_get(reply, "record_failed"))) {
        tool_say(tool, 1, "the record could not be written to its end");
    }
}

int verb_testdisk(struct tool *tool, int argc, char **argv)
{
    struct kext_client client;
    enum kext_client_result result;
    const char *plan = NULL;
    json_t *reply = NULL;
    bool cut = false;
    int opt;

    while ((opt = getopt_long_only(argc, argv, "qvh", options, NULL)) != -1) {
        if (opt == OPT_CUT) {
            cut = true;
        } else if (opt == OPT_PLAN) {
            plan = optarg;
        } else if (!tool_option(tool, opt, argc, argv)) {
            return tool_usage_error(tool, "testdisk: the command line is wrong");
        }
    }
    if (argc - optind != 1) {
        return tool_usage_error(tool, "testdisk: one folder is needed");
    }
    char *dir = path_absolute(argv[optind]);
    if (tool_connect(tool, &client, &result)) {
        result = kext_client_call(&client, "testdisk",
                                  json_pack("{s:s, s:b, s:s*}", "dir", dir, "cut", cut, "plan", plan), -1,
                                  "cutting its power", &reply, &tool->diags);
        kext_client_close(&client);
    }
    if (result == KEXT_CLIENT_OK) {
        stats_print(tool, reply);
        json_object_update(tool->result, reply);
        json_decref(reply);
    }
    free(dir);
    return tool_finish(tool, loader_exit_code(result));
}
