// SPDX-License-Identifier: BSD-2-Clause
/*
 * The states of a vnode and the transitions between them: the only file that changes a vnode's state.
 *
 *         take         publish         drain          alone         reclaimed        last reference
 *   FREE ------> INIT ---------> LIVE -------> DRAIN -------> TERM -----------> DEAD ----------------> FREE
 *                                    \______________________/
 *                                      claim: unused, so there is nothing to wait for
 *
 *   state   iocounts may be got by       true in it
 *   FREE    nobody                       counts 0, on the free list, VBAD
 *   INIT    nobody                       one iocount: the creator's
 *   LIVE    everybody                    v_op, v_data, v_type, v_mount are the file's
 *   DRAIN   v_owner, vnode_getwithvid    as LIVE; v_owner is set and has an iocount
 *   TERM    v_owner                      no iocount of anybody else's
 *   DEAD    holders of a reference       a new v_id; v_op the dead operations, v_mount mount_dead, VBAD
 *
 * Who moves it: vnode_table.c FREE and INIT; vnode_lifecycle.c the rest; vnode_refs.c DEAD to FREE by the
 * last put or rele.
 * Locks: see vnode_state_change().
 */
#include "vfs/vnode_internal.h"

static const char *const names[] = {"FREE", "INIT", "LIVE", "DRAIN", "TERM", "DEAD"};

#define TO(state) (1u << (state))
static const unsigned legal[] = {
    [VNODE_FREE] = TO(VNODE_INIT),
    [VNODE_INIT] = TO(VNODE_LIVE),
    [VNODE_LIVE] = TO(VNODE_DRAIN) | TO(VNODE_TERM),
    [VNODE_DRAIN] = TO(VNODE_TERM),
    [VNODE_TERM] = TO(VNODE_DEAD),
    [VNODE_DEAD] = TO(VNODE_FREE),
};

const char *vnode_state_name(enum vnode_state state)
{
    return (unsigned)state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

/* What must be true of the counts when a state is entered. */
static bool counts_fit(enum vnode_state to, uint64_t refs)
{
    switch (to) {
    case VNODE_FREE:
        return vref_io(refs) == 0 && vref_use(refs) == 0;
    case VNODE_INIT:
        return vref_io(refs) == 1 && vref_use(refs) == 0;
    case VNODE_LIVE:
    case VNODE_DRAIN:
    case VNODE_DEAD:
        return vref_io(refs) >= 1;
    case VNODE_TERM:
        return vref_io(refs) == 1;
    }
    return false;
}

void vnode_state_change(struct vnode *vp, enum vnode_state from, enum vnode_state to)
{
    KASSERT(legal[from] & TO(to), "vnode %p: illegal transition %s to %s", (void *)vp, names[from],
            names[to]);
    uint64_t old = atomic_load_explicit(&vp->v_refs, memory_order_relaxed);
    uint64_t new;
    do {
        KASSERT(vref_state(old) == from, "vnode %p: is %s, expected %s on the way to %s", (void *)vp,
                vnode_state_name(vref_state(old)), names[from], names[to]);
        new = (old & ~VREF_STATE_MASK) | VREF_STATE(to);
        if (from == VNODE_FREE)
            new += VREF_IO_ONE;
        KASSERT(counts_fit(to, new), "vnode %p: enters %s with %u iocounts and %u usecounts", (void *)vp,
                names[to], vref_io(new), vref_use(new));
    } while (!atomic_compare_exchange_weak_explicit(&vp->v_refs, &old, new, memory_order_acq_rel,
                                                    memory_order_relaxed));
}

bool vnode_state_alone(struct vnode *vp)
{
    uint64_t old = atomic_load_explicit(&vp->v_refs, memory_order_relaxed);
    uint64_t new;
    do {
        KASSERT(vref_state(old) == VNODE_DRAIN, "vnode %p: is %s while it drains", (void *)vp,
                vnode_state_name(vref_state(old)));
        if (vref_io(old) != 1)
            return false;
        new = (old & ~(VREF_STATE_MASK | VREF_WAITED)) | VREF_STATE(VNODE_TERM);
    } while (!atomic_compare_exchange_weak_explicit(&vp->v_refs, &old, new, memory_order_acq_rel,
                                                    memory_order_relaxed));
    return true;
}

bool vnode_state_claim(struct vnode *vp, uint64_t seen, unsigned held)
{
    if (vref_state(seen) != VNODE_LIVE || vref_io(seen) != held || vref_use(seen))
        return false;
    uint64_t new = ((seen & ~(VREF_STATE_MASK | VREF_IO_MASK)) | VREF_STATE(VNODE_TERM)) + VREF_IO_ONE;
    return atomic_compare_exchange_strong_explicit(&vp->v_refs, &seen, new, memory_order_acq_rel,
                                                   memory_order_relaxed);
}

bool vnode_state_free(struct vnode *vp, uint64_t seen, uint64_t last)
{
    KASSERT(vref_state(seen) == VNODE_DEAD && (seen & (VREF_IO_MASK | VREF_USE_MASK)) == last,
            "vnode %p: is %s with %u iocounts and %u usecounts on its way to FREE", (void *)vp,
            vnode_state_name(vref_state(seen)), vref_io(seen), vref_use(seen));
    return atomic_compare_exchange_strong_explicit(&vp->v_refs, &seen, VREF_STATE(VNODE_FREE),
                                                   memory_order_acq_rel, memory_order_relaxed);
}
