// SPDX-License-Identifier: BSD-2-Clause
/*
 * Getting and putting references to vnodes: iocounts and usecounts, both in v_refs.
 *
 * An iocount on a live vnode is got and put by one compare-and-swap, without a lock. The vnode lock is taken
 * to wait for a reclaim, to wake a drain, and to start a reclaim that vnode_recycle() had asked for.
 * VNOP_INACTIVE and reclaim run here when the last reference goes, on the thread that gives it up, with no
 * lock held.
 *
 * Giving up a vnode may release its parent's usecount, that one's parent's, and so on: done in a loop, never
 * by recursion.
 *
 * Called by everybody.
 */
#include <sys/fcntl.h>
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "vfs/mount_internal.h"
#include "vfs/suspend_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnode_checked_internal.h"
#include "vfs/vnode_internal.h"
#include "vfs/vnop_iface.h"
#include "vfs/vnop_internal.h"

static inline bool refs_swap(struct vnode *vp, uint64_t *old, uint64_t new)
{
    return atomic_compare_exchange_weak_explicit(&vp->v_refs, old, new, memory_order_acq_rel,
                                                 memory_order_acquire);
}

static inline uint64_t refs_load(struct vnode *vp)
{
    return atomic_load_explicit(&vp->v_refs, memory_order_acquire);
}

/* ---- getting an iocount -------------------------------------------------------------------------------- */

enum get_verdict { GET_NOW, GET_WAIT, GET_ENOENT, GET_ENODEV };

/* May the calling thread have an iocount of a vnode that is not LIVE? Vnode lock held. */
static enum get_verdict get_judge(struct vnode *vp, uint64_t refs, unsigned flags)
{
    switch (vref_state(refs)) {
    case VNODE_LIVE:
        return GET_NOW;
    case VNODE_DRAIN:
        if ((flags & VGET_AHEAD) || vnode_is_mine(vp))
            return GET_NOW;
        if (flags & VGET_NOBLOCK)
            return GET_ENOENT;
        if ((flags & VGET_VID) && !(flags & VGET_PATIENT) && vfs_isunmount(vnode_mount_of(vp)))
            return GET_ENODEV;
        return GET_WAIT;
    case VNODE_TERM:
        if (vnode_is_mine(vp))
            return GET_NOW;
        return (flags & VGET_NOBLOCK) ? GET_ENOENT : GET_WAIT;
    case VNODE_DEAD:
        return (flags & VGET_NODEAD) ? GET_ENOENT : GET_NOW;
    case VNODE_INIT:
        return (flags & VGET_PATIENT) ? GET_WAIT : GET_ENOENT;
    case VNODE_FREE:
        break;
    }
    return GET_ENOENT;
}

static _Atomic(uint32_t) waiting_for_birth; /* threads that sleep until a vnode leaves INIT */

/* Sleep until @vp is in another state than @state. Vnode lock held; dropped meanwhile. */
static void get_wait(struct vnode *vp, enum vnode_state state)
{
    bool birth = state == VNODE_INIT;
    atomic_fetch_add_explicit(&waiting_for_birth, birth, memory_order_relaxed);
    vnode_sleep(vp, &vp->v_id, 0, "vnode state", 0);
    atomic_fetch_sub_explicit(&waiting_for_birth, birth, memory_order_relaxed);
}

void vnode_born(struct vnode *vp, const struct vnode_identity *id)
{
    vnode_lock(vp);
    vnode_identity_set_locked(vp, id);
    vnode_state_change(vp, VNODE_INIT, VNODE_LIVE);
    if (__builtin_expect(atomic_load_explicit(&waiting_for_birth, memory_order_relaxed) > 0, 0))
        wakeup(&vp->v_id);
    if (__builtin_expect(mount_kern_is(vnode_mount_of(vp), MNTK_SUSPENDED), 0))
        atomic_fetch_or_explicit(&vp->v_refs, VREF_SUSPENDED, memory_order_acq_rel);
    vnode_unlock(vp);
    iocount_ledger_take(vp);
}

