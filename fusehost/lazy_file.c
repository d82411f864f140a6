// SPDX-License-Identifier: BSD-2-Clause
/*
 * The cache of lazily opened files; see lazy_file.h.
 *
 * A file in the list of its shard belongs to a node and may be evicted when refs is 0. A file that was
 * evicted, replaced or orphaned while somebody used it has left the list, and the last user closes it.
 */
#include <errno.h>
#include <stdlib.h>

#include "fusehost/session_internal.h"

static struct fh_lazy_shard *shard_of(struct fh_lazy_cache *cache, const struct fh_node *node)
{
    return &cache->shards[((uintptr_t)node >> 7) % cache->n_shards];
}

void fh_lazies_init(struct fh_lazy_cache *cache, uint32_t max_open)
{
    cache->n_shards = max_open < FH_LAZY_SHARDS ? 1 : FH_LAZY_SHARDS;
    cache->shard_max = max_open / cache->n_shards ? max_open / cache->n_shards : 1;
    for (unsigned i = 0; i < cache->n_shards; i++) {
        pthread_mutex_init(&cache->shards[i].mutex, NULL);
        cache->shards[i].newest = cache->shards[i].oldest = NULL;
        cache->shards[i].count = 0;
    }
}

void fh_lazies_destroy(struct fh_lazy_cache *cache)
{
    for (unsigned i = 0; i < cache->n_shards; i++)
        pthread_mutex_destroy(&cache->shards[i].mutex);
}

static void list_push(struct fh_lazy_shard *shard, struct fh_lazy *lazy)
{
    lazy->newer = NULL;
    lazy->older = shard->newest;
    if (shard->newest)
        shard->newest->newer = lazy;
    else
        shard->oldest = lazy;
    shard->newest = lazy;
    shard->count++;
}

static void list_remove(struct fh_lazy_shard *shard, struct fh_lazy *lazy)
{
    *(lazy->newer ? &lazy->newer->older : &shard->newest) = lazy->older;
    *(lazy->older ? &lazy->older->newer : &shard->oldest) = lazy->newer;
    shard->count--;
}

static void lazy_close(struct fh_session *session, struct fh_lazy *lazy)
{
    sys_close(session->kernel_caller, lazy->file);
    free(lazy);
}

/* Takes the file away from its node. Returns it if nobody uses it, for the caller to close without the mutex.
 */
static struct fh_lazy *lazy_detach_locked(struct fh_lazy_shard *shard, struct fh_lazy *lazy)
{
    list_remove(shard, lazy);
    lazy->node->lazy = NULL;
    lazy->node = NULL;
    return lazy->refs ? NULL : lazy;
}

/* Detaches unused files beyond @max, oldest first; returns them linked by `older`. */
static struct fh_lazy *evict_locked(struct fh_lazy_shard *shard, uint32_t max)
{
    struct fh_lazy *gone = NULL;

    for (struct fh_lazy *lazy = shard->oldest, *newer; lazy && shard->count > max; lazy = newer) {
        newer = lazy->newer;
        if (lazy->refs == 0 && lazy_detach_locked(shard, lazy)) {
            lazy->older = gone;
            gone = lazy;
        }
    }
    return gone;
}

static void close_all(struct fh_session *session, struct fh_lazy *gone)
{
    while (gone) {
        struct fh_lazy *next = gone->older;

        lazy_close(session, gone);
        gone = next;
    }
}

void fh_lazies_shrink(struct fh_session *session)
{
    for (unsigned i = 0; i < session->lazies.n_shards; i++) {
        struct fh_lazy_shard *shard = &session->lazies.shards[i];

        pthread_mutex_lock(&shard->mutex);
        struct fh_lazy *gone = evict_locked(shard, 0);
        pthread_mutex_unlock(&shard->mutex);
        close_all(session, gone);
    }
}

