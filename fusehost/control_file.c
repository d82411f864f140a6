// SPDX-License-Identifier: BSD-2-Clause
/*
 * The request about one file of a mount: revoke. No state, no locks. Called on client threads by
 * control_verbs.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fusehost/control_internal.h"
#include "fusehost/session.h"

#define SESSIONS_MAX 1024u

/* How much of @path the mount's folder is; 0: it lies elsewhere. */
static size_t prefix_len(const char *path, const char *dir)
{
    size_t len = strlen(dir);

    return strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0') ? len : 0;
}

/* The mount that @path lies in, the innermost, owing a release; *inside gets the path from there on. */
static struct fh_session *session_around(const char *path, const char **inside)
{
    struct fh_session **sessions = calloc(SESSIONS_MAX, sizeof(*sessions)), *best = NULL;
    size_t n = sessions != NULL ? fh_session_list(sessions, SESSIONS_MAX) : 0, best_len = 0;

    for (size_t i = 0; i < n; i++) {
        size_t len = prefix_len(path, fh_session_dir(sessions[i]));

        if (len > best_len) {
            best_len = len;
            best = sessions[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (sessions[i] != best) {
            fh_session_release(sessions[i]);
        }
    }
    free(sessions);
    *inside = path + best_len + strspn(path + best_len, "/");
    return best;
}

enum kext_client_result control_verb_revoke(struct control_call *call)
{
    const char *path = control_text(call, "path"), *inside;

    if (path == NULL) {
        return KEXT_CLIENT_FAILED;
    }
    struct fh_session *session = session_around(path, &inside);
    if (session == NULL) {
        kext_diag_add(&call->diags, KEXT_DIAG_LOAD, path, NULL, "it lies in no mount of this kernel process");
        return KEXT_CLIENT_NOT_FOUND;
    }
    int error = fh_session_revoke(session, inside);
    fh_session_release(session);
    if (error != 0) {
        kext_diag_add(&call->diags, KEXT_DIAG_LOAD, path, NULL, "it cannot be taken away: %s",
                      error == EBUSY ? "it is the root of a mount" : strerror(error));
    }
    return error == 0        ? KEXT_CLIENT_OK
           : error == ENOENT ? KEXT_CLIENT_NOT_FOUND
           : error == EBUSY  ? KEXT_CLIENT_IN_USE
                             : KEXT_CLIENT_FAILED;
}
