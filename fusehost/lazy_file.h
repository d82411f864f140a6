// SPDX-License-Identifier: BSD-2-Clause
/*
 * Files opened on the host's behalf where it was told never to send OPEN: the first request on a node that
 * needs an open file (READDIR, whose position is the file's, FSYNC, FALLOCATE, LSEEK) opens it, and it stays
 * open until the node is forgotten or the cache is full. The file system sees none of this, since such a
 * mount is only made for a type without VNOP_OPEN and VNOP_CLOSE; an open file costs a usecount, though, so
 * there is a bound, and the least recently used ones go first.
 *
 * Locks: one mutex per shard (by node). Files are opened and closed without it.
 */
#ifndef KEXTBED_FUSEHOST_LAZY_FILE_H
#define KEXTBED_FUSEHOST_LAZY_FILE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "vfs/syscalls.h"

#define FH_LAZY_SHARDS 16u /* at most; fewer where few files may be open */

struct fh_lazy_shard;
struct fh_node;
struct fh_session;

struct fh_lazy {
    sys_file_t *file;
    struct fh_lazy_shard *shard;
    struct fh_node *node; /* NULL once it is no longer the node's */
    bool writable;
    uint32_t refs;
    struct fh_lazy *newer, *older; /* of its shard */
};

struct fh_lazy_shard {
    pthread_mutex_t mutex;
    struct fh_lazy *newest, *oldest;
    uint32_t count;
} __attribute__((aligned(64)));

struct fh_lazy_cache {
    struct fh_lazy_shard shards[FH_LAZY_SHARDS];
    uint32_t n_shards;
    uint32_t shard_max; /* files kept open per shard */
};

/** fh_lazies_init - @max_open: files kept open in all, at least one. */
void fh_lazies_init(struct fh_lazy_cache *cache, uint32_t max_open);
/** fh_lazies_destroy - every node is gone already. */
void fh_lazies_destroy(struct fh_lazy_cache *cache);
/** fh_lazies_shrink - close all that nobody uses at the moment. */
void fh_lazies_shrink(struct fh_session *session);

/** fh_lazy_get - the open file of @node, for writing if @write. Darwin errno. Owes fh_lazy_put(). Blocks. */
int fh_lazy_get(struct fh_session *session, struct fh_node *node, bool write, struct fh_lazy **out);
void fh_lazy_put(struct fh_session *session, struct fh_lazy *lazy);
/** fh_lazy_dispose - fh_node_table's dispose: the node dies. */
void fh_lazy_dispose(void *session, struct fh_node *node);

#endif
