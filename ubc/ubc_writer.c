// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who writes dirty pages that nobody asks for, and when.
 *
 * Each mount that has pages has a record with its files that have dirty ones, the oldest first, and a thread
 * call of its own: a device that is slow, or a file system that waits, keeps no other mount's pages. It looks
 * once a second while anything is dirty and writes files that have been dirty for AGE_NS; it writes all at
 * once when more than a quarter of the budget is dirty, when nothing clean is left to evict, and when a
 * writer waits (ubc_throttle.c). Of a file all dirty pages are written together, and its age begins anew,
 * also where that failed. Vnodes that are suspended or being reclaimed are passed by: whoever does that
 * writes them.
 *
 * A pass has no lock and one iocount. It ends after so many files as were dirty when it began.
 *
 * Locks: the lock of dirty files (365), inside a file's (360), over what thread calls are set to. Called by
 * the files of ubc/, and by vfs/ at the end of a mount.
 */
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/systm.h>
#include <kern/clock.h>

#include "ubc/ubc_internal.h"
#include "vfs/vfs_iface.h"

#define LOOK_NS NSEC_PER_SEC
#define AGE_NS  (5 * (uint64_t)NSEC_PER_SEC)

static TAILQ_HEAD(, ubc_mount) mounts; /* [w] */
static unsigned mounts_dirty;          /* [w] of them, those with a dirty page */
static lck_mtx_t lock;
static lck_grp_t *group;
static bool held; /* [w] */
static uint64_t dirty_limit, dirty_much;
static _Atomic(uint64_t) n_dirty, n_written;
static _Atomic(uint64_t) age_ns = AGE_NS;

void ubc_writer_boot(uint64_t budget)
{
    group = lck_grp_alloc_init("ubc.writer", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&lock, group, LCK_ATTR_NULL);
    TAILQ_INIT(&mounts);
    mounts_dirty = 0;
    held = false;
    dirty_limit = budget / 2 / UBC_PAGE;
    dirty_much = dirty_limit / 2;
    atomic_store_explicit(&n_dirty, 0, memory_order_relaxed);
    atomic_store_explicit(&n_written, 0, memory_order_relaxed);
    ubc_throttle_boot();
}

void ubc_writer_shutdown(void)
{
    KASSERT(TAILQ_EMPTY(&mounts), "a mount whose files had pages was not unmounted");
    lck_mtx_destroy(&lock, group);
    lck_grp_free(group);
}

void ubc_writer_counters(struct ubc_counters *out)
{
    out->dirty = ubc_dirty_pages();
    out->written = atomic_load_explicit(&n_written, memory_order_relaxed);
    out->waits = ubc_throttle_waits();
}

void ubc_age_set(uint64_t ns)
{
    atomic_store_explicit(&age_ns, ns ? ns : AGE_NS, memory_order_relaxed);
}

uint64_t ubc_dirty_limit(void)
{
    return dirty_limit;
}

uint64_t ubc_dirty_pages(void)
{
    return atomic_load(&n_dirty);
}

bool ubc_dirty_crowded(void)
{
    return ubc_dirty_pages() + ubc_throttle_reserved() > dirty_limit;
}

void ubc_dirty_lock(void)
{
    lck_mtx_lock(&lock);
}

void ubc_dirty_unlock(void)
{
    lck_mtx_unlock(&lock);
}

int ubc_dirty_sleep(struct ubc_mount *mount)
{
    return msleep(mount, &lock, PRIBIO | PCATCH, "dirty pages", NULL);
}

unsigned ubc_dirty_mounts_locked(void)
{
    return mounts_dirty;
}

/* ---- when ---------------------------------------------------------------------------------------------- */

static void enter_locked(struct ubc_mount *mount)
{
    uint64_t deadline;
    if (mount->um_stopping || held)
        return;
    if (atomic_load_explicit(&mount->um_urgent, memory_order_relaxed)) {
        thread_call_enter(mount->um_call);
    } else if (!mount->um_scheduled) {
        mount->um_scheduled = true;
        clock_interval_to_deadline(1, LOOK_NS, &deadline);
        thread_call_enter_delayed(mount->um_call, deadline);
    }
}

