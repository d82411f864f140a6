// SPDX-License-Identifier: BSD-2-Clause
/*
 * Asking and setting what a buffer says. All of it is the owner's, so there is no lock here.
 *
 * Called by file systems, drivers and the rest of the block side (KPI).
 */
#include <sys/errno.h>
#include <sys/systm.h>

#include "buf/buf_internal.h"

/* What can be found in the cache keeps the name that it is found by. */
static void keep_name(const struct buf *bp, const char *what)
{
    if (!buf_is_iobuf(bp) && bp->b_file)
        panic("%s: buffer %p is block %lld of a file in the cache", what, (const void *)bp,
              (long long)bp->b_lblkno);
}

/* ---- flags --------------------------------------------------------------------------------------------- */

int32_t buf_flags(buf_t bp)
{
    return bp->b_flags & BUF_FLAGS_SEEN;
}

void buf_setflags(buf_t bp, int32_t flags)
{
    bp->b_flags |= flags & BUF_FLAGS_SET;
}

void buf_clearflags(buf_t bp, int32_t flags)
{
    bp->b_flags &= ~(flags & BUF_FLAGS_SET);
}

void buf_reset(buf_t bp, int32_t flags)
{
    bp->b_flags &= ~(B_READ | B_ASYNC | B_NOCACHE | B_FUA);
    bp->b_flags |= flags & (B_READ | B_ASYNC | B_NOCACHE);
    bp->b_state &= ~(BS_VALID | BS_INVALID);
    bp->b_error = 0;
    buf_transfer_begin(bp);
}

int buf_valid(buf_t bp)
{
    return (bp->b_state & BS_VALID) || (bp->b_flags & B_DELWRI);
}

int buf_fromcache(buf_t bp)
{
    return (bp->b_state & BS_FROMCACHE) != 0;
}

void buf_markaged(buf_t bp)
{
    bp->b_state |= BS_AGED;
}

void buf_markinvalid(buf_t bp)
{
    bp->b_state |= BS_INVALID;
}

void buf_markeintr(buf_t bp)
{
    bp->b_state |= BS_EINTR;
}

void buf_markfua(buf_t bp)
{
    bp->b_flags |= B_FUA;
}

int buf_fua(buf_t bp)
{
    return (bp->b_flags & B_FUA) != 0;
}

uint32_t buf_redundancy_flags(buf_t bp)
{
    return bp->b_redundancy;
}

void buf_set_redundancy_flags(buf_t bp, uint32_t flags)
{
    bp->b_redundancy |= flags;
}

void buf_clear_redundancy_flags(buf_t bp, uint32_t flags)
{
    bp->b_redundancy &= ~flags;
}

/* ---- what, where, how much ----------------------------------------------------------------------------- */

daddr64_t buf_blkno(buf_t bp)
{
    return bp->b_blkno;
}

void buf_setblkno(buf_t bp, daddr64_t blkno)
{
    bp->b_blkno = blkno;
}

daddr64_t buf_lblkno(buf_t bp)
{
    return bp->b_lblkno;
}

void buf_setlblkno(buf_t bp, daddr64_t lblkno)
{
    if (lblkno != bp->b_lblkno)
        keep_name(bp, "buf_setlblkno");
    bp->b_lblkno = lblkno;
}

uint32_t buf_lblksize(buf_t bp)
{
    return bp->b_lblksize;
}

void buf_setlblksize(buf_t bp, uint32_t size)
{
    bp->b_lblksize = size;
}

uint32_t buf_count(buf_t bp)
{
    return bp->b_count;
}

void buf_setcount(buf_t bp, uint32_t bcount)
{
    bp->b_count = bcount;
}

uint32_t buf_size(buf_t bp)
{
    return bp->b_size;
}

uint32_t buf_resid(buf_t bp)
{
    return bp->b_resid;
}

void buf_setresid(buf_t bp, uint32_t resid)
{
    bp->b_resid = resid;
}

uint32_t buf_dirtyoff(buf_t bp)
{
    return bp->b_dirty_off;
}

void buf_setdirtyoff(buf_t bp, uint32_t off)
{
    bp->b_dirty_off = off;
}

uint32_t buf_dirtyend(buf_t bp)
{
    return bp->b_dirty_end;
}

void buf_setdirtyend(buf_t bp, uint32_t end)
{
    bp->b_dirty_end = end;
}

errno_t buf_error(buf_t bp)
{
    return bp->b_error;
}

void buf_seterror(buf_t bp, errno_t error)
{
    bp->b_error = error;
}

/* ---- whose --------------------------------------------------------------------------------------------- */

vnode_t buf_vnode(buf_t bp)
{
    return bp->b_vp;
}

void buf_setvnode(buf_t bp, vnode_t vp)
{
    if (vp != bp->b_vp)
        keep_name(bp, "buf_setvnode");
    bp->b_vp = vp;
}

dev_t buf_device(buf_t bp)
{
    return bp->b_dev;
}

errno_t buf_setdevice(buf_t bp, vnode_t vp)
{
    if (!vnode_isblk(vp) && !vnode_ischr(vp))
        return EINVAL;
    bp->b_dev = vnode_specrdev(vp);
    return 0;
}

kauth_cred_t buf_rcred(buf_t bp)
{
    return bp->b_rcred;
}

kauth_cred_t buf_wcred(buf_t bp)
{
    return bp->b_wcred;
}

proc_t buf_proc(buf_t bp)
{
    return bp->b_proc;
}

/* ---- what callers keep in it --------------------------------------------------------------------------- */

void *buf_drvdata(buf_t bp)
{
    return bp->b_drvdata;
}

void buf_setdrvdata(buf_t bp, void *drvdata)
{
    bp->b_drvdata = drvdata;
}

void *buf_fsprivate(buf_t bp)
{
    return bp->b_fsprivate;
}

void buf_setfsprivate(buf_t bp, void *fsprivate)
{
    bp->b_fsprivate = fsprivate;
}

void *buf_callback(buf_t bp)
{
    return buf_is_iobuf(bp) && (bp->b_state & BS_CALLBACK) ? (void *)bp->b_iodone : NULL;
}

errno_t buf_setcallback(buf_t bp, void (*callback)(buf_t, void *), void *transaction)
{
    if (!buf_is_iobuf(bp))
        return EINVAL;
    bp->b_state = callback ? bp->b_state | BS_CALLBACK : bp->b_state & ~BS_CALLBACK;
    if (callback)
        bp->b_flags |= B_ASYNC; /* nobody waits for a transfer that calls back */
    bp->b_iodone = callback;
    bp->b_iodone_arg = transaction;
    return 0;
}
