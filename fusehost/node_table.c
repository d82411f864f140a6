// SPDX-License-Identifier: BSD-2-Clause
/*
 * Node numbers, their nodes and their counts; see node_table.h for what they mean and for the locks.
 *
 * A shard's hash chains hold every node of a file id, the newest generation in front: a number is looked up
 * by comparing numbers, a file by comparing (id, generation). A node leaves its chain, under the shard's
 * mutex, in the moment its last reference goes; everything it owns is given back after the mutex is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fusehost/node_table.h"

#define SHARD_BUCKETS_FIRST 64u
#define ALIAS_BUCKETS       256u
#define CHUNK_NODES         31u /* with the header a little under 4 KiB */

_Static_assert(sizeof(struct fh_node) == 128, "a node is two cache lines");

struct fh_node_chunk {
    struct fh_node nodes[CHUNK_NODES];
    struct fh_node_chunk *next;
};

struct fh_node_alias {
    struct fh_node_alias *next;
    struct fh_node *node;
};

/* Neighbouring ids, which a file system gives to neighbouring files, stay neighbours within a block, so that
 * walking over them walks over the buckets; the blocks are scattered, so that ids may have any pattern. */
#define ID_BLOCK_SHIFT 10

static uint64_t fileid_hash(uint64_t fileid)
{
    return fileid ^ ((fileid >> ID_BLOCK_SHIFT) * 0x9e3779b97f4a7c15ull) >> 32;
}

static struct fh_node_shard *shard_of(struct fh_node_table *table, uint64_t fileid)
{
    return &table->shards[fileid_hash(fileid) % FH_NODE_SHARDS];
}

static struct fh_node **bucket_of(struct fh_node_shard *shard, uint64_t fileid)
{
    return &shard->buckets[(fileid_hash(fileid) / FH_NODE_SHARDS) & (shard->nbuckets - 1)];
}

/* ---- the weak reference ---------------------------------------------------------------------------- */

static void weak_store_locked(struct fh_node *node, const struct sys_node *sys)
{
    uint32_t seq = atomic_load_explicit(&node->weak_seq, memory_order_relaxed);

    atomic_store_explicit(&node->weak_seq, seq + 1, memory_order_relaxed);
    atomic_store_explicit(&node->weak_vnode, sys->vnode, memory_order_release);
    atomic_store_explicit(&node->weak_vid, sys->vid, memory_order_release);
    atomic_store_explicit(&node->weak_seq, seq + 2, memory_order_release);
}

void fh_node_weak(struct fh_node *node, struct sys_node *out)
{
    uint32_t before, after;

    out->mount_id = node->table->mount_id;
    out->fileid = node->fileid;
    do {
        before = atomic_load_explicit(&node->weak_seq, memory_order_acquire);
        out->vnode = atomic_load_explicit(&node->weak_vnode, memory_order_acquire);
        out->vid = atomic_load_explicit(&node->weak_vid, memory_order_acquire);
        after = atomic_load_explicit(&node->weak_seq, memory_order_relaxed);
    } while (before != after || (before & 1));
}

void fh_node_set_weak(struct fh_node *node, const struct sys_node *sys)
{
    struct fh_node_shard *shard = shard_of(node->table, node->fileid);

    host_mutex_lock(&shard->mutex);
    if (atomic_load_explicit(&node->weak_vnode, memory_order_relaxed) != FH_NODE_REVOKED)
        weak_store_locked(node, sys);
    host_mutex_unlock(&shard->mutex);
}

void fh_node_revoke(struct fh_node *node)
{
    struct fh_node_shard *shard = shard_of(node->table, node->fileid);
    const struct sys_node nothing = {.vnode = FH_NODE_REVOKED};

    host_mutex_lock(&shard->mutex);
    weak_store_locked(node, &nothing);
    node->listed = false;
    host_mutex_unlock(&shard->mutex);
}

/* ---- start and end --------------------------------------------------------------------------------- */

static void node_init(struct fh_node *node, struct fh_node_table *table, const struct sys_node *sys,
                      const struct sys_attr *attr)
{
    memset(node, 0, sizeof(*node));
    node->table = table;
    node->fileid = sys->fileid;
    node->generation = attr->generation;
    node->type = (uint8_t)attr->type;
    node->listed = true;
    atomic_init(&node->refs, 1);
    atomic_init(&node->nlink, attr->nlink);
    atomic_init(&node->used, true);
    weak_store_locked(node, sys);
}

