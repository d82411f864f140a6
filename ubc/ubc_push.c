// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing the dirty pages of a range: for ubc_msync(), for writing back and for the end of a vnode's life.
 * Neighbouring pages go to VNOP_PAGEOUT together, at most a list's worth. Each run is tried once; pages that
 * could not be written stay dirty.
 *
 * What failed is counted with the page until it is made dirty anew or written. The first failure is noted
 * with the vnode, so that each opener hears of it at its next fsync; later attempts with the same contents
 * tell only who asked for them. After UBC_TRIES nobody tries unasked.
 *
 * Locks: the file's (360), not held over VNOP_PAGEOUT. Called by ubc_msync.c and ubc_writer.c.
 */
#include <sys/errno.h>
#include <sys/systm.h>

#include "buf/buf_iface.h"
#include "ubc/ubc_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_iface.h"

#define LOOKS_MAX 512u /* pages that are looked at before others get the lock */

/* Is the page to be written by this push? */
static bool is_due(struct ubc_push *push, const struct ubc_page *page)
{
    if (push->flags & UBC_PUSHALL)
        return true;
    if (!(page->p_flags & UP_DIRTY))
        return false;
    if (push->unasked && page->p_failures >= UBC_TRIES) {
        push->passed++;
        return false;
    }
    return true;
}

/* The next run that is to be written; 0: there is none. Who wants all to be written in the end waits for
 * those that write already. */
static unsigned run_next(struct ubc_push *push, uint64_t *first)
{
    struct ubc_page *page;
    lck_mtx_t *lock = &push->file->uf_lock;
    unsigned count = 0, looks = 0;
    lck_mtx_lock(lock);
    while (count < UBC_LIST_MAX && (page = ubc_page_first(push->file, push->at, push->end))) {
        if (count && page->p_index != *first + count)
            break;
        bool due = is_due(push, page);
        if (due && (page->p_flags & UP_BUSY)) {
            if (count)
                break;
            if (push->flags & UBC_SYNC) {
                ubc_page_wait(page);
                push->written++; /* by somebody else */
                continue;
            }
            due = false;
        }
        if (!due && count)
            break;
        if (due && !count)
            *first = page->p_index;
        if (due)
            page->p_flags &= ~UP_FAILED;
        count += due;
        push->at = page->p_index + 1;
        if (!count && ++looks % LOOKS_MAX == 0) {
            lck_mtx_unlock(lock);
            lck_mtx_lock(lock);
        }
    }
    lck_mtx_unlock(lock);
    return count;
}

/* The flags that a list is made with to write this run. */
static int list_flags(const struct ubc_push *push)
{
    if (push->flags & UBC_PUSHALL)
        return UPL_COPYOUT_FROM | UPL_CLEAN_IN_PLACE;
    return UPL_COPYOUT_FROM | UPL_RET_ONLY_DIRTY | (push->unasked ? UPL_UBC_PAGEOUT : UPL_UBC_MSYNC);
}

static errno_t run_write(struct ubc_push *push, uint64_t first, unsigned count)
{
    vnode_t vp = push->file->uf_vp;
    off_t offset = (off_t)(first << UBC_SHIFT);
    size_t size = (size_t)count * UBC_PAGE;
    int flags = (push->unasked ? 0 : UPL_MSYNC) | (push->flags & UBC_SYNC ? UPL_IOSYNC : 0);
    if (vnode_pageout_lists(vp))
        return VNOP_PAGEOUT(vp, NULL, 0, offset, size, flags, vfs_context_current());
    struct upl *upl = ubc_list_make(push->file, first, count, list_flags(push));
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

/* Count what came of a run. */
static void run_ended(struct ubc_push *push, uint64_t first, unsigned count, errno_t error)
{
    struct ubc_file *file = push->file;
    struct ubc_page *page;
    unsigned left = 0;
    bool news = false;
    lck_mtx_lock(&file->uf_lock);
    for (uint64_t at = first; (page = ubc_page_first(file, at, first + count)); at = page->p_index + 1) {
        if (!(page->p_flags & UP_DIRTY) || (page->p_flags & UP_BUSY))
            continue;
        left++;
        if (error && !(page->p_flags & UP_FAILED))
            ubc_page_failed(page);
        news |= page->p_failures == 1;
    }
    lck_mtx_unlock(&file->uf_lock);
    push->written += count - left;
    push->failed += error ? left : 0;
    if (error && !push->error)
        push->error = error;
    if (error && (news || !left))
        buf_error_note(file->uf_vp, error);
    if (left < count)
        ubc_writer_progress(file->uf_mount);
}

void ubc_push_run(struct ubc_push *push)
{
    uint64_t first = 0;
    unsigned count;
    while ((count = run_next(push, &first))) {
        errno_t error = run_write(push, first, count);
        run_ended(push, first, count, error);
        if (error && push->stops) {
            push->at = first;
            break;
        }
    }
}