void ubc_writer_want_locked(struct ubc_mount *mount)
{
    if (!atomic_exchange_explicit(&mount->um_urgent, true, memory_order_relaxed))
        enter_locked(mount);
}

void ubc_writer_pressed(void)
{
    struct ubc_mount *mount;
    if (!ubc_dirty_pages())
        return;
    lck_mtx_lock(&lock);
    TAILQ_FOREACH(mount, &mounts, um_list)
    if (mount->um_count)
        ubc_writer_want_locked(mount);
    lck_mtx_unlock(&lock);
}

void ubc_writer_hold(bool hold)
{
    struct ubc_mount *mount;
    lck_mtx_lock(&lock);
    held = hold;
    TAILQ_FOREACH(mount, &mounts, um_list)
    {
        mount->um_scheduled = false;
        if (mount->um_count)
            enter_locked(mount);
    }
    lck_mtx_unlock(&lock);
}

/* ---- what is dirty: a file's lock is held -------------------------------------------------------------- */

static void file_list_locked(struct ubc_file *file, uint64_t now)
{
    struct ubc_mount *mount = file->uf_mount;
    file->uf_dirty_ns = now;
    TAILQ_INSERT_TAIL(&mount->um_files, file, uf_listed);
    mounts_dirty += !mount->um_count++;
    enter_locked(mount);
}

static void file_unlist_locked(struct ubc_file *file)
{
    struct ubc_mount *mount = file->uf_mount;
    TAILQ_REMOVE(&mount->um_files, file, uf_listed);
    mounts_dirty -= !--mount->um_count;
}

void ubc_writer_dirtied(struct ubc_file *file, bool changes)
{
    struct ubc_mount *mount = file->uf_mount;
    uint64_t dirty = atomic_fetch_add(&n_dirty, 1) + 1;
    atomic_fetch_add(&mount->um_dirty, 1);
    bool much = dirty > dirty_much && !atomic_load_explicit(&mount->um_urgent, memory_order_relaxed);
    if (!changes && !much)
        return;
    lck_mtx_lock(&lock);
    if (changes)
        file_list_locked(file, mach_absolute_time());
    if (much)
        ubc_writer_want_locked(mount);
    lck_mtx_unlock(&lock);
}

void ubc_writer_cleaned(struct ubc_file *file, bool changes)
{
    atomic_fetch_sub(&n_dirty, 1);
    atomic_fetch_sub(&file->uf_mount->um_dirty, 1);
    if (!changes)
        return;
    lck_mtx_lock(&lock);
    file_unlist_locked(file);
    lck_mtx_unlock(&lock);
}

void ubc_writer_progress(struct ubc_mount *mount)
{
    if (!atomic_load(&mount->um_waiters))
        return;
    lck_mtx_lock(&lock);
    wakeup(mount);
    lck_mtx_unlock(&lock);
}

/* ---- a pass -------------------------------------------------------------------------------------------- */

/* The next file to write, by its vnode, behind all others from now on. */
static bool next_locked(struct ubc_mount *mount, uint64_t before, uint64_t now, vnode_t *vpp, uint32_t *vid)
{
    struct ubc_file *file = TAILQ_FIRST(&mount->um_files);
    if (!file || file->uf_dirty_ns > before)
        return false;
    TAILQ_REMOVE(&mount->um_files, file, uf_listed);
    TAILQ_INSERT_TAIL(&mount->um_files, file, uf_listed);
    file->uf_dirty_ns = now;
    *vpp = file->uf_vp;
    *vid = file->uf_vid;
    return true;
}

static void file_write(vnode_t vp, bool waits, struct ubc_pass *pass)
{
    struct ubc_push push = {.file = ubc_file_find(vp),
                            .end = UBC_INDEX_END,
                            .flags = UBC_PUSHDIRTY | (waits ? UBC_SYNC : 0),
                            .unasked = true};
    if (!push.file)
        return;
    ubc_push_run(&push);
    pass->written += push.written;
    pass->failed += push.failed;
    pass->passed += push.passed;
    if (push.error)
        pass->error = push.error;
}