static struct fh_node *node_alloc_locked(struct fh_node_shard *shard)
{
    if (!shard->free) {
        struct fh_node_chunk *chunk = aligned_alloc(64, sizeof(*chunk));

        if (!chunk)
            return NULL;
        chunk->next = shard->chunks;
        shard->chunks = chunk;
        for (unsigned i = 0; i < CHUNK_NODES; i++) {
            chunk->nodes[i].next = shard->free;
            shard->free = &chunk->nodes[i];
        }
    }
    struct fh_node *node = shard->free;
    shard->free = node->next;
    /* Lookups come in floods: the next one is fetched into the CPU's caches while this one is filled. */
    __builtin_prefetch(shard->free, 1);
    __builtin_prefetch((const char *)shard->free + sizeof(*node) / 2, 1);
    return node;
}

int fh_nodes_init(struct fh_node_table *table, uint32_t mount_id, const struct sys_node *root,
                  const struct sys_attr *attr)
{
    memset(table, 0, sizeof(*table));
    table->mount_id = mount_id;
    host_mutex_init(&table->alias_mutex);
    for (unsigned i = 0; i < FH_NODE_SHARDS; i++) {
        struct fh_node_shard *shard = &table->shards[i];

        host_mutex_init(&shard->mutex);
        shard->buckets = calloc(SHARD_BUCKETS_FIRST, sizeof(*shard->buckets));
        if (!shard->buckets)
            goto fail;
        shard->nbuckets = SHARD_BUCKETS_FIRST;
    }
    table->aliases = calloc(ALIAS_BUCKETS, sizeof(*table->aliases));
    table->root = node_alloc_locked(shard_of(table, root->fileid));
    if (!table->aliases || !table->root)
        goto fail;
    node_init(table->root, table, root, attr);
    table->root->nodeid = FH_NODE_ROOT;
    return 0;
fail:
    fh_nodes_destroy(table);
    return ENOMEM;
}

static void name_free(struct fh_node *node)
{
    if (node->name != node->inline_name)
        free(node->name);
    node->name = NULL;
}

/* Gives back what a node owns, but for the reference of its parent. */
static void node_empty(struct fh_node *node)
{
    struct fh_node_table *table = node->table;

    if (table->dispose && node->lazy)
        table->dispose(table->dispose_arg, node);
    if (node->hold)
        sys_hold_release(node->hold);
    name_free(node);
}

static void shard_destroy(struct fh_node_shard *shard)
{
    for (uint32_t b = 0; b < shard->nbuckets; b++)
        for (struct fh_node *node = shard->buckets[b]; node; node = node->next)
            node_empty(node);
    while (shard->chunks) {
        struct fh_node_chunk *next = shard->chunks->next;

        free(shard->chunks);
        shard->chunks = next;
    }
    free(shard->buckets);
    host_mutex_destroy(&shard->mutex);
}

void fh_nodes_destroy(struct fh_node_table *table)
{
    if (table->root)
        node_empty(table->root);
    for (unsigned i = 0; i < FH_NODE_SHARDS; i++)
        shard_destroy(&table->shards[i]);
    for (unsigned b = 0; table->aliases && b < ALIAS_BUCKETS; b++) {
        while (table->aliases[b]) {
            struct fh_node_alias *next = table->aliases[b]->next;

            free(table->aliases[b]);
            table->aliases[b] = next;
        }
    }
    free(table->aliases);
    host_mutex_destroy(&table->alias_mutex);
    memset(table, 0, sizeof(*table));
}

/* ---- numbers --------------------------------------------------------------------------------------- */

static struct fh_node_alias **alias_bucket(struct fh_node_table *table, uint64_t nodeid)
{
    return &table->aliases[nodeid % ALIAS_BUCKETS];
}

static bool alias_insert(struct fh_node_table *table, struct fh_node *node)
{
    struct fh_node_alias *alias = malloc(sizeof(*alias));

    if (!alias)
        return false;
    alias->node = node;
    host_mutex_lock(&table->alias_mutex);
    node->nodeid = FH_NODE_ALIAS | ++table->next_alias;
    struct fh_node_alias **bucket = alias_bucket(table, node->nodeid);
    alias->next = *bucket;
    *bucket = alias;
    host_mutex_unlock(&table->alias_mutex);
    return true;
}

static void alias_remove(struct fh_node_table *table, struct fh_node *node)
{
    host_mutex_lock(&table->alias_mutex);
    struct fh_node_alias **link = alias_bucket(table, node->nodeid);
    while ((*link)->node != node)
        link = &(*link)->next;
    struct fh_node_alias *alias = *link;
    *link = alias->next;
    host_mutex_unlock(&table->alias_mutex);
    free(alias);
}

