// SPDX-License-Identifier: BSD-2-Clause
/*
 * Requests to the kernel process. Owns the client's socket. Called by the tools.
 */
#include "libkext/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libkext/channel.h"

static const char *const result_names[KEXT_CLIENT_RESULTS] = {
    [KEXT_CLIENT_OK] = "ok",         [KEXT_CLIENT_UNREACHABLE] = "unreachable",
    [KEXT_CLIENT_DENIED] = "denied", [KEXT_CLIENT_NOT_FOUND] = "not-found",
    [KEXT_CLIENT_IN_USE] = "in-use", [KEXT_CLIENT_EXISTS] = "exists",
    [KEXT_CLIENT_START] = "start",   [KEXT_CLIENT_LINK] = "link",
    [KEXT_CLIENT_FAILED] = "failed",
};

const char *kext_client_result_name(enum kext_client_result result)
{
    return result < KEXT_CLIENT_RESULTS ? result_names[result] : "failed";
}

enum kext_client_result kext_client_result_parse(const char *name)
{
    for (unsigned i = 0; name != NULL && i < KEXT_CLIENT_RESULTS; i++) {
        if (strcmp(result_names[i], name) == 0) {
            return (enum kext_client_result)i;
        }
    }
    return KEXT_CLIENT_FAILED;
}

static void member_set(json_t *object, const char *key, const char *text)
{
    if (text != NULL) {
        /* A path may be no valid UTF-8, which JSON cannot carry; then it is left out rather than the whole
         * problem. */
        json_object_set_new(object, key, json_string(text));
    }
}

json_t *kext_diags_to_json(const struct kext_diags *diags)
{
    json_t *array = json_array();

    for (size_t i = 0; i < diags->count; i++) {
        const struct kext_diag *diag = &diags->list[i];
        json_t *row = json_object();

        member_set(row, "kind", kext_diag_kind_name(diag->kind));
        member_set(row, "file", diag->file);
        member_set(row, "kext", diag->kext);
        member_set(row, "text", diag->text);
        member_set(row, "mend", diag->mend);
        if (diag->line != 0) {
            json_object_set_new(row, "line", json_integer(diag->line));
            json_object_set_new(row, "column", json_integer(diag->column));
        }
        json_array_append_new(array, row);
    }
    return array;
}

void kext_diags_from_json(struct kext_diags *diags, const json_t *array)
{
    size_t i;
    json_t *row;

    json_array_foreach(array, i, row)
    {
        const char *kind = json_string_value(json_object_get(row, "kind"));
        const char *text = json_string_value(json_object_get(row, "text"));
        const char *mend = json_string_value(json_object_get(row, "mend"));
        json_int_t line = json_integer_value(json_object_get(row, "line"));

        kext_diag_add(diags, kext_diag_kind_parse(kind != NULL ? kind : ""),
                      json_string_value(json_object_get(row, "file")),
                      json_string_value(json_object_get(row, "kext")), "%s",
                      text != NULL ? text : "(no text)");
        if (line > 0) {
            kext_diag_at(diags, (unsigned)line, (unsigned)json_integer_value(json_object_get(row, "column")));
        }
        if (mend != NULL) {
            kext_diag_mend(diags, "%s", mend);
        }
    }
}

/* What a kernel process that panicked left behind: its reason, and where its report is. */
static bool panic_read(const char *socket, char *reason, size_t size, char *report, size_t report_size)
{
    char path[256];

    snprintf(path, sizeof(path), "%s" KEXT_CHANNEL_NOTE, socket);
    FILE *in = fopen(path, "re");
    bool ok =
        in != NULL && fgets(reason, (int)size, in) != NULL && fgets(report, (int)report_size, in) != NULL;
    if (in != NULL) {
        fclose(in);
    }
    if (ok) {
        reason[strcspn(reason, "\n")] = '\0';
        report[strcspn(report, "\n")] = '\0';
    }
    return ok;
}

static enum kext_client_result open_complain(const char *path, int error, struct kext_diags *diags)
{
    if (error == ENOENT || error == ECONNREFUSED) {
        char reason[1024], report[512];

        if (panic_read(path, reason, sizeof(reason), report, sizeof(report))) {
            kext_diag_add(diags, KEXT_DIAG_REQUEST, path, NULL,
                          "no kernel process is running there; the last one ended in a %s", reason);
            kext_diag_mend(diags, "Its report is in %s; begin anew with: kextbed start", report);
        } else {
            kext_diag_add(diags, KEXT_DIAG_REQUEST, path, NULL, "no kernel process is running there");
            kext_diag_mend(diags, "Start it with: kextbed start");
        }
    } else {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, path, NULL, "cannot reach the kernel process: %s",
                      strerror(error));
    }
    return error == EACCES || error == EPERM ? KEXT_CLIENT_DENIED : KEXT_CLIENT_UNREACHABLE;
}

enum kext_client_result kext_client_open(const char *path, struct kext_client *client,
                                         struct kext_diags *diags)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memset(client, 0, sizeof(*client));
    client->sock = -1;
    if (path == NULL) {
        path = kext_channel_path();
    }
    if (strlen(path) >= sizeof(address.sun_path)) {
        return open_complain(path, ENAMETOOLONG, diags);
    }
    strcpy(address.sun_path, path);
    client->sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (client->sock < 0 || connect(client->sock, (struct sockaddr *)&address, sizeof(address)) != 0) {
        int error = errno;
        kext_client_close(client);
        return open_complain(path, error, diags);
    }
    client->path = strdup(path);
    return KEXT_CLIENT_OK;
}

