// SPDX-License-Identifier: BSD-2-Clause
/*
 * Requests about kexts: load, start, unload, stat, sections, log; and the table of all verbs. Untrusted
 * archives are decoded here, on the host side; the kernel half gets the flat message.
 *
 * No state, no locks. Called on client threads by control_server.c, and by the foreground run.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fusehost/control.h"
#include "fusehost/control_debugger.h"
#include "fusehost/control_internal.h"
#include "kext/kext_control.h"
#include "libkext/archive.h"
#include "libkext/channel.h"
#include "libkext/file.h"
#include "libkext/message.h"
#include "vfs/syscalls.h"

/* Room for what a load has to say: every symbol that a linker misses gets its line. */
#define REPLY_TEXT (256u << 10)
#define LOG_TEXT   (1u << 20)

const char *control_text(struct control_call *call, const char *member)
{
    const char *text = json_string_value(json_object_get(call->request, member));

    if (text == NULL) {
        kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL, "the request lacks the text '%s'", member);
    }
    return text;
}

bool control_flag(const struct control_call *call, const char *member)
{
    return json_is_true(json_object_get(call->request, member));
}

/* ---- results of the kernel half ----------------------------------------------------------------------- */

static enum kext_client_result result_of(int error)
{
    switch (error) {
    case 0:
        return KEXT_CLIENT_OK;
    case SYS_ENOENT:
        return KEXT_CLIENT_NOT_FOUND;
    case SYS_EBUSY:
        return KEXT_CLIENT_IN_USE;
    case SYS_EEXIST:
        return KEXT_CLIENT_EXISTS;
    case SYS_ENOEXEC:
        return KEXT_CLIENT_LINK;
    case SYS_EIO:
        return KEXT_CLIENT_START;
    default:
        return KEXT_CLIENT_FAILED;
    }
}

static enum kext_diag_kind kind_of_load(int error)
{
    switch (error) {
    case 0:
        return KEXT_DIAG_WARNING;
    case SYS_ENOENT:
        return KEXT_DIAG_DEPENDENCY;
    case SYS_ENOEXEC:
        return KEXT_DIAG_LINK;
    case SYS_EINVAL:
        return KEXT_DIAG_REQUEST;
    default:
        return KEXT_DIAG_LOAD;
    }
}

static bool reply_begin(struct kext_control_reply *reply, struct kext_diags *diags)
{
    memset(reply, 0, sizeof(*reply));
    reply->size = REPLY_TEXT;
    reply->text = malloc(REPLY_TEXT);
    if (reply->text == NULL) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, NULL, NULL, "out of memory");
        return false;
    }
    reply->text[0] = '\0';
    return true;
}

/* Turns what the kernel half said into a diagnostic. */
static void reply_end(struct kext_control_reply *reply, int error, enum kext_diag_kind kind,
                      struct kext_diags *diags)
{
    size_t len = strlen(reply->text);

    if (len != 0 && reply->text[len - 1] == '\n') {
        reply->text[len - 1] = '\0';
    }
    if (len != 0) {
        kext_diag_add(diags, kind, NULL, NULL, "%s%s", reply->text,
                      reply->len >= reply->size ? "\n(and more)" : "");
    } else if (error != 0) {
        kext_diag_add(diags, kind, NULL, NULL, "the kernel half refuses with error %d", error);
    }
    free(reply->text);
}

/* ---- load ---------------------------------------------------------------------------------------------- */

static int archive_load(const uint8_t *bytes, size_t len, uint32_t *index, struct kext_diags *diags)
{
    struct kext_archive archive;
    struct kext_control_reply reply;
    void *message = NULL;
    size_t message_len = 0;
    int error = SYS_EINVAL;

    if (!kext_archive_read(bytes, len, &archive, diags)) {
        return error;
    }
    if (kext_message_build(&archive, &message, &message_len, diags) && reply_begin(&reply, diags)) {
        error = kext_control_load(message, message_len, &reply);
        *index = reply.index;
        for (size_t i = 0; error == 0 && (archive.flags & KEXT_ARCHIVE_CHECK) == 0 && i < archive.count;
             i++) {
            control_debugger_add(archive.kexts[i].info.id, archive.kexts[i].exec, archive.kexts[i].exec_len);
        }
        reply_end(&reply, error, kind_of_load(error), diags);
    }
    free(message);
    kext_archive_free(&archive);
    return error;
}

