// SPDX-License-Identifier: BSD-2-Clause
/*
 * The queue of invalidations and the thread that carries them out; see invalidate.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fusehost/log.h"
#include "fusehost/session_internal.h"

struct fh_note {
    struct fh_note *next;
    struct fh_node *revoked; /* referenced; NULL: it is about the rest */
    uint64_t fileid, parent_fileid;
    size_t namelen;
    char name[];
};

/* How much of the bound is freed at once when the host keeps too many nodes. */
#define PRESSURE_SLACK 8u

/* ---- what the thread does ---------------------------------------------------------------------------- */

/* A host that caches writes refreshes a file's size only with a new inode, so a plain file's name is dropped
 * for good, and the file with it unless it is open. Other names are looked up anew, with what is mounted on
 * them left alone. */
static void forget_name(struct fh_session *session, uint64_t parent, const char *name, size_t len, bool drop)
{
    int err = -ENOSYS;

    if (session->expire && !drop)
        err = fuse_lowlevel_notify_expire_entry(session->fuse, parent, name, len, FUSE_LL_EXPIRE_ONLY);
    if (err == -ENOSYS)
        err = fuse_lowlevel_notify_inval_entry(session->fuse, parent, name, len);
    if (err && err != -ENOENT && err != -ENOTDIR && err != -ENODEV && err != -EBADF)
        fh_log(FH_LOG_WARNING, "%s: the host would not forget a name: %s\n", session->dir, strerror(-err));
}

/* Returns whether the file's name had better be dropped. */
static bool forget_file(struct fh_session *session, uint64_t fileid)
{
    struct fh_node *node = fh_node_find(&session->nodes, fileid);

    if (!node)
        return false;
    fuse_lowlevel_notify_inval_inode(session->fuse, node->nodeid, 0, 0);
    bool drop = session->writeback && node->type == SYS_VREG;
    fh_node_put(node);
    return drop;
}

/* Names other than the one that is known are looked up anew once the host has asked for the attributes, see
 * reply_revoked(). */
static void forget_revoked(struct fh_session *session, struct fh_node *node)
{
    char name[FH_NAME_SIZE];

    fuse_lowlevel_notify_inval_inode(session->fuse, node->nodeid, 0, 0);
    struct fh_node *parent = fh_node_place(node, name);
    if (parent) {
        forget_name(session, parent->nodeid, name, strlen(name), node->type != SYS_VDIR);
        fh_node_put(parent);
    }
}

static void note_carry_out(struct fh_session *session, const struct fh_note *note)
{
    if (note->revoked) {
        forget_revoked(session, note->revoked);
        return;
    }
    bool drop = note->fileid && forget_file(session, note->fileid);
    if (!note->parent_fileid)
        return;
    struct fh_node *parent = fh_node_find(&session->nodes, note->parent_fileid);
    if (!parent)
        return;
    if (note->namelen)
        forget_name(session, parent->nodeid, note->name, note->namelen, drop);
    fuse_lowlevel_notify_inval_inode(session->fuse, parent->nodeid, 0, 0);
    fh_node_put(parent);
}

static bool everything_one(void *arg, struct fh_node *node)
{
    struct fh_session *session = arg;
    char name[FH_NAME_SIZE];
    struct fh_node *parent = fh_node_place(node, name);

    if (parent) {
        forget_name(session, parent->nodeid, name, strlen(name),
                    session->writeback && node->type == SYS_VREG);
        fh_node_put(parent);
    }
    fuse_lowlevel_notify_inval_inode(session->fuse, node->nodeid, 0, 0);
    return true;
}

struct pressure {
    struct fh_session *session;
    uint64_t goal;
};

/* The clock's hand: what was used since it last passed is spared once. Directories are left alone: to drop
 * one's name would cut off what the host has mounted below. */
static bool pressure_one(void *arg, struct fh_node *node)
{
    struct pressure *pressure = arg;
    struct fh_session *session = pressure->session;
    char name[FH_NAME_SIZE];

    if (atomic_load(&session->nodes.count) <= pressure->goal || atomic_load(&session->stopping))
        return false;
    if (node->type == SYS_VDIR || atomic_exchange(&node->used, false))
        return true;
    struct fh_node *parent = fh_node_place(node, name);
    if (parent) {
        fuse_lowlevel_notify_inval_entry(session->fuse, parent->nodeid, name, strlen(name));
        fh_node_put(parent);
    }
    return true;
}

static void pressure_relieve(struct fh_session *session)
{
    uint64_t max = session->options.max_nodes;
    struct pressure pressure = {.session = session, .goal = max - max / PRESSURE_SLACK};

    for (int round = 0; round < 2 && atomic_load(&session->nodes.count) > pressure.goal; round++)
        fh_nodes_each(&session->nodes, pressure_one, &pressure);
    atomic_store(&session->invalidator.pressure, false);
}

static void note_free(struct fh_note *note)
{
    if (note)
        fh_node_put(note->revoked);
    free(note);
}

/* ---- the thread and its queue ------------------------------------------------------------------------ */

