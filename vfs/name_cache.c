// SPDX-License-Identifier: BSD-2-Clause
/*
 * The name cache: (directory, name) -> vnode, or -> "does not exist".
 *
 * An entry refers to vnodes without holding them: by pointer, identity and generation. Purging what leads to
 * a vnode, or what is in a directory, is one addition to a counter of the vnode's; entries made before it are
 * stale, are taken out when somebody meets them, and are the first to be reused. Nothing has to be linked to
 * the vnode, and a look-up takes one lock, its shard's.
 *
 * The cache is bounded: its entries are allocated at boot, an equal share for each shard, and a clock hand
 * per shard finds the one to reuse.
 *
 * Locks: one mutex per shard (rank 300). Names are released after it is dropped; no vnode lock is taken
 * under it.
 * Called by file systems (KPI), lookup, vnode_lifecycle.c, mount_life.c.
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "kern/lock_iface.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"

#define SHARDS_MAX        64u
#define SHARD_ENTRIES_MIN 16u

struct name_entry {
    struct name_entry *ne_next; /* in its hash chain or on the free list */
    struct vnode *ne_dvp;       /* NULL: free */
    struct vnode *ne_vp;        /* NULL: the name does not exist */
    const char *ne_name;        /* a reference */
    uint32_t ne_hash, ne_vid;
    uint32_t ne_dir_gen; /* ne_dvp's v_cache_dir_gen... */
    uint32_t
        ne_name_gen; /* ...and ne_vp's v_cache_name_gen, or ne_dvp's v_cache_neg_gen, when it was entered */
    uint16_t ne_len;
    bool ne_touched;
};

static struct cache_shard {
    lck_mtx_t lock;
    struct name_entry *entries, *free; /* its share */
    struct name_entry **buckets;
    uint32_t used, hand;
} * shards;

static uint32_t shard_count, shard_entries,
    shard_buckets; /* constant after boot; counts of shards and buckets are powers of two */
static struct name_entry *all_entries;
static struct name_entry **all_buckets;
static lck_grp_t *group;
static _Atomic(uint64_t) live;

/* ---- start and end ------------------------------------------------------------------------------------- */

static uint32_t power_below(uint32_t n)
{
    uint32_t power = 1;
    while (power <= n / 2)
        power *= 2;
    return power;
}

static void shard_boot(uint32_t index)
{
    struct cache_shard *shard = &shards[index];
    lck_mtx_init(&shard->lock, group, LCK_ATTR_NULL);
    shard->entries = all_entries + (size_t)index * shard_entries;
    shard->buckets = all_buckets + (size_t)index * shard_buckets;
}

int name_cache_boot(uint32_t max_entries)
{
    uint32_t wanted = max_entries / SHARD_ENTRIES_MIN ? max_entries / SHARD_ENTRIES_MIN : 1;
    shard_count = power_below(wanted < SHARDS_MAX ? wanted : SHARDS_MAX);
    shard_entries = max_entries / shard_count;
    shard_buckets = power_below(shard_entries);
    shards = kern_alloc_try(shard_count * sizeof(*shards), "name cache");
    all_entries = kern_alloc_try((size_t)shard_count * shard_entries * sizeof(*all_entries), "name cache");
    all_buckets = kern_alloc_try((size_t)shard_count * shard_buckets * sizeof(*all_buckets), "name cache");
    if (!shards || !all_entries || !all_buckets) {
        kern_free(shards, shard_count * sizeof(*shards));
        kern_free(all_entries, (size_t)shard_count * shard_entries * sizeof(*all_entries));
        kern_free(all_buckets, (size_t)shard_count * shard_buckets * sizeof(*all_buckets));
        return ENOMEM;
    }
    group = lck_grp_alloc_init("vfs.name_cache", LCK_GRP_ATTR_NULL);
    for (uint32_t i = 0; i < shard_count; i++)
        shard_boot(i);
    atomic_store(&live, 0);
    return 0;
}

/* ---- entries: shard lock held -------------------------------------------------------------------------- */

static uint32_t key_mix(const struct vnode *dvp, uint32_t hash)
{
    uint32_t mix = hash ^ (dvp->v_index * 2654435761u);
    return mix ^ mix >> 15;
}

static struct cache_shard *shard_of(const struct vnode *dvp, uint32_t hash)
{
    return &shards[key_mix(dvp, hash) & (shard_count - 1)];
}

static struct name_entry **bucket_of(struct cache_shard *shard, const struct vnode *dvp, uint32_t hash)
{
    return &shard->buckets[key_mix(dvp, hash) / shard_count & (shard_buckets - 1)];
}

static uint32_t gen_of(_Atomic(uint32_t) *gen)
{
    return atomic_load_explicit(gen, memory_order_acquire);
}

static bool entry_is_stale(const struct name_entry *entry)
{
    if (gen_of(&entry->ne_dvp->v_cache_dir_gen) != entry->ne_dir_gen)
        return true;
    if (!entry->ne_vp)
        return gen_of(&entry->ne_dvp->v_cache_neg_gen) != entry->ne_name_gen;
    return gen_of(&entry->ne_vp->v_cache_name_gen) != entry->ne_name_gen;
}

