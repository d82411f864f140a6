// SPDX-License-Identifier: BSD-2-Clause
/*
 * The buffers of each vnode: a clean and a dirty list, and what went wrong with writes (buf_error.c).
 *
 * A record is made for a vnode with its first buffer or error and lives until the vnode has lost its file
 * (buf_vnode_gone). A buffer is on the dirty list from the moment that its contents differ from the device's
 * until a write of them has succeeded or they are given up, also while it is being written: who waits for
 * all that was dirty finds the writes under way there as well.
 *
 * Locks: rank 410, one for each shard of the records; inside a shard lock of the buffers (400) or alone.
 * Called by the files of buf/.
 */
#include <libkern/libkern.h>
#include <sys/errno.h>
#include <kern/clock.h>

#include "buf/buf_internal.h"
#include "vfs/vfs_iface.h"

#define FILE_SHARDS 64u /* powers of two */
#define FILE_CHAINS 64u /* of each shard */

struct file_shard {
    lck_mtx_t fs_lock;
    LIST_HEAD(, buf_file) fs_chains[FILE_CHAINS]; /* [f] */
    uint32_t fs_dirty;                            /* [f] records with a dirty buffer */
};

static struct file_shard *shards;
static lck_grp_t *group;
static _Atomic(uint64_t) records; /* none: nobody uses buffers, and nobody need take a lock to see it */
static _Atomic(uint64_t) dirty_bytes, dirty_buffers, clean_buffers;

void buf_file_boot(void)
{
    shards = kern_alloc(FILE_SHARDS * sizeof(*shards), "buf_file_shard");
    group = lck_grp_alloc_init("buf.file", LCK_GRP_ATTR_NULL);
    for (unsigned i = 0; i < FILE_SHARDS; i++)
        lck_mtx_init(&shards[i].fs_lock, group, LCK_ATTR_NULL);
}

void buf_file_shutdown(void)
{
    for (unsigned i = 0; i < FILE_SHARDS; i++) {
        for (unsigned chain = 0; chain < FILE_CHAINS; chain++)
            KASSERT(LIST_EMPTY(&shards[i].fs_chains[chain]), "a vnode that has buffers was not reclaimed");
        lck_mtx_destroy(&shards[i].fs_lock, group);
    }
    lck_grp_free(group);
    kern_free(shards, FILE_SHARDS * sizeof(*shards));
}

/* ---- records ------------------------------------------------------------------------------------------- */

static uint64_t hash_of(vnode_t vp)
{
    return (((uint64_t)(uintptr_t)vp >> 7) * 0x9e3779b97f4a7c15ULL) >> 40;
}

static struct file_shard *shard_of(vnode_t vp)
{
    return &shards[hash_of(vp) % FILE_SHARDS];
}

static struct buf_file *find_locked(struct file_shard *shard, vnode_t vp)
{
    struct buf_file *file;
    LIST_FOREACH(file, &shard->fs_chains[hash_of(vp) / FILE_SHARDS % FILE_CHAINS], bf_hash)
    if (file->bf_vp == vp)
        break;
    return file;
}

struct buf_file *buf_file_lock(vnode_t vp)
{
    if (!atomic_load_explicit(&records, memory_order_acquire))
        return NULL;
    struct file_shard *shard = shard_of(vp);
    lck_mtx_lock(&shard->fs_lock);
    struct buf_file *file = find_locked(shard, vp);
    if (!file)
        lck_mtx_unlock(&shard->fs_lock);
    return file;
}

void buf_file_unlock(struct buf_file *file)
{
    lck_mtx_unlock(&shard_of(file->bf_vp)->fs_lock);
}

struct buf_file *buf_file_get(vnode_t vp)
{
    struct buf_file *file = buf_file_lock(vp);
    if (file) {
        buf_file_unlock(file);
        return file;
    }
    struct file_shard *shard = shard_of(vp);
    struct buf_file *fresh = kern_alloc(sizeof(*fresh), "buf_file");
    fresh->bf_vp = vp;
    fresh->bf_vid = vnode_vid(vp);
    TAILQ_INIT(&fresh->bf_clean);
    TAILQ_INIT(&fresh->bf_dirty);
    lck_mtx_lock(&shard->fs_lock);
    file = find_locked(shard, vp);
    if (!file) {
        LIST_INSERT_HEAD(&shard->fs_chains[hash_of(vp) / FILE_SHARDS % FILE_CHAINS], fresh, bf_hash);
        atomic_fetch_add_explicit(&records, 1, memory_order_release);
        file = fresh;
        fresh = NULL;
    }
    lck_mtx_unlock(&shard->fs_lock);
    kern_free(fresh, sizeof(*fresh));
    return file;
}

