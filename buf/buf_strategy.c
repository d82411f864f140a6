// SPDX-License-Identifier: BSD-2-Clause
/*
 * From a block of a file to blocks of its device: buf_strategy, which file systems make their VNOP_STRATEGY
 * of.
 *
 * A buffer whose device block is not known (it says the logical one) is mapped by VNOP_BLKTOOFF, unless it
 * says how large a logical block is, and VNOP_BLOCKMAP. If one run of device blocks covers it, that is
 * remembered in the buffer and the device gets it as it is. If not, each run becomes a transfer of its own,
 * all under way at once, and the last one to end ends the buffer's; what has no device block reads as zeros
 * and can't be written. VNOP_BLOCKMAP is called with the buffer busy, so it must not wait for that buffer or
 * for whoever may.
 *
 * Locks: none. Called by file systems (KPI).
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/systm.h>
#include <sys/vnode_if.h>

#include "buf/buf_internal.h"
#include "vfs/vnop_iface.h"

/* Where a transfer lies in its file. */
static errno_t offset_of(struct buf *bp, off_t *offset)
{
    if (!bp->b_lblksize)
        return VNOP_BLKTOOFF(bp->b_vp, bp->b_lblkno, offset);
    return __builtin_mul_overflow(bp->b_lblkno, (daddr64_t)bp->b_lblksize, offset) ? EOVERFLOW : 0;
}

/* One run of device blocks, or of none (blkno -1). */
struct run {
    daddr64_t blkno;
    uint32_t bytes; /* no more than asked for */
};

static errno_t map(struct buf *bp, off_t offset, uint32_t bytes, struct run *run)
{
    size_t length = 0;
    errno_t error = VNOP_BLOCKMAP(bp->b_vp, offset, bytes, &run->blkno, &length, NULL,
                                  bp->b_flags & B_READ ? VNODE_READ : VNODE_WRITE, vfs_context_current());
    if (!error && !length)
        error = EIO;
    run->bytes = length < bytes ? (uint32_t)length : bytes;
    return error;
}

static errno_t fill_hole(struct buf *bp, uint32_t from, uint32_t bytes)
{
    caddr_t addr;
    if (!(bp->b_flags & B_READ))
        return EIO;
    errno_t error = buf_map_range_with_prot(bp, &addr, VM_PROT_READ | VM_PROT_WRITE);
    if (error)
        return error;
    memset(addr + from, 0, bytes);
    return buf_unmap_range(bp);
}

/* ---- several runs -------------------------------------------------------------------------------------- */

/* The parts of one transfer that are under way. */
struct parts {
    struct buf *whole;
    _Atomic(uint32_t) left; /* one more while they are being made */
    _Atomic(uint32_t) resid;
    _Atomic(int) error; /* the first */
};

static void parts_failed(struct parts *parts, errno_t error)
{
    int none = 0;
    atomic_compare_exchange_strong(&parts->error, &none, error);
}

static void part_ended(struct parts *parts)
{
    if (atomic_fetch_sub(&parts->left, 1) != 1)
        return;
    struct buf *bp = parts->whole;
    bp->b_resid = atomic_load(&parts->resid);
    if (atomic_load(&parts->error))
        bp->b_error = atomic_load(&parts->error);
    kern_free(parts, sizeof(*parts));
    buf_biodone(bp);
}

static void part_done(buf_t part, void *arg)
{
    struct parts *parts = arg;
    if (part->b_error)
        parts_failed(parts, part->b_error);
    atomic_fetch_add(&parts->resid, part->b_resid);
    buf_free(part);
    part_ended(parts);
}

static void part_begin(vnode_t devvp, struct parts *parts, uint32_t from, const struct run *run)
{
    struct buf *bp = parts->whole, *part = buf_alloc(devvp);
    part->b_flags = bp->b_flags & (B_READ | B_META | B_FUA | B_CLUSTER | B_PHYS | B_PAGEIO | B_PASSIVE |
                                   B_IOSTREAMING | B_THROTTLED_IO);
    part->b_upl = bp->b_upl;
    part->b_upl_offset = bp->b_upl_offset + from;
    part->b_data = bp->b_data ? bp->b_data + from : 0;
    part->b_count = part->b_size = run->bytes;
    part->b_lblkno = part->b_blkno = run->blkno;
    buf_setcallback(part, part_done, parts);
    atomic_fetch_add(&parts->left, 1);
    if (!(part->b_flags & B_READ))
        vnode_startwrite(devvp);
    vnop_strategy_on(devvp, part);
}

static errno_t strategy_parts(vnode_t devvp, struct buf *bp, off_t offset, struct run run)
{
    struct parts *parts = kern_alloc(sizeof(*parts), "buf_parts");
    uint32_t from = 0, bytes = bp->b_count;
    errno_t error = 0;
    bp->b_blkno = bp->b_lblkno; /* to be mapped again */
    parts->whole = bp;
    atomic_store(&parts->left, 1);
    for (;;) {
        if (run.blkno == -1)
            error = fill_hole(bp, from, run.bytes);
        else
            part_begin(devvp, parts, from, &run);
        from += run.bytes;
        if (error || from == bytes)
            break;
        error = map(bp, offset + from, bytes - from, &run);
        if (error)
            break;
    }
    if (error) {
        parts_failed(parts, error);
        atomic_fetch_add(&parts->resid, bytes - from);
    }
    part_ended(parts);
    return error;
}

/* ---- the call ------------------------------------------------------------------------------------------ */

errno_t buf_strategy(vnode_t devvp, void *ap)
{
    struct buf *bp = ((struct vnop_strategy_args *)ap)->a_bp;
    if (vnode_isblk(bp->b_vp) || vnode_ischr(bp->b_vp))
        panic("buf_strategy: buffer %p belongs to a device already", (void *)bp);
    bp->b_dev = vnode_specrdev(devvp);
    if (bp->b_blkno != bp->b_lblkno || (bp->b_state & BS_PLACED))
        return vnop_strategy_on(devvp, bp);

    off_t offset = 0, end;
    struct run run = {-1, 0};
    errno_t error = offset_of(bp, &offset);
    if (!error && __builtin_add_overflow(offset, (off_t)bp->b_count, &end))
        error = EOVERFLOW;
    if (!error)
        error = map(bp, offset, bp->b_count, &run);
    if (!error && run.bytes < bp->b_count)
        return strategy_parts(devvp, bp, offset, run);
    if (!error && run.blkno != -1) {
        bp->b_blkno = run.blkno;
        return vnop_strategy_on(devvp, bp);
    }
    if (!error)
        error = fill_hole(bp, 0, bp->b_count);
    bp->b_resid = error ? bp->b_count : 0;
    if (error)
        bp->b_error = error;
    buf_biodone(bp);
    return error;
}

void buf_place(buf_t bp, daddr64_t lblkno, daddr64_t blkno)
{
    bp->b_lblkno = lblkno;
    bp->b_blkno = blkno;
    bp->b_state |= BS_PLACED;
}
