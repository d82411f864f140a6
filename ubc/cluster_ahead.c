// SPDX-License-Identifier: BSD-2-Clause
/*
 * Bringing pages in ahead of a reader, or because it is advised. Nobody waits for that, and what fails or
 * finds no memory is left for who needs it.
 *
 * A file that is read on from where the last read ended has twice as much read ahead each time, up to two of
 * the device's largest transfers; the next is begun when half of it is used up. Reads that are equally far
 * apart, thrice, have one more of their kind read ahead. Any other read ends that.
 *
 * Locks: the file's (360), none over a transfer. Called by cluster_read.c and by file systems (KPI).
 */
#include <sys/errno.h>

#include "buf/buf_iface.h"
#include "ubc/cluster_internal.h"

/* ---- transfers ----------------------------------------------------------------------------------------- */

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
        ubc_upl_commit_range(io->ci_upl, io->ci_upl_offset, io->ci_size, cluster_fill_commit(ahead->aged));
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
        cluster_fill_init(&ahead->io, reading, upl, at, run, CLUSTER_ASYNC);
        ahead->io.ci_ended = ahead_ended;
        cluster_io_start(&ahead->io);
        at = next;
        run = next_run;
    }
}

/* The next missing pages in a row from *@first on, which becomes the first of them, at most @max. */
static unsigned absent(struct ubc_file *file, uint64_t *first, uint64_t end, unsigned max)
{
    struct ubc_page *page = NULL;
    lck_mtx_lock(&file->uf_lock);
    while (*first < end && ubc_page_find(file, *first))
        ++*first;
    uint64_t stop = *first < end ? *first + max : *first;
    stop = stop < end ? stop : end;
    if (*first < stop)
        page = ubc_page_first(file, *first, stop);
    if (page)
        stop = page->p_index;
    lck_mtx_unlock(&file->uf_lock);
    return *first < stop ? (unsigned)(stop - *first) : 0;
}

void cluster_fill_ahead(const struct cluster_reading *reading, uint64_t first, uint64_t end)
{
    unsigned max = cluster_size_max(reading->vp, true);
    uint64_t eof = ((uint64_t)reading->filesize + UBC_PAGE - 1) >> UBC_SHIFT;
    struct buf_counters memory;
    end = end < eof ? end : eof;
    for (unsigned count; (count = absent(reading->file, &first, end, max)); first += count) {
        buf_counters_get(&memory);
        if (memory.bytes > memory.budget)
            return;
        list_ahead(reading, ubc_list_make(reading->file, first, count, CLUSTER_FILL_LIST));
    }
}

/* ---- how a file is read -------------------------------------------------------------------------------- */

/* Half of what is ahead is used up: how far it goes now. File lock held. */
static struct cluster_range ahead_in_sequence(struct cluster_state *state, uint64_t first, uint64_t end,
                                              uint64_t max)
{
    struct cluster_range range = {end, end};
    uint64_t asked = end - first;
    if (state->cs_ahead < end)
        state->cs_ahead = end;
    if (state->cs_window && state->cs_ahead - end > state->cs_window / 2)
        return range;
    state->cs_window = 2 * (asked > state->cs_window ? asked : state->cs_window);
    if (state->cs_window > max)
        state->cs_window = max;
    range = (struct cluster_range){state->cs_ahead, end + state->cs_window};
    if (range.end > range.first)
        state->cs_ahead = range.end;
    return range;
}

/* A read of [@first, @end): what is to be read ahead. */
static struct cluster_range ahead_of(struct ubc_file *file, uint64_t first, uint64_t end, uint64_t max)
{
    struct cluster_state *state = &file->uf_cluster;
    struct cluster_range range = {end, end};
    lck_mtx_lock(&file->uf_lock);
    uint64_t stride = first - state->cs_last; /* backwards as well */
    if (first == state->cs_next || (first + 1 == state->cs_next && end >= state->cs_next)) {
        range = ahead_in_sequence(state, first, end, max);
    } else {
        if (stride && stride == state->cs_stride && first + stride < UBC_INDEX_END)
            range = (struct cluster_range){first + stride, end + stride};
        state->cs_window = state->cs_ahead = 0;
    }
    if (stride)
        state->cs_stride = stride;
    state->cs_last = first;
    state->cs_next = end;
    lck_mtx_unlock(&file->uf_lock);
    return range;
}

void cluster_read_ahead(const struct cluster_reading *reading, off_t from, off_t to)
{
    uint64_t first = (uint64_t)from >> UBC_SHIFT, end = ((uint64_t)to + UBC_PAGE - 1) >> UBC_SHIFT;
    uint64_t max = 2 * (uint64_t)cluster_size_max(reading->vp, true);
    struct cluster_range range = ahead_of(reading->file, first, end, max);
    if (range.first < range.end)
        cluster_fill_ahead(reading, range.first, range.end);
}

/* ---- the KPI ------------------------------------------------------------------------------------------- */

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
