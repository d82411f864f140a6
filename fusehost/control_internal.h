// SPDX-License-Identifier: BSD-2-Clause
/*
 * Between the two halves of the control server: control_server.c owns sockets and threads, control_verbs.c
 * and control_mount.c know what each request means. A call lives on its client's thread and is seen by no
 * other.
 */
#ifndef KEXTBED_FUSEHOST_CONTROL_INTERNAL_H
#define KEXTBED_FUSEHOST_CONTROL_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "libkext/client.h"
#include "libkext/diag.h"

struct control_call {
    const json_t *request;
    int fd; /* that came with it, or -1; the server closes it */
    struct ucred peer;
    bool privileged; /* root, or the user whose process this is */
    json_t *reply;   /* members to send back on success */
    struct kext_diags diags;
    uint64_t client;    /* names the connection: never 0, not used again */
    bool bound;         /* out: the client stays, silent, and what it suspended ends with it */
    void (*stop)(void); /* NULL: clients may not end this process */
    bool stop_after;    /* out: call stop() once the answer is sent */
};

struct control_verb {
    const char *name;
    bool privileged; /* for root and the process's own user only */
    enum kext_client_result (*run)(struct control_call *call);
};

/** control_dispatch - check a request and run its verb. Returns the result to send. */
enum kext_client_result control_dispatch(struct control_call *call);

/** control_text - a member of the request that has to be a string; adds an error and returns NULL otherwise.
 */
const char *control_text(struct control_call *call, const char *member);
/** control_flag - a member that may be missing and is a boolean otherwise. */
bool control_flag(const struct control_call *call, const char *member);

/* control_file.c */
enum kext_client_result control_verb_revoke(struct control_call *call);

/* control_testdisk.c */
enum kext_client_result control_verb_testdisk(struct control_call *call);

/* control_suspend.c */
enum kext_client_result control_verb_suspend(struct control_call *call);
enum kext_client_result control_verb_resume(struct control_call *call);
/** control_client_gone - end what the connection named @client suspended. */
void control_client_gone(uint64_t client);

/* control_mount.c */
enum kext_client_result control_verb_mount(struct control_call *call);
enum kext_client_result control_verb_update(struct control_call *call);
enum kext_client_result control_verb_resize(struct control_call *call);
enum kext_client_result control_verb_umount(struct control_call *call);
enum kext_client_result control_verb_status(struct control_call *call);
enum kext_client_result control_verb_stop(struct control_call *call);

/* control_validate.c */
enum kext_client_result control_verb_refs(struct control_call *call);
enum kext_client_result control_verb_locks(struct control_call *call);

#endif