void buf_file_forget(vnode_t vp)
{
    struct buf_file *file = buf_file_lock(vp);
    if (!file)
        return;
    KASSERT(TAILQ_EMPTY(&file->bf_clean) && TAILQ_EMPTY(&file->bf_dirty),
            "vnode %p has buffers and loses its file", (void *)vp);
    LIST_REMOVE(file, bf_hash);
    atomic_fetch_sub_explicit(&records, 1, memory_order_relaxed);
    buf_file_unlock(file);
    kern_free(file, sizeof(*file));
}

/* ---- lists --------------------------------------------------------------------------------------------- */

static void count_dirty_locked(struct file_shard *shard, struct buf_file *file, struct buf *bp, bool more)
{
    if (more) {
        shard->fs_dirty += !file->bf_dirty_count++;
        bp->b_dirty_ns = mach_absolute_time();
        bp->b_dirty_bytes = bp->b_memory;
        atomic_fetch_add_explicit(&dirty_bytes, bp->b_dirty_bytes, memory_order_relaxed);
        atomic_fetch_add_explicit(&dirty_buffers, 1, memory_order_relaxed);
    } else {
        shard->fs_dirty -= !--file->bf_dirty_count;
        atomic_fetch_sub_explicit(&dirty_bytes, bp->b_dirty_bytes, memory_order_relaxed);
        atomic_fetch_sub_explicit(&dirty_buffers, 1, memory_order_relaxed);
    }
}

void buf_file_list(struct buf *bp)
{
    struct buf_file *file = bp->b_file;
    lck_mtx_t *lock = &shard_of(file->bf_vp)->fs_lock;
    lck_mtx_lock(lock);
    TAILQ_INSERT_TAIL(&file->bf_clean, bp, b_listed);
    file->bf_clean_count++;
    lck_mtx_unlock(lock);
    atomic_fetch_add_explicit(&clean_buffers, 1, memory_order_relaxed);
}

void buf_file_unlist(struct buf *bp)
{
    struct buf_file *file = bp->b_file;
    struct file_shard *shard = shard_of(file->bf_vp);
    lck_mtx_lock(&shard->fs_lock);
    if (bp->b_listed_dirty) {
        TAILQ_REMOVE(&file->bf_dirty, bp, b_listed);
        count_dirty_locked(shard, file, bp, false);
    } else {
        TAILQ_REMOVE(&file->bf_clean, bp, b_listed);
        file->bf_clean_count--;
        atomic_fetch_sub_explicit(&clean_buffers, 1, memory_order_relaxed);
    }
    lck_mtx_unlock(&shard->fs_lock);
    bp->b_file = NULL;
}

bool buf_file_mark(struct buf *bp, bool dirty)
{
    struct buf_file *file = bp->b_file;
    struct file_shard *shard = shard_of(file->bf_vp);
    if (bp->b_listed_dirty == dirty) /* changed by the owner alone */
        return false;
    lck_mtx_lock(&shard->fs_lock);
    TAILQ_REMOVE(dirty ? &file->bf_clean : &file->bf_dirty, bp, b_listed);
    TAILQ_INSERT_TAIL(dirty ? &file->bf_dirty : &file->bf_clean, bp, b_listed);
    bp->b_listed_dirty = dirty;
    file->bf_clean_count += dirty ? -1 : 1;
    count_dirty_locked(shard, file, bp, dirty);
    lck_mtx_unlock(&shard->fs_lock);
    atomic_fetch_add_explicit(&clean_buffers, dirty ? (uint64_t)-1 : 1, memory_order_relaxed);
    return true;
}

uint64_t buf_file_dirty_bytes(void)
{
    return atomic_load_explicit(&dirty_bytes, memory_order_relaxed);
}

