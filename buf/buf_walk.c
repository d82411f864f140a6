// SPDX-License-Identifier: BSD-2-Clause
/*
 * All buffers of one vnode: writing, dropping and looking at them.
 *
 * Each walk goes through the blocks that were in the cache when it began, in ascending order, and looks every
 * one up again; so it holds no lock over what it does, ends however busy the vnode is, and meets no buffer
 * twice.
 *
 * Locks: none over a walk. Called by file systems (KPI) and by vfs/ when a vnode loses its file.
 */
#include <sys/errno.h>
#include <sys/systm.h>
#include <sys/vnode_if.h>

#include "buf/buf_internal.h"

/* ---- writing ------------------------------------------------------------------------------------------- */

/* @wait NULL: neither for busy buffers nor for the writes. */
static void flush(vnode_t vp, const struct buf_wait *wait, int flags)
{
    struct buf_blocks blocks;
    buf_blocks_take(&blocks, vp, BUF_BLOCKS_DIRTY, 0);
    for (size_t i = 0; i < blocks.bb_count; i++) {
        struct buf *bp;
        if (buf_acquire(vp, blocks.bb_keys[i], wait, &bp))
            continue;
        bool locked = (bp->b_flags & B_LOCKED) != 0;
        if ((bp->b_flags & B_DELWRI) && !(flags & (locked ? BUF_SKIP_LOCKED : BUF_SKIP_NONLOCKED)))
            buf_bawrite(bp);
        else
            buf_brelse(bp);
    }
    for (size_t i = 0; wait && i < blocks.bb_count; i++)
        buf_output_wait(vp, blocks.bb_keys[i]);
    buf_blocks_drop(&blocks);
}

void buf_flushdirtyblks(vnode_t vp, int wait, int flags, const char *msg)
{
    static const struct buf_wait patience;
    (void)msg;
    flush(vp, wait ? &patience : NULL, flags);
}

/* ---- dropping ------------------------------------------------------------------------------------------ */

/* One busy buffer. */
static void invalidate(struct buf *bp, int flags)
{
    bool skip = ((flags & BUF_SKIP_META) && ((bp->b_flags & B_META) || bp->b_lblkno < 0)) ||
                ((bp->b_flags & B_LOCKED) && !(flags & BUF_INVALIDATE_LOCKED));
    if (skip) {
        buf_brelse(bp);
        return;
    }
    bp->b_flags &= ~B_LOCKED;
    if ((bp->b_flags & B_DELWRI) && (flags & BUF_WRITE_DATA) && !bp->b_failures) {
        /* Became dirty again since. */
        bp->b_flags |= B_NOCACHE;
        bp->b_failures = UINT8_MAX - 1; /* its last chance */
        VNOP_BWRITE(bp);
    } else {
        buf_markinvalid(bp);
        buf_brelse(bp);
    }
}

int buf_invalidateblks(vnode_t vp, int flags, int slpflag, int slptimeo)
{
    struct buf_wait wait = buf_wait_make(slpflag, slptimeo);
    struct buf_blocks blocks;
    int error = 0;
    if (flags & BUF_WRITE_DATA)
        flush(vp, &wait, flags & BUF_INVALIDATE_LOCKED ? 0 : BUF_SKIP_LOCKED);
    buf_blocks_take(&blocks, vp, BUF_BLOCKS_CLEAN | BUF_BLOCKS_DIRTY, 0);
    for (size_t i = 0; !error && i < blocks.bb_count; i++) {
        struct buf *bp;
        error = buf_acquire(vp, blocks.bb_keys[i], &wait, &bp);
        if (!error)
            invalidate(bp, flags);
        else if (error == ENOENT)
            error = 0;
    }
    buf_blocks_drop(&blocks);
    return error;
}

errno_t buf_invalblkno(vnode_t vp, daddr64_t lblkno, int flags)
{
    struct buf_wait patience = {0};
    struct buf *bp;
    errno_t error = buf_acquire(vp, lblkno, flags & BUF_WAIT ? &patience : NULL, &bp);
    if (error)
        return error;
    buf_markinvalid(bp);
    buf_brelse(bp);
    return 0;
}

void buf_vnode_gone(vnode_t vp)
{
    while (buf_vnode_has(vp, false) || buf_vnode_has(vp, true))
        buf_invalidateblks(vp, BUF_INVALIDATE_LOCKED, 0, 0);
    buf_file_forget(vp);
}

/* ---- looking ------------------------------------------------------------------------------------------- */

/* Does the caller of a walk want a buffer in this state? */
static bool is_wanted(const struct buf *bp, int flags)
{
    bool locked = (bp->b_flags & B_LOCKED) != 0, dirty = (bp->b_flags & B_DELWRI) != 0;
    if (flags & (locked ? BUF_SKIP_LOCKED : BUF_SKIP_NONLOCKED))
        return false;
    if (flags & (BUF_SCAN_CLEAN | BUF_SCAN_DIRTY))
        return (flags & (dirty ? BUF_SCAN_DIRTY : BUF_SCAN_CLEAN)) != 0;
    return true;
}

/* Show one block to the caller. True: it has seen enough. */
static bool show(vnode_t vp, daddr64_t lblkno, int (*callout)(buf_t, void *), int flags, void *arg)
{
    struct buf *bp;
    int error = buf_acquire(vp, lblkno, NULL, &bp);
    if (error == ENOENT || (error && !(flags & BUF_NOTIFY_BUSY)))
        return false;
    if (bp && !is_wanted(bp, flags)) {
        buf_brelse(bp);
        return false;
    }
    int answer = callout(bp, arg);
    if (bp && (answer == BUF_RETURNED || answer == BUF_RETURNED_DONE))
        buf_brelse(bp);
    return answer == BUF_RETURNED_DONE || answer == BUF_CLAIMED_DONE;
}

void buf_iterate(vnode_t vp, int (*callout)(buf_t, void *), int flags, void *arg)
{
    unsigned which = 0;
    struct buf_blocks blocks;
    if (flags & BUF_SCAN_CLEAN)
        which |= BUF_BLOCKS_CLEAN;
    if (flags & BUF_SCAN_DIRTY)
        which |= BUF_BLOCKS_DIRTY;
    if (!which)
        which = BUF_BLOCKS_CLEAN | BUF_BLOCKS_DIRTY;
    buf_blocks_take(&blocks, vp, which, 0);
    for (size_t i = 0; i < blocks.bb_count; i++) {
        if (show(vp, blocks.bb_keys[i], callout, flags, arg))
            break;
    }
    buf_blocks_drop(&blocks);
}
