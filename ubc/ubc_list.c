// SPDX-License-Identifier: BSD-2-Clause
/*
 * Page lists: gathering the pages of a range, busy, and giving them back, valid (commit) or as they were
 * (abort). Pages that are missing are made for a list that will fill them; a list that only writes what there
 * is has holes instead.
 *
 * A list made to write (UPL_UBC_PAGEOUT, UPL_UBC_MSYNC, or UPL_COPYOUT_FROM with UPL_CLEAN_IN_PLACE or
 * UPL_FOR_PAGEOUT) cleans its pages: they are clean once it is committed, dirty as before if it is aborted.
 *
 * Locks: the file's (360). Called by file systems (KPI) and by ubc_msync.c.
 */
#include <string.h>
#include <sys/errno.h>
#include <mach/kern_return.h>

#include "buf/buf_iface.h"
#include "ubc/ubc_internal.h"

/* upl_page_info: what is in the second word. The first is a number for the page, which is never 0. */
#define INFO_PRESENT 0x1u
#define INFO_VALID   0x2u
#define INFO_DIRTY   0x4u

#define WRITES_FLAGS (UPL_UBC_PAGEOUT | UPL_UBC_MSYNC)

/* ---- making -------------------------------------------------------------------------------------------- */

static size_t pages_size(unsigned count)
{
    return count * sizeof(struct ubc_page *);
}

static size_t info_size(unsigned count)
{
    return count * sizeof(upl_page_info_t);
}

static struct upl *list_alloc(struct ubc_file *file, uint64_t first, unsigned count, int flags)
{
    struct upl *upl = kern_alloc(sizeof(*upl), "upl");
    upl->u_pages = kern_alloc(pages_size(count), "upl_pages");
    upl->u_info = kern_alloc(info_size(count), "upl_info");
    upl->u_file = file;
    upl->u_first = first;
    upl->u_count = count;
    upl->u_refs = 1;
    upl->u_writes = (flags & WRITES_FLAGS) ||
                    ((flags & UPL_COPYOUT_FROM) && (flags & (UPL_CLEAN_IN_PLACE | UPL_FOR_PAGEOUT)));
    ubc_file_retain(file);
    return upl;
}

static void list_free(struct upl *upl)
{
    ubc_map_forget(upl);
    ubc_file_release(upl->u_file);
    kern_free(upl->u_info, info_size(upl->u_count));
    kern_free(upl->u_pages, pages_size(upl->u_count));
    kern_free(upl, sizeof(*upl));
}

static unsigned missing_count(struct ubc_file *file, uint64_t first, unsigned count)
{
    struct ubc_page *page;
    unsigned present = 0;
    lck_mtx_lock(&file->uf_lock);
    for (uint64_t at = first; (page = ubc_page_first(file, at, first + count)); at = page->p_index + 1)
        present++;
    lck_mtx_unlock(&file->uf_lock);
    return count - present;
}

static void list_take(struct upl *upl, unsigned i, struct ubc_page *page)
{
    uint32_t state = INFO_PRESENT;
    if (page->p_flags & UP_VALID)
        state |= INFO_VALID;
    if (page->p_flags & UP_DIRTY)
        state |= INFO_DIRTY;
    upl->u_pages[i] = page;
    upl->u_left++;
    upl->u_info[i].opaque[0] = i + 1;
    upl->u_info[i].opaque[1] = state;
}

/* Is a page that is there to be in the list? */
static bool is_wanted(const struct ubc_page *page, int flags)
{
    if ((flags & UPL_RET_ONLY_DIRTY) && !(page->p_flags & UP_DIRTY))
        return false;
    return !(flags & UPL_RET_ONLY_ABSENT) || !(page->p_flags & UP_VALID);
}

/* Page @i: found, made from @spare, or a hole. File lock held. False: a spare page is needed. */
static bool list_fill(struct upl *upl, unsigned i, int flags, struct ubc_page_queue *spare)
{
    struct ubc_file *file = upl->u_file;
    struct ubc_page *page;
    while ((page = ubc_page_find(file, upl->u_first + i)) && ubc_page_in_use(page)) {
        if (flags & UPL_NOBLOCK)
            return true;
        ubc_page_wait(page);
    }
    if (page) {
        if (is_wanted(page, flags)) {
            ubc_page_claim(page);
            list_take(upl, i, page);
        }
        return true;
    }
    if (flags & (UPL_COPYOUT_FROM | UPL_RET_ONLY_DIRTY))
        return true;
    page = TAILQ_FIRST(spare);
    if (!page)
        return false;
    TAILQ_REMOVE(spare, page, p_apart);
    ubc_page_insert(file, page, upl->u_first + i);
    list_take(upl, i, page);
    return true;
}

