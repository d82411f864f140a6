// SPDX-License-Identifier: BSD-2-Clause
/*
 * A session's life: STARTING (mounted in the kernel half, then on the host), RUNNING from its first answer,
 * ENDING when the connection is gone, ENDED when everything is given back. A supervisor thread per session
 * starts the workers, waits for the end of the connection and does the clean-up, so it makes no difference
 * who ended it.
 *
 * A session is in the list from before it is mounted until it ended; a reference keeps its memory longer.
 * Should the kernel half refuse to unmount (something in there still holds the mount), the session ends all
 * the same and says so.
 *
 * Locks: sessions.mutex (list), then session.mutex (state). See session_internal.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fusehost/errno_map.h"
#include "fusehost/flight.h"
#include "fusehost/fusehost.h"
#include "fusehost/log.h"
#include "fusehost/mounts.h"
#include "fusehost/panic.h"
#include "fusehost/patience.h"
#include "fusehost/session_internal.h"
#include "host/host.h"

/* How long a stop waits, once unmounted, for requests that are under way and for users in other mount
 * namespaces, and then for the file system to write back and let go; and how long one that cuts them off
 * waits for each of the two, before patience. What takes longer ends by itself. */
#define STOP_WAIT_MS  10000
#define END_WAIT_MS   20000
#define FORCE_WAIT_MS 5000

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* one left */
    struct fh_session *first;
} sessions = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL};

/* ---- references and the list ------------------------------------------------------------------------- */

void fh_session_retain(struct fh_session *session)
{
    atomic_fetch_add(&session->refs, 1);
}

static void session_free(struct fh_session *session)
{
    while (session->workers) {
        struct fh_worker *next = session->workers->next;

        free(session->workers);
        session->workers = next;
    }
    fh_invalidator_destroy(&session->invalidator);
    fh_crew_destroy(&session->crew);
    pthread_cond_destroy(&session->changed);
    pthread_mutex_destroy(&session->mutex);
    fh_options_free(&session->options);
    if (session->kernel_caller)
        sys_caller_release(session->kernel_caller);
    free(session->dir);
    free(session->type);
    free(session->special);
    free(session->options_text);
    free(session);
}

void fh_session_release(struct fh_session *session)
{
    if (session && atomic_fetch_sub(&session->refs, 1) == 1)
        session_free(session);
}

void fh_session_delist(struct fh_session *session)
{
    pthread_mutex_lock(&sessions.mutex);
    struct fh_session **link = &sessions.first;
    while (*link && *link != session)
        link = &(*link)->next;
    if (*link)
        *link = session->next;
    pthread_cond_broadcast(&sessions.changed);
    pthread_mutex_unlock(&sessions.mutex);
    fh_wake_initial_thread();
}

bool fh_session_enlist(struct fh_session *session)
{
    bool taken = false;
    struct fh_session **link = &sessions.first;

    pthread_mutex_lock(&sessions.mutex);
    for (; *link; link = &(*link)->next)
        taken = taken || strcmp((*link)->dir, session->dir) == 0;
    if (!taken) {
        session->next = NULL;
        *link = session;
    }
    pthread_mutex_unlock(&sessions.mutex);
    return !taken;
}

size_t fh_session_list(struct fh_session **out, size_t max)
{
    size_t n = 0;

    pthread_mutex_lock(&sessions.mutex);
    for (struct fh_session *session = sessions.first; session && n < max; session = session->next) {
        fh_session_retain(session);
        out[n++] = session;
    }
    pthread_mutex_unlock(&sessions.mutex);
    return n;
}

size_t fh_session_count(void)
{
    size_t n = 0;

    pthread_mutex_lock(&sessions.mutex);
    for (struct fh_session *session = sessions.first; session; session = session->next)
        n++;
    pthread_mutex_unlock(&sessions.mutex);
    return n;
}

bool fh_session_wait_none(int timeout_ms)
{
    struct timespec until;
    int err = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&sessions.mutex);
    while (sessions.first && err == 0)
        err = timeout_ms < 0
                  ? pthread_cond_wait(&sessions.changed, &sessions.mutex)
                  : pthread_cond_clockwait(&sessions.changed, &sessions.mutex, CLOCK_MONOTONIC, &until);
    bool none = sessions.first == NULL;
    pthread_mutex_unlock(&sessions.mutex);
    return none;
}

struct fh_session *fh_session_by_mount(uint32_t mount_id)
{
    struct fh_session *session;

    pthread_mutex_lock(&sessions.mutex);
    for (session = sessions.first; session && session->mount_id != mount_id; session = session->next)
        ;
    if (session)
        fh_session_retain(session);
    pthread_mutex_unlock(&sessions.mutex);
    return session;
}

