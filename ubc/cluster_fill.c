// SPDX-License-Identifier: BSD-2-Clause
/*
 * Bringing pages in from the device: for a reader who waits, or ahead of one.
 *
 * A list is made of pages that are missing, and never waits for a page: what somebody else has meanwhile is a
 * hole in it. So a reader that finds the first page taken looks again, with nothing in hand. Otherwise it
 * copies what it wants before the pages are given back, so that however short memory is it gets on.
 *
 * Locks: the file's (360), none over a transfer. Called by the files of cluster I/O and by file systems
 * (KPI).
 */
#include <sys/errno.h>

#include "buf/buf_iface.h"
#include "ubc/cluster_internal.h"

#define FILL_FLAGS (UPL_FILE_IO | UPL_RET_ONLY_ABSENT | UPL_NOBLOCK)

/* How many pages from @first on are missing in a row, at most @max. */
static unsigned missing(struct ubc_file *file, uint64_t first, unsigned max)
{
    lck_mtx_lock(&file->uf_lock);
    struct ubc_page *page = ubc_page_first(file, first, first + max);
    unsigned count = page ? (unsigned)(page->p_index - first) : max;
    lck_mtx_unlock(&file->uf_lock);
    return count;
}

static void io_init(struct cluster_io *io, const struct cluster_reading *reading, struct upl *upl,
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

static int commit_flags(bool aged)
{
    return UPL_COMMIT_FREE_ON_EMPTY | (aged ? UPL_COMMIT_INACTIVATE : 0);
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
    struct upl *upl = ubc_list_make(reading->file, first, count, FILL_FLAGS);
    unsigned run = cluster_list_run(upl, &at);
    if (!run || at) {
        ubc_upl_abort(upl, 0);
        return 0;
    }
    if (run < count)
        ubc_upl_abort_range(upl, run * UBC_PAGE, (count - run) * UBC_PAGE, 0);
    io_init(&io, reading, upl, 0, run, 0);
    errno_t error = cluster_io_run(&io, reading->file);
    if (error) {
        ubc_upl_abort_range(upl, 0, run * UBC_PAGE, UPL_ABORT_ERROR | UPL_ABORT_FREE_ON_EMPTY);
        return error;
    }
    if (uio)
        error = copy_out(reading, upl, run, uio);
    ubc_upl_commit_range(upl, 0, run * UBC_PAGE, commit_flags(reading->aged));
    return error;
}

/* ---- ahead --------------------------------------------------------------------------------------------- */

struct ahead {
    struct cluster_io io;
    bool aged;
};

static void ahead_ended(struct cluster_io *io, errno_t error)
{
    struct ahead *ahead = __container_of(io, struct ahead, io);
    if (error)
        ubc_upl_abort_range(io->ci_upl, io->ci_upl_offset, io->ci_size,
                            UPL_ABORT_ERROR | UPL_ABORT_FREE_ON_EMPTY);
    else
        ubc_upl_commit_range(io->ci_upl, io->ci_upl_offset, io->ci_size, commit_flags(ahead->aged));
    kern_free(ahead, sizeof(*ahead));
}

/* The list goes with the last of its runs. */
static void list_ahead(const struct cluster_reading *reading, struct upl *upl)
{
    unsigned at = 0, run = cluster_list_run(upl, &at);
    if (!run) {
        ubc_list_release(upl);
        return;
    }
    while (run) {
        struct ahead *ahead = kern_alloc(sizeof(*ahead), "cluster_ahead");
        unsigned next = at + run;
        unsigned next_run = cluster_list_run(upl, &next);
        ahead->aged = reading->aged;
        io_init(&ahead->io, reading, upl, at, run, CLUSTER_ASYNC);
        ahead->io.ci_ended = ahead_ended;
        cluster_io_start(&ahead->io);
        at = next;
        run = next_run;
    }
}

void cluster_fill_ahead(const struct cluster_reading *reading, uint64_t first, uint64_t end)
{
    unsigned max = cluster_size_max(reading->vp, true);
    uint64_t eof = ((uint64_t)reading->filesize + UBC_PAGE - 1) >> UBC_SHIFT;
    struct buf_counters memory;
    end = end < eof ? end : eof;
    while (first < end) {
        buf_counters_get(&memory);
        if (memory.bytes > memory.budget)
            return;
        unsigned most = end - first < max ? (unsigned)(end - first) : max;
        unsigned count = missing(reading->file, first, most);
        if (count)
            list_ahead(reading, ubc_list_make(reading->file, first, count, FILL_FLAGS));
        first += count ? count : 1;
    }
}

int advisory_read_ext(vnode_t vp, off_t filesize, off_t f_offset, int resid, int (*callback)(buf_t, void *),
                      void *callback_arg, int bflag)
{
    (void)bflag;
    if (!vnode_isreg(vp) || f_offset < 0 || resid < 0)
        return EINVAL;
    if (f_offset >= filesize || !resid)
        return 0;
    struct cluster_reading reading = {vp, ubc_file_get(vp), filesize, false, {callback, callback_arg}};
    off_t end = filesize - f_offset < resid ? filesize : f_offset + resid;
    cluster_fill_ahead(&reading, (uint64_t)f_offset >> UBC_SHIFT,
                       ((uint64_t)end + UBC_PAGE - 1) >> UBC_SHIFT);
    return 0;
}

int advisory_read(vnode_t vp, off_t filesize, off_t f_offset, int resid)
{
    return advisory_read_ext(vp, filesize, f_offset, resid, NULL, NULL, 0);
}
