// SPDX-License-Identifier: BSD-2-Clause
/*
 * Making a session: the request is checked, the kernel half mounts, then the host does, and the first answer
 * proves that it works. Whatever fails, all before it is undone. Called by anybody who mounts; takes the
 * locks of session.c.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fusehost/backing.h"
#include "fusehost/errno_map.h"
#include "fusehost/fusehost.h"
#include "fusehost/log.h"
#include "fusehost/mounts.h"
#include "fusehost/panic.h"
#include "fusehost/session_internal.h"
#include "host/host.h"

/* Lazily opened files take an eighth of the vnode table, and at most this many. */
#define LAZY_MAX      512u
#define LAZY_FRACTION 8u

static uint32_t vnodes_max = 65536;

void fh_session_limit_vnodes(uint32_t max_vnodes)
{
    if (max_vnodes)
        vnodes_max = max_vnodes;
}

static struct fh_session *session_alloc(void)
{
    struct fh_session *session = calloc(1, sizeof(*session));

    if (!session)
        return NULL;
    atomic_init(&session->refs, 1);
    pthread_mutex_init(&session->mutex, NULL);
    pthread_cond_init(&session->changed, NULL);
    fh_invalidator_init(&session->invalidator);
    fh_crew_init(&session->crew);
    session->panic_slot = -1;
    session->fd = -1;
    return session;
}

/* ---- checking the request ------------------------------------------------------------------------------ */

struct topmost {
    const char *dir;
    bool ours;
};

static bool topmost_on(void *arg, const struct fh_mount_row *row)
{
    struct topmost *topmost = arg;

    if (strcmp(row->dir, topmost->dir) == 0)
        topmost->ours = fh_mount_is_ours(row);
    return true;
}

static int dir_check(struct fh_session *session, const struct fh_mount_request *request, char *err,
                     size_t errlen)
{
    char full[PATH_MAX];

    if (request->dir[0] == '/')
        fh_dead_mounts_clear(request->dir);
    int error = fh_dir_resolve(request->dir, full);
    if (error) {
        snprintf(err, errlen, error == ENOTDIR ? "%s is not a directory" : "%s: %s", request->dir,
                 error == ETIMEDOUT ? "the file system that it lies on does not answer" : strerror(error));
        return error;
    }
    struct topmost topmost = {.dir = full};
    fh_mounts_each(topmost_on, &topmost);
    if (topmost.ours) {
        snprintf(err, errlen, "%s has a kext's file system mounted on it already", full);
        return EBUSY;
    }
    session->dir = strdup(full);
    return session->dir ? 0 : ENOMEM;
}

static int request_check(struct fh_session *session, const struct fh_mount_request *request, char *err,
                         size_t errlen)
{
    const char *special = request->special ? request->special : "none";

    if (!request->type || !request->type[0] || !request->dir) {
        snprintf(err, errlen, "a mount needs a type and a directory");
        return EINVAL;
    }
    if (strlen(request->type) >= SYS_FSTYPE_MAX || strlen(special) >= SYS_PATH_MAX) {
        snprintf(err, errlen, "the name of the %s is too long",
                 strlen(request->type) >= SYS_FSTYPE_MAX ? "file-system type" : "special");
        return ENAMETOOLONG;
    }
    session->type = strdup(request->type);
    session->special = strdup(special);
    session->options_text = strdup(request->options ? request->options : "");
    if (!session->type || !session->special || !session->options_text)
        return ENOMEM;
    int error = fh_options_parse(request->options, geteuid() == 0, &session->options, err, errlen);
    if (!error)
        error = dir_check(session, request, err, errlen);
    return error;
}

/* ---- the kernel half's mount --------------------------------------------------------------------------- */

static int open_policy(struct fh_session *session, char *err, size_t errlen)
{
    bool own = session->info.has_open || session->info.has_close;

    if (session->options.open == FH_OPEN_NEVER && own) {
        snprintf(err, errlen, "mount option noopen: type %s has a VNOP_OPEN or VNOP_CLOSE of its own",
                 session->type);
        return EINVAL;
    }
    session->exact = session->options.exact;
    /* The host never asks again once it was told not to open, so who listens now would hear nothing. */
    bool heard = sys_files_heard() && session->options.open != FH_OPEN_NEVER;
    session->no_open = !own && !heard && session->options.open != FH_OPEN_ALWAYS;
    return 0;
}