int fh_session_find(const char *dir, struct fh_session **out)
{
    char full[PATH_MAX];
    struct fh_session *session;

    /* The path may lie on a mount that does not answer, so what we were told ourselves comes first. */
    for (int spelling = 0; spelling < 2; spelling++) {
        if (spelling == 1 && fh_dir_resolve(dir, full) != 0)
            break;
        const char *wanted = spelling == 0 ? dir : full;

        pthread_mutex_lock(&sessions.mutex);
        for (session = sessions.first; session && strcmp(session->dir, wanted) != 0; session = session->next)
            ;
        if (session)
            fh_session_retain(session);
        pthread_mutex_unlock(&sessions.mutex);
        if (session) {
            *out = session;
            return 0;
        }
    }
    return ENOENT;
}

/* ---- the end ----------------------------------------------------------------------------------------- */

/* Gives everything back that serving needed. No worker runs any more. */
static void session_teardown(struct fh_session *session)
{
    fh_host_unmount_dead(session);
    fh_invalidator_stop(session);
    pthread_mutex_lock(&session->mutex);
    int slot = session->panic_slot;
    session->panic_slot = -1;
    pthread_mutex_unlock(&session->mutex);
    fh_panic_remove(slot);
    fh_files_destroy(&session->files);
    fh_nodes_destroy(&session->nodes);
    fh_lazies_destroy(&session->lazies);
    fuse_session_unmount(session->fuse);
    fuse_session_destroy(session->fuse);
    session->fuse = NULL;
}

static void kernel_unmount(struct fh_session *session)
{
    char why[sizeof(session->busy)] = "";
    int err = sys_unmount(session->kernel_caller, session->mount_id, session->forced ? SYS_MNT_FORCE : 0, why,
                          sizeof(why));

    if (!err) {
        fh_session_disk_detach(session);
        return;
    }
    fh_log(FH_LOG_ERROR, "%s: the file system would not unmount: %s%s%s\n", session->dir, fh_errno_name(err),
           why[0] ? ": " : "", why);
    pthread_mutex_lock(&session->mutex);
    memcpy(session->busy, why, sizeof(why));
    if (!session->error)
        session->error = fh_errno_to_host(err);
    pthread_mutex_unlock(&session->mutex);
}

void *fh_session_supervise(void *arg)
{
    struct fh_session *session = arg;

    pthread_setname_np(pthread_self(), "fh-session");
    atomic_store(&session->keeper, host_thread_id(host_thread_self()));
    int err = fh_loop_run(session);

    pthread_mutex_lock(&session->mutex);
    session->state = FH_ENDING;
    if (err && !session->error)
        session->error = err;
    pthread_cond_broadcast(&session->changed);
    pthread_mutex_unlock(&session->mutex);
    atomic_store(&session->stopping, true);

    session_teardown(session);
    kernel_unmount(session);
    fh_session_delist(session);

    pthread_mutex_lock(&session->mutex);
    session->state = FH_ENDED;
    pthread_cond_broadcast(&session->changed);
    pthread_mutex_unlock(&session->mutex);
    fh_session_release(session);
    return NULL;
}

int fh_session_wait(struct fh_session *session)
{
    pthread_mutex_lock(&session->mutex);
    while (session->state != FH_ENDED)
        pthread_cond_wait(&session->changed, &session->mutex);
    int err = session->error;
    pthread_mutex_unlock(&session->mutex);
    return err;
}

static bool state_await(struct fh_session *session, enum fh_session_state state, int ms)
{
    struct timespec until = fh_patience_end(CLOCK_MONOTONIC, ms);
    int err = 0;

    pthread_mutex_lock(&session->mutex);
    while (session->state < state && err == 0)
        err = pthread_cond_clockwait(&session->changed, &session->mutex, CLOCK_MONOTONIC, &until);
    bool reached = session->state >= state;
    pthread_mutex_unlock(&session->mutex);
    return reached;
}

bool fh_session_is_stuck(struct fh_session *session)
{
    pthread_mutex_lock(&session->mutex);
    bool stuck = session->stuck && session->state != FH_ENDED;
    pthread_mutex_unlock(&session->mutex);
    return stuck;
}

bool fh_session_is_slow(struct fh_session *session)
{
    pthread_mutex_lock(&session->mutex);
    bool slow = session->slow && session->state != FH_ENDED;
    pthread_mutex_unlock(&session->mutex);
    return slow;
}

/* Why the session is not over although it was told to end: requests that the file system keeps, vnodes that
 * somebody holds, an operation on the mount that does not return; or, with none of these, users that cannot
 * be seen from here. */