static void *invalidator_main(void *arg)
{
    struct fh_session *session = arg;
    struct fh_invalidator *inv = &session->invalidator;

    pthread_setname_np(pthread_self(), "fh-invalidate");
    pthread_mutex_lock(&inv->mutex);
    for (;;) {
        bool pressure = atomic_load(&inv->pressure);
        bool everything = inv->everything;
        struct fh_note *note = inv->first;

        if (!note && !everything && (!pressure || inv->ending)) {
            if (inv->ending)
                break;
            pthread_cond_wait(&inv->wake, &inv->mutex);
            continue;
        }
        if (note) {
            inv->first = note->next;
            if (!inv->first)
                inv->last = &inv->first;
            inv->queued--;
        }
        inv->everything = false;
        pthread_mutex_unlock(&inv->mutex);

        if (note)
            note_carry_out(session, note);
        if (everything)
            fh_nodes_each(&session->nodes, everything_one, session);
        if (pressure)
            pressure_relieve(session);
        note_free(note);

        pthread_mutex_lock(&inv->mutex);
        inv->done++;
    }
    pthread_mutex_unlock(&inv->mutex);
    return NULL;
}

void fh_invalidator_init(struct fh_invalidator *inv)
{
    pthread_mutex_init(&inv->mutex, NULL);
    pthread_cond_init(&inv->wake, NULL);
    inv->last = &inv->first;
    inv->ending = true;
}

void fh_invalidator_destroy(struct fh_invalidator *inv)
{
    pthread_cond_destroy(&inv->wake);
    pthread_mutex_destroy(&inv->mutex);
}

int fh_invalidator_start(struct fh_session *session)
{
    struct fh_invalidator *inv = &session->invalidator;

    inv->ending = false;
    int err = pthread_create(&inv->thread, NULL, invalidator_main, session);
    inv->running = err == 0;
    return err;
}

void fh_invalidator_stop(struct fh_session *session)
{
    struct fh_invalidator *inv = &session->invalidator;

    if (!inv->running)
        return;
    pthread_mutex_lock(&inv->mutex);
    inv->ending = true;
    pthread_cond_signal(&inv->wake);
    pthread_mutex_unlock(&inv->mutex);
    pthread_join(inv->thread, NULL);
    inv->running = false;
}

/* Consumes @note; NULL: there was no memory for it. */
static void note_add(struct fh_session *session, struct fh_note *note)
{
    struct fh_invalidator *inv = &session->invalidator;

    pthread_mutex_lock(&inv->mutex);
    if (!inv->ending) {
        if (note && (note->revoked || inv->queued < FH_NOTES_MAX)) {
            *inv->last = note;
            inv->last = &note->next;
            inv->queued++;
            note = NULL;
        } else {
            inv->everything = true;
        }
        pthread_cond_signal(&inv->wake);
    }
    pthread_mutex_unlock(&inv->mutex);
    note_free(note);
}

void fh_invalidate(struct fh_session *session, uint64_t fileid, uint64_t parent_fileid, const char *name)
{
    size_t len = name ? strlen(name) : 0;
    struct fh_note *note = calloc(1, sizeof(*note) + len + 1);

    if (note) {
        note->fileid = fileid;
        note->parent_fileid = parent_fileid;
        note->namelen = len;
        if (len)
            memcpy(note->name, name, len + 1);
    }
    note_add(session, note);
}

/* The number of a file that is taken away stands for nothing any more. While the session runs its nodes and
 * its thread are there, and nothing here gives a node back: that would enter the kernel half, from which we
 * are called. Without memory for a note the reference stays. */
static void number_revoke(struct fh_session *session, uint64_t fileid)
{
    pthread_mutex_lock(&session->mutex);
    struct fh_node *node = session->state == FH_RUNNING ? fh_node_find(&session->nodes, fileid) : NULL;
    if (node) {
        struct fh_note *note = calloc(1, sizeof(*note) + 1);

        fh_node_revoke(node);
        if (note)
            note->revoked = node;
        note_add(session, note);
    }
    pthread_mutex_unlock(&session->mutex);
}

/* Where the host opens files here, their handles are dead already, and only what it has cached must go. */
void fh_revoked(void *arg, uint32_t mount_id, uint64_t fileid)
{
    struct fh_session *session = fh_session_by_mount(mount_id);

    (void)arg;
    if (!session)
        return;
    if (session->no_open)
        number_revoke(session, fileid);
    else
        fh_invalidate(session, fileid, 0, NULL);
    fh_session_release(session);
}

void fh_invalidator_pressure(struct fh_session *session)
{
    struct fh_invalidator *inv = &session->invalidator;
    uint64_t max = session->options.max_nodes;

    if (!max || atomic_load_explicit(&session->nodes.count, memory_order_relaxed) <= max ||
        atomic_exchange(&inv->pressure, true))
        return;
    pthread_mutex_lock(&inv->mutex);
    pthread_cond_signal(&inv->wake);
    pthread_mutex_unlock(&inv->mutex);
}

void fh_changed(void *arg, uint32_t mount_id, uint64_t fileid, uint64_t parent_fileid, const char *name)
{
    struct fh_session *session = fh_session_by_mount(mount_id);

    (void)arg;
    if (!session)
        return;
    fh_invalidate(session, fileid, parent_fileid, name);
    fh_session_release(session);
}
