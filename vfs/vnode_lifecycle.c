// SPDX-License-Identifier: BSD-2-Clause
/*
 * How a vnode gets its file and how it loses it: vnode_create(), and the reclaim that vnode_recycle(),
 * vflush(), the last put and the table's recycler end in.
 *
 * Order of a reclaim: the other iocounts drain; VNOP_CLOSE if it was in use; VNOP_FSYNC; its buffers are
 * written and dropped; its pages are written; VNOP_INACTIVE if it was in use or that is owed; its pages are
 * dropped; VNOP_RECLAIM; names and parent go; dead operations take over; a new v_id; those who waited wake
 * up.
 *
 * Locks: the vnode lock around state changes; none across an operation of the file system's.
 * Called by file systems (KPI), vnode_refs.c, vnode_table.c, vnode_iterate.c.
 */
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/syslog.h>
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "buf/buf_iface.h"
#include "ubc/ubc_iface.h"
#include "vfs/mount_internal.h"
#include "vfs/suspend_internal.h"
#include "vfs/vnode_internal.h"
#include "vfs/vnop_iface.h"
#include "vfs/vnop_internal.h"

/* ---- creation ------------------------------------------------------------------------------------------ */

static int create_check(uint32_t flavor, uint32_t size, const struct vnode_fsparam *param)
{
    if (flavor != VNCREATE_FLAVOR || size != VCREATESIZE || !param)
        return EINVAL;
    if (param->vnfs_vtype >= VBAD || !param->vnfs_mp || !param->vnfs_vops)
        return EINVAL;
    return 0;
}

static void create_fill(struct vnode *vp, const struct vnode_fsparam *param)
{
    uint32_t flags = 0;
    if (param->vnfs_markroot)
        flags |= VF_ROOT;
    if (param->vnfs_marksystem)
        flags |= VF_SYSTEM;
    if (param->vnfs_flags & VNFS_ADDFSREF)
        flags |= VF_FSREF;
    if (!(param->vnfs_flags & VNFS_CANTCACHE))
        flags |= VF_CACHEABLE;
    bool device = param->vnfs_vtype == VCHR || param->vnfs_vtype == VBLK;

    vp->v_op = param->vnfs_vops;
    vp->v_data = param->vnfs_fsnode;
    vp->v_rdev = device ? param->vnfs_rdev : 0;
    atomic_store_explicit(&vp->v_filesize, param->vnfs_vtype == VREG ? param->vnfs_filesize : 0,
                          memory_order_relaxed);
    atomic_store_explicit(&vp->v_type, (uint8_t)param->vnfs_vtype, memory_order_relaxed);
    atomic_store_explicit(&vp->v_tag, (uint8_t)(device ? VT_DEVFS : VT_NON), memory_order_relaxed);
    atomic_store_explicit(&vp->v_flag, flags, memory_order_relaxed);
    atomic_fetch_add_explicit(&mount_way_mine(param->vnfs_mp)->mw_vnodes, 1, memory_order_relaxed);
    atomic_store_explicit(&vp->v_mount, param->vnfs_mp, memory_order_release);
}

errno_t vnode_create(uint32_t flavor, uint32_t size, void *data, vnode_t *vpp)
{
    *vpp = NULLVP;
    const struct vnode_fsparam *param = data;
    struct vnode *vp = NULL;
    int error = create_check(flavor, size, param);
    if (!error)
        error = vnode_table_take(&vp);
    if (error)
        return error;

    struct componentname *cnp = param->vnfs_cnp;
    struct vnode_identity id;
    create_fill(vp, param);
    vnode_identity_make(&id, param->vnfs_dvp, cnp);

    /* The file system's own tables lead to the vnode once *vpp is set, the vnode table's readers once it is
     * listed. */
    vnode_born(vp, &id);
    *vpp = vp;
    vnode_flag_set(vp, VF_LISTED);
    if (cnp && param->vnfs_dvp && !(param->vnfs_flags & (VNFS_NOCACHE | VNFS_CANTCACHE)))
        cache_enter(param->vnfs_dvp, vp, cnp);
    return 0;
}

