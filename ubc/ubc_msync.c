// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing and dropping pages of a range: ubc_msync() and the end of a vnode's life. Neighbouring pages go to
 * VNOP_PAGEOUT together, at most a list's worth. Each run is tried once; pages that could not be written stay
 * dirty.
 *
 * Locks: the file's (360), not held over VNOP_PAGEOUT. Called by file systems (KPI) and by reclaim in vfs/.
 */
#include <sys/errno.h>
#include <sys/syslog.h>
#include <sys/systm.h>

#include "ubc/ubc_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_iface.h"

struct push {
    struct ubc_file *file;
    uint64_t at, end; /* pages still to be looked at */
    int flags;        /* UBC_* */
};

static bool is_due(const struct push *push, const struct ubc_page *page)
{
    return (page->p_flags & UP_DIRTY) || (push->flags & UBC_PUSHALL);
}

/* The next run that is to be written; 0: there is none. Who wants all to be written in the end waits for
 * those that write already. */
static unsigned run_next(struct push *push, uint64_t *first)
{
    struct ubc_page *page;
    unsigned count = 0;
    lck_mtx_lock(&push->file->uf_lock);
    while (count < UBC_LIST_MAX && (page = ubc_page_first(push->file, push->at, push->end))) {
        if (count && page->p_index != *first + count)
            break;
        bool due = is_due(push, page);
        if (due && (page->p_flags & UP_BUSY)) {
            if (count)
                break;
            if (push->flags & UBC_SYNC) {
                ubc_page_wait(page);
                continue;
            }
            due = false;
        }
        if (!due && count)
            break;
        if (due && !count)
            *first = page->p_index;
        count += due;
        push->at = page->p_index + 1;
    }
    lck_mtx_unlock(&push->file->uf_lock);
    return count;
}

static errno_t run_write(struct push *push, uint64_t first, unsigned count)
{
    vnode_t vp = push->file->uf_vp;
    off_t offset = (off_t)(first << UBC_SHIFT);
    size_t size = (size_t)count * UBC_PAGE;
    int flags = UPL_MSYNC | (push->flags & UBC_SYNC ? UPL_IOSYNC : 0);
    if (vnode_pageout_lists(vp))
        return VNOP_PAGEOUT(vp, NULL, 0, offset, size, flags, vfs_context_current());
    struct upl *upl =
        ubc_list_make(push->file, first, count,
                      push->flags & UBC_PUSHALL ? UPL_COPYOUT_FROM | UPL_CLEAN_IN_PLACE
                                                : UPL_UBC_MSYNC | UPL_COPYOUT_FROM | UPL_RET_ONLY_DIRTY);
    unsigned left = ubc_list_left(upl);
    if (!left) {
        /* Somebody else has written them meanwhile. */
        ubc_list_release(upl);
        return 0;
    }
    ubc_list_retain(upl);
    errno_t error = VNOP_PAGEOUT(vp, upl, 0, offset, size, flags, vfs_context_current());
    /* A type without the operation does not know that there is a list to give back. */
    if (error == ENOTSUP && ubc_list_left(upl) == left)
        ubc_upl_abort(upl, 0);
    ubc_list_release(upl);
    return error;
}

/* Write what is due. @stops: at the first error, with @push->at at its run. */
static errno_t push_range(struct push *push, bool stops)
{
    errno_t first_error = 0;
    uint64_t first = 0;
    unsigned count;
    while ((count = run_next(push, &first))) {
        errno_t error = run_write(push, first, count);
        if (error && !first_error)
            first_error = error;
        if (error && stops) {
            push->at = first;
            break;
        }
    }
    return first_error;
}

errno_t ubc_msync(vnode_t vp, off_t beg_off, off_t end_off, off_t *resid_off, int flags)
{
    struct ubc_page_queue dead = TAILQ_HEAD_INITIALIZER(dead);
    bool pushes = (flags & (UBC_PUSHDIRTY | UBC_PUSHALL)) != 0;
    errno_t error = 0;
    if (resid_off)
        *resid_off = 0;
    if (beg_off < 0 || !vnode_isreg(vp) || (!pushes && !(flags & UBC_INVALIDATE)))
        return EINVAL;
    struct push push = {.file = ubc_file_find(vp), .flags = flags};
    if (end_off <= beg_off || !push.file)
        return 0;
    uint64_t begin = (uint64_t)beg_off >> UBC_SHIFT;
    push.at = begin;
    push.end = ((uint64_t)end_off + UBC_PAGE - 1) >> UBC_SHIFT;
    if (pushes)
        error = push_range(&push, true);
    if (!error && (flags & UBC_INVALIDATE)) {
        lck_mtx_lock(&push.file->uf_lock);
        ubc_file_drop(push.file, begin, push.end, !pushes, &dead);
        lck_mtx_unlock(&push.file->uf_lock);
        ubc_pages_free(&dead);
    }
    if (error && resid_off)
        *resid_off = (off_t)(push.at << UBC_SHIFT);
    return error;
}

void ubc_vnode_push(vnode_t vp)
{
    struct push push = {.file = ubc_file_find(vp), .end = UBC_INDEX_END, .flags = UBC_PUSHDIRTY | UBC_SYNC};
    errno_t error = push.file ? push_range(&push, false) : 0;
    if (error)
        kern_log(LOG_ERR, "ubc: a file that lost its vnode had pages that could not be written: error %d\n",
                 error);
}

/* ---- for a look ---------------------------------------------------------------------------------------- */

int ubc_pages_resident(vnode_t vp)
{
    return vnode_isreg(vp) && ubc_vnode_has(vp, false);
}

int is_file_clean(vnode_t vp, off_t filesize)
{
    (void)filesize;
    return vnode_isreg(vp) && ubc_vnode_has(vp, true) ? EBUSY : 0;
}