/* A node found by its alias may be dying: its last reference went, but it still waits for this mutex. */
static struct fh_node *alias_get(struct fh_node_table *table, uint64_t nodeid)
{
    struct fh_node *node = NULL;

    host_mutex_lock(&table->alias_mutex);
    for (struct fh_node_alias *alias = *alias_bucket(table, nodeid); alias && !node; alias = alias->next)
        if (alias->node->nodeid == nodeid)
            node = alias->node;
    if (node) {
        uint32_t refs = atomic_load(&node->refs);

        while (refs && !atomic_compare_exchange_weak(&node->refs, &refs, refs + 1))
            ;
        if (!refs)
            node = NULL;
    }
    host_mutex_unlock(&table->alias_mutex);
    return node;
}

static struct fh_node *chain_find_number(struct fh_node_shard *shard, uint64_t nodeid)
{
    struct fh_node *node = *bucket_of(shard, nodeid);

    while (node && node->nodeid != nodeid)
        node = node->next;
    return node;
}

/* The newest bearer of a file id stands in front of older ones. */
static struct fh_node *chain_find_file(struct fh_node_shard *shard, uint64_t fileid)
{
    struct fh_node *node = *bucket_of(shard, fileid);

    while (node && !(node->listed && node->fileid == fileid))
        node = node->next;
    return node;
}

/* ---- references ------------------------------------------------------------------------------------ */

void fh_node_retain(struct fh_node *node)
{
    atomic_fetch_add_explicit(&node->refs, 1, memory_order_relaxed);
}

static void node_unchain_locked(struct fh_node_shard *shard, struct fh_node *node)
{
    struct fh_node **link = bucket_of(shard, node->fileid);

    while (*link != node)
        link = &(*link)->next;
    *link = node->next;
    shard->count--;
    atomic_fetch_sub_explicit(&node->table->count, 1, memory_order_relaxed);
    if (node->nodeid & FH_NODE_ALIAS)
        alias_remove(node->table, node);
}

/* Drops one reference with the mutex held; true: the node is out of the table, free it without the mutex. */
static bool node_drop_locked(struct fh_node_shard *shard, struct fh_node *node)
{
    if (atomic_fetch_sub_explicit(&node->refs, 1, memory_order_acq_rel) != 1)
        return false;
    node_unchain_locked(shard, node);
    return true;
}

/* Ends a node that is out of the table. Returns its parent, whose reference the caller drops: a loop, since a
 * chain of directories may be longer than a stack is deep. */
static struct fh_node *node_bury(struct fh_node_shard *shard, struct fh_node *node)
{
    struct fh_node *parent = node->parent;

    node_empty(node);
    host_mutex_lock(&shard->mutex);
    node->next = shard->free;
    shard->free = node;
    host_mutex_unlock(&shard->mutex);
    return parent;
}

void fh_node_put(struct fh_node *node)
{
    while (node) {
        uint32_t refs = atomic_load_explicit(&node->refs, memory_order_relaxed);

        while (refs > 1)
            if (atomic_compare_exchange_weak_explicit(&node->refs, &refs, refs - 1, memory_order_release,
                                                      memory_order_relaxed))
                return;

        struct fh_node_shard *shard = shard_of(node->table, node->fileid);
        host_mutex_lock(&shard->mutex);
        bool dead = node_drop_locked(shard, node);
        host_mutex_unlock(&shard->mutex);
        if (!dead)
            return;

        node = node_bury(shard, node);
    }
}

struct fh_node *fh_node_get(struct fh_node_table *table, uint64_t nodeid)
{
    if (nodeid == FH_NODE_ROOT) {
        fh_node_retain(table->root);
        return table->root;
    }
    if (nodeid & FH_NODE_ALIAS)
        return alias_get(table, nodeid);

    struct fh_node_shard *shard = shard_of(table, nodeid);
    host_mutex_lock(&shard->mutex);
    struct fh_node *node = chain_find_number(shard, nodeid);
    if (node)
        fh_node_retain(node);
    host_mutex_unlock(&shard->mutex);
    return node;
}

