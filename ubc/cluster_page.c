// SPDX-License-Identifier: BSD-2-Clause
/*
 * Page lists of somebody else, and buffers: what a file system's VNOP_PAGEIN, VNOP_PAGEOUT and VNOP_STRATEGY
 * are made of.
 *
 * A list that the caller keeps (UPL_NOCOMMIT) is waited for, since nobody could tell when it is the caller's
 * again. Pageout of another is waited for only with UPL_IOSYNC; an error that comes later is noted with the
 * vnode. Pages that are not in the list are not touched, neither in memory nor on the device.
 *
 * Locks: the file's (360), none over a transfer. Called by file systems (KPI).
 */
#include <sys/errno.h>

#include "ubc/cluster_internal.h"

/* Is the range a part of the list and of the file? */
static errno_t range_check(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size)
{
    if (!upl || size <= 0 || size % (int)UBC_PAGE || upl_offset % UBC_PAGE || f_offset < 0 ||
        f_offset % UBC_PAGE || f_offset > INT64_MAX - size || !vnode_isreg(vp))
        return EINVAL;
    return (uint64_t)upl_offset + (uint64_t)size > (uint64_t)upl->u_count * UBC_PAGE ? EINVAL : 0;
}

static void give_up(upl_t upl, upl_offset_t upl_offset, int size, int flags, int abort_flags)
{
    if (upl && size > 0 && !(flags & UPL_NOCOMMIT))
        ubc_upl_abort_range(upl, upl_offset, (upl_size_t)size, UPL_ABORT_FREE_ON_EMPTY | abort_flags);
}

/* The pages of the range behind the end of the file: before the others, with which the list goes. */
static void rest_give_up(upl_t upl, upl_offset_t upl_offset, unsigned count, int size)
{
    ubc_upl_abort_range(upl, upl_offset + count * UBC_PAGE, (upl_size_t)size - count * UBC_PAGE, 0);
}

/* Pages of the range that begin before @filesize. */
static unsigned pages_before(off_t f_offset, int size, off_t filesize)
{
    off_t left = filesize - f_offset;
    if (left <= 0)
        return 0;
    return left < size ? (unsigned)((left + UBC_PAGE - 1) >> UBC_SHIFT) : (unsigned)size >> UBC_SHIFT;
}

/* ---- in ------------------------------------------------------------------------------------------------ */

/* The next pages before @end that are to be filled. */
static unsigned fill_run(const struct upl *upl, unsigned *at, unsigned end, bool all)
{
    unsigned count = 0;
    while (*at < end && (!upl->u_pages[*at] || (!all && upl_valid_page(upl->u_info, (int)*at))))
        ++*at;
    while (*at + count < end && upl->u_pages[*at + count] &&
           (all || !upl_valid_page(upl->u_info, (int)(*at + count))))
        count++;
    return count;
}

int cluster_pagein_ext(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size,
                       off_t filesize, int flags, int (*callback)(buf_t, void *), void *callback_arg)
{
    errno_t error = range_check(vp, upl, upl_offset, f_offset, size);
    unsigned first = upl_offset >> UBC_SHIFT, at = first;
    unsigned count = error ? 0 : pages_before(f_offset, size, filesize);
    if (!count) {
        give_up(upl, upl_offset, size, flags, UPL_ABORT_ERROR);
        return EINVAL;
    }
    for (unsigned run;
         !error && (run = fill_run(upl, &at, first + count, flags & UPL_IGNORE_VALID_PAGE_CHECK));
         at += run) {
        struct cluster_io io = {
            .ci_vp = vp,
            .ci_upl = upl,
            .ci_upl_offset = at * UBC_PAGE,
            .ci_size = run * UBC_PAGE,
            .ci_offset = f_offset + (off_t)(at - first) * UBC_PAGE,
            .ci_filesize = filesize,
            .ci_flags = CLUSTER_READ,
            .ci_callback = {callback, callback_arg},
        };
        error = cluster_io_run(&io, upl->u_file);
    }
    if (flags & UPL_NOCOMMIT)
        return error;
    if (error) {
        give_up(upl, upl_offset, size, flags, UPL_ABORT_ERROR);
        return error;
    }
    rest_give_up(upl, upl_offset, count, size);
    ubc_upl_commit_range(upl, upl_offset, count * UBC_PAGE, UPL_COMMIT_FREE_ON_EMPTY);
    return 0;
}

int cluster_pagein(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size, off_t filesize,
                   int flags)
{
    return cluster_pagein_ext(vp, upl, upl_offset, f_offset, size, filesize, flags, NULL, NULL);
}

/* ---- out ----------------------------------------------------------------------------------------------- */

