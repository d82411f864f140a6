// SPDX-License-Identifier: BSD-2-Clause
/*
 * The shards of the buffer cache: their locks, hash chains and queues, who has a buffer and who waits for it.
 * What is decided about buffers is decided elsewhere.
 *
 * A cached buffer belongs to the shard that its (vnode, logical block) falls into; any other one to that
 * which its address does, for the lock alone. A buffer that nobody has is on its shard's clean queue (the
 * least lately used first) or aged queue (evicted before all others) if it may be evicted, else on none: a
 * dirty one is on its file's list, a locked one (B_LOCKED) is the file system's to look after.
 *
 * Locks: this is rank 400, one shard at a time; a file's (410) is taken inside it. Called by the files of
 * buf/.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>
#include <kern/clock.h>

#include "buf/buf_internal.h"

#define SHARDS      64u   /* a power of two */
#define CHAIN_BYTES 8192u /* of the budget for each hash chain */

struct buf_shard {
    lck_mtx_t bs_lock;
    struct buf **bs_chains; /* [s] */
    uint64_t bs_mask;
    struct buf_queue bs_clean, bs_aged; /* [s] */
    uint8_t bs_pad[64];
};

static struct buf_shard *shards;
static lck_grp_t *group;
static _Atomic(uint32_t) evict_next;

static size_t chains_size(void)
{
    return (size_t)(shards[0].bs_mask + 1) * sizeof(struct buf *);
}

void buf_shard_boot(uint64_t budget)
{
    uint64_t chains = 16;
    while (chains < budget / CHAIN_BYTES / SHARDS)
        chains *= 2;
    shards = kern_alloc(SHARDS * sizeof(*shards), "buf_shard");
    group = lck_grp_alloc_init("buf.shard", LCK_GRP_ATTR_NULL);
    for (unsigned i = 0; i < SHARDS; i++) {
        struct buf_shard *shard = &shards[i];
        lck_mtx_init(&shard->bs_lock, group, LCK_ATTR_NULL);
        shard->bs_mask = chains - 1;
        shard->bs_chains = kern_alloc(chains_size(), "buf_chains");
        TAILQ_INIT(&shard->bs_clean);
        TAILQ_INIT(&shard->bs_aged);
    }
}

void buf_shard_shutdown(void)
{
    for (unsigned i = 0; i < SHARDS; i++) {
        for (uint64_t chain = 0; chain <= shards[i].bs_mask; chain++)
            KASSERT(!shards[i].bs_chains[chain], "block %lld of a file is still in the cache",
                    (long long)shards[i].bs_chains[chain]->b_lblkno);
        kern_free(shards[i].bs_chains, chains_size());
        lck_mtx_destroy(&shards[i].bs_lock, group);
    }
    lck_grp_free(group);
    kern_free(shards, SHARDS * sizeof(*shards));
}

/* ---- the lock ------------------------------------------------------------------------------------------ */

struct buf_shard *buf_shard_any(const struct buf *bp)
{
    return &shards[((uintptr_t)bp >> 6) % SHARDS];
}

void buf_shard_lock(struct buf_shard *shard)
{
    lck_mtx_lock(&shard->bs_lock);
}

void buf_shard_unlock(struct buf_shard *shard)
{
    lck_mtx_unlock(&shard->bs_lock);
}

int buf_shard_sleep(struct buf_shard *shard, void *channel, int flags, const char *why, uint64_t deadline)
{
    struct timespec left = {0, 0};
    if (deadline) {
        uint64_t now = mach_absolute_time(), ns;
        if (now >= deadline)
            return EWOULDBLOCK;
        absolutetime_to_nanoseconds(deadline - now, &ns);
        left.tv_sec = (time_t)(ns / NSEC_PER_SEC);
        left.tv_nsec = (long)(ns % NSEC_PER_SEC);
    }
    return msleep(channel, &shard->bs_lock, PRIBIO | flags, why, deadline ? &left : NULL);
}

/* ---- finding ------------------------------------------------------------------------------------------- */

struct place {
    struct buf_shard *shard;
    struct buf **chain;
};

static struct place place_of(vnode_t vp, daddr64_t lblkno)
{
    uint64_t hash = ((uint64_t)(uintptr_t)vp >> 7) * 0x9e3779b97f4a7c15ULL;
    hash = (hash ^ (uint64_t)lblkno) * 0xff51afd7ed558ccdULL;
    hash ^= hash >> 32;
    struct buf_shard *shard = &shards[hash % SHARDS];
    return (struct place){shard, &shard->bs_chains[(hash / SHARDS) & shard->bs_mask]};
}

static struct buf *find_locked(struct place at, vnode_t vp, daddr64_t lblkno)
{
    struct buf *bp = *at.chain;
    while (bp && (bp->b_lblkno != lblkno || bp->b_vp != vp))
        bp = bp->b_hash_next;
    return bp;
}

static void dequeue_locked(struct buf_shard *shard, struct buf *bp)
{
    if (bp->b_life & BL_QUEUED)
        TAILQ_REMOVE(bp->b_life & BL_AGED ? &shard->bs_aged : &shard->bs_clean, bp, b_queued);
    bp->b_life &= ~(BL_QUEUED | BL_AGED);
}

