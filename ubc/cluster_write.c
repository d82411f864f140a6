// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing into a file's pages. One call covers, in this order, bytes to be zeroed before the data, the data,
 * and bytes to be zeroed behind it; pages that are wholly data or wholly zero are taken many at once, any
 * other alone. Of such a page what the call does not cover is read in where the file had it before.
 *
 * Whether a page was valid or dirty counts as it was before the call (IO_NOZEROVALID, IO_NOZERODIRTY), also
 * where data has gone into it since. Pages are left dirty. Once a range that grows at its end is as long as
 * the device's largest transfer, it is written; the rest is for cluster_push(), or for whoever writes back.
 *
 * Until the file system has set the new size, cs_eof says where the file ends: pages that are written back
 * before are written up to there.
 *
 * Locks: the file's (360), neither over a copy nor over a transfer. A list waits for pages with higher
 * numbers than it has. Called by file systems (KPI), one writer of a file at a time.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/param.h>

#include "ubc/cluster_internal.h"

#define CHUNK 64u /* pages busy at once */

struct cluster_writing {
    vnode_t vp;
    struct ubc_file *file;
    struct uio *uio;
    off_t begin, data, data_end, end; /* zero from begin to data, and from data_end to end */
    off_t old_eof;
    int flags; /* IO_* */
    struct cluster_callback callback;
};

static off_t page_up(off_t offset)
{
    return (offset + (off_t)UBC_PAGE - 1) & ~((off_t)UBC_PAGE - 1);
}

/* ---- pages of a list ----------------------------------------------------------------------------------- */

static void give_back(struct upl *upl, unsigned at, unsigned count, bool dirty)
{
    if (!count)
        return;
    if (dirty)
        ubc_upl_commit_range(upl, at * UBC_PAGE, count * UBC_PAGE,
                             UPL_COMMIT_SET_DIRTY | UPL_COMMIT_FREE_ON_EMPTY);
    else
        ubc_upl_abort_range(upl, at * UBC_PAGE, count * UBC_PAGE, UPL_ABORT_FREE_ON_EMPTY);
}

/* Is a page, as it was before, left alone by zeroing? */
static bool is_spared(const struct cluster_writing *writing, const struct upl *upl, unsigned i)
{
    return ((writing->flags & IO_NOZEROVALID) && upl_valid_page(upl->u_info, (int)i)) ||
           ((writing->flags & IO_NOZERODIRTY) && upl_dirty_page(upl->u_info, (int)i));
}

static errno_t zero_pages(struct cluster_writing *writing, struct upl *upl)
{
    unsigned count = upl->u_count;
    for (unsigned i = 0; i < count; i++) {
        bool spared = is_spared(writing, upl, i);
        if (!spared)
            memset(upl->u_pages[i]->p_memory.um_data, 0, UBC_PAGE);
        give_back(upl, i, 1, !spared);
    }
    return 0;
}

/* What could not be copied is as before: a page that had no contents goes, with what it got. */
static errno_t data_pages(struct cluster_writing *writing, struct upl *upl)
{
    struct uio *uio = writing->uio;
    off_t offset = uio_offset(uio);
    user_ssize_t resid = uio_resid(uio);
    unsigned count = upl->u_count;
    errno_t error = cluster_move(upl->u_pages, 0, (uint64_t)count * UBC_PAGE, uio);
    uint64_t moved = (uint64_t)(uio_offset(uio) - offset);
    unsigned whole = (unsigned)(moved >> UBC_SHIFT);
    if (whole < count && moved % UBC_PAGE) {
        if (upl_valid_page(upl->u_info, (int)whole)) {
            whole++;
        } else {
            uio_setoffset(uio, offset + (off_t)whole * UBC_PAGE);
            uio_setresid(uio, resid - (user_ssize_t)whole * UBC_PAGE);
        }
    }
    give_back(upl, whole, count - whole, false);
    give_back(upl, 0, whole, true);
    return error || whole == count ? error : EFAULT;
}