void buf_file_counters(struct buf_counters *out)
{
    out->clean = atomic_load_explicit(&clean_buffers, memory_order_relaxed);
    out->dirty = atomic_load_explicit(&dirty_buffers, memory_order_relaxed);
    out->dirty_bytes = atomic_load_explicit(&dirty_bytes, memory_order_relaxed);
}

bool buf_vnode_has(vnode_t vp, bool dirty)
{
    struct buf_file *file = buf_file_lock(vp);
    if (!file)
        return false;
    bool has = dirty ? file->bf_dirty_count > 0 : file->bf_clean_count > 0;
    buf_file_unlock(file);
    return has;
}

/* ---- what is there now --------------------------------------------------------------------------------- */

/* Ascending, in place: a heap, taken down from its top. */
static void sift(daddr64_t *keys, size_t root, size_t count)
{
    for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && keys[child + 1] > keys[child])
            child++;
        if (keys[root] >= keys[child])
            return;
        daddr64_t key = keys[root];
        keys[root] = keys[child];
        keys[child] = key;
        root = child;
    }
}

static void sort(daddr64_t *keys, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sift(keys, i, count);
    for (size_t i = count; i-- > 1;) {
        daddr64_t key = keys[0];
        keys[0] = keys[i];
        keys[i] = key;
        sift(keys, 0, i);
    }
}

static void note_blocks(struct buf_blocks *out, const struct buf_queue *list, uint64_t before)
{
    const struct buf *bp;
    TAILQ_FOREACH(bp, list, b_listed)
    if (!before || bp->b_dirty_ns <= before)
        out->bb_keys[out->bb_count++] = bp->b_lblkno;
}

void buf_blocks_take(struct buf_blocks *out, vnode_t vp, unsigned which, uint64_t before)
{
    struct buf_file *file;
    *out = (struct buf_blocks){0};
    while ((file = buf_file_lock(vp))) {
        size_t count = (which & BUF_BLOCKS_CLEAN ? file->bf_clean_count : 0) +
                       (which & BUF_BLOCKS_DIRTY ? file->bf_dirty_count : 0);
        bool fits = count <= out->bb_room;
        if (fits && (which & BUF_BLOCKS_CLEAN))
            note_blocks(out, &file->bf_clean, 0);
        if (fits && (which & BUF_BLOCKS_DIRTY))
            note_blocks(out, &file->bf_dirty, before);
        buf_file_unlock(file);
        if (fits)
            break;
        buf_blocks_drop(out);
        out->bb_room = count + count / 8;
        out->bb_keys = kern_alloc(out->bb_room * sizeof(*out->bb_keys), "buf_blocks");
    }
    sort(out->bb_keys, out->bb_count);
}

void buf_blocks_drop(struct buf_blocks *blocks)
{
    kern_free(blocks->bb_keys, blocks->bb_room * sizeof(*blocks->bb_keys));
    *blocks = (struct buf_blocks){0};
}

void buf_files_dirty_each(void (*fn)(vnode_t vp, uint64_t before), uint64_t before)
{
    for (unsigned i = 0; i < FILE_SHARDS; i++) {
        struct file_shard *shard = &shards[i];
        struct {
            vnode_t vp;
            uint32_t vid;
        } found[32];
        unsigned count = 0;
        struct buf_file *file;
        lck_mtx_lock(&shard->fs_lock);
        for (unsigned chain = 0; shard->fs_dirty && chain < FILE_CHAINS; chain++) {
            LIST_FOREACH(file, &shard->fs_chains[chain], bf_hash)
            {
                const struct buf *oldest = TAILQ_FIRST(&file->bf_dirty);
                if (!oldest || oldest->b_dirty_ns > before || count == sizeof(found) / sizeof(found[0]))
                    continue;
                found[count].vp = file->bf_vp;
                found[count++].vid = file->bf_vid;
            }
        }
        lck_mtx_unlock(&shard->fs_lock);
        for (unsigned n = 0; n < count; n++) {
            if (vnode_get_ready(found[n].vp, found[n].vid))
                continue; /* suspended, or being reclaimed: whoever does that writes it */
            fn(found[n].vp, before);
            vnode_put(found[n].vp);
        }
    }
}
