// SPDX-License-Identifier: BSD-2-Clause
/*
 * The pages of each vnode: finding, taking, releasing and dropping them.
 *
 * The record of a vnode is made when it first uses the cache, and found by the vnode's place in its table
 * without a lock; a file whose file system has a cache of its own costs one pointer. A page that is valid,
 * clean and nobody's is on the age queue; a dirty one is not, it stays until it was written or dropped.
 *
 * Locks: rank 360, one for each record; the age queue (370) is taken inside it. Called by the files of ubc/.
 */
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>

#include "ubc/ubc_internal.h"
#include "vfs/vfs_iface.h"

static struct ubc_file *_Atomic *files; /* by the vnode's index */
static uint32_t files_max;
static lck_grp_t *group;
static _Atomic(uint64_t) n_files, n_pages;
static _Atomic(bool) *dirty_marks; /* by the vnode's index, for who has no reference to the vnode */

void ubc_file_boot(uint32_t max_vnodes)
{
    files_max = max_vnodes;
    files = kern_alloc(files_max * sizeof(*files), "ubc_files");
    dirty_marks = kern_alloc(files_max * sizeof(*dirty_marks), "ubc_dirty_marks");
    group = lck_grp_alloc_init("ubc.file", LCK_GRP_ATTR_NULL);
}

void ubc_file_shutdown(void)
{
    KASSERT(!atomic_load_explicit(&n_files, memory_order_relaxed),
            "a vnode that has used the page cache was not reclaimed");
    lck_grp_free(group);
    kern_free((void *)dirty_marks, files_max * sizeof(*dirty_marks));
    kern_free((void *)files, files_max * sizeof(*files));
}

void ubc_file_counters(struct ubc_counters *out)
{
    out->files = atomic_load_explicit(&n_files, memory_order_relaxed);
    out->pages = atomic_load_explicit(&n_pages, memory_order_relaxed);
}

/* ---- records ------------------------------------------------------------------------------------------- */

struct ubc_file *ubc_file_find(vnode_t vp)
{
    return atomic_load_explicit(&files[vnode_index(vp)], memory_order_acquire);
}

static void file_free(struct ubc_file *file)
{
    if (file->uf_cred)
        kauth_cred_unref(&file->uf_cred);
    lck_mtx_destroy(&file->uf_lock, group);
    kern_free(file, sizeof(*file));
}