int vnode_addfsref(vnode_t vp)
{
    uint32_t old = atomic_fetch_or_explicit(&vp->v_flag, VF_FSREF, memory_order_relaxed);
    KASSERT(!(old & VF_FSREF), "vnode_addfsref(%p): the file system has one already", (void *)vp);
    return 0;
}

int vnode_removefsref(vnode_t vp)
{
    uint32_t old = atomic_fetch_and_explicit(&vp->v_flag, ~VF_FSREF, memory_order_relaxed);
    KASSERT(old & VF_FSREF, "vnode_removefsref(%p): the file system has none", (void *)vp);
    return 0;
}

/* ---- reclaim ------------------------------------------------------------------------------------------- */

/* The operations of a reclaim, and the end of its names. State TERM, one iocount, owner set, no lock held.
 * Returns the parent whose usecount is to be given back, or NULL. */
static struct vnode *reclaim_operations(struct vnode *vp, int flags)
{
    vfs_context_t ctx = vfs_context_current();
    uint64_t refs = atomic_load_explicit(&vp->v_refs, memory_order_acquire);
    bool active = vref_use(refs) > 0;

    if (flags & DOCLOSE) {
        if (active)
            VNOP_CLOSE(vp, IO_NDELAY, ctx);
        VNOP_FSYNC(vp, MNT_WAIT, ctx);
    }
    buf_invalidateblks(vp, BUF_WRITE_DATA | BUF_INVALIDATE_LOCKED, 0, 0);
    ubc_vnode_push(vp);
    if (active || (refs & VREF_INACTIVE))
        VNOP_INACTIVE(vp, ctx);
    ubc_vnode_gone(vp);
    errno_t error = VNOP_RECLAIM(vp, ctx);
    KASSERT(!error, "VNOP_RECLAIM of %s failed with error %d", vnode_mount_of(vp)->mnt_vfsstat.f_fstypename,
            error);
    KASSERT(!vnode_flag_is(vp, VF_FSREF), "VNOP_RECLAIM of %s kept its vnode_addfsref() reference",
            vnode_mount_of(vp)->mnt_vfsstat.f_fstypename);
    buf_vnode_gone(vp);
    cache_forget(vp);
    return vnode_identity_drop(vp);
}

/* TERM to DEAD: the vnode without its file, and a word to everybody who waited. Vnode lock held, so that
 * whoever holds it and sees a vnode with a file may look at its mount. */
static void reclaim_finish(struct vnode *vp)
{
    struct mount *mp = vnode_mount_of(vp);
    /* Before v_mount is changed: who finds no vnode of a mount any more may rely on the count. */
    atomic_fetch_sub_explicit(&mount_way_mine(mp)->mw_vnodes, 1, memory_order_acq_rel);
    vp->v_op = vnode_dead_vector;
    vp->v_data = NULL;
    atomic_store_explicit(&vp->v_filesize, 0, memory_order_relaxed);
    atomic_store_explicit(&vp->v_type, VBAD, memory_order_relaxed);
    atomic_store_explicit(&vp->v_tag, VT_NON, memory_order_relaxed);
    atomic_store_explicit(&vp->v_flag, 0, memory_order_relaxed);
    atomic_store_explicit(&vp->v_mount, &mount_dead, memory_order_release);
    vnode_id_next(vp);
    atomic_fetch_and_explicit(&vp->v_refs, ~(VREF_INACTIVE | VREF_RECYCLE | VREF_TOUCHED | VREF_SUSPENDED),
                              memory_order_relaxed);
    vnode_state_change(vp, VNODE_TERM, VNODE_DEAD);
    atomic_store_explicit(&vp->v_owner, NULL, memory_order_relaxed);
    wakeup(&vp->v_id);
}

#define DRAIN_TICKS_FIRST 300u /* of 10 ms: when a drain that takes long is first told of */
#define DRAIN_TICKS_MAX   6000u

