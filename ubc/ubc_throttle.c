// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who makes pages dirty waits until there is room for them: all that is dirty, and may become so by the
 * writes under way, is no more than half of the budget (dirty_limit). A mount below its fair share, half of
 * that divided by the mounts that have dirty pages, never waits, so that a slow device stops only its own
 * writers; nor does a mount's only writer with nothing dirty, however much it writes.
 *
 * The place to wait is the system-call layer, before VNOP_WRITE: there a thread has an iocount and its file,
 * but no lock of a file system and no page. Threads that write back, reclaim, or are inside VNOP_PAGEOUT or
 * VNOP_STRATEGY never come by, so nobody whom writing back needs can be stopped by it.
 *
 * A waiter has its mount written. It waits as long as that brings something, or fails and is tried again.
 * When all that is left are pages that nobody tries unasked any more, it is told their error; when nothing
 * can be written because its vnodes are suspended or their pages in use, it may go on.
 *
 * Locks: the lock of dirty files (365). Called by vfs/ around VNOP_WRITE.
 */
#include <sys/errno.h>

#include "ubc/ubc_internal.h"
#include "vfs/vfs_iface.h"

static _Atomic(uint64_t) n_reserved, n_waits;

void ubc_throttle_boot(void)
{
    atomic_store(&n_reserved, 0);
    atomic_store(&n_waits, 0);
}

uint64_t ubc_throttle_reserved(void)
{
    return atomic_load(&n_reserved);
}

static void reserve(struct ubc_mount *mount, uint64_t pages)
{
    atomic_fetch_add(&n_reserved, pages);
    atomic_fetch_add(&mount->um_reserved, pages);
}

static void unreserve(struct ubc_mount *mount, uint64_t pages)
{
    atomic_fetch_sub(&n_reserved, pages);
    atomic_fetch_sub(&mount->um_reserved, pages);
}

/* Is there room for @pages beside what is dirty and reserved? Lock of dirty files held. */
static bool fits_locked(struct ubc_mount *mount, uint64_t pages)
{
    uint64_t limit = ubc_dirty_limit();
    uint64_t mine = atomic_load(&mount->um_dirty) + atomic_load(&mount->um_reserved);
    unsigned mounts = ubc_dirty_mounts_locked() + !mount->um_count;
    return !mine || mine + pages <= limit / 2 / mounts ||
           ubc_dirty_pages() + atomic_load(&n_reserved) + pages <= limit;
}

/* What a pass over the mount means to who waits for it. True: wait for another. */
static bool is_hopeful(const struct ubc_mount *mount, errno_t *error)
{
    const struct ubc_pass *last = &mount->um_last;
    if (last->written || last->failed || !atomic_load(&mount->um_dirty))
        return true;
    *error = last->passed ? mount->um_error : 0;
    return false;
}

/* Returns with room reserved, or an error. */
static errno_t wait_for_room(struct ubc_mount *mount, uint64_t pages)
{
    errno_t error = 0;
    uint64_t wanted = 0; /* the pass that is waited for, a number */
    ubc_dirty_lock();
    bool fits = fits_locked(mount, pages);
    if (!fits)
        atomic_fetch_add(&n_waits, 1);
    atomic_fetch_add(&mount->um_waiters, 1);
    while (!error && !fits && !mount->um_stopping) {
        if (wanted && mount->um_ended >= wanted) {
            wanted = 0;
            if (!is_hopeful(mount, &error))
                break;
        }
        if (!wanted && atomic_load(&mount->um_dirty)) {
            wanted = mount->um_begun + 1;
            ubc_writer_want_locked(mount);
        }
        error = ubc_dirty_sleep(mount) ? EINTR : 0;
        fits = fits_locked(mount, pages);
    }
    atomic_fetch_sub(&mount->um_waiters, 1);
    if (!error)
        reserve(mount, pages);
    ubc_dirty_unlock();
    return error;
}

errno_t ubc_write_begin(vnode_t vp, uint64_t bytes, struct ubc_write *out)
{
    struct ubc_mount *mount = atomic_load_explicit(vnode_mount_pages(vp, NULL), memory_order_acquire);
    *out = (struct ubc_write){NULL, 0};
    if (!mount || !vnode_isreg(vp))
        return 0;
    uint64_t limit = ubc_dirty_limit(), pages = (bytes >> UBC_SHIFT) + 2;
    if (pages > limit / 4)
        pages = limit / 4;
    reserve(mount, pages);
    if (ubc_dirty_pages() + atomic_load(&n_reserved) > limit) {
        unreserve(mount, pages);
        errno_t error = wait_for_room(mount, pages);
        if (error)
            return error;
    }
    *out = (struct ubc_write){mount, pages};
    return 0;
}

void ubc_write_end(const struct ubc_write *write)
{
    if (!write->uw_mount)
        return;
    unreserve(write->uw_mount, write->uw_pages);
    ubc_writer_progress(write->uw_mount);
}

uint64_t ubc_throttle_waits(void)
{
    return atomic_load(&n_waits);
}