static int stop_complain(struct fh_session *session, bool force, char *err, size_t errlen)
{
    const char *how = force ? "cut off" : "unmounted";
    char text[1600];

    pthread_mutex_lock(&session->mutex);
    enum fh_session_state state = session->state;
    session->slow = true;
    session->stuck = session->stuck || force;
    pthread_mutex_unlock(&session->mutex);
    unsigned n = state < FH_ENDING ? fh_flights_tell(session, 0, text, sizeof(text)) : 0;
    if (n) {
        snprintf(err, errlen, "%s is %s, but %s does not give %u request%s back: %s", session->dir, how,
                 session->type, n, n == 1 ? "" : "s", text);
        return EBUSY;
    }
    if (state == FH_RUNNING) {
        snprintf(err, errlen, "%s is %s, but still in use from another mount namespace", session->dir, how);
        return EBUSY;
    }
    char where[512], held[1024];
    sys_call_where(atomic_load(&session->keeper), where, sizeof(where));
    n = sys_mount_holders(session->mount_id, held, sizeof(held));
    snprintf(err, errlen, "%s is %s, but %s does not %s%s%s%s%s", session->dir,
             state == FH_STARTING ? "being mounted" : how, session->type,
             state == FH_STARTING ? "answer" : "let it go", where[0] ? "; it is in " : "", where,
             n ? "; vnodes still held: " : "", n ? held : "");
    return EBUSY;
}

/* The host's mount and the connection. */
static int stop_serving(struct fh_session *session, bool force, char *err, size_t errlen)
{
    if (state_await(session, FH_ENDING, 0))
        return 0;
    int error = fh_host_unmount(session, force, err, errlen);
    if (error)
        return error;
    if (force)
        fh_flights_interrupt(session);
    return state_await(session, FH_ENDING, force ? FORCE_WAIT_MS : STOP_WAIT_MS)
               ? 0
               : stop_complain(session, force, err, errlen);
}

/* Is a file system of ours stacked on @session's? The host knows nothing of that and would let it go. */
static bool stood_on(const struct fh_session *session, char *err, size_t errlen)
{
    bool found = false;

    pthread_mutex_lock(&sessions.mutex);
    for (const struct fh_session *at = sessions.first; at && !found; at = at->next) {
        found = at->stands_on == session->mount_id;
        if (found)
            snprintf(err, errlen, "%s is what the %s on %s stands on; unmount that first", session->dir,
                     at->type, at->dir);
    }
    pthread_mutex_unlock(&sessions.mutex);
    return found;
}

int fh_session_stop(struct fh_session *session, unsigned flags, char *err, size_t errlen)
{
    bool force = flags & FH_STOP_FORCE;
    char spare[512];

    if (!err || !errlen) {
        err = spare;
        errlen = sizeof(spare);
    }
    err[0] = '\0';
    if (force) {
        pthread_mutex_lock(&session->mutex);
        session->forced = true;
        pthread_mutex_unlock(&session->mutex);
        /* Workers that wait for it to end could not end themselves. */
        (void)sys_resume(session->kernel_caller, session->mount_id, SYS_SUSPEND_ANY);
    } else if (stood_on(session, err, errlen) || sys_suspended(session->mount_id, err, errlen)) {
        return EBUSY;
    }
    int error = stop_serving(session, force, err, errlen);
    if (error)
        return error;
    if (!state_await(session, FH_ENDED, force ? FORCE_WAIT_MS : END_WAIT_MS))
        return stop_complain(session, force, err, errlen);
    error = fh_session_wait(session);
    if (error == EBUSY)
        snprintf(err, errlen, "%s is unmounted, but the file system is held inside the kernel: %s",
                 session->dir, session->busy);
    return error == EBUSY ? EBUSY : 0;
}

void fh_session_answered(struct fh_session *session)
{
    pthread_mutex_lock(&session->mutex);
    if (session->state == FH_STARTING)
        session->state = FH_RUNNING;
    session->answered = true;
    pthread_cond_broadcast(&session->changed);
    pthread_mutex_unlock(&session->mutex);
}

/* ---- what does not change ---------------------------------------------------------------------------- */

const char *fh_session_dir(const struct fh_session *session)
{
    return session->dir;
}

const char *fh_session_type(const struct fh_session *session)
{
    return session->type;
}

const char *fh_session_special(const struct fh_session *session)
{
    return session->special;
}

const char *fh_session_options(const struct fh_session *session)
{
    return session->options_text;
}

uint32_t fh_session_mount_id(const struct fh_session *session)
{
    return session->mount_id;
}
