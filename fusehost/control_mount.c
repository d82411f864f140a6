// SPDX-License-Identifier: BSD-2-Clause
/*
 * Requests about the kernel process and its mounts: mount, umount, status, stop. No state, no locks; called
 * on client threads by control_verbs.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fusehost/control_internal.h"
#include "fusehost/session.h"
#include "kext/kext_control.h"
#include "libkext/mount_data.h"
#include "libkext/wire.h"
#include "vfs/syscalls.h"

#define SESSIONS_MAX 1024u
#define WAITING_MS   3000 /* requests that take longer are told of */

static enum kext_client_result session_result(int error)
{
    switch (error) {
    case 0:
        return KEXT_CLIENT_OK;
    case ENODEV:
        return KEXT_CLIENT_NOT_FOUND; /* no such type: the tool may load its kext and ask again */
    case EBUSY:
        return KEXT_CLIENT_IN_USE;
    case EPERM:
    case EACCES:
        return KEXT_CLIENT_DENIED;
    default:
        return KEXT_CLIENT_FAILED;
    }
}

/* A sentence about a mount; one that begins with the folder need not be told where it is about. */
static void session_complain(struct control_call *call, const char *dir, const char *err, int error)
{
    const char *text = err[0] != '\0' ? err : strerror(error);

    kext_diag_add(&call->diags, KEXT_DIAG_LOAD, strncmp(text, dir, strlen(dir)) == 0 ? NULL : dir, NULL, "%s",
                  text);
}

static bool path_usable(struct control_call *call, const char *path, const char *what)
{
    if (path == NULL || path[0] == '/') {
        return true;
    }
    kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, path, NULL, "%s has to be an absolute path", what);
    return false;
}

static int digit_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The member "data", two digits for each byte, where there is one. @request owes a free() of its data. */
static bool data_take(struct control_call *call, struct fh_mount_request *request)
{
    const json_t *member = json_object_get(call->request, "data");
    const char *text = json_string_value(member);
    size_t size = json_string_length(member) / 2, i = 0;

    if (member == NULL) {
        return true;
    }
    unsigned char *bytes = text != NULL && size <= MOUNT_DATA_MAX ? malloc(size + 1) : NULL;
    for (; bytes != NULL && i < size; i++) {
        int high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);

        if (high < 0 || low < 0) {
            break;
        }
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    if (bytes == NULL || i < size || text[2 * size] != '\0') {
        free(bytes);
        kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL,
                      "the mount data has to be at most %u bytes, in hexadecimal digits", MOUNT_DATA_MAX);
        return false;
    }
    request->data = bytes;
    request->data_size = size;
    return true;
}

enum kext_client_result control_verb_mount(struct control_call *call)
{
    struct fh_mount_request request = {
        .type = control_text(call, "type"),
        .special = json_string_value(json_object_get(call->request, "special")),
        .dir = control_text(call, "dir"),
        .options = json_string_value(json_object_get(call->request, "options")),
        .uid = call->peer.uid,
        .gid = call->peer.gid,
        .pid = call->peer.pid,
    };
    struct fh_session *session = NULL;
    char err[1024] = "";
    int error;

    if (request.type == NULL || request.dir == NULL || !path_usable(call, request.dir, "where to mount") ||
        !data_take(call, &request)) {
        return KEXT_CLIENT_FAILED;
    }
    error = fh_session_start(&request, &session, err, sizeof(err));
    free((void *)request.data);
    if (error != 0) {
        session_complain(call, request.dir, err, error);
        return error == EBUSY ? KEXT_CLIENT_EXISTS : session_result(error);
    }
    json_object_set_new(call->reply, "mount_id", json_integer(fh_session_mount_id(session)));
    json_object_set_new(call->reply, "dir", json_string(fh_session_dir(session)));
    fh_session_release(session);
    return KEXT_CLIENT_OK;
}

/* The session of the request's "dir", owing a release. NULL: said why. */
static struct fh_session *session_of(struct control_call *call, enum kext_client_result *result)
{
    const char *dir = control_text(call, "dir");
    struct fh_session *session = NULL;