struct upl *ubc_list_make(struct ubc_file *file, uint64_t first, unsigned count, int flags)
{
    struct ubc_page_queue spare = TAILQ_HEAD_INITIALIZER(spare);
    struct upl *upl = list_alloc(file, first, count, flags);
    bool makes = !(flags & (UPL_COPYOUT_FROM | UPL_RET_ONLY_DIRTY));
    unsigned missing = makes ? missing_count(file, first, count) : 0;
    if (missing)
        ubc_pages_make(&spare, missing);
    lck_mtx_lock(&file->uf_lock);
    for (unsigned i = 0; i < count; i++) {
        while (!list_fill(upl, i, flags, &spare)) {
            lck_mtx_unlock(&file->uf_lock);
            ubc_pages_make(&spare, 1);
            lck_mtx_lock(&file->uf_lock);
        }
    }
    lck_mtx_unlock(&file->uf_lock);
    ubc_pages_free(&spare);
    if (!(flags & (UPL_FILE_IO | UPL_NOZEROFILL)))
        for (unsigned i = 0; i < count; i++)
            if (upl->u_pages[i] && !(upl->u_info[i].opaque[1] & INFO_VALID))
                memset(upl->u_pages[i]->p_memory.um_data, 0, UBC_PAGE);
    return upl;
}

/* The flags that a purpose stands for. */
static int flags_of_purpose(int flags)
{
    if (flags & (UPL_UBC_MSYNC | UPL_UBC_PAGEOUT))
        return flags | UPL_COPYOUT_FROM | UPL_RET_ONLY_DIRTY;
    if (flags & UPL_UBC_PAGEIN)
        return (flags | UPL_RET_ONLY_ABSENT) & ~UPL_COPYOUT_FROM;
    return flags;
}

int ubc_create_upl(vnode_t vp, off_t f_offset, int bufsize, upl_t *uplp, upl_page_info_t **plp, int uplflags)
{
    *uplp = NULL;
    if (plp)
        *plp = NULL;
    if (bufsize <= 0 || bufsize % (int)UBC_PAGE || bufsize > (int)(UBC_LIST_MAX * UBC_PAGE))
        return KERN_INVALID_ARGUMENT;
    if (f_offset < 0 || f_offset % UBC_PAGE || f_offset > INT64_MAX - bufsize || !vnode_isreg(vp))
        return KERN_INVALID_ARGUMENT;
    *uplp = ubc_list_make(ubc_file_get(vp), (uint64_t)f_offset >> UBC_SHIFT, (unsigned)bufsize >> UBC_SHIFT,
                          flags_of_purpose(uplflags));
    if (plp)
        *plp = (*uplp)->u_info;
    return KERN_SUCCESS;
}

upl_size_t ubc_upl_maxbufsize(void)
{
    return UBC_LIST_MAX * UBC_PAGE;
}

/* ---- what it says -------------------------------------------------------------------------------------- */

upl_page_info_t *ubc_upl_pageinfo(upl_t upl)
{
    return upl->u_info;
}

upl_size_t upl_get_size(upl_t upl)
{
    return upl->u_count * UBC_PAGE;
}

boolean_t upl_page_present(upl_page_info_t *upl, int index)
{
    return (upl[index].opaque[1] & INFO_PRESENT) != 0;
}

boolean_t upl_valid_page(upl_page_info_t *upl, int index)
{
    return (upl[index].opaque[1] & INFO_VALID) != 0;
}

boolean_t upl_dirty_page(upl_page_info_t *upl, int index)
{
    return (upl[index].opaque[1] & INFO_DIRTY) != 0;
}

void ubc_upl_range_needed(upl_t upl, int index, int count)
{
    lck_mtx_lock(&upl->u_file->uf_lock);
    for (int64_t i = index < 0 ? 0 : index; i < (int64_t)index + count && i < upl->u_count; i++)
        if (upl->u_pages[i])
            upl->u_pages[i]->p_flags |= UP_TOUCHED;
    lck_mtx_unlock(&upl->u_file->uf_lock);
}

unsigned ubc_list_left(struct upl *upl)
{
    lck_mtx_lock(&upl->u_file->uf_lock);
    unsigned left = upl->u_left;
    lck_mtx_unlock(&upl->u_file->uf_lock);
    return left;
}

/* ---- giving back --------------------------------------------------------------------------------------- */

