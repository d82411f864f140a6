// SPDX-License-Identifier: BSD-2-Clause
/*
 * Delayed writes: who does them, and when.
 *
 * A buffer is written when it has been dirty for DIRTY_AGE_NS, by a thread call that looks once a second
 * while anything is dirty; at once when more than a third of the budget is dirty or nothing clean is left to
 * evict; and by its own writer when more than half is (buf_bdwrite becomes buf_bawrite), who waits for it
 * when that is not enough (buf_bwrite). Vnodes that are suspended or being reclaimed are passed by: whoever
 * does that writes their buffers.
 *
 * Locks: rank 430 over what the thread call is set to. Called by the files of buf/, buf_flush_wanted() and
 * _pressed() with no lock held but a caller's own.
 */
#include <sys/errno.h>
#include <kern/clock.h>
#include <kern/thread_call.h>

#include "buf/buf_internal.h"

#define LOOK_NS      NSEC_PER_SEC
#define DIRTY_AGE_NS (5 * (uint64_t)NSEC_PER_SEC)

static thread_call_t flusher;
static uint64_t dirty_much, dirty_max, dirty_most;
static _Atomic(bool) scheduled; /* it will look within LOOK_NS */
static _Atomic(bool) urgent;    /* it runs, or is about to, for all that is dirty */
static _Atomic(bool) stopping;
static _Atomic(uint64_t) age_ns = DIRTY_AGE_NS;

static void schedule(void)
{
    uint64_t deadline;
    if (atomic_load_explicit(&scheduled, memory_order_relaxed) || atomic_exchange(&scheduled, true))
        return;
    clock_interval_to_deadline(1, LOOK_NS, &deadline);
    if (!atomic_load(&stopping))
        thread_call_enter_delayed(flusher, deadline);
}

void buf_flush_pressed(void)
{
    if (!buf_file_dirty_bytes() || atomic_load_explicit(&urgent, memory_order_relaxed) ||
        atomic_exchange(&urgent, true))
        return;
    if (!atomic_load(&stopping))
        thread_call_enter(flusher);
}

enum buf_crowd buf_flush_wanted(void)
{
    uint64_t dirty = buf_file_dirty_bytes();
    schedule();
    if (dirty > dirty_much)
        buf_flush_pressed();
    return dirty > dirty_most ? BUF_CROWD_WAIT : dirty > dirty_max ? BUF_CROWD_WRITE : BUF_CROWD_NONE;
}

/* Write what has been dirty since @before; nobody is waited for but the device, and that only when it has
 * much to do. */
static void flush_vnode(vnode_t vp, uint64_t before)
{
    struct buf_blocks blocks;
    buf_blocks_take(&blocks, vp, BUF_BLOCKS_DIRTY, before);
    for (size_t i = 0; i < blocks.bb_count; i++) {
        struct buf *bp;
        if (buf_acquire(vp, blocks.bb_keys[i], NULL, &bp))
            continue;
        if ((bp->b_flags & (B_DELWRI | B_LOCKED)) == B_DELWRI)
            buf_bawrite(bp);
        else
            buf_brelse(bp);
    }
    buf_blocks_drop(&blocks);
}

static void flush_run(thread_call_param_t param0, thread_call_param_t param1)
{
    (void)param0, (void)param1;
    uint64_t now = mach_absolute_time();
    bool all = atomic_load(&urgent);
    atomic_store(&scheduled, false);
    uint64_t age = all ? 0 : atomic_load_explicit(&age_ns, memory_order_relaxed);
    buf_files_dirty_each(flush_vnode, now - age);
    if (all) /* else it has become so meanwhile, and is for the run that was entered then */
        atomic_store(&urgent, false);
    if (buf_file_dirty_bytes() && !atomic_load(&urgent)) /* which would be put off by it */
        schedule();
}

void buf_flush_age_set(uint64_t ns)
{
    atomic_store_explicit(&age_ns, ns ? ns : DIRTY_AGE_NS, memory_order_relaxed);
}

void buf_flush_boot(uint64_t budget)
{
    dirty_much = budget / 3;
    dirty_max = budget / 2;
    dirty_most = dirty_max + budget / 8;
    atomic_store(&scheduled, false);
    atomic_store(&urgent, false);
    atomic_store(&stopping, false);
    flusher = thread_call_allocate_with_options(flush_run, NULL, THREAD_CALL_PRIORITY_KERNEL,
                                                THREAD_CALL_OPTIONS_ONCE);
}

void buf_flush_shutdown(void)
{
    atomic_store(&stopping, true);
    thread_call_cancel_wait(flusher);
    thread_call_cancel_wait(flusher); /* what a run that did not see it yet has set */
    thread_call_free(flusher);
    flusher = NULL;
}
