// SPDX-License-Identifier: BSD-2-Clause
/*
 * Telling the host that it remembers something wrong, or too much. The host may have to wait for requests in
 * progress before it obeys, so this is never done on a thread that serves requests nor with a lock held:
 * whoever notices puts a note into the session's queue, and the session's own thread works it off.
 *
 * The queue is bounded: notes beyond FH_NOTES_MAX, or without memory, are replaced by one that says
 * "everything".
 */
#ifndef KEXTBED_FUSEHOST_INVALIDATE_H
#define KEXTBED_FUSEHOST_INVALIDATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define FH_NOTES_MAX 65536u

struct fh_note;
struct fh_session;

struct fh_invalidator {
    pthread_mutex_t mutex;
    pthread_cond_t wake; /* a note came, or the end */
    struct fh_note *first, **last;
    unsigned queued;
    bool everything, ending, running;
    _Atomic bool pressure; /* too many nodes, and the thread knows */
    uint64_t done;         /* notes worked off */
    pthread_t thread;
};

void fh_invalidator_init(struct fh_invalidator *inv);
void fh_invalidator_destroy(struct fh_invalidator *inv);
/** fh_invalidator_start / _stop - the thread. Stop works off what is queued first; later notes are dropped.
 * Errno (host). */
int fh_invalidator_start(struct fh_session *session);
void fh_invalidator_stop(struct fh_session *session);

/** fh_invalidate - file @fileid changed (0: none in particular), or @name in directory @parent_fileid did
 * (NULL: none). Never blocks; any thread. */
void fh_invalidate(struct fh_session *session, uint64_t fileid, uint64_t parent_fileid, const char *name);

/** fh_revoked - sys_boot's callback: @fileid is being taken away from who has it open. Where the host was
 * told not to open files here, whatever it has of it under its number answers EIO from now on, and its names
 * are looked up anew. Contents that the host has not written back are lost. Never blocks; any thread. */
void fh_revoked(void *arg, uint32_t mount_id, uint64_t fileid);

/** fh_invalidator_pressure - have names invalidated if the host keeps more nodes than the mount allows. */
void fh_invalidator_pressure(struct fh_session *session);

/** fh_changed - sys_boot's callback. */
void fh_changed(void *arg, uint32_t mount_id, uint64_t fileid, uint64_t parent_fileid, const char *name);

#endif