/* Where writers wait each run is waited for, so that what it brought is known when it is over. */
struct ubc_pass ubc_writer_pass(struct ubc_mount *mount, uint64_t now, bool all)
{
    struct ubc_pass pass = {0};
    uint64_t age = atomic_load_explicit(&age_ns, memory_order_relaxed);
    uint64_t before = all ? UINT64_MAX : now > age ? now - age : 0;
    vnode_t vp;
    uint32_t vid;
    lck_mtx_lock(&lock);
    while (mount->um_running)
        msleep(&mount->um_running, &lock, PRIBIO, "ubc pass", NULL);
    mount->um_running = true;
    mount->um_begun += all;
    bool waits = atomic_load(&mount->um_waiters) > 0;
    for (uint64_t left = mount->um_count; left && next_locked(mount, before, now, &vp, &vid); left--) {
        lck_mtx_unlock(&lock);
        if (!vnode_get_ready(vp, vid)) {
            file_write(vp, waits, &pass);
            vnode_put(vp);
        }
        lck_mtx_lock(&lock);
    }
    if (all) {
        mount->um_ended++;
        mount->um_last = pass;
        wakeup(mount);
    }
    if (pass.error)
        mount->um_error = pass.error;
    mount->um_running = false;
    wakeup(&mount->um_running);
    lck_mtx_unlock(&lock);
    atomic_fetch_add_explicit(&n_written, pass.written, memory_order_relaxed);
    return pass;
}

static void writer_run(thread_call_param_t param0, thread_call_param_t param1)
{
    struct ubc_mount *mount = param0;
    (void)param1;
    lck_mtx_lock(&lock);
    bool all = atomic_exchange_explicit(&mount->um_urgent, false, memory_order_relaxed);
    mount->um_scheduled = false;
    lck_mtx_unlock(&lock);
    ubc_writer_pass(mount, mach_absolute_time(), all);
    lck_mtx_lock(&lock);
    /* Entered meanwhile it comes again at once, which looking later would put off. */
    if (mount->um_count && !atomic_load_explicit(&mount->um_urgent, memory_order_relaxed))
        enter_locked(mount);
    lck_mtx_unlock(&lock);
}

/* ---- mounts -------------------------------------------------------------------------------------------- */

static void mount_free(struct ubc_mount *mount)
{
    thread_call_free(mount->um_call);
    kern_free(mount, sizeof(*mount));
}

struct ubc_mount *ubc_mount_get(vnode_t vp)
{
    struct ubc_mount *_Atomic *slot = vnode_mount_pages(vp, NULL);
    struct ubc_mount *mount = atomic_load_explicit(slot, memory_order_acquire);
    if (mount)
        return mount;
    struct ubc_mount *fresh = kern_alloc(sizeof(*fresh), "ubc_mount");
    TAILQ_INIT(&fresh->um_files);
    fresh->um_call = thread_call_allocate_with_options(writer_run, fresh, THREAD_CALL_PRIORITY_KERNEL,
                                                       THREAD_CALL_OPTIONS_ONCE);
    lck_mtx_lock(&lock);
    mount = atomic_load_explicit(slot, memory_order_relaxed);
    if (!mount) {
        TAILQ_INSERT_TAIL(&mounts, fresh, um_list);
        atomic_store_explicit(slot, fresh, memory_order_release);
    }
    lck_mtx_unlock(&lock);
    if (mount)
        mount_free(fresh);
    return mount ? mount : fresh;
}

void ubc_mount_gone(mount_t mp)
{
    struct ubc_mount *_Atomic *slot = vnode_mount_pages(NULLVP, mp);
    struct ubc_mount *mount = atomic_load_explicit(slot, memory_order_acquire);
    if (!mount)
        return;
    lck_mtx_lock(&lock);
    KASSERT(!mount->um_count, "a mount that has dirty pages goes");
    mount->um_stopping = true;
    TAILQ_REMOVE(&mounts, mount, um_list);
    lck_mtx_unlock(&lock);
    thread_call_cancel_wait(mount->um_call);
    atomic_store_explicit(slot, NULL, memory_order_relaxed);
    mount_free(mount);
}
