// SPDX-License-Identifier: BSD-2-Clause
/*
 * The verb info: what a record holds.
 */
#include <inttypes.h>

#include "host/host.h"
#include "tools/kextbed-disk/kextbed_disk.h"

struct counts {
    uint64_t requests, bytes, failed, lied, under_way;
};

static void count(const struct testdisk_record *record, struct counts *counts, bool *contents)
{
    *contents = true;
    for (size_t i = 0; i < record->count; i++) {
        const struct testdisk_event *event = &record->events[i];
        struct counts *of = &counts[event->op];

        if (event->is_submit) {
            of->requests++;
            of->under_way++;
            *contents &= event->op != HOST_DISK_WRITE || event->hex != NULL || event->zeros;
        } else {
            of->under_way--;
            of->bytes += event->status == HOST_OK && !event->lied ? event->moved : 0;
            of->failed += event->status != HOST_OK;
            of->lied += event->lied;
        }
    }
}

int verb_info(struct tool *tool, const struct job *job)
{
    static const char *const ends[] = {"nothing: the process ended", "a power cut", "the disk being closed"};
    static const char *const end_words[] = {"none", "cut", "close"};
    struct counts counts[TESTDISK_OPS] = {0};
    struct loaded loaded;
    bool contents;

    if (!record_load(tool, job->record, &loaded)) {
        return tool_finish(tool, DISK_FAILED);
    }
    const struct testdisk_record *record = &loaded.record;
    count(record, counts, &contents);
    tool_say(tool, 1, "disk of %" PRIu64 " bytes, blocks of %u, written in pieces of %u, cache %s",
             record->geometry.hg_size, record->geometry.hg_block, record->geometry.hg_block_physical,
             record->cache_off ? "off" : "on");
    tool_say(tool, 1, "%zu events, ended by %s; contents %s", record->count, ends[record->end],
             contents ? "recorded" : "not recorded");
    json_object_set_new(tool->result, "disk",
                        json_pack("{s:I, s:i, s:i, s:b}", "size", (json_int_t)record->geometry.hg_size,
                                  "block", (int)record->geometry.hg_block, "physical",
                                  (int)record->geometry.hg_block_physical, "cache", !record->cache_off));
    json_object_set_new(tool->result, "events", json_integer((json_int_t)record->count));
    json_object_set_new(tool->result, "end", json_string(end_words[record->end]));
    json_object_set_new(tool->result, "contents", json_boolean(contents));
    for (unsigned op = 0; op < TESTDISK_OPS; op++) {
        const char *name = testdisk_op_name((enum host_disk_op)op);

        tool_say(tool, 1,
                 "%-6s %8" PRIu64 "  %12" PRIu64 " bytes  %" PRIu64 " failed, %" PRIu64 " lied, %" PRIu64
                 " under way at the end",
                 name, counts[op].requests, counts[op].bytes, counts[op].failed, counts[op].lied,
                 counts[op].under_way);
        json_object_set_new(
            tool->result, name,
            json_pack("{s:I, s:I, s:I, s:I, s:I}", "requests", (json_int_t)counts[op].requests, "bytes",
                      (json_int_t)counts[op].bytes, "failed", (json_int_t)counts[op].failed, "lied",
                      (json_int_t)counts[op].lied, "under_way", (json_int_t)counts[op].under_way));
    }
    record_unload(&loaded);
    return tool_finish(tool, TOOL_OK);
}