/* What was said as one line. */
static const char *lines_join(char *text)
{
    size_t len = strlen(text);

    while (len && (text[len - 1] == '\n' || text[len - 1] == ' '))
        text[--len] = '\0';
    for (char *at = text; (at = strchr(at, '\n')); at++)
        *at = '|';
    return text;
}

/* A special on one of our own mounts is not the host's path to the kernel half, but that of its own tree. */
static int special_translate(struct fh_session *session, char out[SYS_PATH_MAX])
{
    const char *special = session->special;
    char head[SYS_PATH_MAX];
    struct fh_session *lower;
    size_t len = strlen(special);

    snprintf(out, SYS_PATH_MAX, "%s", special);
    if (special[0] != '/')
        return 0;
    memcpy(head, special, len + 1);
    while (len > 1) {
        if (fh_session_find(head, &lower) == 0) {
            char at[SYS_PATH_MAX];
            session->stands_on = fh_session_mount_id(lower);
            int error = sys_mount_path(session->stands_on, at, sizeof(at));
            fh_session_release(lower);
            if (!error && strlen(at) + strlen(special + len) >= SYS_PATH_MAX)
                error = SYS_ENAMETOOLONG;
            if (!error)
                (void)(stpcpy(stpcpy(out, at), special + len));
            return error;
        }
        while (len > 0 && head[--len] != '/')
            ;
        head[len] = '\0';
    }
    return 0;
}

static int kernel_mount(struct fh_session *session, const struct fh_mount_request *request,
                        struct sys_node *root, char *err, size_t errlen)
{
    const char *text = session->options.fsdata;
    struct sys_identity asker = {.uid = request->uid, .gid = request->gid, .pid = request->pid};
    struct sys_identity self = {.flags = SYS_CALLER_PREAUTHORISED};
    char why[SYS_PATH_MAX * 2 + 64] = "";
    char special[SYS_PATH_MAX];
    struct sys_mount args = {
        .type = session->type,
        .special = special,
        .shown_on = session->dir,
        .flags = fh_options_mount_flags(&session->options),
        .data = request->data ? request->data : text,
        .data_size = request->data ? request->data_size
                     : text        ? strlen(text) + 1
                                   : 0,
        .data_is_text = !request->data,
        .backing = fh_backing_of(session->special),
        .why = why,
        .why_size = sizeof(why),
    };
    sys_caller_t *who;
    char said[600];

    int error = special_translate(session, special);
    if (!error)
        error = sys_caller_create(&self, &session->kernel_caller);
    if (!error)
        error = sys_caller_create(&asker, &who);
    if (error)
        return fh_errno_to_host(error);
    fh_log_tee(said, sizeof(said));
    error = fh_session_disk_attach(session, who, special, why, sizeof(why));
    if (!error) {
        error = sys_mount(who, &args, &session->mount_id, root);
        if (error)
            fh_session_disk_detach(session);
    }
    fh_log_tee(NULL, 0);
    sys_caller_release(who);
    if (error == SYS_ENODEV)
        snprintf(err, errlen, "no file system of type %s is loaded", session->type);
    else if (error && strncmp(why, session->special, strlen(session->special)) == 0)
        snprintf(err, errlen, "%s", why); /* a sentence about it already */
    else if (error && why[0])
        snprintf(err, errlen, "%s cannot be mounted: %s", session->special, why);
    else if (error)
        snprintf(err, errlen, "the file system %s refused to mount %s: %s%s%s", session->type,
                 session->special, fh_errno_name(error), said[0] ? "; it said: " : "", lines_join(said));
    return fh_errno_to_host(error);
}

