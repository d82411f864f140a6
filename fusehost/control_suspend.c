// SPDX-License-Identifier: BSD-2-Clause
/*
 * Requests to suspend and resume a mount. A suspension belongs to the user who asked, and lasts until he (or
 * root) resumes it or the mount is forced away; or, where the request says so, to the connection, and ends
 * with that.
 *
 * Owners are numbers: a user's id or a connection's number, told apart by the high bits. No state, no locks.
 * Called on client threads by control_verbs.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fusehost/control_internal.h"
#include "fusehost/errno_map.h"
#include "fusehost/session.h"
#include "vfs/syscalls.h"

#define OWNER_USER     (1ull << 60)
#define OWNER_CLIENT   (2ull << 60)
#define TIMEOUT_MS     10000
#define TIMEOUT_MS_MAX 86400000 /* a day */

static uint64_t owner_of(const struct control_call *call, bool bound)
{
    return bound ? OWNER_CLIENT | call->client : OWNER_USER | call->peer.uid;
}

/* The mount of the request's "dir". False: said why. */
static bool mount_of(struct control_call *call, const char **dir, uint32_t *mount_id)
{
    struct fh_session *session = NULL;

    *dir = control_text(call, "dir");
    if (*dir == NULL) {
        return false;
    }
    if ((*dir)[0] != '/' || fh_session_find(*dir, &session) != 0) {
        kext_diag_add(&call->diags, KEXT_DIAG_LOAD, *dir, NULL,
                      "nothing of this kernel process is mounted there");
        return false;
    }
    *mount_id = fh_session_mount_id(session);
    fh_session_release(session);
    return true;
}

/* The member "timeout_ms"; where there is none, ten seconds. */
static bool timeout_take(struct control_call *call, uint32_t *timeout_ms)
{
    const json_t *member = json_object_get(call->request, "timeout_ms");
    json_int_t value = member != NULL ? json_integer_value(member) : TIMEOUT_MS;

    if (value < 0 || value > TIMEOUT_MS_MAX || (member != NULL && !json_is_integer(member))) {
        kext_diag_add(&call->diags, KEXT_DIAG_REQUEST, NULL, NULL,
                      "the time-out has to be a number from 0 to %d, in milliseconds", TIMEOUT_MS_MAX);
        return false;
    }
    *timeout_ms = (uint32_t)value;
    return true;
}

enum kext_client_result control_verb_suspend(struct control_call *call)
{
    bool bound = control_flag(call, "bound");
    struct sys_suspend args = {.owner = owner_of(call, bound)};
    char why[1024] = "", label[64];
    const char *dir;
    uint32_t mount_id;

    if (!timeout_take(call, &args.timeout_ms)) {
        return KEXT_CLIENT_FAILED;
    }
    if (!mount_of(call, &dir, &mount_id)) {
        return dir != NULL ? KEXT_CLIENT_NOT_FOUND : KEXT_CLIENT_FAILED;
    }
    snprintf(label, sizeof(label), bound ? "user %u, pid %d" : "user %u", (unsigned)call->peer.uid,
             (int)call->peer.pid);
    args.label = label;
    int error = sys_suspend(sys_caller_kernel(), mount_id, &args, why, sizeof(why));
    if (error == 0) {
        call->bound = bound;
        return KEXT_CLIENT_OK;
    }
    kext_diag_add(&call->diags, KEXT_DIAG_LOAD, dir, NULL, "it cannot be suspended: %s",
                  why[0] != '\0' ? why : strerror(fh_errno_to_host(error)));
    if (error != SYS_ETIMEDOUT) {
        return error == SYS_ENOENT ? KEXT_CLIENT_NOT_FOUND : KEXT_CLIENT_FAILED;
    }
    kext_diag_mend(&call->diags, "Give what holds it more time: --timeout SECONDS");
    return KEXT_CLIENT_IN_USE;
}

enum kext_client_result control_verb_resume(struct control_call *call)
{
    const char *dir;
    char whose[256];
    uint32_t mount_id;

    if (!mount_of(call, &dir, &mount_id)) {
        return dir != NULL ? KEXT_CLIENT_NOT_FOUND : KEXT_CLIENT_FAILED;
    }
    int error = sys_resume(sys_caller_kernel(), mount_id,
                           control_flag(call, "force") ? SYS_SUSPEND_ANY : owner_of(call, false));
    if (error == 0) {
        return KEXT_CLIENT_OK;
    }
    if (error == SYS_EPERM && sys_suspended(mount_id, whose, sizeof(whose))) {
        kext_diag_add(&call->diags, KEXT_DIAG_LOAD, dir, NULL, "somebody else has suspended it: %s", whose);
        kext_diag_mend(&call->diags, "Ask them, or end it all the same: kextbed resume -f");
        return KEXT_CLIENT_DENIED;
    }
    kext_diag_add(&call->diags, KEXT_DIAG_LOAD, dir, NULL, "%s",
                  error == SYS_EINVAL  ? "it is not suspended"
                  : error == SYS_EBUSY ? "it is just being suspended"
                                       : strerror(fh_errno_to_host(error)));
    return KEXT_CLIENT_FAILED;
}

void control_client_gone(uint64_t client)
{
    sys_resume_all(OWNER_CLIENT | client);
}
