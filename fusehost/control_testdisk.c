// SPDX-License-Identifier: BSD-2-Clause
/*
 * Requests about the test device below a mount: a new plan, a power cut, its figures. No state, no locks.
 * Called on client threads by control_verbs.c.
 */
#include <errno.h>
#include <string.h>

#include "fusehost/control_internal.h"
#include "fusehost/session.h"
#include "host/testdisk/testdisk.h"

static json_t *op_row(const struct testdisk_op_stats *op)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "requests", (json_int_t)op->requests, "bytes",
                     (json_int_t)op->bytes, "failed", (json_int_t)op->failed, "short",
                     (json_int_t)op->shortened, "late", (json_int_t)op->delayed, "lied", (json_int_t)op->lied,
                     "errors", (json_int_t)op->errors);
}

static void reply_fill(json_t *reply, const struct testdisk_stats *stats)
{
    for (unsigned op = 0; op < TESTDISK_OPS; op++)
        json_object_set_new(reply, testdisk_op_name((enum host_disk_op)op), op_row(&stats->op[op]));
    json_object_set_new(reply, "power", json_string(stats->off ? "off" : "on"));
    json_object_set_new(reply, "events", json_integer((json_int_t)stats->events));
    json_object_set_new(reply, "under_way", json_integer((json_int_t)stats->under_way));
    json_object_set_new(reply, "reordered", json_integer((json_int_t)stats->reordered));
    json_object_set_new(reply, "refused", json_integer((json_int_t)stats->refused));
    json_object_set_new(reply, "record_failed", json_boolean(stats->record_failed));
    json_object_set_new(reply, "uncovered",
                        json_pack("{s:I, s:I, s:I}", "writes", (json_int_t)stats->uncovered_writes, "bytes",
                                  (json_int_t)stats->uncovered_bytes, "bytes_max",
                                  (json_int_t)stats->uncovered_bytes_max));
    json_object_set_new(reply, "cut",
                        json_pack("{s:I, s:I, s:I, s:I}", "kept", (json_int_t)stats->cut.kept, "torn",
                                  (json_int_t)stats->cut.torn, "lost", (json_int_t)stats->cut.lost,
                                  "requests_since", (json_int_t)stats->after_cut));
}

enum kext_client_result control_verb_testdisk(struct control_call *call)
{
    const char *dir = control_text(call, "dir");
    const char *plan = json_string_value(json_object_get(call->request, "plan"));
    struct fh_session *session = NULL;
    struct testdisk_stats stats;
    char err[512] = "";

    if (dir == NULL) {
        return KEXT_CLIENT_FAILED;
    }
    if (dir[0] != '/' || fh_session_find(dir, &session) != 0) {
        kext_diag_add(&call->diags, KEXT_DIAG_LOAD, dir, NULL,
                      "nothing of this kernel process is mounted there");
        return KEXT_CLIENT_NOT_FOUND;
    }
    int error = fh_session_testdisk(session, control_flag(call, "cut"), plan, &stats, err, sizeof(err));
    fh_session_release(session);
    if (error != 0) {
        kext_diag_add(&call->diags, KEXT_DIAG_LOAD, dir, NULL, "%s", err);
        return KEXT_CLIENT_FAILED;
    }
    reply_fill(call->reply, &stats);
    return KEXT_CLIENT_OK;
}