/* Where the entry for the name hangs, or NULL. A stale one is as good as any: the caller looks. */
static struct name_entry **entry_find(struct cache_shard *shard, const struct vnode *dvp, const char *name,
                                      size_t len, uint32_t hash)
{
    struct name_entry **link = bucket_of(shard, dvp, hash);
    for (; *link; link = &(*link)->ne_next) {
        const struct name_entry *entry = *link;
        if (entry->ne_dvp == dvp && entry->ne_hash == hash && entry->ne_len == len &&
            memcmp(entry->ne_name, name, len) == 0)
            return link;
    }
    return NULL;
}

/* Take the entry at @link out. Returns its name, whose reference the caller gives back when the lock is
 * dropped. */
static const char *entry_take_out(struct cache_shard *shard, struct name_entry **link)
{
    struct name_entry *entry = *link;
    const char *name = entry->ne_name;
    *link = entry->ne_next;
    entry->ne_dvp = entry->ne_vp = NULL;
    entry->ne_name = NULL;
    entry->ne_next = shard->free;
    shard->free = entry;
    atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
    return name;
}

static struct name_entry **entry_link(struct cache_shard *shard, struct name_entry *entry)
{
    struct name_entry **link = bucket_of(shard, entry->ne_dvp, entry->ne_hash);
    while (*link != entry)
        link = &(*link)->ne_next;
    return link;
}

/* The share is used up: take out a stale entry, or one that was not touched since the hand last came by. */
static const char *entry_evict(struct cache_shard *shard)
{
    for (;;) {
        struct name_entry *entry = &shard->entries[shard->hand];
        shard->hand = (shard->hand + 1) % shard_entries;
        if (!entry->ne_touched || entry_is_stale(entry))
            return entry_take_out(shard, entry_link(shard, entry));
        entry->ne_touched = false;
    }
}

/* A free entry; *evicted is the name of the one that had to go for it, or NULL. */
static struct name_entry *entry_get(struct cache_shard *shard, const char **evicted)
{
    *evicted = NULL;
    if (!shard->free && shard->used < shard_entries)
        return &shard->entries[shard->used++];
    if (!shard->free)
        *evicted = entry_evict(shard);
    struct name_entry *entry = shard->free;
    shard->free = entry->ne_next;
    return entry;
}

/* ---- the KPI ------------------------------------------------------------------------------------------- */

static uint32_t hash_of(struct componentname *cnp)
{
    if (cnp->cn_hash == 0)
        cnp->cn_hash = cache_hash(cnp->cn_nameptr, (size_t)cnp->cn_namelen);
    return cnp->cn_hash;
}

/* What the cache says, without references. Returns as cache_lookup(). */
static int lookup_entry(struct vnode *dvp, struct componentname *cnp, struct vnode **vpp, uint32_t *vid,
                        const char **gone)
{
    uint32_t hash = hash_of(cnp);
    struct cache_shard *shard = shard_of(dvp, hash);
    int found = 0;
    lck_mtx_lock(&shard->lock);
    struct name_entry **link = entry_find(shard, dvp, cnp->cn_nameptr, (size_t)cnp->cn_namelen, hash);
    if (link) {
        struct name_entry *entry = *link;
        uint32_t op = cnp->cn_nameiop & OPMASK;
        bool to_be_made = !entry->ne_vp && (op == CREATE || op == RENAME);
        if (entry_is_stale(entry) || !(cnp->cn_flags & MAKEENTRY) || to_be_made) {
            *gone = entry_take_out(shard, link);
        } else {
            entry->ne_touched = true;
            *vpp = entry->ne_vp;
            *vid = entry->ne_vid;
            found = entry->ne_vp ? -1 : ENOENT;
        }
    }
    lck_mtx_unlock(&shard->lock);
    return found;
}

int cache_lookup(vnode_t dvp, vnode_t *vpp, struct componentname *cnp)
{
    const char *gone = NULL;
    struct vnode *vp = NULL;
    uint32_t vid = 0;
    *vpp = NULLVP;
    int found = lookup_entry(dvp, cnp, &vp, &vid, &gone);
    if (gone)
        vfs_removename(gone);
    if (found != -1)
        return found;
    /* A vnode that is just being reclaimed counts as a miss: the caller may hold what the reclaim needs. */
    if (vnode_get_iocount(vp, vid, VGET_VID | VGET_NODEAD | VGET_NOBLOCK))
        return 0;
    *vpp = vp;
    return -1;
}