/* A drain has waited for @ticks: say for what. No lock held. */
static void drain_report(struct vnode *vp, unsigned ticks)
{
    char what[192], who[1024];
    vnode_describe(vp, what, sizeof(what));
    iocount_ledger_holders(vp, who, sizeof(who));
    kern_log(LOG_WARNING,
             "vfs: for %u s the reclaim of %s has waited for iocounts of other threads to be put%s%s\n",
             ticks / 100, what, iocount_ledger_on() ? ": " : "; --ledger would tell who holds them", who);
}

/* Wait until the calling thread's iocount is the only one. Vnode lock held; dropped while waiting. */
static void reclaim_drain(struct vnode *vp)
{
    if (iocount_ledger_on())
        KASSERT(iocount_ledger_held(vp) <= 1, "reclaim of vnode %p waits for an iocount of its own thread",
                (void *)vp);
    unsigned waited = 0, ticks = DRAIN_TICKS_FIRST;
    while (!vnode_state_alone(vp)) {
        /* A put that did not see the flag has put already: look again before sleeping. */
        atomic_fetch_or_explicit(&vp->v_refs, VREF_WAITED, memory_order_acq_rel);
        if (vnode_state_alone(vp))
            break;
        if (vnode_sleep(vp, &vp->v_refs, 0, "vnode drain", ticks) != EWOULDBLOCK || vnode_state_alone(vp))
            continue;
        waited += ticks;
        ticks = 2 * ticks < DRAIN_TICKS_MAX ? 2 * ticks : DRAIN_TICKS_MAX;
        vnode_unlock(vp);
        drain_report(vp, waited);
        vnode_lock(vp);
    }
}

struct vnode *vnode_reclaim_held(struct vnode *vp, int flags)
{
    if (vnode_state(vp) != VNODE_LIVE)
        return NULL;
    atomic_store_explicit(&vp->v_owner, kern_thread(), memory_order_relaxed);
    vnode_state_change(vp, VNODE_LIVE, VNODE_DRAIN);
    reclaim_drain(vp);
    vnode_unlock(vp);

    struct vnode *parent = reclaim_operations(vp, flags);

    vnode_lock(vp);
    reclaim_finish(vp);
    return parent;
}

struct vnode *vnode_reclaim_last(struct vnode *vp)
{
    atomic_store_explicit(&vp->v_owner, kern_thread(), memory_order_relaxed);
    struct vnode *parent = reclaim_operations(vp, DOCLOSE);
    vnode_lock(vp);
    reclaim_finish(vp);
    vnode_unlock(vp);
    vnode_reclaim_told();
    return parent;
}

void vnode_reclaim_told(void)
{
    if (__builtin_expect(suspend_any(), 0))
        suspend_notice();
}

struct vnode *vnode_reclaim_claimed(struct vnode *vp)
{
    iocount_ledger_take(vp);
    struct vnode *parent = vnode_reclaim_last(vp);
    iocount_ledger_drop(vp);
    uint64_t refs = atomic_load_explicit(&vp->v_refs, memory_order_relaxed);
    KASSERT(vnode_state_free(vp, refs, VREF_IO_ONE), "vnode %p: referred to although it was unused",
            (void *)vp);
    return parent;
}

int vnode_recycle(vnode_t vp)
{
    uint64_t refs = atomic_load_explicit(&vp->v_refs, memory_order_acquire);
    while (vref_state(refs) == VNODE_LIVE) {
        /* One that is suspended is left to whoever uses it next. */
        if (refs & (VREF_IO_MASK | VREF_USE_MASK | VREF_SUSPENDED)) {
            if (atomic_compare_exchange_weak_explicit(&vp->v_refs, &refs, refs | VREF_RECYCLE,
                                                      memory_order_acq_rel, memory_order_acquire))
                return 0;
        } else if (vnode_state_claim(vp, refs, 0)) {
            struct vnode *parent = vnode_reclaim_claimed(vp);
            vnode_table_give(vp);
            if (parent)
                vnode_rele(parent);
            return 1;
        } else {
            refs = atomic_load_explicit(&vp->v_refs, memory_order_acquire);
        }
    }
    return 0;
}
