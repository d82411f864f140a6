// SPDX-License-Identifier: BSD-2-Clause
/*
 * The name cache: (directory, name) -> vnode, or -> "does not exist".
 *
 * An entry refers to vnodes without holding them: by pointer, identity and generation. Purging what leads to
 * a vnode, or what is in a directory, is one addition to a counter of the vnode's; entries made before it are
 * stale, are taken out when somebody meets them, and are the first to be reused. Nothing has to be linked to
 * the vnode, and a look-up takes one lock, its shard's. That a directory has negative entries at all is the
 * lowest bit of its counter for them, so that a new name changes nothing where there are none.
 *
 * The cache is bounded: room for its entries is set aside at boot, an equal share for each shard, and a clock
 * hand per shard finds the one to reuse. What a look-up costs is the memory that it touches, so an entry is a
 * cache line, entries come into use one beside the other, and a hash table is only as big as what is in it.
 * Short names lie in the entry, longer ones are shared strings (name_string.c).
 *
 * Locks: one mutex per shard (rank 300), which is held while its hash table grows. Strings are given back
 * after it is dropped; no vnode lock is taken under it.
 * Called by file systems (KPI), lookup, vnode_lifecycle.c, mount_life.c.
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "kern/lock_iface.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"

#define SHARDS_MAX        64u
#define SHARD_ENTRIES_MIN 16u
#define BUCKETS_FIRST     16u
#define SHORT_NAME        24u /* bytes; names up to this long need no memory of their own */

/* Entries are linked by their number in the shard's share plus one; 0 is the end. */
typedef uint32_t entry_link;

struct name_entry {
    union {
        char ne_short[SHORT_NAME]; /* not terminated. In front, so that comparing it stays in the line */
        const char *ne_long;       /* a reference to a shared string */
    };
    struct vnode *ne_dvp; /* NULL: free */
    struct vnode *ne_vp;  /* NULL: the name does not exist */
    uint32_t ne_hash, ne_vid;
    uint32_t ne_dir_gen;  /* ne_dvp's v_cache_dir_gen... */
    uint32_t ne_name_gen; /* ...and ne_vp's v_cache_name_gen, or ne_dvp's v_cache_neg_gen, when entered */
    entry_link ne_next;   /* in its hash chain or on the free list */
    uint16_t ne_len;
    bool ne_touched;
};
_Static_assert(sizeof(struct name_entry) == LINE_BYTES, "an entry fills a cache line");

static struct cache_shard {
    lck_mtx_t lock;
    struct name_entry *entries; /* constant after boot: its share */
    entry_link *buckets;
    uint32_t bucket_count; /* a power of two */
    uint32_t used;         /* entries that were ever in use */
    uint32_t live;         /* entries in use */
    uint32_t hand;         /* where to look next for one that may go */
    entry_link free;
} __attribute__((aligned(LINE_BYTES))) shards[SHARDS_MAX];

static uint32_t shard_count, shard_entries; /* constant after boot; the first is a power of two */
static void *entries_memory;
static size_t entries_size; /* bytes of that */
static lck_grp_t *group;

/* ---- start and end ------------------------------------------------------------------------------------- */

static uint32_t power_below(uint32_t n)
{
    uint32_t power = 1;
    while (power <= n / 2)
        power *= 2;
    return power;
}

static size_t buckets_size(uint32_t count)
{
    return count * sizeof(entry_link);
}

static void shard_boot(struct cache_shard *shard, struct name_entry *entries)
{
    *shard = (struct cache_shard){.entries = entries, .bucket_count = BUCKETS_FIRST};
    lck_mtx_init(&shard->lock, group, LCK_ATTR_NULL);
    shard->buckets = kern_alloc(buckets_size(BUCKETS_FIRST), "name cache");
}