/* With @only_gen, only if the mount's generation is that, which a purge that comes first changes. */
static void enter(struct vnode *dvp, struct vnode *vp, struct componentname *cnp, const uint32_t *only_gen)
{
    const char *evicted = NULL, *replaced = NULL;
    uint32_t hash = hash_of(cnp), len = (uint32_t)cnp->cn_namelen;
    if (cnp->cn_namelen <= 0 || cnp->cn_namelen > UINT16_MAX)
        return;
    const char *name = vfs_addname(cnp->cn_nameptr, len, 0, 0);
    struct cache_shard *shard = shard_of(dvp, hash);
    lck_mtx_lock(&shard->lock);
    struct name_entry **link = entry_find(shard, dvp, name, len, hash);
    uint32_t dir_gen = gen_of(&dvp->v_cache_dir_gen);
    if ((only_gen && cache_generation(dvp) != *only_gen) ||
        (link && (*link)->ne_vp == vp && !entry_is_stale(*link))) {
        lck_mtx_unlock(&shard->lock);
        vfs_removename(name);
        return;
    }
    if (link)
        replaced = entry_take_out(shard, link);
    struct name_entry *entry = entry_get(shard, &evicted);
    struct name_entry **bucket = bucket_of(shard, dvp, hash);
    *entry =
        (struct name_entry){.ne_next = *bucket,
                            .ne_dvp = dvp,
                            .ne_vp = vp,
                            .ne_name = name,
                            .ne_hash = hash,
                            .ne_vid = vp ? vnode_vid(vp) : 0,
                            .ne_dir_gen = dir_gen,
                            .ne_name_gen = vp ? gen_of(&vp->v_cache_name_gen) : gen_of(&dvp->v_cache_neg_gen),
                            .ne_len = (uint16_t)len};
    *bucket = entry;
    atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    lck_mtx_unlock(&shard->lock);
    if (replaced)
        vfs_removename(replaced);
    if (evicted)
        vfs_removename(evicted);
}

void cache_enter(vnode_t dvp, vnode_t vp, struct componentname *cnp)
{
    enter(dvp, vp, cnp, NULL);
}

static void bump(_Atomic(uint32_t) *gen)
{
    atomic_fetch_add_explicit(gen, 1, memory_order_acq_rel);
}

uint32_t cache_generation(struct vnode *dvp)
{
    return gen_of(&vnode_mount_of(dvp)->mnt_cache_gen);
}

void cache_enter_with_gen(struct vnode *dvp, struct vnode *vp, struct componentname *cnp, uint32_t gen)
{
    enter(dvp, vp, cnp, &gen);
}

void cache_purge_name(struct vnode *vp)
{
    bump(&vp->v_cache_name_gen);
    bump(&vnode_mount_of(vp)->mnt_cache_gen);
}

void cache_purge_negatives(vnode_t vp)
{
    bump(&vp->v_cache_neg_gen);
    bump(&vnode_mount_of(vp)->mnt_cache_gen);
}

void cache_purge(vnode_t vp)
{
    bump(&vp->v_cache_dir_gen);
    cache_purge_name(vp);
}

void cache_forget(struct vnode *vp)
{
    bump(&vp->v_cache_name_gen);
    bump(&vp->v_cache_dir_gen);
}

/* One batch of names to release, so that the lock is not held over their release. */
#define PURGE_BATCH 32u

static bool purge_all(const struct name_entry *entry, const struct mount *mp)
{
    (void)entry, (void)mp;
    return true;
}

static bool purge_mount(const struct name_entry *entry, const struct mount *mp)
{
    return vnode_mount_of(entry->ne_dvp) == mp || entry_is_stale(entry);
}

static bool purge_stale(const struct name_entry *entry, const struct mount *mp)
{
    (void)mp;
    return entry_is_stale(entry);
}

typedef bool (*purge_filter)(const struct name_entry *entry, const struct mount *mp);

static unsigned purge_batch(struct cache_shard *shard, uint32_t *at, purge_filter doomed,
                            const struct mount *mp, const char **names)
{
    unsigned n = 0;
    lck_mtx_lock(&shard->lock);
    for (; *at < shard->used && n < PURGE_BATCH; ++*at) {
        struct name_entry *entry = &shard->entries[*at];
        if (entry->ne_dvp && doomed(entry, mp))
            names[n++] = entry_take_out(shard, entry_link(shard, entry));
    }
    lck_mtx_unlock(&shard->lock);
    return n;
}

static void purge_where(purge_filter doomed, const struct mount *mp)
{
    const char *names[PURGE_BATCH];
    for (uint32_t i = 0; i < shard_count; i++) {
        unsigned n;
        uint32_t at = 0;
        do {
            n = purge_batch(&shards[i], &at, doomed, mp, names);
            for (unsigned k = 0; k < n; k++)
                vfs_removename(names[k]);
        } while (n == PURGE_BATCH);
    }
}

void cache_purgevfs(struct mount *mp)
{
    purge_where(purge_mount, mp);
}

void cache_sweep(void)
{
    purge_where(purge_stale, NULL);
}

void name_cache_shutdown(void)
{
    purge_where(purge_all, NULL);
    for (uint32_t i = 0; i < shard_count; i++)
        lck_mtx_destroy(&shards[i].lock, group);
    lck_grp_free(group);
    kern_free(shards, shard_count * sizeof(*shards));
    kern_free(all_entries, (size_t)shard_count * shard_entries * sizeof(*all_entries));
    kern_free(all_buckets, (size_t)shard_count * shard_buckets * sizeof(*all_buckets));
}

uint64_t name_cache_count(void)
{
    return atomic_load_explicit(&live, memory_order_relaxed);
}