void ubc_list_retain(struct upl *upl)
{
    lck_mtx_lock(&upl->u_file->uf_lock);
    upl->u_refs++;
    lck_mtx_unlock(&upl->u_file->uf_lock);
}

void ubc_list_release(struct upl *upl)
{
    lck_mtx_lock(&upl->u_file->uf_lock);
    bool last = !--upl->u_refs;
    KASSERT(!last || !upl->u_left, "a page list is freed with %u pages in it", upl->u_left);
    lck_mtx_unlock(&upl->u_file->uf_lock);
    if (last)
        list_free(upl);
}

static void commit_page(const struct upl *upl, struct ubc_page *page, unsigned flags,
                        struct ubc_page_queue *dead)
{
    if ((flags & UPL_COMMIT_FREE_ABSENT) && !(page->p_flags & UP_VALID)) {
        ubc_page_drop(page, dead);
        return;
    }
    page->p_flags |= UP_VALID;
    if (flags & UPL_COMMIT_SET_DIRTY)
        ubc_page_set_dirty(page, true);
    else if (upl->u_writes || (flags & UPL_COMMIT_CLEAR_DIRTY))
        ubc_page_set_dirty(page, false);
    ubc_page_unclaim(page, (flags & (UPL_COMMIT_INACTIVATE | UPL_COMMIT_SPECULATE)) != 0);
}

/* UPL_ABORT_ERROR of a list that was to write tells of a write that nobody waited for. It is noted before the
 * page is given back, since that is what keeps the vnode. */
static void abort_page(const struct upl *upl, struct ubc_page *page, unsigned flags,
                       struct ubc_page_queue *dead)
{
    if (upl->u_writes && (flags & UPL_ABORT_ERROR) && (page->p_flags & UP_DIRTY) && ubc_page_failed(page))
        buf_error_note(upl->u_file->uf_vp, EIO);
    if ((flags & UPL_ABORT_DUMP_PAGES) || !(page->p_flags & UP_VALID))
        ubc_page_drop(page, dead);
    else
        ubc_page_unclaim(page, false);
}

/* @empty: nothing is left of the list. */
static int give_back(struct upl *upl, upl_offset_t offset, upl_size_t size, bool commits, unsigned flags,
                     bool *empty)
{
    struct ubc_page_queue dead = TAILQ_HEAD_INITIALIZER(dead);
    uint64_t end = ((uint64_t)offset + size + UBC_PAGE - 1) >> UBC_SHIFT;
    *empty = false;
    if (end > upl->u_count)
        return KERN_FAILURE;
    lck_mtx_lock(&upl->u_file->uf_lock);
    for (uint64_t i = offset >> UBC_SHIFT; i < end; i++) {
        struct ubc_page *page = upl->u_pages[i];
        if (!page)
            continue;
        upl->u_pages[i] = NULL;
        upl->u_left--;
        if (commits)
            commit_page(upl, page, flags, &dead);
        else
            abort_page(upl, page, flags, &dead);
    }
    *empty = !upl->u_left;
    lck_mtx_unlock(&upl->u_file->uf_lock);
    ubc_pages_free(&dead);
    return KERN_SUCCESS;
}

int ubc_upl_commit_range(upl_t upl, upl_offset_t offset, upl_size_t size, int flags)
{
    bool empty;
    if (flags & UPL_COMMIT_KERNEL_ONLY_FLAGS)
        return KERN_INVALID_ARGUMENT;
    int error = give_back(upl, offset, size, true, (unsigned)flags, &empty);
    if (!error && empty && (flags & UPL_COMMIT_FREE_ON_EMPTY))
        ubc_list_release(upl);
    return error;
}

int ubc_upl_abort_range(upl_t upl, upl_offset_t offset, upl_size_t size, int abort_flags)
{
    bool empty;
    int error = give_back(upl, offset, size, false, (unsigned)abort_flags, &empty);
    if (!error && empty && (abort_flags & UPL_ABORT_FREE_ON_EMPTY))
        ubc_list_release(upl);
    return error;
}

int ubc_upl_commit(upl_t upl)
{
    bool empty;
    int error = give_back(upl, 0, upl->u_count * UBC_PAGE, true, 0, &empty);
    ubc_list_release(upl);
    return error;
}

int ubc_upl_abort(upl_t upl, int abort_type)
{
    bool empty;
    int error = give_back(upl, 0, upl->u_count * UBC_PAGE, false, (unsigned)abort_type, &empty);
    ubc_list_release(upl);
    return error;
}