static errno_t out_kept(const struct cluster_pages *pages, vnode_t vp)
{
    struct cluster_io io = {
        .ci_vp = vp,
        .ci_upl = pages->upl,
        .ci_upl_offset = pages->at * UBC_PAGE,
        .ci_size = pages->count * UBC_PAGE,
        .ci_offset = (off_t)((pages->upl->u_first + pages->at) << UBC_SHIFT),
        .ci_filesize = pages->filesize,
        .ci_callback = pages->callback,
    };
    return cluster_io_run(&io, pages->file);
}

static unsigned out_flags(int flags)
{
    return flags & (UPL_KEEPCACHED | UPL_MSYNC) ? 0 : UPL_COMMIT_INACTIVATE;
}

/* All pages of the list in [@pages->at, @end). */
static errno_t out_runs(struct cluster_pages *pages, vnode_t vp, unsigned end, int flags)
{
    errno_t error = 0;
    unsigned run = cluster_list_run(pages->upl, &pages->at), next, next_run;
    if (!run || pages->at >= end) /* there is none, and maybe none at all any more */
        give_up(pages->upl, (upl_offset_t)((end - 1) * UBC_PAGE), UBC_PAGE, flags, 0);
    for (; run && pages->at < end; pages->at = next, run = next_run) {
        run = pages->at + run < end ? run : end - pages->at;
        next = pages->at + run;
        next_run = cluster_list_run(pages->upl, &next);
        pages->count = run;
        if (flags & UPL_NOCOMMIT) {
            errno_t failed = out_kept(pages, vp);
            error = error ? error : failed;
        } else {
            cluster_pages_write(pages);
        }
    }
    return error;
}

int cluster_pageout_ext(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size,
                        off_t filesize, int flags, int (*callback)(buf_t, void *), void *callback_arg)
{
    struct cluster_group group = {0, 0};
    unsigned first = upl_offset >> UBC_SHIFT, count = 0;
    errno_t error = range_check(vp, upl, upl_offset, f_offset, size);
    if (!error && upl->u_first + first != (uint64_t)f_offset >> UBC_SHIFT)
        error = EINVAL;
    if (!error) {
        filesize = cluster_eof(upl->u_file, filesize);
        count = pages_before(f_offset, size, filesize);
    }
    if (!count) {
        give_up(upl, upl_offset, size, flags, 0);
        return EINVAL;
    }
    struct cluster_pages pages = {
        .file = upl->u_file,
        .upl = upl,
        .at = first,
        .filesize = filesize,
        .commit_flags = out_flags(flags),
        .callback = {callback, callback_arg},
        .group = flags & UPL_IOSYNC ? &group : NULL,
    };
    struct ubc_file *file = upl->u_file;
    ubc_file_retain(file);
    ubc_list_retain(upl);
    if (!(flags & UPL_NOCOMMIT))
        rest_give_up(upl, upl_offset, count, size);
    error = out_runs(&pages, vp, first + count, flags);
    if (pages.group && !(flags & UPL_NOCOMMIT))
        error = cluster_group_wait(file, &group);
    ubc_list_release(upl);
    ubc_file_release(file);
    return error;
}

int cluster_pageout(vnode_t vp, upl_t upl, upl_offset_t upl_offset, off_t f_offset, int size, off_t filesize,
                    int flags)
{
    return cluster_pageout_ext(vp, upl, upl_offset, f_offset, size, filesize, flags, NULL, NULL);
}

/* ---- buffers ------------------------------------------------------------------------------------------- */

struct whole {
    struct cluster_io io;
    buf_t bp;
};

static void whole_ended(struct cluster_io *io, errno_t error)
{
    struct whole *whole = __container_of(io, struct whole, io);
    buf_t bp = whole->bp;
    kern_free(whole, sizeof(*whole));
    if (error)
        buf_seterror(bp, error);
    buf_setresid(bp, error ? buf_count(bp) : 0);
    buf_biodone(bp);
}

int cluster_bp_ext(buf_t bp, int (*callback)(buf_t, void *), void *callback_arg)
{
    struct whole *whole = kern_alloc(sizeof(*whole), "cluster_bp");
    off_t offset = ubc_blktooff(buf_vnode(bp), buf_lblkno(bp));
    whole->bp = bp;
    whole->io = (struct cluster_io){
        .ci_vp = buf_vnode(bp),
        .ci_upl = buf_upl(bp),
        .ci_upl_offset = buf_uploffset(bp),
        .ci_data = buf_dataptr(bp),
        .ci_size = buf_count(bp),
        .ci_offset = offset,
        .ci_filesize = INT64_MAX,
        .ci_flags =
            (buf_flags(bp) & B_READ ? CLUSTER_READ : 0) | (buf_flags(bp) & B_ASYNC ? CLUSTER_ASYNC : 0),
        .ci_callback = {callback, callback_arg},
        .ci_ended = whole_ended,
    };
    if (offset < 0)
        whole_ended(&whole->io, EIO);
    else
        cluster_io_start(&whole->io);
    return 0;
}

int cluster_bp(buf_t bp)
{
    return cluster_bp_ext(bp, NULL, NULL);
}
