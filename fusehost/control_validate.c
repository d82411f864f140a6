// SPDX-License-Identifier: BSD-2-Clause
/*
 * Requests about what is held and waited for: refs, locks. Both need a kernel process that was started with
 * the validator on. No state, no locks. Called on client threads by control_verbs.c.
 */
#include <stdlib.h>
#include <string.h>

#include "fusehost/control_internal.h"
#include "vfs/syscalls.h"

static const char *const kind_names[] = {
    [SYS_ROW_RUNS] = "runs",          [SYS_ROW_HOLDS] = "holds",     [SYS_ROW_WAITS] = "waits",
    [SYS_ROW_SLEEPS] = "sleeps",      [SYS_ROW_IOCOUNT] = "iocount", [SYS_ROW_USECOUNT] = "usecount",
    [SYS_ROW_FSREF] = "fs-reference",
};

/* Names come from file systems: what is no UTF-8 is no JSON. */
static json_t *text_json(const char *text)
{
    json_t *value = json_string(text);

    return value != NULL ? value : json_string("(no UTF-8)");
}

static void row_add(void *arg, const struct sys_row *row)
{
    json_t *frames = json_array();
    json_t *out = json_pack("{s:s, s:I, s:I, s:I, s:I, s:f, s:b}", "kind", kind_names[row->kind], "thread",
                            (json_int_t)row->thread, "count", (json_int_t)row->count, "pid",
                            (json_int_t)row->pid, "mount", (json_int_t)row->mount_id, "seconds",
                            (double)row->age_ns / 1e9, "kept", !row->unkept);

    for (uint32_t i = 0; i < row->nframes; i++) {
        json_array_append_new(frames, text_json(row->frames[i]));
    }
    json_object_set_new(out, "object", text_json(row->object));
    json_object_set_new(out, "thread_name", text_json(row->thread_name));
    json_object_set_new(out, "operation", text_json(row->operation));
    json_object_set_new(out, "kext", text_json(row->kext));
    json_object_set_new(out, "frames", frames);
    json_array_append_new(arg, out);
}

static void class_add(void *arg, const struct sys_lock_class *class)
{
    json_array_append_new(arg,
                          json_pack("{s:s, s:o, s:I, s:I, s:f, s:f}", "kind", class->kind, "name",
                                    text_json(class->name), "taken", (json_int_t) class->taken, "waited",
                                    (json_int_t) class->waited, "wait_seconds", (double)class->wait_ns / 1e9,
                                    "wait_max_seconds", (double)class->wait_max_ns / 1e9));
}

struct text {
    char *bytes;
    size_t len;
};

static void text_add(void *arg, const char *piece)
{
    struct text *text = arg;
    size_t len = strlen(piece);
    char *bytes = realloc(text->bytes, text->len + len + 1);

    if (bytes == NULL) {
        return;
    }
    memcpy(bytes + text->len, piece, len + 1);
    text->bytes = bytes;
    text->len += len;
}

static enum kext_client_result finish(struct control_call *call, int error, const char *member, json_t *value)
{
    if (error == 0) {
        json_object_set_new(call->reply, member, value);
        json_object_set_new(call->reply, "findings", json_integer((json_int_t)sys_validate_findings()));
        return KEXT_CLIENT_OK;
    }
    json_decref(value);
    kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL,
                  "this kernel process was not started with the validator");
    kext_diag_mend(&call->diags, "Start it with kextbed start --validate.");
    return KEXT_CLIENT_FAILED;
}

enum kext_client_result control_verb_refs(struct control_call *call)
{
    json_t *rows = json_array();
    int error =
        sys_each_ref((uint32_t)json_integer_value(json_object_get(call->request, "mount")), row_add, rows);

    return finish(call, error, "refs", rows);
}

enum kext_client_result control_verb_locks(struct control_call *call)
{
    json_t *rows = json_array();

    if (control_flag(call, "order")) {
        struct text dot = {0};
        int error = sys_lock_order(text_add, &dot);

        json_decref(rows);
        rows = json_string(dot.bytes != NULL ? dot.bytes : "");
        free(dot.bytes);
        return finish(call, error, "order", rows);
    }
    if (control_flag(call, "contention")) {
        return finish(call, sys_each_lock_class(class_add, rows), "classes", rows);
    }
    return finish(call, sys_each_lock(row_add, rows), "locks", rows);
}