/* Must whoever wants an iocount pass the gate of a suspension? */
static inline bool is_gated(struct vnode *vp, uint64_t refs)
{
    enum vnode_state state = vref_state(refs);
    return __builtin_expect((refs & VREF_SUSPENDED) != 0, 0) &&
           (state == VNODE_LIVE || state == VNODE_DRAIN) && !vnode_is_mine(vp);
}

static int get_slowly(struct vnode *vp, uint32_t vid, unsigned flags)
{
    int error = 0;
    vnode_lock(vp);
    for (;;) {
        uint64_t refs = refs_load(vp);
        if ((flags & VGET_VID) && atomic_load_explicit(&vp->v_id, memory_order_relaxed) != vid) {
            error = ENOENT;
            break;
        }
        enum get_verdict verdict = get_judge(vp, refs, flags);
        if (verdict == GET_NOW && is_gated(vp, refs)) {
            bool taken;
            vnode_unlock(vp);
            error = suspend_get(vp, flags, &taken);
            if (error || taken)
                return error;
            vnode_lock(vp);
            continue;
        }
        if (verdict == GET_WAIT) {
            get_wait(vp, vref_state(refs));
            continue;
        }
        if (verdict != GET_NOW) {
            error = verdict == GET_ENODEV ? ENODEV : ENOENT;
            break;
        }
        if (refs_swap(vp, &refs, refs + VREF_IO_ONE))
            break;
    }
    vnode_unlock(vp);
    return error;
}

static void put_unrecorded(struct vnode *vp);

static inline int get_unrecorded(struct vnode *vp, uint32_t vid, unsigned flags)
{
    uint64_t refs = refs_load(vp);
    while (vref_is_open(refs)) {
        if ((flags & VGET_VID) && atomic_load_explicit(&vp->v_id, memory_order_relaxed) != vid)
            return ENOENT;
        if (refs_swap(vp, &refs, (refs | VREF_TOUCHED) + VREF_IO_ONE))
            goto got;
    }
    int error = get_slowly(vp, vid, flags);
    if (error)
        return error;
got:
    /* The identity may have changed between the look at it and the swap; now it cannot any more. */
    if ((flags & VGET_VID) && atomic_load_explicit(&vp->v_id, memory_order_relaxed) != vid) {
        put_unrecorded(vp);
        return ENOENT;
    }
    return 0;
}

/* With the ledger, in a function of its own: what it needs to keep over the call would cost those without it.
 */
static __attribute__((noinline, cold)) int get_recorded(struct vnode *vp, uint32_t vid, unsigned flags)
{
    int error = get_unrecorded(vp, vid, flags);
    if (!error)
        iocount_ledger_add(vp, 1);
    return error;
}

int vnode_get_iocount(struct vnode *vp, uint32_t vid, unsigned flags)
{
    return iocount_ledger_on() ? get_recorded(vp, vid, flags) : get_unrecorded(vp, vid, flags);
}

int vnode_get(vnode_t vp)
{
    uint64_t refs = refs_load(vp);
    for (;;) {
        enum vnode_state state = vref_state(refs);
        bool held = vref_io(refs) > 0;
        if (state == VNODE_FREE || state == VNODE_INIT || (state == VNODE_DEAD && !held))
            return ENOENT;
        /* While it is reclaimed the only iocount is the reclaimer's, so that another thread has none to go
         * by. */
        if (state == VNODE_TERM && !vnode_is_mine(vp))
            return ENOENT;
        if (is_gated(vp, refs)) {
            bool taken;
            suspend_get(vp, 0, &taken);
            if (taken)
                break;
            refs = refs_load(vp);
        } else if (refs_swap(vp, &refs, (refs | VREF_TOUCHED) + VREF_IO_ONE)) {
            break;
        }
    }
    iocount_ledger_take(vp);
    return 0;
}

int vnode_getwithref(vnode_t vp)
{
    return vnode_get_iocount(vp, 0, 0);
}

