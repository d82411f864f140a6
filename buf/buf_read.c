// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading blocks: those that are not in the cache are read into it; blocks ahead are read without waiting,
 * as long as there is memory to spare for them.
 *
 * Locks: none over a transfer. Called by file systems (KPI).
 */
#include <sys/errno.h>
#include <sys/systm.h>
#include <sys/vnode_if.h>

#include "buf/buf_internal.h"

/* Begin to read a busy buffer whose contents are not the block's. */
static void read_begin(struct buf *bp, kauth_cred_t cred, bool async)
{
    if (IS_VALID_CRED(cred) && !bp->b_rcred) {
        kauth_cred_ref(cred);
        bp->b_rcred = cred;
    }
    bp->b_flags |= async ? B_READ | B_ASYNC : B_READ;
    if (!async)
        bp->b_proc = kern_proc_current();
    bp->b_resid = 0;
    buf_transfer_begin(bp);
    VNOP_STRATEGY(bp);
}

static void read_ahead(vnode_t vp, daddr64_t blkno, int size, kauth_cred_t cred, int operation)
{
    if (buf_over_budget() || buf_cached(vp, blkno))
        return;
    /* The caller has a buffer busy, which the owner of this one may be waiting for. */
    struct buf *bp = buf_get(vp, blkno, size, NULL, operation);
    if (bp && buf_valid(bp))
        buf_brelse(bp);
    else if (bp)
        read_begin(bp, cred, true);
}

struct ahead {
    const daddr64_t *blknos;
    const int *sizes;
    int count;
};

static errno_t read_block(vnode_t vp, daddr64_t blkno, int size, const struct ahead *ahead, kauth_cred_t cred,
                          buf_t *bpp, int operation)
{
    struct buf *bp = buf_getblk(vp, blkno, size, 0, 0, operation);
    bool reads = bp && !buf_valid(bp);
    *bpp = bp;
    if (!bp)
        return EIO; /* another size was asked for, and the dirty buffer could not be written */
    if (reads)
        read_begin(bp, cred, false);
    for (int i = 0; i < ahead->count; i++)
        read_ahead(vp, ahead->blknos[i], ahead->sizes[i], cred, operation);
    return reads ? buf_biowait(bp) : 0;
}

static const struct ahead nothing = {NULL, NULL, 0};

errno_t buf_bread(vnode_t vp, daddr64_t blkno, int size, kauth_cred_t cred, buf_t *bpp)
{
    return read_block(vp, blkno, size, &nothing, cred, bpp, BLK_READ);
}

errno_t buf_meta_bread(vnode_t vp, daddr64_t blkno, int size, kauth_cred_t cred, buf_t *bpp)
{
    return read_block(vp, blkno, size, &nothing, cred, bpp, BLK_META);
}

errno_t buf_breadn(vnode_t vp, daddr64_t blkno, int size, daddr64_t *rablks, int *rasizes, int nrablks,
                   kauth_cred_t cred, buf_t *bpp)
{
    struct ahead ahead = {rablks, rasizes, nrablks};
    return read_block(vp, blkno, size, &ahead, cred, bpp, BLK_READ);
}

errno_t buf_meta_breadn(vnode_t vp, daddr64_t blkno, int size, daddr64_t *rablks, int *rasizes, int nrablks,
                        kauth_cred_t cred, buf_t *bpp)
{
    struct ahead ahead = {rablks, rasizes, nrablks};
    return read_block(vp, blkno, size, &ahead, cred, bpp, BLK_META);
}
