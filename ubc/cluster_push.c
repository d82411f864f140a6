// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing dirty pages, and which of them cluster_write() has left for later: a few ranges for each file, in
 * order. With more the two that are closest become one; what lies between may be clean or missing, so a range
 * says where to look and never what to write.
 *
 * Writing waits for nobody unless asked: all runs are under way at once, as far as memory for them and
 * the device's queue go. An error is the waiter's, or is noted with the vnode for the next fsync of each
 * opener; its pages stay dirty and are left for later again.
 *
 * Locks: the file's (360), none over a transfer. Called by file systems (KPI) and by the files of cluster
 * I/O.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>

#include "buf/buf_iface.h"
#include "ubc/cluster_internal.h"
#include "vfs/vfs_iface.h"

#define WRITES_MAX 32u /* of a file, under way before the next list is made */

/* ---- what is left for later: file lock held ------------------------------------------------------------ */

static void range_remove(struct cluster_state *state, unsigned i)
{
    state->cs_count--;
    memmove(&state->cs_delayed[i], &state->cs_delayed[i + 1],
            (state->cs_count - i) * sizeof(state->cs_delayed[0]));
}

/* Make room: the two that are closest become one. */
static void range_close_gap(struct cluster_state *state)
{
    struct cluster_range *ranges = state->cs_delayed;
    unsigned best = 0;
    for (unsigned i = 1; i + 1 < state->cs_count; i++)
        if (ranges[i + 1].first - ranges[i].end < ranges[best + 1].first - ranges[best].end)
            best = i;
    ranges[best].end = ranges[best + 1].end;
    range_remove(state, best + 1);
}

struct cluster_range cluster_delay(struct ubc_file *file, uint64_t first, uint64_t end)
{
    struct cluster_state *state = &file->uf_cluster;
    struct cluster_range *ranges = state->cs_delayed;
    unsigned i = 0;
    while (i < state->cs_count && ranges[i].end < first)
        i++;
    if (i == state->cs_count || ranges[i].first > end) {
        if (state->cs_count == CLUSTER_DELAYED) {
            range_close_gap(state);
            return cluster_delay(file, first, end);
        }
        memmove(&ranges[i + 1], &ranges[i], (state->cs_count - i) * sizeof(ranges[0]));
        ranges[i] = (struct cluster_range){first, end};
        state->cs_count++;
        return ranges[i];
    }
    if (first < ranges[i].first)
        ranges[i].first = first;
    if (end > ranges[i].end)
        ranges[i].end = end;
    while (i + 1 < state->cs_count && ranges[i + 1].first <= ranges[i].end) {
        if (ranges[i + 1].end > ranges[i].end)
            ranges[i].end = ranges[i + 1].end;
        range_remove(state, i + 1);
    }
    return ranges[i];
}

void cluster_undelay(struct ubc_file *file, uint64_t first, uint64_t end)
{
    struct cluster_state *state = &file->uf_cluster;
    struct cluster_range *ranges = state->cs_delayed;
    for (unsigned i = 0; i < state->cs_count;) {
        struct cluster_range range = ranges[i];
        if (range.end <= first || range.first >= end) {
            i++;
        } else if (range.first >= first && range.end <= end) {
            range_remove(state, i);
        } else if (range.first < first) {
            /* Of one that reaches over both ends the rest behind stays with it: it says where to look. */
            if (range.end <= end)
                ranges[i].end = first;
            i++;
        } else {
            ranges[i++].first = end;
        }
    }
}

/* ---- writing pages of a list --------------------------------------------------------------------------- */

struct writing {
    struct cluster_io io;
    struct cluster_pages pages;
};

/* Pages are given back, and nobody that waits for the end of writes is told before. */
static void file_ended(struct ubc_file *file, struct cluster_group *group, errno_t error)
{
    lck_mtx_lock(&file->uf_lock);
    if (group && !group->error)
        group->error = error;
    if (group && !--group->left)
        wakeup(group);
    if (--file->uf_cluster.cs_writes <= WRITES_MAX)
        wakeup(&file->uf_cluster.cs_writes);
    lck_mtx_unlock(&file->uf_lock);
    ubc_file_release(file);
}

