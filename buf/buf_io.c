// SPDX-License-Identifier: BSD-2-Clause
/*
 * The life of one transfer: headers for it (buf_alloc, buf_clone), its end (buf_biodone) and the wait for
 * that (buf_biowait).
 *
 * What ends with it: a buffer with a callback is the callback's from then on. Without one, an asynchronous
 * transfer's is released here, and a synchronous one's goes back to whoever waits. A write that is not raw
 * (B_RAW) was counted by vnode_startwrite() by whoever began it, and that count is given back here.
 *
 * Locks: the shard lock (rank 400) over b_life. Called by file systems and drivers (KPI); buf_biodone from
 * any thread, with no lock held.
 */
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/systm.h>

#include "buf/buf_internal.h"

#define TAG "buf"

static _Atomic(uint64_t) io_buffers;

void buf_io_counters(struct buf_counters *out)
{
    out->io_buffers = atomic_load_explicit(&io_buffers, memory_order_relaxed);
}

void buf_io_shutdown(void)
{
    uint64_t left = atomic_load_explicit(&io_buffers, memory_order_relaxed);
    KASSERT(!left, "%llu buffers of buf_alloc and buf_clone were not freed", (unsigned long long)left);
}

/* ---- headers ------------------------------------------------------------------------------------------- */

struct buf *buf_header_make(vnode_t vp, uint32_t state)
{
    struct buf *bp = kern_alloc(sizeof(*bp), TAG);
    bp->b_shard = buf_shard_any(bp);
    bp->b_life = BL_BUSY;
    bp->b_state = state;
    bp->b_vp = vp;
    bp->b_dev = vp && (vnode_isblk(vp) || vnode_ischr(vp)) ? vnode_specrdev(vp) : NODEV;
    return bp;
}

void buf_creds_drop(struct buf *bp)
{
    if (bp->b_rcred)
        kauth_cred_unref(&bp->b_rcred);
    if (bp->b_wcred)
        kauth_cred_unref(&bp->b_wcred);
    bp->b_rcred = bp->b_wcred = NULL;
}

void buf_header_free(struct buf *bp)
{
    buf_creds_drop(bp);
    kern_free(bp, sizeof(*bp));
}

buf_t buf_alloc(vnode_t vp)
{
    atomic_fetch_add_explicit(&io_buffers, 1, memory_order_relaxed);
    return buf_header_make(vp, BS_IOBUF);
}

void buf_free(buf_t bp)
{
    if (!buf_is_iobuf(bp))
        panic("buf_free: buffer %p is not of buf_alloc or buf_clone", (void *)bp);
    buf_header_free(bp);
    atomic_fetch_sub_explicit(&io_buffers, 1, memory_order_relaxed);
}

/* Does the piece of a page list begin and end with a page, or with the list's own piece? */
static bool clone_fits_pages(const struct buf *bp, uint32_t offset, uint32_t size)
{
    uint32_t first = bp->b_upl_offset + offset, end = first + size;
    return (!offset || !(first & PAGE_MASK)) && (offset + size == bp->b_count || !(end & PAGE_MASK));
}

buf_t buf_clone(buf_t bp, int io_offset, int io_size, void (*iodone)(buf_t, void *), void *arg)
{
    if (io_offset < 0 || io_size < 0 || (uint64_t)io_offset + (uint64_t)io_size > bp->b_count)
        return NULL;
    uint32_t offset = (uint32_t)io_offset, size = (uint32_t)io_size;
    if ((bp->b_flags & B_CLUSTER) && !clone_fits_pages(bp, offset, size))
        return NULL;
    struct buf *clone = buf_alloc(bp->b_vp);
    clone->b_flags =
        bp->b_flags & (B_READ | B_ASYNC | B_META | B_FUA | B_CLUSTER | B_RAW | B_PHYS | B_PAGEIO);
    clone->b_count = clone->b_size = size;
    clone->b_upl = bp->b_upl;
    if (bp->b_flags & B_CLUSTER)
        clone->b_upl_offset = bp->b_upl_offset + offset;
    else
        clone->b_data = bp->b_data + offset;
    if (iodone)
        buf_setcallback(clone, iodone, arg);
    return clone;
}

/* ---- the end of a transfer ----------------------------------------------------------------------------- */

void buf_transfer_begin(struct buf *bp)
{
    buf_shard_lock(bp->b_shard);
    bp->b_life &= ~BL_DONE;
    buf_shard_unlock(bp->b_shard);
}

/* Note that the transfer has ended. The buffer may be somebody else's as soon as the lock is dropped. */
static void transfer_ended(struct buf *bp)
{
    struct buf_shard *shard = bp->b_shard;
    buf_shard_lock(shard);
    KASSERT(!(bp->b_life & BL_DONE), "buf_biodone(%p): the transfer has ended already", (void *)bp);
    bool waited = (bp->b_life & BL_WAITED) != 0;
    bp->b_life = (bp->b_life | BL_DONE) & ~BL_WAITED;
    if (waited)
        wakeup(&bp->b_life);
    buf_shard_unlock(shard);
}

void buf_biodone(buf_t bp)
{
    bool counted = !(bp->b_flags & (B_READ | B_RAW)) && bp->b_vp;
    void (*iodone)(buf_t, void *) = bp->b_state & BS_CALLBACK ? bp->b_iodone : NULL;
    void *arg = bp->b_iodone_arg;
    bool async = (bp->b_flags & B_ASYNC) != 0;
    vnode_t vp = bp->b_vp;

    if (!bp->b_error && !(bp->b_state & BS_EINTR))
        bp->b_state |= BS_VALID;
    bp->b_state &= ~BS_CALLBACK;
    bp->b_iodone = NULL;
    bp->b_iodone_arg = NULL;
    if (bp->b_file && !(bp->b_flags & B_READ))
        buf_write_ended(bp);
    if (counted)
        vnode_writedone(vp);
    transfer_ended(bp);
    if (iodone)
        iodone(bp, arg);
    else if (async)
        buf_brelse(bp);
}

errno_t buf_biowait(buf_t bp)
{
    buf_shard_lock(bp->b_shard);
    while (!(bp->b_life & BL_DONE)) {
        bp->b_life |= BL_WAITED;
        buf_shard_sleep(bp->b_shard, &bp->b_life, 0, "buf_biowait", 0);
    }
    buf_shard_unlock(bp->b_shard);
    if (bp->b_state & BS_EINTR) {
        bp->b_state &= ~BS_EINTR;
        return EINTR;
    }
    return bp->b_error;
}
