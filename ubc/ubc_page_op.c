// SPDX-License-Identifier: BSD-2-Clause
/*
 * Looking at, changing and dropping pages one by one or by ranges: ubc_page_op() and ubc_range_op().
 *
 * A caller that sets UPL_POP_BUSY has the page from then on and ends that with UPL_POP_CLR; whoever has it
 * busy says so in the calls between. Pages have no number of their own in memory, so UPL_POP_PHYSICAL is
 * refused, and are never precious or laundered.
 *
 * Locks: the file's (360). Called by file systems (KPI).
 */
#include <mach/kern_return.h>

#include "ubc/ubc_internal.h"

static int flags_of(const struct ubc_page *page)
{
    int flags = 0;
    if (page->p_flags & UP_DIRTY)
        flags |= UPL_POP_DIRTY;
    if (!(page->p_flags & UP_VALID))
        flags |= UPL_POP_ABSENT;
    if (page->p_flags & UP_BUSY)
        flags |= UPL_POP_BUSY;
    return flags;
}

static void flags_change(struct ubc_page *page, unsigned ops)
{
    bool set = (ops & UPL_POP_SET) != 0;
    if (ops & UPL_POP_DIRTY)
        ubc_page_set_dirty(page, set);
    if ((ops & UPL_POP_BUSY) && set)
        ubc_page_claim(page);
    else if ((ops & UPL_POP_BUSY) && (page->p_flags & UP_BUSY))
        ubc_page_unclaim(page, false);
}

/* Does the call have to wait for whoever has the page? Only to have the page itself or to drop it, and not if
 * it is the caller's, who says so by UPL_POP_BUSY without UPL_POP_SET. */
static bool has_to_wait(const struct ubc_page *page, unsigned ops)
{
    bool takes = (ops & UPL_POP_SET) && (ops & UPL_POP_BUSY);
    if (!takes && !(ops & UPL_POP_DUMP))
        return false;
    if ((ops & UPL_POP_BUSY) && !takes)
        return page->p_holds > 0;
    return ubc_page_in_use(page);
}

int ubc_page_op(vnode_t vp, off_t f_offset, int ops, ppnum_t *phys_entryp, int *flagsp)
{
    struct ubc_page_queue dead = TAILQ_HEAD_INITIALIZER(dead);
    unsigned wanted = (unsigned)ops;
    struct ubc_page *page;
    if (flagsp)
        *flagsp = 0;
    if (phys_entryp)
        *phys_entryp = 0;
    if (f_offset < 0 || !vnode_isreg(vp) || (wanted & UPL_POP_PHYSICAL))
        return KERN_INVALID_ARGUMENT;
    struct ubc_file *file = ubc_file_find(vp);
    if (!file)
        return KERN_FAILURE;
    lck_mtx_lock(&file->uf_lock);
    while ((page = ubc_page_find(file, (uint64_t)f_offset >> UBC_SHIFT)) && has_to_wait(page, wanted))
        ubc_page_wait(page);
    if (page && flagsp)
        *flagsp = flags_of(page);
    if (page && (wanted & UPL_POP_DUMP))
        ubc_page_drop(page, &dead);
    else if (page && (wanted & (UPL_POP_SET | UPL_POP_CLR)))
        flags_change(page, wanted);
    lck_mtx_unlock(&file->uf_lock);
    ubc_pages_free(&dead);
    return page ? KERN_SUCCESS : KERN_FAILURE;
}

/* Where the stretch of pages that are, or are not, there ends. File lock held. */
static uint64_t stretch_end(struct ubc_file *file, uint64_t first, uint64_t end, bool present)
{
    if (!present) {
        struct ubc_page *page = ubc_page_first(file, first, end);
        return page ? page->p_index : end;
    }
    while (first < end && ubc_page_find(file, first))
        first++;
    return first;
}

int ubc_range_op(vnode_t vp, off_t f_offset_beg, off_t f_offset_end, int ops, int *range)
{
    struct ubc_page_queue dead = TAILQ_HEAD_INITIALIZER(dead);
    if (range)
        *range = 0;
    if (f_offset_beg < 0 || f_offset_end < f_offset_beg || f_offset_end - f_offset_beg > INT32_MAX ||
        !(ops & (UPL_ROP_ABSENT | UPL_ROP_PRESENT | UPL_ROP_DUMP)) || !vnode_isreg(vp))
        return KERN_INVALID_ARGUMENT;
    struct ubc_file *file = ubc_file_find(vp);
    uint64_t first = (uint64_t)f_offset_beg >> UBC_SHIFT;
    uint64_t end = ((uint64_t)f_offset_end + UBC_PAGE - 1) >> UBC_SHIFT, reached = end;
    if (!file) {
        reached = ops & UPL_ROP_PRESENT ? first : end;
    } else {
        lck_mtx_lock(&file->uf_lock);
        if (ops & UPL_ROP_DUMP)
            ubc_file_drop(file, first, end, true, &dead);
        else
            reached = stretch_end(file, first, end, (ops & UPL_ROP_PRESENT) != 0);
        lck_mtx_unlock(&file->uf_lock);
        ubc_pages_free(&dead);
    }
    off_t stop = (off_t)(reached << UBC_SHIFT);
    stop = stop < f_offset_end ? stop : f_offset_end;
    if (range)
        *range = stop > f_offset_beg ? (int)(stop - f_offset_beg) : 0;
    return KERN_SUCCESS;
}