/* Where somebody waits he is told, and counts. Else each page's first failure is news for the openers, and
 * counts towards those after which nobody writes it unasked. */
static void pages_failed(const struct cluster_pages *pages, errno_t error)
{
    uint64_t first = pages->upl->u_first + pages->at;
    bool news = false;
    lck_mtx_lock(&pages->file->uf_lock);
    for (unsigned i = 0; i < pages->count && !pages->group; i++)
        news |= ubc_page_failed(pages->upl->u_pages[pages->at + i]);
    cluster_delay(pages->file, first, first + pages->count);
    lck_mtx_unlock(&pages->file->uf_lock);
    if (news)
        buf_error_note(pages->file->uf_vp, error);
}

/* The list may be gone as soon as its pages are given back. */
static void writing_ended(struct cluster_io *io, errno_t error)
{
    struct writing *writing = __container_of(io, struct writing, io);
    struct cluster_pages pages = writing->pages;
    kern_free(writing, sizeof(*writing));
    if (error) {
        pages_failed(&pages, error);
        ubc_upl_abort_range(pages.upl, pages.at * UBC_PAGE, pages.count * UBC_PAGE, UPL_ABORT_FREE_ON_EMPTY);
    } else {
        ubc_upl_commit_range(pages.upl, pages.at * UBC_PAGE, pages.count * UBC_PAGE,
                             (int)(UPL_COMMIT_FREE_ON_EMPTY | UPL_COMMIT_CLEAR_DIRTY | pages.commit_flags));
    }
    file_ended(pages.file, pages.group, error);
}

void cluster_pages_write(const struct cluster_pages *pages)
{
    struct writing *writing = kern_alloc(sizeof(*writing), "cluster_writing");
    writing->pages = *pages;
    writing->io = (struct cluster_io){
        .ci_vp = pages->file->uf_vp,
        .ci_upl = pages->upl,
        .ci_upl_offset = pages->at * UBC_PAGE,
        .ci_size = pages->count * UBC_PAGE,
        .ci_offset = (off_t)((pages->upl->u_first + pages->at) << UBC_SHIFT),
        .ci_filesize = pages->filesize,
        .ci_flags = CLUSTER_ASYNC,
        .ci_callback = pages->callback,
        .ci_ended = writing_ended,
    };
    ubc_file_retain(pages->file);
    lck_mtx_lock(&pages->file->uf_lock);
    pages->file->uf_cluster.cs_writes++;
    if (pages->group)
        pages->group->left++;
    lck_mtx_unlock(&pages->file->uf_lock);
    cluster_io_start(&writing->io);
}

errno_t cluster_group_wait(struct ubc_file *file, struct cluster_group *group)
{
    lck_mtx_lock(&file->uf_lock);
    while (group->left)
        msleep(group, &file->uf_lock, PRIBIO, "cluster_push", NULL);
    lck_mtx_unlock(&file->uf_lock);
    return group->error;
}

void cluster_writes_wait(struct ubc_file *file, unsigned most)
{
    lck_mtx_lock(&file->uf_lock);
    while (file->uf_cluster.cs_writes > most)
        msleep(&file->uf_cluster.cs_writes, &file->uf_lock, PRIBIO, "cluster_writes", NULL);
    lck_mtx_unlock(&file->uf_lock);
}

/* ---- writing what is dirty ----------------------------------------------------------------------------- */

/* The next dirty pages in a row, at most @max, from *@at on, which moves behind them. 0: there are none. Who
 * waits for all waits here for those that somebody has, with nothing in hand. */