/* ---- a page that is covered in part -------------------------------------------------------------------- */

/* What the file has of the page where the call does not cover it; else zeros. */
static errno_t page_fill(struct cluster_writing *writing, struct upl *upl)
{
    off_t at = (off_t)(upl->u_first << UBC_SHIFT), end = at + UBC_PAGE;
    bool before = at < writing->begin && at < writing->old_eof;
    bool behind = writing->end < end && writing->end < writing->old_eof;
    if (upl_valid_page(upl->u_info, 0))
        return 0;
    if (!before && !behind) {
        memset(upl->u_pages[0]->p_memory.um_data, 0, UBC_PAGE);
        return 0;
    }
    struct cluster_io io = {
        .ci_vp = writing->vp,
        .ci_upl = upl,
        .ci_size = UBC_PAGE,
        .ci_offset = at,
        .ci_filesize = writing->old_eof,
        .ci_flags = CLUSTER_READ,
        .ci_callback = writing->callback,
    };
    return cluster_io_run(&io, writing->file);
}

static void zero_part(struct upl *upl, off_t from, off_t to)
{
    off_t at = (off_t)(upl->u_first << UBC_SHIFT), end = at + UBC_PAGE;
    from = from > at ? from : at;
    to = to < end ? to : end;
    if (from < to)
        memset(upl->u_pages[0]->p_memory.um_data + (from - at), 0, (size_t)(to - from));
}

static errno_t mixed_page(struct cluster_writing *writing, struct upl *upl)
{
    off_t at = (off_t)(upl->u_first << UBC_SHIFT), end = at + UBC_PAGE;
    off_t from = writing->data > at ? writing->data : at;
    off_t to = writing->data_end < end ? writing->data_end : end;
    errno_t error = page_fill(writing, upl);
    if (error) {
        give_back(upl, 0, 1, false);
        return error;
    }
    if (!is_spared(writing, upl, 0)) {
        zero_part(upl, writing->begin, writing->data);
        zero_part(upl, writing->data_end, writing->end);
    }
    if (from < to) {
        error = cluster_move(upl->u_pages, (uint32_t)(from - at), (uint64_t)(to - from), writing->uio);
        if (!error && uio_offset(writing->uio) != to)
            error = EFAULT;
    }
    give_back(upl, 0, 1, true);
    return error;
}

/* ---- what is left dirty -------------------------------------------------------------------------------- */