struct fh_node *fh_node_find(struct fh_node_table *table, uint64_t fileid)
{
    if (fileid == table->root->fileid) {
        fh_node_retain(table->root);
        return table->root;
    }
    struct fh_node_shard *shard = shard_of(table, fileid);
    host_mutex_lock(&shard->mutex);
    struct fh_node *node = chain_find_file(shard, fileid);
    if (node)
        fh_node_retain(node);
    host_mutex_unlock(&shard->mutex);
    return node;
}

/* ---- lookups --------------------------------------------------------------------------------------- */

/* Without memory for more buckets the chains just grow longer. */
static void shard_grow_locked(struct fh_node_shard *shard)
{
    uint32_t old_count = shard->nbuckets;
    struct fh_node **old = shard->buckets;
    struct fh_node **grown = calloc(old_count * 2, sizeof(*grown));

    if (!grown)
        return;
    shard->buckets = grown;
    shard->nbuckets = old_count * 2;
    for (uint32_t b = 0; b < old_count; b++) {
        struct fh_node **tails[2] = {&grown[b], &grown[b + old_count]};

        for (struct fh_node *node = old[b], *next; node; node = next) {
            bool upper = bucket_of(shard, node->fileid) != &grown[b];

            next = node->next;
            node->next = NULL;
            *tails[upper] = node;
            tails[upper] = &node->next;
        }
    }
    free(old);
}

/* Adds a node in front of its chain. An older bearer of the id keeps its number but loses the id. */
static bool node_chain_locked(struct fh_node_table *table, struct fh_node_shard *shard, struct fh_node *node,
                              struct fh_node *older)
{
    uint64_t fileid = node->fileid;
    bool number_taken = fileid <= FH_NODE_ROOT || fileid == table->root->fileid || (fileid & FH_NODE_ALIAS);

    if (!number_taken)
        number_taken = older || chain_find_number(shard, fileid);
    node->nodeid = fileid;
    if (number_taken && !alias_insert(table, node))
        return false;
    if (older)
        older->listed = false;
    if (shard->count >= shard->nbuckets)
        shard_grow_locked(shard);

    struct fh_node **bucket = bucket_of(shard, fileid);
    node->next = *bucket;
    *bucket = node;
    shard->count++;
    atomic_fetch_add_explicit(&table->count, 1, memory_order_relaxed);
    return true;
}

static void node_refresh_locked(struct fh_node *node, const struct sys_node *sys, const struct sys_attr *attr)
{
    if (atomic_load_explicit(&node->weak_vnode, memory_order_relaxed) != sys->vnode ||
        atomic_load_explicit(&node->weak_vid, memory_order_relaxed) != sys->vid)
        weak_store_locked(node, sys);
    atomic_store_explicit(&node->nlink, attr->nlink, memory_order_relaxed);
    atomic_store_explicit(&node->used, true, memory_order_relaxed);
}

/* Puts the node at (parent, name); returns the parent that it was under, whose reference the caller drops. */
static struct fh_node *node_place_locked(struct fh_node *node, struct fh_node *parent, const char *name)
{
    if (node->parent == parent && node->name && name && strcmp(node->name, name) == 0)
        return NULL;

    size_t size = name ? strlen(name) + 1 : 0;
    char *copy = size <= FH_NAME_INLINE ? node->inline_name : malloc(size);
    if (!copy)
        return NULL;
    struct fh_node *before = node->parent;
    name_free(node);
    if (name) {
        memcpy(copy, name, size);
        node->name = copy;
    }
    node->parent = parent;
    if (parent)
        fh_node_retain(parent);
    return before;
}

static struct fh_node *node_make_locked(struct fh_node_table *table, struct fh_node_shard *shard,
                                        const struct sys_node *sys, const struct sys_attr *attr,
                                        struct fh_node *older)
{
    struct fh_node *node = node_alloc_locked(shard);

    if (!node)
        return NULL;
    node_init(node, table, sys, attr);
    if (!node_chain_locked(table, shard, node, older)) {
        node->next = shard->free;
        shard->free = node;
        return NULL;
    }
    return node;
}

struct fh_node *fh_node_enter(struct fh_node_table *table, const struct sys_node *sys,
                              const struct sys_attr *attr, struct fh_node *parent, const char *name)
{
    if (sys->fileid == table->root->fileid) {
        fh_node_retain(table->root);
        return table->root;
    }
    struct fh_node_shard *shard = shard_of(table, sys->fileid);
    struct fh_node *parent_before = NULL;

    host_mutex_lock(&shard->mutex);
    struct fh_node *node = chain_find_file(shard, sys->fileid);
    if (node && node->generation == attr->generation) {
        node_refresh_locked(node, sys, attr);
        fh_node_retain(node);
    } else {
        node = node_make_locked(table, shard, sys, attr, node); /* with the caller's reference */
    }
    if (node) {
        if (node->nlookup++ == 0)
            fh_node_retain(node);
        if (name)
            parent_before = node_place_locked(node, parent, name);
    }
    host_mutex_unlock(&shard->mutex);
    fh_node_put(parent_before);
    return node;
}

