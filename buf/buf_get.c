// SPDX-License-Identifier: BSD-2-Clause
/*
 * Getting buffers: buf_getblk and buf_geteblk, and the memory behind them.
 *
 * The budget is kept by eviction: whoever needs memory takes it, and then throws out buffers that nobody has
 * until the sum fits again. It waits for nothing: not for a busy buffer, which may be its own, and not for a
 * dirty one to be written. Where nothing clean is left the flusher is told, the sum goes beyond the budget
 * for that long, and a buffer released meanwhile is freed at once. What is dirty is bounded where it becomes
 * so (buf_flush.c).
 *
 * A block is asked for with one size. With another one its buffer is written first if it is dirty; a larger
 * one then reads the block again.
 *
 * Locks: those of buf_shard.c and buf_file.c. Called by file systems (KPI) and by the files of buf/.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>
#include <kern/clock.h>

#include "buf/buf_internal.h"

#define TICK_NS 10000000u

static _Atomic(uint64_t) used_bytes, evictions, misses;
static _Atomic(uint64_t) shared_bytes;             /* of used_bytes, those that buf_memory_charge() counted */
static uint64_t (*sharer_reclaim)(uint64_t bytes); /* constant but for start and end */
static uint64_t budget_bytes;

void buf_get_boot(uint64_t budget)
{
    budget_bytes = budget;
}

bool buf_over_budget(void)
{
    return atomic_load_explicit(&used_bytes, memory_order_relaxed) > budget_bytes;
}

void buf_get_counters(struct buf_counters *out)
{
    out->budget = budget_bytes;
    out->bytes = atomic_load_explicit(&used_bytes, memory_order_relaxed);
    out->evictions = atomic_load_explicit(&evictions, memory_order_relaxed);
    out->misses = atomic_load_explicit(&misses, memory_order_relaxed);
}

/* ---- memory -------------------------------------------------------------------------------------------- */

static void memory_give(struct buf *bp)
{
    if (!bp->b_memory)
        return;
    buf_memory_give((void *)bp->b_data, bp->b_slab);
    atomic_fetch_sub_explicit(&used_bytes, bp->b_memory, memory_order_relaxed);
    bp->b_data = 0;
    bp->b_slab = NULL;
    bp->b_memory = bp->b_size = 0;
}

static bool evict_buffer(void)
{
    struct buf *victim = buf_evict_one();
    if (!victim)
        return false;
    atomic_fetch_add_explicit(&evictions, 1, memory_order_relaxed);
    memory_give(victim);
    buf_header_free(victim);
    return true;
}

#define SHARER_BATCH (64u << 10)

static bool evict_shared(void)
{
    return sharer_reclaim && sharer_reclaim(SHARER_BATCH) > 0;
}

/* Who has more than half of the budget gives first. */
static void keep_budget(void)
{
    while (buf_over_budget()) {
        bool shared = atomic_load_explicit(&shared_bytes, memory_order_relaxed) > budget_bytes / 2;
        if (!(shared ? evict_shared() || evict_buffer() : evict_buffer() || evict_shared()))
            break;
    }
    if (buf_over_budget())
        buf_flush_pressed();
}

void buf_memory_sharer_set(uint64_t (*reclaim)(uint64_t bytes))
{
    sharer_reclaim = reclaim;
}

void buf_memory_charge(uint64_t bytes)
{
    atomic_fetch_add_explicit(&shared_bytes, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&used_bytes, bytes, memory_order_relaxed);
    keep_budget();
}

void buf_memory_discharge(uint64_t bytes)
{
    atomic_fetch_sub_explicit(&shared_bytes, bytes, memory_order_relaxed);
    atomic_fetch_sub_explicit(&used_bytes, bytes, memory_order_relaxed);
}

uint64_t buf_memory_reclaim(uint64_t bytes)
{
    struct buf *victim;
    uint64_t freed = 0;
    while (freed < bytes && (victim = buf_evict_one())) {
        freed += victim->b_memory;
        memory_give(victim);
        buf_header_free(victim);
    }
    return freed;
}

void buf_resize(struct buf *bp, uint32_t size)
{
    if (size > bp->b_memory) {
        struct buf_memory_slab *slab;
        uint32_t room = buf_memory_room(size), kept = bp->b_count < bp->b_size ? bp->b_count : bp->b_size;
        atomic_fetch_add_explicit(&used_bytes, room, memory_order_relaxed);
        keep_budget();
        uint8_t *data = buf_memory_take(size, &slab);
        memcpy(data, (const void *)bp->b_data, kept);
        memset(data + kept, 0, size - kept);
        memory_give(bp);
        bp->b_data = (uintptr_t)data;
        bp->b_slab = slab;
        bp->b_memory = room;
    } else if (size > bp->b_size) {
        memset((uint8_t *)bp->b_data + bp->b_size, 0, size - bp->b_size);
    }
    bp->b_size = size;
}