/* Mounts in the kernel half and makes what serving needs; on error nothing of it is left. */
static int kernel_side_start(struct fh_session *session, const struct fh_mount_request *request, char *err,
                             size_t errlen)
{
    struct sys_node root;
    struct sys_attr attr;

    int error = kernel_mount(session, request, &root, err, errlen);
    if (error)
        return error;
    error = fh_errno_to_host(sys_mount_info(session->mount_id, &session->info));
    if (!error)
        error = fh_errno_to_host(sys_getattr(session->kernel_caller, &root, &attr));
    if (!error)
        error = open_policy(session, err, errlen);
    if (!error)
        error = fh_nodes_init(&session->nodes, session->mount_id, &root, &attr);
    if (error) {
        sys_unmount(session->kernel_caller, session->mount_id, SYS_MNT_FORCE, NULL, 0);
        fh_session_disk_detach(session);
        return error;
    }
    uint32_t lazy_max = vnodes_max / LAZY_FRACTION;
    fh_lazies_init(&session->lazies, lazy_max < LAZY_MAX ? lazy_max : LAZY_MAX);
    fh_files_init(&session->files);
    session->nodes.dispose = fh_lazy_dispose;
    session->nodes.dispose_arg = session;
    return 0;
}

static void kernel_side_undo(struct fh_session *session)
{
    fh_files_destroy(&session->files);
    fh_nodes_destroy(&session->nodes);
    fh_lazies_destroy(&session->lazies);
    sys_unmount(session->kernel_caller, session->mount_id, SYS_MNT_FORCE, NULL, 0);
    fh_session_disk_detach(session);
}

/* ---- the host's mount ---------------------------------------------------------------------------------- */

static void host_side_undo(struct fh_session *session)
{
    fh_panic_remove(session->panic_slot);
    if (session->fuse) {
        fuse_session_unmount(session->fuse);
        fuse_session_destroy(session->fuse);
        session->fuse = NULL;
    }
}

static int host_side_start(struct fh_session *session, char *err, size_t errlen)
{
    int error = fh_host_mount(session, err, errlen);

    if (!error)
        error = fh_invalidator_start(session);
    if (!error) {
        fh_session_retain(session); /* the supervisor's */
        error = pthread_create(&session->supervisor, NULL, fh_session_supervise, session);
        if (!error)
            pthread_detach(session->supervisor);
        else
            fh_session_release(session);
    }
    if (error) {
        fh_invalidator_stop(session);
        host_side_undo(session);
    }
    return error;
}

/* From here on the supervisor cleans up, also when the first request goes wrong. */
static int first_answer_await(struct fh_session *session, char *err, size_t errlen)
{
    pthread_mutex_lock(&session->mutex);
    while (session->state == FH_STARTING)
        pthread_cond_wait(&session->changed, &session->mutex);
    bool answered = session->answered; /* it may have been unmounted again before this thread ran */
    int error = session->error ? session->error : EIO;
    pthread_mutex_unlock(&session->mutex);
    if (answered)
        return 0;
    fh_session_wait(session);
    snprintf(err, errlen, "the host gave the mount on %s up: %s", session->dir, strerror(error));
    return error;
}

int fh_session_start(const struct fh_mount_request *request, struct fh_session **out, char *err,
                     size_t errlen)
{
    struct fh_session *session = session_alloc();
    char spare[512];
    int error;

    if (!err || !errlen) {
        err = spare;
        errlen = sizeof(spare);
    }
    err[0] = '\0';
    if (!session) {
        snprintf(err, errlen, "%s", strerror(ENOMEM));
        return ENOMEM;
    }
    error = request_check(session, request, err, errlen);
    if (error)
        goto out_session;
    if (!fh_session_enlist(session)) {
        snprintf(err, errlen, "%s is a mount point of this kernel process already", session->dir);
        error = EBUSY;
        goto out_session;
    }
    atomic_store(&session->keeper, host_thread_id(host_thread_self()));
    error = kernel_side_start(session, request, err, errlen);
    if (error)
        goto out_list;
    error = host_side_start(session, err, errlen);
    if (error)
        goto out_kernel;
    error = first_answer_await(session, err, errlen);
    if (error)
        goto out_session;
    if (out)
        *out = session;
    else
        fh_session_release(session);
    return 0;

out_kernel:
    kernel_side_undo(session);
out_list:
    fh_session_delist(session);
out_session:
    if (!err[0])
        snprintf(err, errlen, "%s: %s", request->dir ? request->dir : "?", strerror(error));
    fh_session_release(session);
    return error;
}
