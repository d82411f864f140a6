// SPDX-License-Identifier: BSD-2-Clause
/*
 * Bringing pages in from the device, for a reader who waits.
 *
 * A list is made of pages that are missing, and never waits for a page: what somebody else has meanwhile is a
 * hole in it. So a reader that finds the first page taken looks again, with nothing in hand. Otherwise it
 * copies what it wants before the pages are given back, so that however short memory is it gets on.
 *
 * Locks: the file's (360), none over a transfer. Called by the files of cluster I/O and by file systems
 * (KPI).
 */
#include <sys/errno.h>

#include "ubc/cluster_internal.h"

/* How many pages from @first on are missing in a row, at most @max. */
static unsigned missing(struct ubc_file *file, uint64_t first, unsigned max)
{
    lck_mtx_lock(&file->uf_lock);
    struct ubc_page *page = ubc_page_first(file, first, first + max);
    unsigned count = page ? (unsigned)(page->p_index - first) : max;
    lck_mtx_unlock(&file->uf_lock);
    return count;
}

void cluster_fill_init(struct cluster_io *io, const struct cluster_reading *reading, struct upl *upl,
                       unsigned at, unsigned count, unsigned flags)
{
    io->ci_vp = reading->vp;
    io->ci_upl = upl;
    io->ci_upl_offset = at * UBC_PAGE;
    io->ci_size = count * UBC_PAGE;
    io->ci_offset = (off_t)((upl->u_first + at) << UBC_SHIFT);
    io->ci_filesize = reading->filesize;
    io->ci_flags = CLUSTER_READ | flags;
    io->ci_callback = reading->callback;
}

/* ---- for one who waits --------------------------------------------------------------------------------- */

/* What @uio wants of @count pages of the list, the first of which it wants. */
static errno_t copy_out(const struct cluster_reading *reading, struct upl *upl, unsigned count,
                        struct uio *uio)
{
    off_t offset = uio_offset(uio), end = (off_t)((upl->u_first + count) << UBC_SHIFT);
    end = end < reading->filesize ? end : reading->filesize;
    end = end - offset < uio_resid(uio) ? end : offset + uio_resid(uio);
    return end > offset
               ? cluster_move(upl->u_pages, (uint32_t)(offset % UBC_PAGE), (uint64_t)(end - offset), uio)
               : 0;
}

errno_t cluster_fill(const struct cluster_reading *reading, uint64_t first, unsigned count, struct uio *uio)
{
    struct cluster_io io;
    unsigned at = 0;
    count = missing(reading->file, first, count);
    if (!count)
        return 0;
    struct upl *upl = ubc_list_make(reading->file, first, count, CLUSTER_FILL_LIST);
    unsigned run = cluster_list_run(upl, &at);
    if (!run || at) {
        ubc_upl_abort(upl, 0);
        return 0;
    }
    if (run < count)
        ubc_upl_abort_range(upl, run * UBC_PAGE, (count - run) * UBC_PAGE, 0);
    cluster_fill_init(&io, reading, upl, 0, run, 0);
    errno_t error = cluster_io_run(&io, reading->file);
    if (error) {
        ubc_upl_abort_range(upl, 0, run * UBC_PAGE, UPL_ABORT_ERROR | UPL_ABORT_FREE_ON_EMPTY);
        return error;
    }
    if (uio)
        error = copy_out(reading, upl, run, uio);
    ubc_upl_commit_range(upl, 0, run * UBC_PAGE, cluster_fill_commit(reading->aged));
    return error;
}
