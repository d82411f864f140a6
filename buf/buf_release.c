// SPDX-License-Identifier: BSD-2-Clause
/*
 * What becomes of a busy buffer when its owner lets go of it, and what an owner can say about that before.
 *
 *   it says                                  it becomes
 *   an I/O buffer                            free
 *   invalid (buf_markinvalid), anonymous     free, dirty or not
 *   neither valid nor dirty: a read failed   free
 *   dirty                                    kept until it is written
 *   locked (B_LOCKED)                        kept until the file system clears that
 *   not to be cached (B_NOCACHE)             free
 *   aged                                     kept, evicted first
 *   else                                     kept, evicted last; or free while too much memory is in use
 *
 * Locks: the shard lock. Called by file systems (KPI), by buf_biodone for asynchronous transfers.
 */
#include "buf/buf_internal.h"

static bool is_worthless(const struct buf *bp)
{
    if ((bp->b_state & (BS_INVALID | BS_ANONYMOUS)) || (bp->b_flags & B_DELWRI))
        return (bp->b_state & (BS_INVALID | BS_ANONYMOUS)) != 0;
    if (!(bp->b_state & BS_VALID))
        return true;
    return !(bp->b_flags & B_LOCKED) && ((bp->b_flags & B_NOCACHE) || buf_over_budget());
}

void buf_brelse(buf_t bp)
{
    if (!bp)
        return; /* of a read that came to nothing */
    if (buf_is_iobuf(bp)) {
        buf_free(bp);
        return;
    }
    if (is_worthless(bp)) {
        buf_destroy(bp);
        return;
    }
    enum buf_queueing queueing = BUF_QUEUE_NONE;
    if (!(bp->b_flags & (B_DELWRI | B_LOCKED)))
        queueing = bp->b_state & BS_AGED ? BUF_QUEUE_AGED : BUF_QUEUE_CLEAN;
    if ((bp->b_rcred || bp->b_wcred) && !(bp->b_flags & B_DELWRI))
        buf_creds_drop(bp);
    bp->b_proc = NULL;
    bp->b_error = 0;
    bp->b_state &= BS_VALID;
    bp->b_flags &= B_DELWRI | B_LOCKED | B_META | B_STATICCONTENT;
    buf_unbusy(bp, queueing);
}

void buf_markclean(buf_t bp)
{
    bp->b_flags &= ~B_DELWRI;
    if (bp->b_file)
        buf_file_mark(bp, false);
}

void buf_markdelayed(buf_t bp)
{
    bp->b_flags |= B_DELWRI;
    bp->b_state |= BS_VALID;
    if (bp->b_file && buf_file_mark(bp, true))
        buf_flush_wanted();
}
