// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tools' side of the control socket: connect, ask, and get the answer or the reasons why not as
 * diagnostics. A client belongs to one thread.
 */
#ifndef KEXTBED_LIBKEXT_CLIENT_H
#define KEXTBED_LIBKEXT_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "libkext/dependency.h"
#include "libkext/diag.h"

struct kext_client {
    int sock;
    char *path;
    const char *progress; /* the tool's name: say what is waited for after two seconds; NULL: never */
};

/* Why a request failed, as far as a tool's exit status depends on it. */
enum kext_client_result {
    KEXT_CLIENT_OK,
    KEXT_CLIENT_UNREACHABLE, /* no kernel process, or it went away */
    KEXT_CLIENT_DENIED,      /* the caller is not privileged */
    KEXT_CLIENT_NOT_FOUND,
    KEXT_CLIENT_IN_USE,
    KEXT_CLIENT_EXISTS, /* loaded already, or something is mounted there */
    KEXT_CLIENT_START,  /* a start routine failed */
    KEXT_CLIENT_LINK,   /* the linker refused */
    KEXT_CLIENT_FAILED, /* anything else */
    KEXT_CLIENT_RESULTS
};

/** kext_client_open - connect to the kernel process.
 *  @path  its socket; NULL for kext_channel_path().
 *  Returns: KEXT_CLIENT_OK, or another value with an error added. End with kext_client_close. */
enum kext_client_result kext_client_open(const char *path, struct kext_client *client,
                                         struct kext_diags *diags);
void kext_client_close(struct kext_client *client);

/** kext_client_call - one request and its answer.
 *  @verb     what to do.  @args  further members; a reference is consumed. May be NULL.
 *  @fd       a descriptor to go along (stays the caller's), or -1.
 *  @waiting  what to call it while it takes long, such as "loading org.example.fs".
 *  @reply    out  a new reference on success; may be NULL.
 *  @diags    gets the problems and warnings that the kernel process reports.
 *  Blocks until the answer is there. */
enum kext_client_result kext_client_call(struct kext_client *client, const char *verb, json_t *args, int fd,
                                         const char *waiting, json_t **reply, struct kext_diags *diags);

/** kext_client_loaded - what is loaded in the kernel process, for kext_plan_make().
 *  @loaded  out  to be ended with free(). */
enum kext_client_result kext_client_loaded(struct kext_client *client, struct kext_loaded **loaded,
                                           size_t *count, struct kext_diags *diags);

/** kext_client_result_name - stable word for JSON: "ok", "not-found"... ; kext_client_result_parse is the
 * reverse. */
const char *kext_client_result_name(enum kext_client_result result);
enum kext_client_result kext_client_result_parse(const char *name);

/** kext_diags_to_json - a list as a JSON array; new reference. kext_diags_from_json adds such an array to a
 * list. */
json_t *kext_diags_to_json(const struct kext_diags *diags);
void kext_diags_from_json(struct kext_diags *diags, const json_t *array);

#endif
