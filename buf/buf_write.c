// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing buffers, at once or later.
 *
 * Order. A write is complete when the device has taken it, which is not yet the medium: that is what a flush
 * of the device or B_FUA is for. Between two writes there is no order but the one that a caller makes by
 * waiting for the first (buf_bwrite, or buf_biowait) before it begins the second; delayed writes are done in
 * any order, at any time from buf_bdwrite on. A buffer that is being written is busy, so what arrives at the
 * device is what the last owner left in it.
 *
 * Errors. Whoever waits for a write gets its error, and the contents are dropped: the next read sees what the
 * device has. The error of a write that nobody waits for, and of any write of something that an earlier
 * buf_bdwrite took for written, is noted with the vnode (buf_error.c), for every opener's next fsync. Such a
 * buffer stays dirty and is tried again, WRITE_TRIES times in all and never where the device is gone
 * (ENXIO, ENODEV); then it is dropped as well.
 *
 * Locks: none over a transfer. Called by file systems (KPI) and by the files of buf/.
 */
#include <sys/errno.h>
#include <sys/systm.h>
#include <sys/vnode_if.h>

#include "buf/buf_internal.h"

#define WRITE_TRIES 3u
#define WRITES_MAX  64 /* of one vnode under way: whoever begins another waits until there are fewer, */
#define WRITES_FEW  4  /* or, while too much is dirty, this few */

static void output_begin(struct buf *bp)
{
    buf_shard_lock(bp->b_shard);
    bp->b_life = (bp->b_life | BL_OUTPUT) & ~BL_DONE;
    buf_shard_unlock(bp->b_shard);
}

/* A delayed write is done for whoever left it. */
static void remember_writer(struct buf *bp)
{
    if (bp->b_wcred)
        return;
    bp->b_wcred = kauth_cred_get();
    kauth_cred_ref(bp->b_wcred);
}

static void write_begin(struct buf *bp)
{
    if (bp->b_flags & B_DELWRI)
        bp->b_state |= BS_LATE;
    bp->b_flags &= ~(B_READ | B_DELWRI);
    bp->b_error = 0;
    bp->b_resid = 0;
    remember_writer(bp);
    if (bp->b_file)
        buf_file_mark(bp, true); /* while it is under way, those who sync find it there */
    output_begin(bp);
    vnode_startwrite(bp->b_vp);
    VNOP_STRATEGY(bp);
}

errno_t buf_bwrite(buf_t bp)
{
    bool async = (bp->b_flags & B_ASYNC) != 0;
    if (!bp->b_vp || (bp->b_state & BS_INVALID)) {
        buf_brelse(bp);
        return 0;
    }
    if (!async)
        bp->b_proc = kern_proc_current();
    write_begin(bp);
    if (async)
        return 0;
    errno_t error = buf_biowait(bp);
    buf_brelse(bp);
    return error;
}

errno_t buf_bawrite(buf_t bp)
{
    vnode_t vp = bp->b_vp;
    bp->b_flags |= B_ASYNC;
    if (vp) {
        int most = buf_flush_wanted() == BUF_CROWD_WAIT ? WRITES_FEW : WRITES_MAX;
        vnode_waitforwrites(vp, most, 0, 0, "buf_bawrite");
    }
    return VNOP_BWRITE(bp);
}

errno_t buf_bdwrite(buf_t bp)
{
    bp->b_state |= BS_VALID;
    bp->b_flags &= ~(B_READ | B_ASYNC);
    bp->b_flags |= B_DELWRI;
    bp->b_error = 0;
    if (!bp->b_file || (bp->b_state & BS_INVALID)) {
        buf_brelse(bp);
        return 0;
    }
    remember_writer(bp);
    enum buf_crowd crowd = buf_file_mark(bp, true) ? buf_flush_wanted() : BUF_CROWD_NONE;
    if (crowd == BUF_CROWD_NONE && (bp->b_flags & B_NOCACHE))
        crowd = BUF_CROWD_WRITE;
    if (bp->b_flags & B_LOCKED)
        crowd = BUF_CROWD_NONE;
    if (crowd == BUF_CROWD_WRITE)
        return buf_bawrite(bp);
    if (crowd == BUF_CROWD_WAIT)
        buf_bwrite(bp); /* its error is told by fsync, as a delayed write's */
    else
        buf_brelse(bp);
    return 0;
}

static bool is_worth_another(errno_t error, unsigned failures)
{
    return failures < WRITE_TRIES && error != ENXIO && error != ENODEV;
}

void buf_write_ended(struct buf *bp)
{
    errno_t error = bp->b_error;
    bool late = (bp->b_state & BS_LATE) || (bp->b_flags & B_ASYNC);
    bp->b_state &= ~BS_LATE;
    if (!error) {
        bp->b_failures = 0;
        buf_file_mark(bp, false);
        return;
    }
    if (late)
        buf_error_note(bp->b_vp, error);
    if (late && is_worth_another(error, ++bp->b_failures)) {
        bp->b_flags |= B_DELWRI;
        buf_flush_wanted();
        return;
    }
    bp->b_failures = 0;
    bp->b_state |= BS_INVALID;
}