void kext_client_close(struct kext_client *client)
{
    if (client->sock >= 0) {
        close(client->sock);
    }
    free(client->path);
    client->path = NULL;
    client->sock = -1;
}

/* Waits for the answer, saying after two seconds, and then every ten, what for. */
static void answer_await(const struct kext_client *client, const char *waiting)
{
    struct pollfd pfd = {.fd = client->sock, .events = POLLIN};
    int seconds = 2, passed = 0;

    if (client->progress == NULL || !isatty(STDERR_FILENO)) {
        return;
    }
    while (poll(&pfd, 1, seconds * 1000) == 0) {
        passed += seconds;
        fprintf(stderr, "%s: %s (%d s so far)\n", client->progress, waiting, passed);
        seconds = 10;
    }
}

static enum kext_client_result call_lost(const struct kext_client *client, int error, const char *why,
                                         struct kext_diags *diags)
{
    if (error == EPROTO) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, client->path, NULL,
                      "the kernel process gave no proper answer: %s", why);
    } else if (error == EPIPE || error == ECONNRESET) {
        char reason[1024], report[512];

        if (panic_read(client->path, reason, sizeof(reason), report, sizeof(report))) {
            kext_diag_add(diags, KEXT_DIAG_REQUEST, client->path, NULL,
                          "the kernel process ended before it answered: %s", reason);
            kext_diag_mend(diags, "Its report is in %s; begin anew with: kextbed start", report);
        } else {
            kext_diag_add(diags, KEXT_DIAG_REQUEST, client->path, NULL,
                          "the kernel process ended before it answered");
            kext_diag_mend(diags, "kextbed start begins anew.");
        }
    } else {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, client->path, NULL, "cannot talk to the kernel process: %s",
                      strerror(error));
    }
    return KEXT_CLIENT_UNREACHABLE;
}

enum kext_client_result kext_client_call(struct kext_client *client, const char *verb, json_t *args, int fd,
                                         const char *waiting, json_t **reply, struct kext_diags *diags)
{
    json_t *request = args != NULL ? args : json_object();
    json_t *answer = NULL;
    const char *why = "";
    enum kext_client_result result;
    int error;

    if (reply != NULL) {
        *reply = NULL;
    }
    json_object_set_new(request, "v", json_integer(KEXT_CHANNEL_VERSION));
    json_object_set_new(request, "verb", json_string(verb));
    error = kext_channel_send(client->sock, request, fd);
    json_decref(request);
    if (error == 0) {
        answer_await(client, waiting);
        error = kext_channel_receive(client->sock, &answer, NULL, &why);
    }
    if (error != 0) {
        return call_lost(client, error, why, diags);
    }
    size_t errors = diags->errors;
    kext_diags_from_json(diags, json_object_get(answer, "problems"));
    result = kext_client_result_parse(json_string_value(json_object_get(answer, "result")));
    if (result != KEXT_CLIENT_OK && diags->errors == errors) {
        kext_diag_add(diags, KEXT_DIAG_LOAD, NULL, NULL,
                      "the kernel process refused to %s and did not say why", verb);
    }
    if (reply != NULL && result == KEXT_CLIENT_OK) {
        *reply = answer;
    } else {
        json_decref(answer);
    }
    return result;
}

static void loaded_fill(struct kext_loaded *loaded, const json_t *row)
{
    const char *id = json_string_value(json_object_get(row, "name"));
    const char *version = json_string_value(json_object_get(row, "version"));

    snprintf(loaded->id, sizeof(loaded->id), "%s", id != NULL ? id : "");
    snprintf(loaded->version_text, sizeof(loaded->version_text), "%s", version != NULL ? version : "");
    loaded->version = (uint64_t)json_integer_value(json_object_get(row, "version_number"));
    const char *state = json_string_value(json_object_get(row, "state"));

    loaded->state = state == NULL || strcmp(state, "started") == 0 ? KEXT_LOADED_STARTED
                    : strcmp(state, "loaded") == 0                 ? KEXT_LOADED_UNSTARTED
                                                                   : KEXT_LOADED_STOPPED;
    loaded->compatible = (uint64_t)json_integer_value(json_object_get(row, "compatible_number"));
}

enum kext_client_result kext_client_loaded(struct kext_client *client, struct kext_loaded **loaded,
                                           size_t *count, struct kext_diags *diags)
{
    json_t *reply;
    enum kext_client_result result =
        kext_client_call(client, "stat", NULL, -1, "asking what is loaded", &reply, diags);

    *loaded = NULL;
    *count = 0;
    if (result != KEXT_CLIENT_OK) {
        return result;
    }
    const json_t *rows = json_object_get(reply, "kexts");
    size_t n = json_array_size(rows);
    *loaded = calloc(n + 1, sizeof(**loaded));
    if (*loaded == NULL) {
        json_decref(reply);
        kext_diag_add(diags, KEXT_DIAG_REQUEST, NULL, NULL, "out of memory");
        return KEXT_CLIENT_FAILED;
    }
    for (size_t i = 0; i < n; i++) {
        loaded_fill(&(*loaded)[i], json_array_get(rows, i));
    }
    *count = n;
    json_decref(reply);
    return KEXT_CLIENT_OK;
}