void buf_setsize(buf_t bp, uint32_t bufsize)
{
    if (buf_is_iobuf(bp) || !bp->b_memory)
        bp->b_size = bufsize;
    else
        buf_resize(bp, bufsize);
}

/* A busy buffer with memory for @size bytes, not cleared, in no cache. */
static struct buf *make(vnode_t vp, uint32_t size, uint32_t state)
{
    struct buf *bp = buf_header_make(vp, state);
    bp->b_memory = buf_memory_room(size);
    atomic_fetch_add_explicit(&used_bytes, bp->b_memory, memory_order_relaxed);
    keep_budget();
    bp->b_data = (uintptr_t)buf_memory_take(size, &bp->b_slab);
    bp->b_count = bp->b_size = size;
    return bp;
}

void buf_destroy(struct buf *bp)
{
    buf_remove(bp);
    memory_give(bp);
    buf_header_free(bp);
}

/* ---- getting ------------------------------------------------------------------------------------------- */

struct buf_wait buf_wait_make(int slpflag, int ticks)
{
    struct buf_wait wait = {.bw_slpflag = slpflag};
    if (ticks > 0)
        clock_interval_to_deadline((uint32_t)ticks, TICK_NS, &wait.bw_deadline);
    return wait;
}

#define LOOK_AGAIN (-1) /* no errno */

/* A buffer that was found is to be of @size bytes. LOOK_AGAIN: it had to be written first and is not the
 * caller's any more. */
static int fit(struct buf *bp, uint32_t size)
{
    if (size == bp->b_count)
        return 0;
    if ((bp->b_flags & B_DELWRI) && !(bp->b_flags & B_LOCKED)) {
        int error = buf_bwrite(bp);
        return error ? error : LOOK_AGAIN;
    }
    if (size > bp->b_count && !(bp->b_flags & B_DELWRI))
        bp->b_state &= ~BS_VALID;
    if (size > bp->b_size)
        buf_resize(bp, size);
    bp->b_count = size;
    return 0;
}

static struct buf *found(struct buf *bp, int operation)
{
    if (buf_valid(bp)) {
        bp->b_state |= BS_FROMCACHE;
    } else {
        bp->b_state &= ~BS_FROMCACHE;
        buf_transfer_begin(bp);
    }
    if (operation & BLK_META)
        bp->b_flags |= B_META;
    return bp;
}

struct buf *buf_get(vnode_t vp, daddr64_t blkno, int size, const struct buf_wait *wait, int operation)
{
    struct buf *bp, *fresh = NULL;
    bool only_valid = ((uint32_t)operation & BLK_ONLYVALID) != 0;
    if (size <= 0 || (uint32_t)size > MAXBSIZE)
        panic("buf_getblk: a block of %d bytes", size);
    for (;;) {
        int error = buf_acquire(vp, blkno, wait, &bp);
        if (!error && only_valid && !buf_valid(bp)) {
            buf_brelse(bp);
            bp = NULL;
        }
        if (!error && bp)
            error = fit(bp, (uint32_t)size);
        if (error == LOOK_AGAIN)
            continue;
        if (error)
            bp = NULL;
        if (error != ENOENT || only_valid)
            break;
        if (!fresh) {
            fresh = make(vp, (uint32_t)size, 0);
            fresh->b_lblkno = fresh->b_blkno = blkno;
            fresh->b_file = buf_file_get(vp);
        }
        if (buf_insert(fresh)) {
            atomic_fetch_add_explicit(&misses, 1, memory_order_relaxed);
            bp = fresh;
            fresh = NULL;
            break;
        }
    }
    if (fresh) {
        memory_give(fresh);
        buf_header_free(fresh);
    }
    return bp ? found(bp, operation) : NULL;
}

buf_t buf_getblk(vnode_t vp, daddr64_t blkno, int size, int slpflag, int slptimeo, int operation)
{
    struct buf_wait wait = buf_wait_make(slpflag, slptimeo);
    return buf_get(vp, blkno, size, &wait, operation);
}

buf_t buf_geteblk(int size)
{
    if (size <= 0 || (uint32_t)size > MAXBSIZE)
        panic("buf_geteblk: a buffer of %d bytes", size);
    return make(NULLVP, (uint32_t)size, BS_ANONYMOUS | BS_INVALID);
}