static void pages_delay(struct cluster_writing *writing, uint64_t first, unsigned count)
{
    struct ubc_file *file = writing->file;
    uint64_t max = cluster_size_max(writing->vp, false);
    bool any, crowded = ubc_dirty_crowded();
    lck_mtx_lock(&file->uf_lock);
    struct cluster_range range = cluster_delay(file, first, first + count);
    uint64_t stop = range.end / max * max;
    bool full = range.end == first + count && range.first < stop && stop - range.first >= max;
    if (crowded)
        stop = range.end;
    if (full || crowded)
        cluster_undelay(file, range.first, stop);
    lck_mtx_unlock(&file->uf_lock);
    if (full || crowded)
        cluster_write_out(file, range.first, stop, false, writing->callback, &any);
    if (crowded)
        cluster_writes_wait(file, 0);
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

/* How many pages from @at on are wholly inside [@from, @to). */
static uint64_t pages_inside(off_t at, off_t from, off_t to)
{
    return at >= from && at < to ? (uint64_t)(to - at) >> UBC_SHIFT : 0;
}

static errno_t pages_write(struct cluster_writing *writing, off_t at, unsigned *count)
{
    uint64_t data = pages_inside(at, writing->data, writing->data_end);
    uint64_t zeros = pages_inside(at, writing->begin, writing->data);
    if (!zeros)
        zeros = pages_inside(at, writing->data_end, writing->end);
    uint64_t many = data ? data : zeros;
    *count = many > CHUNK ? CHUNK : many ? (unsigned)many : 1;
    struct upl *upl =
        ubc_list_make(writing->file, (uint64_t)at >> UBC_SHIFT, *count, UPL_FILE_IO | UPL_WILL_MODIFY);
    errno_t error = data    ? data_pages(writing, upl)
                    : zeros ? zero_pages(writing, upl)
                            : mixed_page(writing, upl);
    pages_delay(writing, (uint64_t)at >> UBC_SHIFT, *count);
    return error;
}

off_t cluster_eof(struct ubc_file *file, off_t filesize)
{
    lck_mtx_lock(&file->uf_lock);
    off_t eof = file->uf_cluster.cs_eof;
    lck_mtx_unlock(&file->uf_lock);
    return eof > filesize ? eof : filesize;
}

static off_t eof_set(struct ubc_file *file, off_t eof, bool replace)
{
    lck_mtx_lock(&file->uf_lock);
    off_t before = file->uf_cluster.cs_eof;
    if (replace || eof > before)
        file->uf_cluster.cs_eof = eof;
    lck_mtx_unlock(&file->uf_lock);
    return before;
}

static errno_t write_all(struct cluster_writing *writing, off_t new_eof)
{
    off_t before = eof_set(writing->file, new_eof, false);
    errno_t error = 0;
    bool any;
    unsigned count;
    for (off_t at = writing->begin & ~((off_t)UBC_PAGE - 1); !error && at < writing->end;
         at += (off_t)count * UBC_PAGE)
        error = pages_write(writing, at, &count);
    if (error && before < new_eof) {
        off_t reached = writing->uio ? uio_offset(writing->uio) : before;
        eof_set(writing->file, reached > before ? reached : before, true);
    }
    if (error || !(writing->flags & IO_SYNC))
        return error;
    uint64_t first = (uint64_t)writing->begin >> UBC_SHIFT,
             end = (uint64_t)page_up(writing->end) >> UBC_SHIFT;
    lck_mtx_lock(&writing->file->uf_lock);
    cluster_undelay(writing->file, first, end);
    lck_mtx_unlock(&writing->file->uf_lock);
    return cluster_write_out(writing->file, first, end, true, writing->callback, &any);
}

int cluster_write_ext(vnode_t vp, struct uio *uio, off_t old_eof, off_t new_eof, off_t head_off,
                      off_t tail_off, int xflags, int (*callback)(buf_t, void *), void *callback_arg)
{
    off_t data = uio ? uio_offset(uio) : new_eof;
    off_t data_end = data + (uio && uio_resid(uio) > 0 ? uio_resid(uio) : 0);
    struct cluster_writing writing = {
        .vp = vp,
        .uio = uio,
        .begin = data,
        .data = data,
        .data_end = data_end,
        .end = data_end,
        .old_eof = old_eof,
        .flags = xflags,
        .callback = {callback, callback_arg},
    };
    if (data < 0 || data_end < data || !vnode_isreg(vp))
        return EINVAL;
    if ((xflags & IO_HEADZEROFILL) && head_off >= 0 && head_off < data)
        writing.begin = head_off;
    off_t last = page_up(new_eof > data_end ? new_eof : data_end);
    if (xflags & IO_TAILZEROFILL)
        tail_off = tail_off < last ? tail_off : last; /* there is nothing behind the file's last page */
    if ((xflags & IO_TAILZEROFILL) && tail_off > data_end)
        writing.end = tail_off;
    if (writing.begin >= writing.end)
        return 0;
    writing.file = ubc_file_get(vp);
    return write_all(&writing, new_eof);
}

int cluster_write(vnode_t vp, struct uio *uio, off_t old_eof, off_t new_eof, off_t head_off, off_t tail_off,
                  int xflags)
{
    return cluster_write_ext(vp, uio, old_eof, new_eof, head_off, tail_off, xflags, NULL, NULL);
}
