// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading a file through its pages: what is there is held and copied, what is not is brought in, as much at
 * once as the caller still wants and the device takes.
 *
 * Locks: the file's (360), neither over a copy nor over a transfer. Called by file systems (KPI).
 */
#include <sys/errno.h>

#include "ubc/cluster_internal.h"

/* Copy what is there in a row from the uio's offset to @end. 0 with nothing moved: the first page is not. */
static errno_t read_cached(const struct cluster_reading *reading, struct uio *uio, off_t end)
{
    struct ubc_page *pages[CLUSTER_HOLD];
    off_t offset = uio_offset(uio);
    uint32_t within = (uint32_t)(offset % UBC_PAGE);
    uint64_t first = (uint64_t)offset >> UBC_SHIFT;
    uint64_t wanted = (((uint64_t)end + UBC_PAGE - 1) >> UBC_SHIFT) - first;
    unsigned count =
        cluster_hold(reading->file, first, wanted < CLUSTER_HOLD ? (unsigned)wanted : CLUSTER_HOLD, pages);
    if (!count)
        return 0;
    off_t there = (off_t)((first + count) << UBC_SHIFT);
    errno_t error = cluster_move(pages, within, (uint64_t)((there < end ? there : end) - offset), uio);
    cluster_unhold(reading->file, pages, count);
    return error;
}

static errno_t read_missing(const struct cluster_reading *reading, struct uio *uio, off_t end, unsigned max)
{
    uint64_t first = (uint64_t)uio_offset(uio) >> UBC_SHIFT;
    uint64_t wanted = (((uint64_t)end + UBC_PAGE - 1) >> UBC_SHIFT) - first;
    return cluster_fill(reading, first, wanted < max ? (unsigned)wanted : max, uio);
}

int cluster_read_ext(vnode_t vp, struct uio *uio, off_t filesize, int xflags, int (*callback)(buf_t, void *),
                     void *callback_arg)
{
    off_t offset = uio_offset(uio);
    errno_t error = 0;
    if (offset < 0 || !vnode_isreg(vp))
        return EINVAL;
    if (offset >= filesize || uio_resid(uio) <= 0)
        return 0;
    struct cluster_reading reading = {
        .vp = vp,
        .file = ubc_file_get(vp),
        .filesize = filesize,
        .aged = (xflags & IO_NOCACHE) || vnode_isnocache(vp),
        .callback = {callback, callback_arg},
    };
    off_t end = filesize - offset < uio_resid(uio) ? filesize : offset + uio_resid(uio);
    unsigned max = 0;
    while (!error && uio_offset(uio) < end) {
        off_t before = uio_offset(uio);
        error = read_cached(&reading, uio, end);
        if (error || uio_offset(uio) != before)
            continue;
        if (!max)
            max = cluster_size_max(vp, true);
        error = read_missing(&reading, uio, end, max);
    }
    if (!error && !(xflags & IO_RAOFF) && !reading.aged && !vnode_isnoreadahead(vp))
        cluster_read_ahead(&reading, offset, end);
    return error;
}

int cluster_read(vnode_t vp, struct uio *uio, off_t filesize, int xflags)
{
    return cluster_read_ext(vp, uio, filesize, xflags, NULL, NULL);
}
