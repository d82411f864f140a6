// SPDX-License-Identifier: BSD-2-Clause
/*
 * Shared names: every file name that a vnode or the name cache remembers is kept once, with a count of its
 * references.
 *
 * Locks: one mutex per shard (rank 310), over the shard's hash chains. The count is atomic; it reaches zero
 * only under the lock.
 * Called by file systems (KPI), name_cache.c, vnode_identity.c.
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "kern/lock_iface.h"
#include "vfs/vnode_internal.h"

#define SHARDS        64u
#define SHARD_BUCKETS 512u
#define NAME_BYTES_MAX                                                                                       \
    1024u /* a name in a stack file system may be longer than NAME_MAX; a path component never is */

struct name_string {
    struct name_string *ns_next; /* shard lock */
    _Atomic(uint32_t) ns_refs;
    uint32_t ns_hash; /* constant, as ns_len and ns_text */
    uint32_t ns_len;
    char ns_text[];
};

static struct name_shard {
    lck_mtx_t lock;
    struct name_string *buckets[SHARD_BUCKETS];
} * shards;
static lck_grp_t *group;
static _Atomic(uint64_t) live;

int name_string_boot(void)
{
    shards = kern_alloc_try(SHARDS * sizeof(*shards), "name strings");
    if (!shards)
        return ENOMEM;
    group = lck_grp_alloc_init("vfs.name", LCK_GRP_ATTR_NULL);
    for (unsigned i = 0; i < SHARDS; i++)
        lck_mtx_init(&shards[i].lock, group, LCK_ATTR_NULL);
    atomic_store(&live, 0);
    return 0;
}

void name_string_shutdown(void)
{
    KASSERT(atomic_load(&live) == 0, "%llu names are left at shutdown",
            (unsigned long long)atomic_load(&live));
    for (unsigned i = 0; i < SHARDS; i++)
        lck_mtx_destroy(&shards[i].lock, group);
    lck_grp_free(group);
    kern_free(shards, SHARDS * sizeof(*shards));
    shards = NULL;
}

uint64_t name_string_count(void)
{
    return atomic_load_explicit(&live, memory_order_relaxed);
}

static uint64_t bytes_at(const char *at, size_t n)
{
    uint64_t word = 0;
    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)(unsigned char)at[i] << (8 * i);
    return word;
}

/* A multiplication for every eight bytes; the last eight may overlap those before them. */
uint32_t cache_hash(const char *name, size_t len)
{
    const uint64_t odd = 0x9e3779b97f4a7c15ull;
    uint64_t hash = len * odd, word;
    if (len < sizeof(word)) {
        hash = (hash ^ bytes_at(name, len)) * odd;
    } else {
        for (size_t i = 0; i < len - sizeof(word); i += sizeof(word)) {
            __builtin_memcpy(&word, name + i, sizeof(word));
            hash = (hash ^ word) * odd;
            hash ^= hash >> 32;
        }
        __builtin_memcpy(&word, name + len - sizeof(word), sizeof(word));
        hash = (hash ^ word) * odd;
    }
    hash ^= hash >> 32;
    hash = hash * odd >> 32;
    return hash ? (uint32_t)hash : 1;
}

static struct name_shard *shard_of(uint32_t hash)
{
    return &shards[hash % SHARDS];
}

static struct name_string **bucket_of(struct name_shard *shard, uint32_t hash)
{
    return &shard->buckets[hash / SHARDS % SHARD_BUCKETS];
}

const char *vfs_addname(const char *name, uint32_t len, uint32_t nc_hash, uint32_t flags)
{
    (void)flags;
    (void)nc_hash; /* a file system may pass a hash of its own making: equal names must meet all the same */
    uint32_t hash = cache_hash(name, len);
    struct name_shard *shard = shard_of(hash);
    lck_mtx_lock(&shard->lock);
    struct name_string **bucket = bucket_of(shard, hash), *string;
    for (string = *bucket; string; string = string->ns_next) {
        if (string->ns_hash == hash && string->ns_len == len && memcmp(string->ns_text, name, len) == 0)
            break;
    }
    if (string) {
        atomic_fetch_add_explicit(&string->ns_refs, 1, memory_order_relaxed);
    } else {
        string = kern_alloc(sizeof(*string) + len + 1, "name string");
        atomic_store_explicit(&string->ns_refs, 1, memory_order_relaxed);
        string->ns_hash = hash;
        string->ns_len = len;
        memcpy(string->ns_text, name, len);
        string->ns_next = *bucket;
        *bucket = string;
        atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    }
    lck_mtx_unlock(&shard->lock);
    return string->ns_text;
}

void name_string_retain(const char *name)
{
    struct name_string *string =
        (struct name_string *)((uintptr_t)name - offsetof(struct name_string, ns_text));
    atomic_fetch_add_explicit(&string->ns_refs, 1, memory_order_relaxed);
}

int vfs_removename(const char *name)
{
    size_t len = strnlen(name, NAME_BYTES_MAX);
    uint32_t hash = cache_hash(name, len);
    struct name_shard *shard = shard_of(hash);
    lck_mtx_lock(&shard->lock);
    struct name_string **link = bucket_of(shard, hash), *string = NULL;
    while (*link && (*link)->ns_text != name)
        link = &(*link)->ns_next;
    int error = *link ? 0 : ENOENT;
    if (!error && atomic_fetch_sub_explicit(&(*link)->ns_refs, 1, memory_order_acq_rel) == 1) {
        string = *link;
        *link = string->ns_next;
        atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
    }
    lck_mtx_unlock(&shard->lock);
    if (string)
        kern_free(string, sizeof(*string) + string->ns_len + 1);
    return error;
}