static unsigned dirty_run(struct ubc_file *file, uint64_t *at, uint64_t end, unsigned max, bool waits,
                          uint64_t *first)
{
    struct ubc_page *page;
    unsigned count = 0;
    lck_mtx_lock(&file->uf_lock);
    while (count < max && (page = ubc_page_first(file, *at, end))) {
        bool dirty = (page->p_flags & UP_DIRTY) != 0, busy = (page->p_flags & UP_BUSY) != 0;
        if (count && (page->p_index != *first + count || !dirty || busy))
            break;
        if (busy && waits) {
            ubc_page_wait(page);
            continue;
        }
        if (dirty && busy) /* passed by, and its owner may change his mind */
            cluster_delay(file, page->p_index, page->p_index + 1);
        if (dirty && !busy && !count++)
            *first = page->p_index;
        *at = page->p_index + 1;
    }
    lck_mtx_unlock(&file->uf_lock);
    return count;
}

/* A list of dirty pages. It goes with the last of its runs. */
static bool list_write(struct cluster_pages *pages)
{
    unsigned next;
    pages->at = 0;
    unsigned run = cluster_list_run(pages->upl, &pages->at);
    if (!run) {
        ubc_list_release(pages->upl);
        return false;
    }
    while (run) {
        pages->count = run;
        next = pages->at + run;
        run = cluster_list_run(pages->upl, &next);
        cluster_pages_write(pages);
        pages->at = next;
    }
    return true;
}

errno_t cluster_write_out(struct ubc_file *file, uint64_t first, uint64_t end, bool waits,
                          struct cluster_callback callback, bool *any)
{
    struct cluster_group group = {0, 0};
    struct cluster_pages pages = {.file = file, .callback = callback, .group = waits ? &group : NULL};
    unsigned max = cluster_size_max(file->uf_vp, false), count;
    uint64_t at = first, begin = 0;
    int flags = UPL_COPYOUT_FROM | UPL_RET_ONLY_DIRTY | UPL_FOR_PAGEOUT | (waits ? 0 : UPL_NOBLOCK);
    while ((count = dirty_run(file, &at, end, max, waits, &begin))) {
        cluster_writes_wait(file, WRITES_MAX);
        pages.upl = ubc_list_make(file, begin, count, flags);
        /* With the pages in hand: before, a write could still put contents behind what was the end. */
        pages.filesize = cluster_eof(file, vnode_filesize(file->uf_vp));
        if (ubc_list_left(pages.upl) < count) {
            /* Somebody reads or has taken some meanwhile. */
            lck_mtx_lock(&file->uf_lock);
            cluster_delay(file, begin, begin + count);
            lck_mtx_unlock(&file->uf_lock);
        }
        if (list_write(&pages))
            *any = true;
    }
    return waits ? cluster_group_wait(file, &group) : 0;
}

/* ---- the KPI ------------------------------------------------------------------------------------------- */

int cluster_push_err(vnode_t vp, int flags, int (*callback)(buf_t, void *), void *callback_arg, int *err)
{
    struct ubc_file *file = vnode_isreg(vp) ? ubc_file_find(vp) : NULL;
    struct cluster_callback called = {callback, callback_arg};
    struct cluster_range ranges[CLUSTER_DELAYED];
    bool waits = (flags & IO_SYNC) != 0, any = false;
    errno_t error = 0;
    if (err)
        *err = 0;
    if (!file)
        return 0;
    lck_mtx_lock(&file->uf_lock);
    unsigned count = file->uf_cluster.cs_count;
    memcpy(ranges, file->uf_cluster.cs_delayed, count * sizeof(ranges[0]));
    file->uf_cluster.cs_count = 0;
    lck_mtx_unlock(&file->uf_lock);
    for (unsigned i = 0; i < count; i++) {
        errno_t failed = cluster_write_out(file, ranges[i].first, ranges[i].end, waits, called, &any);
        error = error ? error : failed;
    }
    if (waits)
        cluster_writes_wait(file, 0);
    if (error && err)
        *err = error;
    else if (error)
        buf_error_note(vp, error);
    return any;
}

int cluster_push_ext(vnode_t vp, int flags, int (*callback)(buf_t, void *), void *callback_arg)
{
    return cluster_push_err(vp, flags, callback, callback_arg, NULL);
}

int cluster_push(vnode_t vp, int flags)
{
    return cluster_push_err(vp, flags, NULL, NULL, NULL);
}
