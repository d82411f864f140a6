// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table of node numbers that the host knows a mount's files by. A node names (file id, generation); it
 * is not a vnode, and holds none alive. It remembers which vnode stood for the file last, weakly, and finds
 * it anew when that one was recycled (node_recover.c).
 *
 * Node numbers: 1 is the root. Any other file goes by its file id, so that a number stays meaningful after
 * the host forgot it; where that is impossible (id 0 or 1, the root's own id, an id whose older bearer is
 * still known, the top bit in use) it gets an alias with the top bit set, never used twice.
 *
 * References: a node exists while the host has looked it up more often than it has forgotten it, while a
 * child names it as its parent, and while an operation uses it. Everything found here is returned referenced.
 *
 * Locks: one mutex per shard (by file id) and one for aliases; at most one shard's at a time, then the
 * alias one. Leaves: nothing of the kernel half is called under them.
 */
#ifndef KEXTBED_FUSEHOST_NODE_TABLE_H
#define KEXTBED_FUSEHOST_NODE_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/host.h"
#include "vfs/syscalls.h"

#define FH_NODE_ROOT   1ull
#define FH_NODE_ALIAS  (1ull << 63)
#define FH_NODE_SHARDS 16u
/* Weak vnode of a node whose file was revoked: the host's open files keep the number, the file gets another.
 */
#define FH_NODE_REVOKED UINT64_MAX

#define FH_NAME_SIZE   (SYS_NAME_MAX + 1)
#define FH_NAME_INLINE 21u /* what is left of a node's second cache line */

struct fh_lazy;
struct fh_node_table;

/* Two cache lines, the first of which is all that most operations touch. S: guarded by the shard's mutex. */
struct fh_node {
    struct fh_node *next;                /* S: chain of the file-id hash, or of free nodes */
    uint64_t nodeid, fileid, generation; /* constant while the node can be found */
    _Atomic uint32_t refs;
    _Atomic uint32_t nlink; /* as last seen; a hint */
    uint64_t nlookup;       /* S */
    /* The vnode that stood for the file last: a sequence lock, writers under the shard's mutex. */
    _Atomic uint64_t weak_vnode;
    _Atomic uint32_t weak_vid;
    _Atomic uint32_t weak_seq;

    struct fh_node_table *table;
    struct fh_node *parent; /* S: referenced */
    char *name;             /* S: in parent, here or allocated; NULL when it has none that we know */
    sys_hold_t *hold;       /* S: keeps the identity of a file that lost a name */
    struct fh_lazy *lazy;   /* lazy_file.c's lock */
    uint8_t type;           /* enum sys_vtype */
    bool listed;            /* S: an older generation's node is not found by file id */
    _Atomic bool used;      /* since the hand of the pressure passed (invalidate.c) */
    char inline_name[FH_NAME_INLINE];
} __attribute__((aligned(64)));

struct fh_node_shard {
    struct host_mutex mutex;
    struct fh_node **buckets;
    uint32_t nbuckets; /* power of two */
    uint32_t count;
    struct fh_node *free; /* nodes for the next files: they are never given back before the table is */
    struct fh_node_chunk *chunks; /* what they were cut from */
} __attribute__((aligned(64)));

struct fh_node_table {
    struct fh_node_shard shards[FH_NODE_SHARDS];
    struct host_mutex alias_mutex;
    struct fh_node_alias **aliases; /* fixed number of buckets: aliases are rare */
    uint64_t next_alias;
    struct fh_node *root;
    uint32_t mount_id;
    _Atomic uint64_t count;
    /* Releases what a dying node still owns (its lazily opened file). Called without locks. */
    void (*dispose)(void *arg, struct fh_node *node);
    void *dispose_arg;
};

/** fh_nodes_init - make the table with its root. Errno (host): 0, ENOMEM. */
int fh_nodes_init(struct fh_node_table *table, uint32_t mount_id, const struct sys_node *root,
                  const struct sys_attr *attr);
/** fh_nodes_destroy - free every node, whatever the host still counts. No operation may be running. */
void fh_nodes_destroy(struct fh_node_table *table);

/** fh_node_get - the node of a number; NULL unknown. Refs: gives 1, end it with fh_node_put(). */
struct fh_node *fh_node_get(struct fh_node_table *table, uint64_t nodeid);
/** fh_node_find - the node of a file id, newest generation; NULL unknown. Refs: gives 1. */
struct fh_node *fh_node_find(struct fh_node_table *table, uint64_t fileid);
void fh_node_retain(struct fh_node *node);
void fh_node_put(struct fh_node *node);

/** fh_node_enter - the node of a file that is about to be told to the host: found or made, one lookup
 * counted.
 *  @parent, @name  where it was found; NULL when that is not known.
 *  Refs: gives 1 besides the lookup. NULL: no memory. */
struct fh_node *fh_node_enter(struct fh_node_table *table, const struct sys_node *sys,
                              const struct sys_attr *attr, struct fh_node *parent, const char *name);
/** fh_node_forget - the host forgot @nlookup lookups. Unknown numbers and the root are ignored. */
void fh_node_forget(struct fh_node_table *table, uint64_t nodeid, uint64_t nlookup);

/** fh_node_weak - the weak reference to hand to the kernel half. */
void fh_node_weak(struct fh_node *node, struct sys_node *out);
/** fh_node_revoke - the node stands for nothing any more, for ever; who looks its file up gets another. */
void fh_node_revoke(struct fh_node *node);
/** fh_node_set_weak - another vnode stands for the file now. Does nothing to a node that was revoked. */
void fh_node_set_weak(struct fh_node *node, const struct sys_node *sys);

/** fh_node_place - copy where the node was seen last. @name FH_NAME_SIZE bytes. Returns its parent,
 * referenced, or NULL. */
struct fh_node *fh_node_place(struct fh_node *node, char *name);
/** fh_node_move - the node is now @name in @parent; both NULL: its known name is gone. */
void fh_node_move(struct fh_node *node, struct fh_node *parent, const char *name);
/** fh_node_unname - its known name is gone, if that was @name in @parent. */
void fh_node_unname(struct fh_node *node, struct fh_node *parent, const char *name);

/** fh_node_keep - consumes @hold: it stays with the node until the host forgets that, or ends now if there is
 * one. */
void fh_node_keep(struct fh_node *node, sys_hold_t *hold);

/** fh_nodes_each - call @fn for every node but the root, referenced, without locks, until it returns false.
 */
void fh_nodes_each(struct fh_node_table *table, bool (*fn)(void *arg, struct fh_node *node), void *arg);

#endif