struct ubc_file *ubc_file_get(vnode_t vp)
{
    struct ubc_file *file = ubc_file_find(vp);
    if (file)
        return file;
    struct ubc_file *fresh = kern_alloc(sizeof(*fresh), "ubc_file");
    lck_mtx_init(&fresh->uf_lock, group, LCK_ATTR_NULL);
    fresh->uf_vp = vp;
    fresh->uf_vid = vnode_vid(vp);
    fresh->uf_mount = ubc_mount_get(vp);
    atomic_init(&fresh->uf_refs, 1);
    if (!atomic_compare_exchange_strong_explicit(&files[vnode_index(vp)], &file, fresh, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        file_free(fresh);
        return file;
    }
    atomic_fetch_add_explicit(&n_files, 1, memory_order_relaxed);
    return fresh;
}

void ubc_file_retain(struct ubc_file *file)
{
    atomic_fetch_add_explicit(&file->uf_refs, 1, memory_order_relaxed);
}

void ubc_file_release(struct ubc_file *file)
{
    if (atomic_fetch_sub_explicit(&file->uf_refs, 1, memory_order_acq_rel) == 1)
        file_free(file);
}

void ubc_vnode_gone(vnode_t vp)
{
    struct ubc_page_queue dead = TAILQ_HEAD_INITIALIZER(dead);
    struct ubc_file *file = ubc_file_find(vp);
    if (!file)
        return;
    lck_mtx_lock(&file->uf_lock);
    ubc_file_drop(file, 0, UBC_INDEX_END, true, &dead);
    lck_mtx_unlock(&file->uf_lock);
    ubc_pages_free(&dead);
    ubc_age_settle();
    atomic_store_explicit(&files[vnode_index(vp)], NULL, memory_order_release);
    atomic_fetch_sub_explicit(&n_files, 1, memory_order_relaxed);
    ubc_file_release(file);
}

bool ubc_vnode_has(vnode_t vp, bool dirty)
{
    struct ubc_file *file = ubc_file_find(vp);
    if (!file)
        return false;
    if (dirty)
        return atomic_load_explicit(&file->uf_dirty, memory_order_relaxed) > 0;
    lck_mtx_lock(&file->uf_lock);
    bool has = file->uf_pages > 0;
    lck_mtx_unlock(&file->uf_lock);
    return has;
}

bool ubc_vnode_dirty(vnode_t vp)
{
    return atomic_load_explicit(&dirty_marks[vnode_index(vp)], memory_order_relaxed);
}

/* ---- pages in no file ---------------------------------------------------------------------------------- */

void ubc_pages_make(struct ubc_page_queue *out, unsigned count)
{
    struct ubc_memory piece = ubc_memory_take(count);
    for (unsigned i = 0; i < count; i++) {
        struct ubc_page *page = kern_alloc(sizeof(*page), "ubc_page");
        page->p_memory = ubc_memory_at(piece, i);
        TAILQ_INSERT_TAIL(out, page, p_apart);
    }
}

void ubc_pages_free(struct ubc_page_queue *pages)
{
    struct ubc_page *page;
    while ((page = TAILQ_FIRST(pages))) {
        TAILQ_REMOVE(pages, page, p_apart);
        ubc_memory_give(page->p_memory);
        kern_free(page, sizeof(*page));
    }
}

/* ---- pages of a file: its lock is held ----------------------------------------------------------------- */

struct ubc_page *ubc_page_find(struct ubc_file *file, uint64_t index)
{
    return ubc_tree_find(&file->uf_tree, index);
}

struct ubc_page *ubc_page_first(struct ubc_file *file, uint64_t index, uint64_t end)
{
    struct ubc_page *page = ubc_tree_next(&file->uf_tree, index);
    return page && page->p_index < end ? page : NULL;
}

void ubc_page_wait(struct ubc_page *page)
{
    page->p_flags |= UP_WANTED;
    msleep(page, &page->p_file->uf_lock, PRIBIO, "ubc page", NULL);
}

static void wake(struct ubc_page *page)
{
    if (page->p_flags & UP_WANTED)
        wakeup(page);
    page->p_flags &= ~UP_WANTED;
}

/* A page that is valid, clean and nobody's belongs on the age queue. */
static void settle(struct ubc_page *page, bool aged)
{
    bool belongs = (page->p_flags & (UP_BUSY | UP_VALID | UP_DIRTY)) == UP_VALID;
    if (belongs && !(page->p_flags & UP_QUEUED))
        ubc_age_queue(page, aged);
    else if (!belongs && (page->p_flags & UP_QUEUED))
        ubc_age_unqueue(page);
}

void ubc_page_insert(struct ubc_file *file, struct ubc_page *page, uint64_t index)
{
    page->p_file = file;
    page->p_index = index;
    page->p_flags = UP_BUSY;
    ubc_tree_insert(&file->uf_tree, index, page);
    file->uf_pages++;
    atomic_fetch_add_explicit(&n_pages, 1, memory_order_relaxed);
}

void ubc_page_claim(struct ubc_page *page)
{
    KASSERT(!ubc_page_in_use(page), "page %llu of a file is taken from somebody",
            (unsigned long long)page->p_index);
    page->p_flags |= UP_BUSY;
    settle(page, false);
}

void ubc_page_unclaim(struct ubc_page *page, bool aged)
{
    page->p_flags &= ~UP_BUSY;
    settle(page, aged);
    wake(page);
}

void ubc_page_set_dirty(struct ubc_page *page, bool dirty)
{
    page->p_failures = 0;
    if (dirty == ((page->p_flags & UP_DIRTY) != 0))
        return;
    struct ubc_file *file = page->p_file;
    page->p_flags ^= UP_DIRTY;
    if (dirty)
        ubc_writer_dirtied(file, !atomic_fetch_add_explicit(&file->uf_dirty, 1, memory_order_relaxed));
    else
        ubc_writer_cleaned(file, atomic_fetch_sub_explicit(&file->uf_dirty, 1, memory_order_relaxed) == 1);
    bool some = atomic_load_explicit(&file->uf_dirty, memory_order_relaxed) > 0;
    _Atomic(bool) *mark = &dirty_marks[vnode_index(file->uf_vp)];
    if (atomic_load_explicit(mark, memory_order_relaxed) != some)
        atomic_store_explicit(mark, some, memory_order_relaxed);
    settle(page, false);
}

bool ubc_page_failed(struct ubc_page *page)
{
    page->p_flags |= UP_FAILED;
    page->p_failures += page->p_failures < UBC_TRIES;
    return page->p_failures == 1;
}

void ubc_page_drop(struct ubc_page *page, struct ubc_page_queue *dead)
{
    struct ubc_file *file = page->p_file;
    page->p_flags = (page->p_flags | UP_BUSY) & ~UP_VALID;
    settle(page, false);
    ubc_page_set_dirty(page, false);
    ubc_tree_remove(&file->uf_tree, page->p_index);
    file->uf_pages--;
    atomic_fetch_sub_explicit(&n_pages, 1, memory_order_relaxed);
    wake(page);
    TAILQ_INSERT_TAIL(dead, page, p_apart);
}

void ubc_file_drop(struct ubc_file *file, uint64_t first, uint64_t end, bool dirty,
                   struct ubc_page_queue *dead)
{
    struct ubc_page *page;
    while ((page = ubc_page_first(file, first, end))) {
        if (ubc_page_in_use(page)) {
            ubc_page_wait(page);
            continue;
        }
        first = page->p_index + 1;
        if (dirty || !(page->p_flags & UP_DIRTY))
            ubc_page_drop(page, dead);
    }
}

/* ---- readers ------------------------------------------------------------------------------------------- */

struct ubc_page *ubc_page_hold(vnode_t vp, off_t offset, const uint8_t **data)
{
    struct ubc_file *file = offset < 0 ? NULL : ubc_file_find(vp);
    struct ubc_page *page;
    if (!file)
        return NULL;
    lck_mtx_lock(&file->uf_lock);
    while ((page = ubc_page_find(file, (uint64_t)offset >> UBC_SHIFT)) && (page->p_flags & UP_BUSY))
        ubc_page_wait(page);
    if (page && !(page->p_flags & UP_VALID))
        page = NULL;
    if (page) {
        page->p_holds++;
        page->p_flags |= UP_TOUCHED;
        *data = page->p_memory.um_data;
    }
    lck_mtx_unlock(&file->uf_lock);
    return page;
}

void ubc_page_release(struct ubc_page *page)
{
    if (!--page->p_holds)
        wake(page);
}

void ubc_page_unhold(struct ubc_page *page)
{
    struct ubc_file *file = page->p_file;
    lck_mtx_lock(&file->uf_lock);
    ubc_page_release(page);
    lck_mtx_unlock(&file->uf_lock);
}