int name_cache_boot(uint32_t max_entries)
{
    uint32_t wanted = max_entries / SHARD_ENTRIES_MIN ? max_entries / SHARD_ENTRIES_MIN : 1;
    shard_count = power_below(wanted < SHARDS_MAX ? wanted : SHARDS_MAX);
    shard_entries = max_entries / shard_count;
    entries_size = LINE_ROOM((size_t)shard_count * shard_entries * sizeof(struct name_entry));
    entries_memory = kern_alloc_try(entries_size, "name cache");
    if (!entries_memory)
        return ENOMEM;
    struct name_entry *entries = line_align(entries_memory);
    group = lck_grp_alloc_init("vfs.name_cache", LCK_GRP_ATTR_NULL);
    for (uint32_t i = 0; i < shard_count; i++)
        shard_boot(&shards[i], entries + (size_t)i * shard_entries);
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

static entry_link *bucket_of(struct cache_shard *shard, const struct vnode *dvp, uint32_t hash)
{
    return &shard->buckets[key_mix(dvp, hash) / shard_count & (shard->bucket_count - 1)];
}

static struct name_entry *entry_at(const struct cache_shard *shard, entry_link link)
{
    return link ? &shard->entries[link - 1] : NULL;
}

static entry_link link_to(const struct cache_shard *shard, const struct name_entry *entry)
{
    return (entry_link)(entry - shard->entries) + 1;
}

static uint32_t gen_of(_Atomic(uint32_t) *gen)
{
    return atomic_load_explicit(gen, memory_order_acquire);
}

/* For a negative entry: from now on there is something to purge. */
static uint32_t neg_gen_mark(struct vnode *dvp)
{
    uint32_t gen = gen_of(&dvp->v_cache_neg_gen);
    return gen & 1 ? gen : atomic_fetch_or_explicit(&dvp->v_cache_neg_gen, 1, memory_order_acq_rel) | 1;
}

static bool entry_is_stale(const struct name_entry *entry)
{
    if (gen_of(&entry->ne_dvp->v_cache_dir_gen) != entry->ne_dir_gen)
        return true;
    if (!entry->ne_vp)
        return gen_of(&entry->ne_dvp->v_cache_neg_gen) != entry->ne_name_gen;
    return gen_of(&entry->ne_vp->v_cache_name_gen) != entry->ne_name_gen;
}

static bool is_short(size_t len)
{
    return len <= SHORT_NAME;
}

static const char *entry_name(const struct name_entry *entry)
{
    return is_short(entry->ne_len) ? entry->ne_short : entry->ne_long;
}

/* The entry for a name, or NULL. A stale one is as good as any: the caller looks. */
static struct name_entry *entry_find(struct cache_shard *shard, const struct vnode *dvp, const char *name,
                                     size_t len, uint32_t hash)
{
    struct name_entry *entry = entry_at(shard, *bucket_of(shard, dvp, hash));
    while (entry && !(entry->ne_dvp == dvp && entry->ne_hash == hash && entry->ne_len == len &&
                      memcmp(entry_name(entry), name, len) == 0))
        entry = entry_at(shard, entry->ne_next);
    return entry;
}

static void entry_chain(struct cache_shard *shard, struct name_entry *entry)
{
    entry_link *bucket = bucket_of(shard, entry->ne_dvp, entry->ne_hash);
    entry->ne_next = *bucket;
    *bucket = link_to(shard, entry);
}

/* Empties an entry and puts it on the free list. Returns its name if that is a shared one, for
 * name_give_back(), else NULL. */
static const char *entry_take_out(struct cache_shard *shard, struct name_entry *entry)
{
    const char *name = is_short(entry->ne_len) ? NULL : entry->ne_long;
    entry_link self = link_to(shard, entry), *link = bucket_of(shard, entry->ne_dvp, entry->ne_hash);
    while (*link != self)
        link = &entry_at(shard, *link)->ne_next;
    *link = entry->ne_next;
    entry->ne_dvp = entry->ne_vp = NULL;
    entry->ne_next = shard->free;
    shard->free = self;
    shard->live--;
    return name;
}

/* The shared name of an entry that was taken out, once the shard's lock is dropped. */
static void name_give_back(const char *name)
{
    if (name)
        vfs_removename(name);
}

/* The share is used up: take out a stale entry, or one that was not touched since the hand last came by. */
static const char *entry_evict(struct cache_shard *shard)
{
    for (;;) {
        struct name_entry *entry = &shard->entries[shard->hand];
        shard->hand = (shard->hand + 1) % shard_entries;
        if (!entry->ne_touched || entry_is_stale(entry))
            return entry_take_out(shard, entry);
        entry->ne_touched = false;
    }
}

/* A free entry; *evicted is the shared name of the one that had to go for it, or NULL. */
static struct name_entry *entry_get(struct cache_shard *shard, const char **evicted)
{
    *evicted = NULL;
    if (!shard->free && shard->used < shard_entries)
        return &shard->entries[shard->used++];
    if (!shard->free)
        *evicted = entry_evict(shard);
    struct name_entry *entry = entry_at(shard, shard->free);
    shard->free = entry->ne_next;
    return entry;
}

/* Without memory for more buckets the chains just grow longer. */
static void buckets_grow(struct cache_shard *shard)
{
    uint32_t old_count = shard->bucket_count;
    entry_link *old = shard->buckets, *grown = kern_alloc_try(buckets_size(2 * old_count), "name cache");
    if (!grown)
        return;
    shard->buckets = grown;
    shard->bucket_count = 2 * old_count;
    for (uint32_t i = 0; i < old_count; i++) {
        entry_link next;
        for (struct name_entry *entry = entry_at(shard, old[i]); entry; entry = entry_at(shard, next)) {
            next = entry->ne_next;
            entry_chain(shard, entry);
        }
    }
    kern_free(old, buckets_size(old_count));
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
    struct name_entry *entry = entry_find(shard, dvp, cnp->cn_nameptr, (size_t)cnp->cn_namelen, hash);
    if (entry) {
        uint32_t op = cnp->cn_nameiop & OPMASK;
        bool to_be_made = !entry->ne_vp && (op == CREATE || op == RENAME);
        if (entry_is_stale(entry) || !(cnp->cn_flags & MAKEENTRY) || to_be_made) {
            *gone = entry_take_out(shard, entry);
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
    name_give_back(gone);
    if (found != -1)
        return found;
    /* A vnode that is just being reclaimed counts as a miss: the caller may hold what the reclaim needs. */
    if (vnode_get_iocount(vp, vid, VGET_VID | VGET_NODEAD | VGET_NOBLOCK))
        return 0;
    *vpp = vp;
    return -1;
}

/* Shard lock held, hash known. @shared: the name if it is long, whose reference the entry takes over. */
static void entry_fill(struct name_entry *entry, struct vnode *dvp, struct vnode *vp,
                       const struct componentname *cnp, const char *shared)
{
    entry->ne_dvp = dvp;
    entry->ne_vp = vp;
    entry->ne_hash = cnp->cn_hash;
    entry->ne_vid = vp ? vnode_vid(vp) : 0;
    entry->ne_dir_gen = gen_of(&dvp->v_cache_dir_gen);
    entry->ne_name_gen = vp ? gen_of(&vp->v_cache_name_gen) : neg_gen_mark(dvp);
    entry->ne_len = (uint16_t)cnp->cn_namelen;
    entry->ne_touched = false;
    if (shared)
        entry->ne_long = shared;
    else
        memcpy(entry->ne_short, cnp->cn_nameptr, (size_t)cnp->cn_namelen);
}

/* With @only_gen, only if the mount's generation is that, which a purge that comes first changes. */
static void enter(struct vnode *dvp, struct vnode *vp, struct componentname *cnp, const uint32_t *only_gen)
{
    if (cnp->cn_namelen <= 0 || cnp->cn_namelen > UINT16_MAX)
        return;
    const char *replaced = NULL, *evicted = NULL;
    uint32_t hash = hash_of(cnp), len = (uint32_t)cnp->cn_namelen;
    const char *shared = is_short(len) ? NULL : vfs_addname(cnp->cn_nameptr, len, 0, 0);
    struct cache_shard *shard = shard_of(dvp, hash);
    lck_mtx_lock(&shard->lock);
    struct name_entry *entry = entry_find(shard, dvp, cnp->cn_nameptr, len, hash);
    if ((only_gen && cache_generation(dvp) != *only_gen) ||
        (entry && entry->ne_vp == vp && !entry_is_stale(entry))) {
        lck_mtx_unlock(&shard->lock);
        name_give_back(shared);
        return;
    }
    if (entry)
        replaced = entry_take_out(shard, entry);
    entry = entry_get(shard, &evicted);
    entry_fill(entry, dvp, vp, cnp, shared);
    entry_chain(shard, entry);
    if (++shard->live > shard->bucket_count)
        buckets_grow(shard);
    lck_mtx_unlock(&shard->lock);
    name_give_back(replaced);
    name_give_back(evicted);
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
    struct mount *mp = vnode_mount_of(dvp);
    uint32_t sum = 0;
    for (unsigned i = 0; i < MOUNT_WAYS; i++)
        sum += gen_of(&mp->mnt_ways[i].mw_cache_gen);
    return sum;
}

void cache_enter_with_gen(struct vnode *dvp, struct vnode *vp, struct componentname *cnp, uint32_t gen)
{
    enter(dvp, vp, cnp, &gen);
}

void cache_purge_name(struct vnode *vp)
{
    bump(&vp->v_cache_name_gen);
    bump(&mount_way_mine(vnode_mount_of(vp))->mw_cache_gen);
}

/* Called for every new name, in most directories without a negative entry: those are left alone. */
void cache_purge_negatives(vnode_t vp)
{
    uint32_t gen = gen_of(&vp->v_cache_neg_gen);
    while ((gen & 1) && !atomic_compare_exchange_weak_explicit(&vp->v_cache_neg_gen, &gen, gen + 1,
                                                               memory_order_acq_rel, memory_order_acquire)) {
    }
    bump(&mount_way_mine(vnode_mount_of(vp))->mw_cache_gen);
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

/* Entries that are taken out under one hold of the lock; their names are given back without it. */
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
            names[n++] = entry_take_out(shard, entry);
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
                name_give_back(names[k]);
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
    for (uint32_t i = 0; i < shard_count; i++) {
        lck_mtx_destroy(&shards[i].lock, group);
        kern_free(shards[i].buckets, buckets_size(shards[i].bucket_count));
    }
    lck_grp_free(group);
    kern_free(entries_memory, entries_size);
}

uint64_t name_cache_count(void)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < shard_count; i++) {
        lck_mtx_lock(&shards[i].lock);
        count += shards[i].live;
        lck_mtx_unlock(&shards[i].lock);
    }
    return count;
}
