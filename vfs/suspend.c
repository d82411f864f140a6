// SPDX-License-Identifier: BSD-2-Clause
/*
 * The gates: who may take a reference to something that is suspended, and the waiting of all others. See
 * suspend_internal.h.
 *
 * Lock: the suspension lock (rank 105). Called by vnode_refs.c, vnode_table.c, vnode_lifecycle.c,
 * mount_table.c.
 */
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>

#include "kern/lock_iface.h"
#include "vfs/suspend_internal.h"

#define NS_PER_S 1000000000ull
/* A hold of the mount is where work begins, and is kept over all of it. */
#define GET_MOMENT_NS  10000000ull
#define BUSY_MOMENT_NS NS_PER_S

struct suspension_list suspend_list = TAILQ_HEAD_INITIALIZER(suspend_list);

static lck_grp_t *group;
static lck_mtx_t mutex;
static _Atomic(uint32_t) noticed, ended; /* their addresses are what is slept on */
static _Atomic(uint32_t) listed;         /* records on the list */
static _Thread_local const void *acting_for;

void suspend_boot(void)
{
    group = lck_grp_alloc_init("vfs.suspend", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&mutex, group, LCK_ATTR_NULL);
}

void suspend_shutdown(void)
{
    lck_mtx_destroy(&mutex, group);
    lck_grp_free(group);
}

void suspend_lock(void)
{
    lck_mtx_lock(&mutex);
}

void suspend_unlock(void)
{
    lck_mtx_unlock(&mutex);
}

int suspend_sleep(bool drain, uint64_t deadline_ns, int flags)
{
    struct timespec left = {0};
    if (deadline_ns) {
        uint64_t now = host_time_mono_ns();
        uint64_t ns = deadline_ns > now ? deadline_ns - now : 1;
        left = (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
    }
    return msleep(drain ? (void *)&noticed : (void *)&ended, &mutex, PVFS | flags,
                  drain ? "suspend drain" : "suspended", deadline_ns ? &left : NULL);
}

void suspend_tell(void)
{
    wakeup(&ended);
    wakeup(&noticed); /* whoever drained what has ended */
}

void suspend_notice(void)
{
    suspend_lock();
    wakeup(&noticed);
    suspend_unlock();
}

/* ---- who gets in --------------------------------------------------------------------------------------- */

void *vfs_suspend_act(void *owner)
{
    const void *before = acting_for;
    acting_for = owner;
    return (void *)(uintptr_t)before;
}

static bool is_owner(const struct suspension *s)
{
    return s->s_owner == kern_thread() || (acting_for && s->s_owner == acting_for);
}

static bool call_is_older(const struct suspension *s, uint64_t id)
{
    for (size_t i = 0; i < s->s_ncalls; i++) {
        if (s->s_calls[i].id == id)
            return true;
    }
    return false;
}

/* @patient: it has waited a moment. Suspension lock held. */
static bool gets_in(const struct suspension *s, bool patient)
{
    uint64_t id = kern_call_current_id();
    if (s->s_state == SUSPEND_ENDED || is_owner(s))
        return true;
    switch (s->s_state) {
    case SUSPEND_DRAINING:
        return id ? call_is_older(s, id) : patient;
    case SUSPEND_FLUSHING:
        return id == 0;
    case SUSPEND_SETTLING:
        return id == 0 && patient;
    default:
        return false;
    }
}

/* What keeps the calling thread from @mp, or where @vp is not NULL from that vnode of it. */
static struct suspension *in_the_way(const struct mount *mp, const struct vnode *vp, bool patient)
{
    struct suspension *s;
    TAILQ_FOREACH(s, &suspend_list, s_list)
    {
        bool covers = s->s_vp ? s->s_vp == vp : s->s_mp == mp;
        if (covers && !gets_in(s, patient))
            return s;
    }
    return NULL;
}

/* Wait for @s to end; a thread without a call only for a moment where that is all it needs. */
static int wait_for(const struct suspension *s, int flags, uint64_t moment_ns, bool *patient)
{
    bool moment = kern_call_current_id() == 0 && s->s_state != SUSPEND_HELD && !*patient;
    int error = suspend_sleep(false, moment ? host_time_mono_ns() + moment_ns : 0, flags);
    *patient = true;
    return error == EWOULDBLOCK ? 0 : error;
}

void suspend_list_add(struct suspension *s)
{
    TAILQ_INSERT_TAIL(&suspend_list, s, s_list);
    atomic_fetch_add(&listed, 1);
}

void suspend_list_remove(struct suspension *s)
{
    TAILQ_REMOVE(&suspend_list, s, s_list);
    atomic_fetch_sub(&listed, 1);
}

bool suspend_any(void)
{
    return atomic_load(&listed) > 0;
}

bool suspend_mine(void)
{
    struct suspension *s;
    suspend_lock();
    TAILQ_FOREACH(s, &suspend_list, s_list)
    {
        if (is_owner(s))
            break;
    }
    suspend_unlock();
    return s != NULL;
}

/* ---- the gates ----------------------------------------------------------------------------------------- */

int suspend_get(struct vnode *vp, unsigned flags, bool *taken)
{
    bool patient = false;
    int error = 0;
    *taken = false;
    suspend_lock();
    for (;;) {
        uint64_t refs = atomic_load_explicit(&vp->v_refs, memory_order_acquire);
        enum vnode_state state = vref_state(refs);
        if (!(refs & VREF_SUSPENDED) || (state != VNODE_LIVE && state != VNODE_DRAIN))
            break;
        struct suspension *s = in_the_way(vnode_mount_of(vp), vp, patient);
        if (!s) {
            *taken = atomic_compare_exchange_strong_explicit(&vp->v_refs, &refs,
                                                             (refs | VREF_TOUCHED) + VREF_IO_ONE,
                                                             memory_order_acq_rel, memory_order_relaxed);
            if (*taken)
                break;
            continue;
        }
        if (flags & VGET_NOBLOCK) {
            error = ENOENT;
            break;
        }
        error = wait_for(s, flags & VGET_CATCH ? PCATCH : 0, GET_MOMENT_NS, &patient);
        if (error)
            break;
    }
    suspend_unlock();
    return error;
}

bool suspend_claim(struct vnode *vp, uint64_t seen)
{
    suspend_lock();
    bool claimed = !in_the_way(vnode_mount_of(vp), vp, true) && vnode_state_claim(vp, seen, 0);
    suspend_unlock();
    return claimed;
}

int suspend_busy(struct mount *mp, bool catch, bool *taken)
{
    bool patient = false;
    struct suspension *s;
    int error = 0;
    *taken = false;
    suspend_lock();
    while (!error && (s = in_the_way(mp, NULL, patient)))
        error = wait_for(s, catch ? PCATCH : 0, BUSY_MOMENT_NS, &patient);
    if (!error) {
        lck_mtx_lock(&mp->mnt_lock);
        if (mp->mnt_state == MOUNT_LIVE) {
            mp->mnt_busy++;
            *taken = true;
        }
        lck_mtx_unlock(&mp->mnt_lock);
    }
    suspend_unlock();
    return error;
}

int suspend_await(struct mount *mp)
{
    int error = 0;
    suspend_lock();
    while (!error && in_the_way(mp, NULL, false))
        error = suspend_sleep(false, 0, PCATCH);
    suspend_unlock();
    return error;
}