/* A read-only mount, or a file that nobody may write, still opens for reading. */
static int file_open(struct fh_session *session, struct fh_node *node, bool write, struct fh_lazy *lazy)
{
    bool directory = node->type == SYS_VDIR;
    uint32_t oflags = directory ? SYS_O_RDONLY | SYS_O_DIRECTORY : SYS_O_RDWR;
    sys_hold_t *pin = NULL;
    struct sys_node at;
    int err;

    fh_node_weak(node, &at);
    for (int tries = 0; tries < 4; tries++) {
        err = sys_open(session->kernel_caller, &at, NULL, 0, oflags, 0, &lazy->file, NULL, NULL);
        if (err == SYS_ESTALE && !pin) {
            err = fh_node_pin(session, node, &at, &pin);
            if (err)
                break;
        } else if (err == SYS_ENFILE) {
            fh_lazies_shrink(session);
        } else if ((err == SYS_EROFS || err == SYS_EACCES || err == SYS_EPERM) && oflags == SYS_O_RDWR &&
                   !write) {
            oflags = SYS_O_RDONLY;
        } else {
            break;
        }
    }
    if (pin)
        sys_hold_release(pin);
    lazy->writable = oflags == SYS_O_RDWR;
    return err;
}

static int lazy_open(struct fh_session *session, struct fh_node *node, bool write, struct fh_lazy **out)
{
    struct fh_lazy *lazy = calloc(1, sizeof(*lazy));
    int err = lazy ? file_open(session, node, write, lazy) : SYS_ENOMEM;

    if (err)
        free(lazy);
    else
        *out = lazy;
    return err;
}

/* Makes @lazy the node's file, with one reference for the caller; a better one that got there first wins. */
static struct fh_lazy *lazy_install(struct fh_session *session, struct fh_node *node, struct fh_lazy *lazy)
{
    struct fh_lazy_shard *shard = shard_of(&session->lazies, node);
    struct fh_lazy *loser = NULL;

    pthread_mutex_lock(&shard->mutex);
    if (node->lazy && (node->lazy->writable || !lazy->writable)) {
        loser = lazy;
        lazy = node->lazy;
    } else {
        if (node->lazy)
            loser = lazy_detach_locked(shard, node->lazy);
        node->lazy = lazy;
        lazy->node = node;
        lazy->shard = shard;
        list_push(shard, lazy);
    }
    lazy->refs++;
    struct fh_lazy *gone = evict_locked(shard, session->lazies.shard_max);
    pthread_mutex_unlock(&shard->mutex);
    if (loser)
        lazy_close(session, loser);
    close_all(session, gone);
    return lazy;
}

int fh_lazy_get(struct fh_session *session, struct fh_node *node, bool write, struct fh_lazy **out)
{
    struct fh_lazy_shard *shard = shard_of(&session->lazies, node);
    struct fh_lazy *lazy;

    pthread_mutex_lock(&shard->mutex);
    lazy = node->lazy;
    if (lazy && (lazy->writable || !write)) {
        lazy->refs++;
        if (shard->newest != lazy) {
            list_remove(shard, lazy);
            list_push(shard, lazy);
        }
    } else {
        lazy = NULL;
    }
    pthread_mutex_unlock(&shard->mutex);
    if (!lazy) {
        int err = lazy_open(session, node, write, &lazy);

        if (err)
            return err;
        lazy = lazy_install(session, node, lazy);
    }
    *out = lazy;
    return 0;
}

void fh_lazy_put(struct fh_session *session, struct fh_lazy *lazy)
{
    struct fh_lazy_shard *shard = lazy->shard;

    pthread_mutex_lock(&shard->mutex);
    bool last = --lazy->refs == 0 && !lazy->node;
    pthread_mutex_unlock(&shard->mutex);
    if (last)
        lazy_close(session, lazy);
}

void fh_lazy_dispose(void *arg, struct fh_node *node)
{
    struct fh_session *session = arg;
    struct fh_lazy_shard *shard = shard_of(&session->lazies, node);

    pthread_mutex_lock(&shard->mutex);
    struct fh_lazy *gone = node->lazy ? lazy_detach_locked(shard, node->lazy) : NULL;
    pthread_mutex_unlock(&shard->mutex);
    if (gone)
        lazy_close(session, gone);
}