/* Takes lookups off; true: it was the last reference, too, and the node is out of the table. */
static bool node_forget_locked(struct fh_node_shard *shard, struct fh_node *node, uint64_t nlookup)
{
    uint64_t had = node->nlookup;

    node->nlookup = nlookup < had ? had - nlookup : 0;
    return had && node->nlookup == 0 && node_drop_locked(shard, node);
}

void fh_node_forget(struct fh_node_table *table, uint64_t nodeid, uint64_t nlookup)
{
    struct fh_node *alias = nodeid & FH_NODE_ALIAS ? alias_get(table, nodeid) : NULL;
    struct fh_node *dead = NULL;

    if (nodeid == FH_NODE_ROOT || ((nodeid & FH_NODE_ALIAS) && !alias))
        return;
    struct fh_node_shard *shard = shard_of(table, alias ? alias->fileid : nodeid);
    host_mutex_lock(&shard->mutex);
    struct fh_node *node = alias ? alias : chain_find_number(shard, nodeid);
    if (node && node_forget_locked(shard, node, nlookup))
        dead = node;
    host_mutex_unlock(&shard->mutex);
    if (dead)
        fh_node_put(node_bury(shard, dead));
    else if (alias)
        fh_node_put(alias);
}

/* ---- places and holds ------------------------------------------------------------------------------ */

struct fh_node *fh_node_place(struct fh_node *node, char *name)
{
    struct fh_node_shard *shard = shard_of(node->table, node->fileid);
    struct fh_node *parent = NULL;

    host_mutex_lock(&shard->mutex);
    if (node->name) {
        parent = node->parent;
        fh_node_retain(parent);
        memcpy(name, node->name, strlen(node->name) + 1);
    }
    host_mutex_unlock(&shard->mutex);
    return parent;
}

void fh_node_move(struct fh_node *node, struct fh_node *parent, const char *name)
{
    if (node == node->table->root)
        return;
    struct fh_node_shard *shard = shard_of(node->table, node->fileid);

    host_mutex_lock(&shard->mutex);
    struct fh_node *before = node_place_locked(node, parent, name);
    host_mutex_unlock(&shard->mutex);
    fh_node_put(before);
}

void fh_node_unname(struct fh_node *node, struct fh_node *parent, const char *name)
{
    if (node == node->table->root)
        return;
    struct fh_node_shard *shard = shard_of(node->table, node->fileid);
    struct fh_node *before = NULL;

    host_mutex_lock(&shard->mutex);
    if (node->parent == parent && node->name && strcmp(node->name, name) == 0)
        before = node_place_locked(node, NULL, NULL);
    host_mutex_unlock(&shard->mutex);
    fh_node_put(before);
}

void fh_node_keep(struct fh_node *node, sys_hold_t *hold)
{
    struct fh_node_shard *shard = shard_of(node->table, node->fileid);

    host_mutex_lock(&shard->mutex);
    if (node->nlookup && !node->hold) {
        node->hold = hold;
        hold = NULL;
    }
    host_mutex_unlock(&shard->mutex);
    if (hold)
        sys_hold_release(hold);
}

void fh_nodes_each(struct fh_node_table *table, bool (*fn)(void *arg, struct fh_node *node), void *arg)
{
    bool more = true;

    for (unsigned i = 0; i < FH_NODE_SHARDS && more; i++) {
        struct fh_node_shard *shard = &table->shards[i];

        /* A bucket splits into itself and a later one, so growth in between hides nothing. */
        for (uint32_t b = 0; more; b++) {
            struct fh_node *batch[64];
            unsigned n = 0;

            host_mutex_lock(&shard->mutex);
            bool end = b >= shard->nbuckets;
            for (struct fh_node *node = end ? NULL : shard->buckets[b]; node && n < 64; node = node->next) {
                fh_node_retain(node);
                batch[n++] = node;
            }
            host_mutex_unlock(&shard->mutex);
            if (end)
                break;
            for (unsigned k = 0; k < n; k++) {
                more = more && fn(arg, batch[k]);
                fh_node_put(batch[k]);
            }
        }
    }
}