int control_archive_load(const uint8_t *bytes, size_t len, struct kext_diags *diags)
{
    uint32_t index;

    return archive_load(bytes, len, &index, diags);
}

static enum kext_client_result verb_load(struct control_call *call)
{
    uint8_t *bytes = NULL;
    uint32_t index = 0;
    size_t len = 0;
    int error;

    if (call->fd < 0) {
        kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL, "no load archive came with the request");
        return KEXT_CLIENT_FAILED;
    }
    if (!kext_channel_sealed(call->fd)) {
        kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL,
                      "the load archive is not a sealed memory file");
        return KEXT_CLIENT_FAILED;
    }
    error = kext_fd_read(call->fd, KEXT_WIRE_MAX_SIZE, &bytes, &len);
    if (error != 0) {
        kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL, "the load archive cannot be read: %s",
                      error == EFBIG ? "it is too large" : strerror(error));
        return KEXT_CLIENT_FAILED;
    }
    error = archive_load(bytes, len, &index, &call->diags);
    free(bytes);
    json_object_set_new(call->reply, "index", json_integer(index));
    return error == SYS_ENOENT ? KEXT_CLIENT_FAILED
                               : result_of(error); /* a library was missing, not the kext */
}

/* ---- start, unload ------------------------------------------------------------------------------------- */

static enum kext_client_result named_run(struct control_call *call,
                                         int (*run)(const char *id, struct kext_control_reply *reply))
{
    const char *id = control_text(call, "id");
    struct kext_control_reply reply;

    if (id == NULL || !reply_begin(&reply, &call->diags)) {
        return KEXT_CLIENT_FAILED;
    }
    int error = run(id, &reply);
    json_object_set_new(call->reply, "index", json_integer(reply.index));
    reply_end(&reply, error, error == 0 ? KEXT_DIAG_WARNING : KEXT_DIAG_LOAD, &call->diags);
    return result_of(error);
}

static enum kext_client_result verb_start(struct control_call *call)
{
    return named_run(call, kext_control_start);
}

static enum kext_client_result verb_unload(struct control_call *call)
{
    enum kext_client_result result = named_run(call, kext_control_unload);

    control_debugger_prune();
    return result;
}

/* ---- what is loaded ------------------------------------------------------------------------------------ */

static json_t *uuid_text(const uint8_t uuid[16])
{
    return json_sprintf("%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", uuid[0],
                        uuid[1], uuid[2], uuid[3], uuid[4], uuid[5], uuid[6], uuid[7], uuid[8], uuid[9],
                        uuid[10], uuid[11], uuid[12], uuid[13], uuid[14], uuid[15]);
}

static json_t *info_row(const struct kext_control_info *info, bool addresses)
{
    static const char *const states[] = {[KEXT_CONTROL_LINKED_ONLY] = "loaded",
                                         [KEXT_CONTROL_STARTED] = "started",
                                         [KEXT_CONTROL_STUCK] = "stopped"};
    json_t *linked = json_array();
    json_t *row = json_pack("{s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:I, s:I, s:s, s:b, s:I, s:I, s:I}", "index",
                            (json_int_t)info->index, "refs", (json_int_t)info->refs, "address",
                            (json_int_t)(addresses ? info->address : 0), "size", (json_int_t)info->size,
                            "wired", (json_int_t)info->wired, "name", info->id, "version", info->version_text,
                            "version_number", (json_int_t)info->version, "compatible_number",
                            (json_int_t)info->compatible, "state", states[info->state], "interface",
                            info->is_interface, "memory", (json_int_t)info->memory_bytes, "threads",
                            (json_int_t)info->threads, "locks", (json_int_t)info->locks);

    for (uint32_t i = 0; i < info->nlinked; i++) {
        json_array_append_new(linked, json_integer(info->linked[i]));
    }
    json_object_set_new(row, "linked", linked);
    if (info->has_uuid) {
        json_object_set_new(row, "uuid", uuid_text(info->uuid));
    }
    if (info->path[0] != '\0') {
        json_object_set_new(row, "path", json_string(info->path));
    }
    return row;
}

static enum kext_client_result verb_stat(struct control_call *call)
{
    struct kext_control_info *infos = calloc(KEXT_CONTROL_MAX, sizeof(*infos));
    json_t *rows = json_array();