    *result = KEXT_CLIENT_FAILED;
    if (dir != NULL && path_usable(call, dir, "the mount") && fh_session_find(dir, &session) != 0) {
        kext_diag_add(&call->diags, KEXT_DIAG_LOAD, dir, NULL,
                      "nothing of this kernel process is mounted there");
        *result = KEXT_CLIENT_NOT_FOUND;
    }
    return session;
}

static enum kext_client_result changed(struct control_call *call, struct fh_session *session, int error,
                                       const char *err)
{
    if (error != 0) {
        kext_diag_add(&call->diags, KEXT_DIAG_LOAD, fh_session_dir(session), NULL, "%s",
                      err[0] != '\0' ? err : strerror(error));
    }
    fh_session_release(session);
    return session_result(error == ENODEV ? EIO : error);
}

enum kext_client_result control_verb_update(struct control_call *call)
{
    struct fh_mount_request request = {
        .options = json_string_value(json_object_get(call->request, "options")),
    };
    enum kext_client_result result;
    struct fh_session *session = session_of(call, &result);
    char err[1024] = "";

    if (session == NULL) {
        return result;
    }
    if (!data_take(call, &request)) {
        fh_session_release(session);
        return KEXT_CLIENT_FAILED;
    }
    int error =
        fh_session_update(session, request.options, request.data, request.data_size, err, sizeof(err));
    free((void *)request.data);
    return changed(call, session, error, err);
}

enum kext_client_result control_verb_resize(struct control_call *call)
{
    json_int_t bytes = json_integer_value(json_object_get(call->request, "bytes"));
    enum kext_client_result result;
    struct fh_session *session = session_of(call, &result);
    char err[1024] = "";

    if (session == NULL) {
        return result;
    }
    if (bytes <= 0) {
        fh_session_release(session);
        kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL, "the request lacks the number 'bytes'");
        return KEXT_CLIENT_FAILED;
    }
    int error = fh_session_resize(session, (uint64_t)bytes, err, sizeof(err));
    return changed(call, session, error, err);
}

enum kext_client_result control_verb_umount(struct control_call *call)
{
    const char *dir = control_text(call, "dir");
    struct fh_session *session = NULL;
    char err[2048] = "";
    bool force = control_flag(call, "force");
    int error;

    if (dir == NULL || !path_usable(call, dir, "what to unmount")) {
        return KEXT_CLIENT_FAILED;
    }
    error = fh_session_find(dir, &session);
    if (error != 0) {
        kext_diag_add(&call->diags, KEXT_DIAG_LOAD, dir, NULL,
                      "nothing of this kernel process is mounted there");
        return KEXT_CLIENT_NOT_FOUND;
    }
    error = fh_session_stop(session, force ? FH_STOP_FORCE : 0, err, sizeof(err));
    fh_session_release(session);
    if (error != 0) {
        session_complain(call, dir, err, error);
        if (error == EBUSY) {
            kext_diag_mend(
                &call->diags,
                force ? "It ends by itself once the kext lets go; to end the kernel process: kextbed stop -f"
                      : "End what uses it, or cut it off: kextbed umount -f");
        }
    }
    return session_result(error);
}

/* ---- status -------------------------------------------------------------------------------------------- */

static json_t *session_row(struct fh_session *session)
{
    char *text = fh_session_stats_json(session);
    json_t *stats = text != NULL ? json_loads(text, 0, NULL) : NULL;
    json_t *row = json_object();

    json_object_set_new(row, "mount_id", json_integer(fh_session_mount_id(session)));
    json_object_set_new(row, "type", json_string(fh_session_type(session)));
    json_object_set_new(row, "special", json_string(fh_session_special(session)));
    json_object_set_new(row, "dir", json_string(fh_session_dir(session)));
    json_object_set_new(row, "options", json_string(fh_session_options(session)));
    if (stats != NULL) {
        json_object_set_new(row, "stats", stats);
    }
    free(text);
    char waiting[1600];
    if (fh_session_waiting(session, WAITING_MS, waiting, sizeof(waiting)) != 0) {
        json_object_set_new(row, "waiting", json_string(waiting));
    }
    return row;
}