int vnode_get_ready(vnode_t vp, uint32_t vid)
{
    return vnode_get_iocount(vp, vid, VGET_VID | VGET_NODEAD | VGET_NOBLOCK);
}

int vnode_getwithvid(vnode_t vp, uint32_t vid)
{
    return vnode_get_iocount(vp, vid, VGET_VID | VGET_NODEAD | VGET_AHEAD);
}

/* ---- putting it ---------------------------------------------------------------------------------------- */

/* Somebody waits for the count to fall. Only a drain does, and it has an iocount of its own, so this is not
 * the last. */
static void put_and_wake(struct vnode *vp)
{
    vnode_lock(vp);
    uint64_t refs = refs_load(vp);
    do {
        KASSERT(vref_io(refs) > 1, "vnode %p: put below a waiting drain", (void *)vp);
    } while (!refs_swap(vp, &refs, (refs & ~VREF_WAITED) - VREF_IO_ONE));
    wakeup(&vp->v_refs);
    vnode_unlock(vp);
}

static struct vnode *put_watched(struct vnode *vp);

/* Give up one iocount. Returns a vnode of which a usecount has to be given up in turn, or NULL.
 * @watched: somebody may wait for it to go. */
static inline __attribute__((always_inline)) struct vnode *put_any(struct vnode *vp, bool watched)
{
    struct vnode *parent = NULL;
    uint64_t refs = refs_load(vp);
    for (;;) {
        KASSERT(vref_io(refs) > 0, "vnode_put(%p) without an iocount (%s)", (void *)vp,
                vnode_state_name(vref_state(refs)));
        if (!watched && __builtin_expect(vref_is_watched(refs), 0)) {
            struct vnode *other = put_watched(vp);
            KASSERT(!other || !parent, "vnode %p: reclaimed twice by one put", (void *)vp);
            return other ? other : parent;
        }
        if (watched && (refs & VREF_WAITED)) {
            put_and_wake(vp);
            return parent;
        }
        if (vref_io(refs) > 1 || vref_use(refs) > 0) {
            if (refs_swap(vp, &refs, refs - VREF_IO_ONE))
                return parent;
        } else if (vref_state(refs) == VNODE_DEAD) {
            if (vnode_state_free(vp, refs, VREF_IO_ONE)) {
                vnode_table_give(vp);
                return parent;
            }
            refs = refs_load(vp);
        } else if (vref_has(refs, VREF_INACTIVE)) {
            if (refs_swap(vp, &refs, refs & ~VREF_INACTIVE)) {
                VNOP_INACTIVE(vp, vfs_context_current());
                refs = refs_load(vp);
            }
        } else if (vref_has(refs, VREF_RECYCLE)) {
            /* In one step: a drain would turn away whoever has just found the file and wants to open it. */
            if (vnode_state_claim(vp, refs, 1))
                parent = vnode_reclaim_last(vp);
            refs = refs_load(vp);
        } else if (refs_swap(vp, &refs, refs - VREF_IO_ONE)) {
            vnode_table_idle();
            return parent;
        }
    }
}

static struct vnode *put_one(struct vnode *vp)
{
    return put_any(vp, false);
}

static __attribute__((noinline, cold)) struct vnode *put_watched(struct vnode *vp)
{
    struct vnode *parent = put_any(vp, true);
    if (suspend_any())
        suspend_notice();
    return parent;
}

/* ---- usecounts ----------------------------------------------------------------------------------------- */

int vnode_ref_ext(struct vnode *vp, int fmode)
{
    uint64_t refs = refs_load(vp);
    do {
        KASSERT(refs & (VREF_IO_MASK | VREF_USE_MASK), "vnode_ref(%p) without a reference (%s)", (void *)vp,
                vnode_state_name(vref_state(refs)));
        if (vref_state(refs) != VNODE_LIVE && !vnode_is_mine(vp))
            return ENOENT;
    } while (!refs_swap(vp, &refs, (refs | VREF_TOUCHED) + VREF_USE_ONE));
    if (validate_on())
        long_ref_take(vp, LONG_REF_ANY, fmode);
    if (fmode & FWRITE)
        atomic_fetch_add_explicit(&vp->v_writecount, 1, memory_order_relaxed);
    if (fmode & O_EVTONLY)
        atomic_fetch_add_explicit(&vp->v_eventcount, 1, memory_order_relaxed);
    return 0;
}