int buf_acquire(vnode_t vp, daddr64_t lblkno, const struct buf_wait *wait, struct buf **bpp)
{
    struct place at = place_of(vp, lblkno);
    struct buf *bp;
    int error = 0;
    buf_shard_lock(at.shard);
    for (;;) {
        bp = find_locked(at, vp, lblkno);
        if (!bp || !(bp->b_life & BL_BUSY))
            break;
        if (!wait) {
            error = EBUSY;
            break;
        }
        bp->b_life |= BL_WANTED;
        error = buf_shard_sleep(at.shard, bp, wait->bw_slpflag & PCATCH, "buf busy", wait->bw_deadline);
        if (error)
            break;
    }
    if (!error && !bp)
        error = ENOENT;
    if (!error) {
        dequeue_locked(at.shard, bp);
        bp->b_life |= BL_BUSY;
    }
    buf_shard_unlock(at.shard);
    *bpp = error ? NULL : bp;
    return error;
}

bool buf_cached(vnode_t vp, daddr64_t lblkno)
{
    struct place at = place_of(vp, lblkno);
    buf_shard_lock(at.shard);
    bool found = find_locked(at, vp, lblkno) != NULL;
    buf_shard_unlock(at.shard);
    return found;
}

void buf_output_wait(vnode_t vp, daddr64_t lblkno)
{
    struct place at = place_of(vp, lblkno);
    struct buf *bp;
    buf_shard_lock(at.shard);
    while ((bp = find_locked(at, vp, lblkno)) && (bp->b_life & BL_OUTPUT)) {
        bp->b_life |= BL_WANTED;
        buf_shard_sleep(at.shard, bp, 0, "buf output", 0);
    }
    buf_shard_unlock(at.shard);
}

bool buf_insert(struct buf *bp)
{
    struct place at = place_of(bp->b_vp, bp->b_lblkno);
    buf_shard_lock(at.shard);
    bool absent = !find_locked(at, bp->b_vp, bp->b_lblkno);
    if (absent) {
        bp->b_shard = at.shard;
        bp->b_hash_next = *at.chain;
        *at.chain = bp;
        buf_file_list(bp);
    }
    buf_shard_unlock(at.shard);
    return absent;
}

/* ---- letting go ---------------------------------------------------------------------------------------- */

static void wake_locked(struct buf *bp)
{
    bool wanted = (bp->b_life & BL_WANTED) != 0;
    bp->b_life &= ~(BL_BUSY | BL_WANTED | BL_OUTPUT);
    if (wanted)
        wakeup(bp);
}

void buf_unbusy(struct buf *bp, enum buf_queueing queueing)
{
    struct buf_shard *shard = bp->b_shard;
    buf_shard_lock(shard);
    KASSERT((bp->b_life & (BL_BUSY | BL_QUEUED)) == BL_BUSY,
            "buffer %p (block %lld) is released by somebody who does not have it", (void *)bp,
            (long long)bp->b_lblkno);
    if (queueing == BUF_QUEUE_CLEAN)
        TAILQ_INSERT_TAIL(&shard->bs_clean, bp, b_queued);
    else if (queueing == BUF_QUEUE_AGED)
        TAILQ_INSERT_TAIL(&shard->bs_aged, bp, b_queued);
    if (queueing != BUF_QUEUE_NONE)
        bp->b_life |= queueing == BUF_QUEUE_AGED ? BL_QUEUED | BL_AGED : BL_QUEUED;
    wake_locked(bp);
    buf_shard_unlock(shard);
}

static void unhash_locked(struct buf *bp)
{
    struct buf **link = place_of(bp->b_vp, bp->b_lblkno).chain;
    while (*link != bp)
        link = &(*link)->b_hash_next;
    *link = bp->b_hash_next;
    buf_file_unlist(bp);
}

void buf_remove(struct buf *bp)
{
    struct buf_shard *shard = bp->b_shard;
    buf_shard_lock(shard);
    KASSERT((bp->b_life & (BL_BUSY | BL_QUEUED)) == BL_BUSY,
            "buffer %p (block %lld) is dropped by somebody who does not have it", (void *)bp,
            (long long)bp->b_lblkno);
    if (bp->b_file)
        unhash_locked(bp);
    wake_locked(bp);
    buf_shard_unlock(shard);
}

struct buf *buf_evict_one(void)
{
    uint32_t first = atomic_fetch_add_explicit(&evict_next, 1, memory_order_relaxed);
    for (uint32_t i = 0; i < SHARDS; i++) {
        struct buf_shard *shard = &shards[(first + i) % SHARDS];
        buf_shard_lock(shard);
        struct buf *bp = TAILQ_FIRST(&shard->bs_aged);
        if (!bp)
            bp = TAILQ_FIRST(&shard->bs_clean);
        if (bp) {
            dequeue_locked(shard, bp);
            unhash_locked(bp);
        }
        buf_shard_unlock(shard);
        if (bp)
            return bp;
    }
    return NULL;
}