static void mounts_add(json_t *reply)
{
    struct fh_session **sessions = calloc(SESSIONS_MAX, sizeof(*sessions));
    json_t *rows = json_array();
    size_t n = sessions != NULL ? fh_session_list(sessions, SESSIONS_MAX) : 0;

    for (size_t i = 0; i < n; i++) {
        json_array_append_new(rows, session_row(sessions[i]));
        fh_session_release(sessions[i]);
    }
    free(sessions);
    json_object_set_new(reply, "mounts", rows);
}

static json_t *counters_row(void)
{
    struct sys_counters sys;
    struct kext_control_counters kext;

    sys_counters_get(&sys);
    kext_control_counters(&kext);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                     "vnodes", (json_int_t)sys.vnodes, "vnodes_created", (json_int_t)sys.vnodes_created,
                     "vnodes_recycled", (json_int_t)sys.vnodes_recycled, "iocounts", (json_int_t)sys.iocounts,
                     "usecounts", (json_int_t)sys.usecounts, "mounts", (json_int_t)sys.mounts, "file_systems",
                     (json_int_t)sys.file_systems, "open_files", (json_int_t)sys.open_files, "kext_bytes",
                     (json_int_t)sys.kext_bytes, "kext_allocations", (json_int_t)sys.kext_allocations,
                     "kernel_bytes", (json_int_t)sys.kernel_bytes, "threads", (json_int_t)sys.threads,
                     "locks", (json_int_t)sys.locks, "kexts", (json_int_t)kext.kexts, "image_bytes",
                     (json_int_t)kext.image_bytes, "link_bytes", (json_int_t)kext.heap_bytes, "links",
                     (json_int_t)kext.links);
}

static json_t *cache_row(void)
{
    struct sys_cache cache;

    sys_cache_get(&cache);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "limit", (json_int_t)cache.limit,
                     "bytes", (json_int_t)cache.bytes, "dirty_bytes", (json_int_t)cache.dirty_bytes,
                     "buffers", (json_int_t)cache.buffers, "dirty_buffers", (json_int_t)cache.dirty_buffers,
                     "pages", (json_int_t)cache.pages, "dirty_pages", (json_int_t)cache.dirty_pages, "misses",
                     (json_int_t)cache.misses, "evictions", (json_int_t)cache.evictions);
}

enum kext_client_result control_verb_status(struct control_call *call)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    json_object_set_new(call->reply, "pid", json_integer(getpid()));
    json_object_set_new(call->reply, "uid", json_integer(geteuid()));
    json_object_set_new(call->reply, "darwin", json_string(KEXT_INTERFACE_VERSION_TEXT));
    mounts_add(call->reply);
    json_object_set_new(call->reply, "cache", cache_row());
    json_object_set_new(call->reply, "counters", counters_row());
    return KEXT_CLIENT_OK;
}

/* ---- stop ---------------------------------------------------------------------------------------------- */

static void stop_complain(struct control_call *call, struct fh_session *session, bool force, const char *text)
{
    kext_diag_add(&call->diags, KEXT_DIAG_LOAD, fh_session_dir(session), NULL, "%s", text);
    if (!force) {
        kext_diag_mend(&call->diags, "End what uses it, or cut it off: kextbed stop -f");
    }
}

/* With force the process ends in any case: what does not end is told of and left behind. */
enum kext_client_result control_verb_stop(struct control_call *call)
{
    struct fh_session **sessions = calloc(SESSIONS_MAX, sizeof(*sessions));
    bool force = control_flag(call, "force");
    enum kext_client_result result = KEXT_CLIENT_OK;

    if (call->stop == NULL || sessions == NULL) {
        kext_diag_add(&call->diags, KEXT_DIAG_LOAD, NULL, NULL,
                      "this kernel process ends with its foreground run");
        free(sessions);
        return KEXT_CLIENT_FAILED;
    }
    size_t n = fh_session_list(sessions, SESSIONS_MAX);
    while (n-- > 0) { /* the newest first: it may be mounted inside an older one */
        char err[2048] = "";
        int error = fh_session_stop(sessions[n], force ? FH_STOP_FORCE : 0, err, sizeof(err));

        if (error != 0) {
            stop_complain(call, sessions[n], force, err[0] != '\0' ? err : strerror(error));
            result = session_result(error);
        }
        fh_session_release(sessions[n]);
    }
    free(sessions);
    call->stop_after = force || result == KEXT_CLIENT_OK;
    return result;
}
