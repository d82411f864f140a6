// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which pages go when memory is short: clean ones that nobody has, in the order in which they were released.
 * Reading a page does not move it, it leaves a mark: eviction clears that and lets the page pass once.
 *
 * Locks: rank 370, inside a file's (360). Eviction comes the other way round and so only tries a file's lock:
 * a page whose file is in use passes too. A file is freed only after ubc_age_settle(), so eviction may touch
 * the file of any page that it finds queued.
 */
#include "ubc/ubc_internal.h"

static struct ubc_page_queue queue;
static uint64_t queued;
static lck_mtx_t lock;
static lck_grp_t *group;
static _Atomic(uint64_t) evictions;

void ubc_age_boot(void)
{
    group = lck_grp_alloc_init("ubc.age", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&lock, group, LCK_ATTR_NULL);
    TAILQ_INIT(&queue);
    queued = 0;
    atomic_store_explicit(&evictions, 0, memory_order_relaxed);
}

void ubc_age_shutdown(void)
{
    KASSERT(TAILQ_EMPTY(&queue), "a vnode that has pages was not reclaimed");
    lck_mtx_destroy(&lock, group);
    lck_grp_free(group);
}

void ubc_age_counters(struct ubc_counters *out)
{
    out->evictions = atomic_load_explicit(&evictions, memory_order_relaxed);
}

void ubc_age_queue(struct ubc_page *page, bool aged)
{
    page->p_flags |= UP_QUEUED;
    lck_mtx_lock(&lock);
    if (aged)
        TAILQ_INSERT_HEAD(&queue, page, p_aged);
    else
        TAILQ_INSERT_TAIL(&queue, page, p_aged);
    queued++;
    lck_mtx_unlock(&lock);
}

void ubc_age_unqueue(struct ubc_page *page)
{
    page->p_flags &= ~UP_QUEUED;
    lck_mtx_lock(&lock);
    TAILQ_REMOVE(&queue, page, p_aged);
    queued--;
    lck_mtx_unlock(&lock);
}

void ubc_age_settle(void)
{
    lck_mtx_lock(&lock);
    lck_mtx_unlock(&lock);
}

/* The next page that may go, out of its file; NULL: none among those not yet looked at. */
static struct ubc_page *victim_locked(uint64_t *looks, struct ubc_page_queue *dead)
{
    while (*looks && !TAILQ_EMPTY(&queue)) {
        struct ubc_page *page = TAILQ_FIRST(&queue);
        struct ubc_file *file = page->p_file;
        (*looks)--;
        TAILQ_REMOVE(&queue, page, p_aged);
        if (!lck_mtx_try_lock(&file->uf_lock)) {
            TAILQ_INSERT_TAIL(&queue, page, p_aged);
            continue;
        }
        bool goes = !page->p_holds && !(page->p_flags & UP_TOUCHED);
        page->p_flags &= ~UP_TOUCHED;
        if (goes) {
            queued--;
            page->p_flags &= ~UP_QUEUED;
            ubc_page_drop(page, dead);
        } else {
            TAILQ_INSERT_TAIL(&queue, page, p_aged);
        }
        lck_mtx_unlock(&file->uf_lock);
        if (goes)
            return page;
    }
    return NULL;
}

uint64_t ubc_age_evict(uint64_t bytes)
{
    struct ubc_page_queue dead = TAILQ_HEAD_INITIALIZER(dead);
    uint64_t freed = 0;
    lck_mtx_lock(&lock);
    uint64_t looks = 2 * queued; /* once to lose the mark, once to go */
    while (freed < bytes && victim_locked(&looks, &dead))
        freed += UBC_PAGE;
    lck_mtx_unlock(&lock);
    atomic_fetch_add_explicit(&evictions, freed / UBC_PAGE, memory_order_relaxed);
    ubc_pages_free(&dead);
    if (!freed)
        ubc_writer_pressed();
    return freed;
}
