// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copying between pages and a uio: pages that a reader holds, those of a page list, and what happens to be
 * cached. Pages that are neighbours in memory are one piece.
 *
 * Locks: the file's (360), never over a copy. Called by file systems (KPI) and by the files of cluster I/O.
 */
#include <string.h>
#include <sys/errno.h>

#include "ubc/cluster_internal.h"

/* ---- holding several ----------------------------------------------------------------------------------- */

unsigned cluster_hold(struct ubc_file *file, uint64_t first, unsigned max, struct ubc_page **pages)
{
    struct ubc_page *page;
    unsigned count = 0;
    lck_mtx_lock(&file->uf_lock);
    while ((page = ubc_page_find(file, first)) && (page->p_flags & UP_BUSY))
        ubc_page_wait(page);
    while (page && (page->p_flags & (UP_BUSY | UP_VALID)) == UP_VALID) {
        page->p_holds++;
        page->p_flags |= UP_TOUCHED;
        pages[count++] = page;
        page = count < max ? ubc_page_find(file, first + count) : NULL;
    }
    lck_mtx_unlock(&file->uf_lock);
    return count;
}

void cluster_unhold(struct ubc_file *file, struct ubc_page *const *pages, unsigned count)
{
    lck_mtx_lock(&file->uf_lock);
    for (unsigned i = 0; i < count; i++)
        ubc_page_release(pages[i]);
    lck_mtx_unlock(&file->uf_lock);
}

errno_t cluster_move(struct ubc_page *const *pages, uint32_t within, uint64_t bytes, struct uio *uio)
{
    errno_t error = 0;
    while (bytes && !error) {
        uint8_t *data = pages[0]->p_memory.um_data;
        unsigned count = 1;
        while ((uint64_t)count * UBC_PAGE < within + bytes &&
               pages[count]->p_memory.um_data == data + (size_t)count * UBC_PAGE)
            count++;
        uint64_t piece = (uint64_t)count * UBC_PAGE - within;
        piece = piece < bytes ? piece : bytes;
        error = uiomove((const char *)data + within, (int)piece, uio);
        bytes -= piece;
        within = 0;
        pages += count;
    }
    return error;
}

/* ---- lists --------------------------------------------------------------------------------------------- */

int cluster_copy_upl_data(uio_t uio, upl_t upl, int upl_offset, int *io_resid)
{
    uint64_t size = (uint64_t)upl->u_count * UBC_PAGE, at = (uint64_t)upl_offset;
    user_ssize_t resid = uio_resid(uio);
    if (upl_offset < 0 || *io_resid < 0 || at > size)
        return EINVAL;
    uint64_t bytes = (uint64_t)*io_resid;
    bytes = bytes < size - at ? bytes : size - at;
    bytes = (int64_t)bytes < resid ? bytes : (uint64_t)(resid > 0 ? resid : 0);
    for (uint64_t i = at >> UBC_SHIFT; i < (at + bytes + UBC_PAGE - 1) >> UBC_SHIFT; i++)
        if (!upl->u_pages[i])
            return EINVAL;
    errno_t error = bytes ? cluster_move(upl->u_pages + (at >> UBC_SHIFT), at % UBC_PAGE, bytes, uio) : 0;
    *io_resid -= (int)(resid - uio_resid(uio));
    return error;
}

void cluster_zero(upl_t upl, upl_offset_t upl_offset, int size, buf_t bp)
{
    caddr_t addr;
    if (size <= 0)
        return;
    if (!upl) {
        if (bp && !buf_map(bp, &addr)) {
            memset(addr + upl_offset, 0, (size_t)size);
            buf_unmap(bp);
        }
        return;
    }
    for (uint64_t at = upl_offset, end = at + (uint64_t)size; at < end;) {
        uint64_t stop = (at | (UBC_PAGE - 1)) + 1;
        uint64_t i = at >> UBC_SHIFT;
        stop = stop < end ? stop : end;
        if (i < upl->u_count && upl->u_pages[i])
            memset(upl->u_pages[i]->p_memory.um_data + at % UBC_PAGE, 0, (size_t)(stop - at));
        at = stop;
    }
}

/* ---- what is cached ------------------------------------------------------------------------------------ */

/* 0 with nothing moved: no more pages. */
static errno_t read_some(struct ubc_file *file, uio_t uio, uint64_t bytes)
{
    struct ubc_page *pages[CLUSTER_HOLD];
    uint64_t offset = (uint64_t)uio_offset(uio);
    uint32_t within = offset % UBC_PAGE;
    uint64_t wanted = (within + bytes + UBC_PAGE - 1) >> UBC_SHIFT;
    unsigned count = cluster_hold(file, offset >> UBC_SHIFT,
                                  wanted < CLUSTER_HOLD ? (unsigned)wanted : CLUSTER_HOLD, pages);
    if (!count)
        return 0;
    uint64_t there = (uint64_t)count * UBC_PAGE - within;
    errno_t error = cluster_move(pages, within, there < bytes ? there : bytes, uio);
    cluster_unhold(file, pages, count);
    return error;
}

static errno_t write_some(struct ubc_file *file, uio_t uio, uint64_t bytes, bool dirty)
{
    uint64_t offset = (uint64_t)uio_offset(uio);
    uint32_t within = offset % UBC_PAGE;
    struct upl *upl = ubc_list_make(file, offset >> UBC_SHIFT, 1, UPL_COPYOUT_FROM);
    errno_t error = 0;
    if (!upl->u_pages[0]) {
        ubc_list_release(upl);
        return 0;
    }
    uint64_t there = UBC_PAGE - within;
    error = cluster_move(upl->u_pages, within, there < bytes ? there : bytes, uio);
    ubc_upl_commit_range(upl, 0, UBC_PAGE, UPL_COMMIT_FREE_ON_EMPTY | (dirty ? UPL_COMMIT_SET_DIRTY : 0));
    return error;
}

int cluster_copy_ubc_data(vnode_t vp, uio_t uio, int *io_resid, int mark_dirty)
{
    struct ubc_file *file = vnode_isreg(vp) ? ubc_file_find(vp) : NULL;
    errno_t error = 0;
    if (!file || uio_offset(uio) < 0)
        return 0;
    while (*io_resid > 0 && uio_resid(uio) > 0 && !error) {
        user_ssize_t resid = uio_resid(uio);
        uint64_t bytes = *io_resid < resid ? (uint64_t)*io_resid : (uint64_t)resid;
        error = uio_rw(uio) == UIO_READ ? read_some(file, uio, bytes)
                                        : write_some(file, uio, bytes, mark_dirty != 0);
        if (uio_resid(uio) == resid)
            break;
        *io_resid -= (int)(resid - uio_resid(uio));
    }
    return error;
}