    if (infos == NULL) {
        json_decref(rows);
        kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL, "out of memory");
        return KEXT_CLIENT_FAILED;
    }
    size_t n = kext_control_list(infos, KEXT_CONTROL_MAX);
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(rows, info_row(&infos[i], call->privileged));
    }
    free(infos);
    json_object_set_new(call->reply, "kexts", rows);
    return KEXT_CLIENT_OK;
}

static enum kext_client_result verb_sections(struct control_call *call)
{
    const char *id = control_text(call, "id");
    size_t n = id != NULL ? kext_control_sections(id, NULL, 0) : 0;
    struct kext_control_section *sections = calloc(n + 1, sizeof(*sections));
    json_t *rows = json_array();

    if (id == NULL || sections == NULL) {
        free(sections);
        json_decref(rows);
        return KEXT_CLIENT_FAILED;
    }
    size_t now = kext_control_sections(id, sections, n);
    for (size_t i = 0; i < n && i < now; i++) {
        json_array_append_new(rows, json_pack("{s:s, s:I, s:I}", "name", sections[i].name, "address",
                                              (json_int_t)sections[i].address, "size",
                                              (json_int_t)sections[i].size));
    }
    free(sections);
    json_object_set_new(call->reply, "sections", rows);
    return KEXT_CLIENT_OK;
}

static enum kext_client_result verb_log(struct control_call *call)
{
    uint64_t seq = (uint64_t)json_integer_value(json_object_get(call->request, "seq"));
    char *text = malloc(LOG_TEXT);

    if (text == NULL) {
        kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL, "out of memory");
        return KEXT_CLIENT_FAILED;
    }
    size_t len = sys_log_read(&seq, text, LOG_TEXT);
    /* Kexts print what they like; JSON takes UTF-8 alone. */
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] >= 0x80 ||
            ((unsigned char)text[i] < 0x20 && text[i] != '\n' && text[i] != '\t')) {
            text[i] = '?';
        }
    }
    json_object_set_new(call->reply, "text", json_stringn(text, len));
    json_object_set_new(call->reply, "seq", json_integer((json_int_t)seq));
    free(text);
    return KEXT_CLIENT_OK;
}

/* ---- all verbs ----------------------------------------------------------------------------------------- */

static const struct control_verb verbs[] = {
    {"load", true, verb_load},
    {"start", true, verb_start},
    {"unload", true, verb_unload},
    {"stat", false, verb_stat},
    {"sections", true, verb_sections},
    {"log", true, verb_log},
    {"mount", true, control_verb_mount},
    {"update", true, control_verb_update},
    {"resize", true, control_verb_resize},
    {"umount", true, control_verb_umount},
    {"revoke", true, control_verb_revoke},
    {"suspend", true, control_verb_suspend},
    {"resume", true, control_verb_resume},
    {"testdisk", true, control_verb_testdisk},
    {"status", false, control_verb_status},
    {"stop", true, control_verb_stop},
    {"refs", true, control_verb_refs},
    {"locks", true, control_verb_locks},
};

enum kext_client_result control_dispatch(struct control_call *call)
{
    json_int_t version = json_integer_value(json_object_get(call->request, "v"));
    const char *name = control_text(call, "verb");

    if (version != KEXT_CHANNEL_VERSION) {
        kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL,
                      "the request has version %lld; this kernel process speaks version %d",
                      (long long)version, KEXT_CHANNEL_VERSION);
        kext_diag_mend(&call->diags, "Use tools and a kernel process of the same release.");
        return KEXT_CLIENT_FAILED;
    }
    for (size_t i = 0; name != NULL && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].name, name) != 0) {
            continue;
        }
        if (verbs[i].privileged && !call->privileged) {
            kext_diag_add(&call->diags, KEXT_DIAG_LOAD, NULL, NULL,
                          "user %u may not %s in this kernel process", (unsigned)call->peer.uid, name);
            kext_diag_mend(&call->diags, "Ask as root, or use a kernel process of your own: kextbed run");
            return KEXT_CLIENT_DENIED;
        }
        return verbs[i].run(call);
    }
    if (name != NULL) {
        kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL, "'%.40s' is no request", name);
    }
    return KEXT_CLIENT_FAILED;
}