int vnode_ref(vnode_t vp)
{
    return vnode_ref_ext(vp, 0);
}

static void rele_modes(struct vnode *vp, int fmode)
{
    if (fmode & FWRITE)
        KASSERT(atomic_fetch_sub_explicit(&vp->v_writecount, 1, memory_order_relaxed) > 0,
                "vnode_rele(%p): more writers gone than came", (void *)vp);
    if (fmode & O_EVTONLY)
        KASSERT(atomic_fetch_sub_explicit(&vp->v_eventcount, 1, memory_order_relaxed) > 0,
                "vnode_rele(%p): more event watchers gone than came", (void *)vp);
}

/* Give up one usecount. Returns a vnode of which a usecount has to be given up in turn, or NULL. */
static struct vnode *rele_one(struct vnode *vp, int fmode)
{
    rele_modes(vp, fmode);
    if (validate_on())
        long_ref_drop(vp, LONG_REF_ANY, fmode);
    uint64_t refs = refs_load(vp);
    for (;;) {
        KASSERT(vref_use(refs) > 0, "vnode_rele(%p) without a usecount (%s)", (void *)vp,
                vnode_state_name(vref_state(refs)));
        bool last = vref_use(refs) == 1;
        if (last)
            vnode_flag_clear(vp, VF_NOCACHE | VF_NORDAHEAD);
        if (!last || vref_io(refs) > 0) {
            if (refs_swap(vp, &refs, (refs - VREF_USE_ONE) | (last ? VREF_INACTIVE : 0)))
                return NULL;
        } else if (vref_state(refs) == VNODE_DEAD) {
            if (vnode_state_free(vp, refs, VREF_USE_ONE)) {
                vnode_table_give(vp);
                return NULL;
            }
            refs = refs_load(vp);
        } else if (is_gated(vp, refs)) {
            /* What is owed to the file system now is an operation like any other. */
            bool taken;
            suspend_get(vp, 0, &taken);
            refs = refs_load(vp);
            if (taken) {
                iocount_ledger_take(vp);
                while (!refs_swap(vp, &refs, (refs - VREF_USE_ONE) | VREF_INACTIVE)) {
                }
                struct vnode *parent = put_one(vp);
                iocount_ledger_drop(vp);
                return parent;
            }
        } else if (refs_swap(vp, &refs, (refs - VREF_USE_ONE + VREF_IO_ONE) | VREF_INACTIVE)) {
            /* Nobody is left: an iocount takes the usecount's place, and giving it up does what is owed. */
            iocount_ledger_take(vp);
            struct vnode *parent = put_one(vp);
            iocount_ledger_drop(vp);
            return parent;
        }
    }
}

void vnode_rele_ext(struct vnode *vp, int fmode)
{
    struct vnode *next = rele_one(vp, fmode);
    while (next)
        next = rele_one(next, 0);
}

void vnode_rele(vnode_t vp)
{
    vnode_rele_ext(vp, 0);
}

static void put_unrecorded(struct vnode *vp)
{
    struct vnode *next = put_one(vp);
    while (next)
        next = rele_one(next, 0);
}

/* The iocount counts as held while what its end causes runs. */
static __attribute__((noinline, cold)) int put_recorded(struct vnode *vp)
{
    struct vnode *next = put_one(vp);
    iocount_ledger_add(vp, -1);
    while (next)
        next = rele_one(next, 0);
    return 0;
}

int vnode_put(vnode_t vp)
{
    if (iocount_ledger_on())
        return put_recorded(vp);
    put_unrecorded(vp);
    return 0;
}
