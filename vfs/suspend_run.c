// SPDX-License-Identifier: BSD-2-Clause
/*
 * Suspending and resuming: marking, draining, flushing, and taking all of it back when that does not succeed
 * in time. See suspend_internal.h.
 *
 * A vnode that an operation makes while its mount is suspended is marked where it comes to life
 * (vnode_born). The list of calls in progress is made after everything is marked: a call that got its
 * reference before the mark is on it, since the mark was put on the same word later.
 *
 * Lock: the suspension lock (rank 105); under it mount locks, then vnode locks, one at a time. None over an
 * operation of the file system's. Called by the KPI, the system-call layer, mount_table.c.
 */
#include <sys/proc.h>
#include <sys/syslog.h>
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "vfs/suspend_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_iface.h"
#include "vfs/vnop_internal.h"

#define NS_PER_MS 1000000ull

/* ---- the mark ------------------------------------------------------------------------------------------ */

static bool vnode_suspended_itself(const struct vnode *vp, const struct suspension *but)
{
    struct suspension *s;
    TAILQ_FOREACH(s, &suspend_list, s_list)
    {
        if (s != but && s->s_vp == vp && s->s_state != SUSPEND_ENDED)
            return true;
    }
    return false;
}

static void mark_vnode(struct vnode *vp, const struct mount *mp)
{
    vnode_lock(vp);
    enum vnode_state state = vnode_state(vp);
    if (vnode_mount_of(vp) == mp && (state == VNODE_LIVE || state == VNODE_DRAIN))
        atomic_fetch_or_explicit(&vp->v_refs, VREF_SUSPENDED, memory_order_acq_rel);
    vnode_unlock(vp);
}

static void unmark_vnode(struct vnode *vp, const struct mount *mp, const struct suspension *s)
{
    vnode_lock(vp);
    if (vnode_mount_of(vp) == mp && !vnode_suspended_itself(vp, s) &&
        (s->s_vp == NULL || !mount_kern_is(s->s_mp, MNTK_SUSPENDED)))
        atomic_fetch_and_explicit(&vp->v_refs, ~VREF_SUSPENDED, memory_order_acq_rel);
    vnode_unlock(vp);
}

/* Errno: 0; ENOENT the mount is going. */
static int mark(const struct suspension *s)
{
    struct mount *mp = s->s_mp;
    lck_mtx_lock(&mp->mnt_lock);
    int error = mp->mnt_state == MOUNT_LIVE ? 0 : ENOENT;
    if (!error && !s->s_vp)
        atomic_fetch_or(&mp->mnt_kern, MNTK_SUSPENDED);
    lck_mtx_unlock(&mp->mnt_lock);
    if (error)
        return error;
    if (s->s_vp) {
        mark_vnode(s->s_vp, mp);
        return 0;
    }
    uint32_t count = vnode_table_count();
    for (uint32_t i = 0; i < count; i++)
        mark_vnode(vnode_table_at(i), mp);
    return 0;
}

void suspend_clear(struct suspension *s)
{
    struct mount *mp = s->s_mp;
    if (s->s_vp) {
        unmark_vnode(s->s_vp, mp, s);
        return;
    }
    lck_mtx_lock(&mp->mnt_lock);
    atomic_fetch_and(&mp->mnt_kern, ~MNTK_SUSPENDED);
    lck_mtx_unlock(&mp->mnt_lock);
    uint32_t count = vnode_table_count();
    for (uint32_t i = 0; i < count; i++)
        unmark_vnode(vnode_table_at(i), mp, s);
}

/* ---- records ------------------------------------------------------------------------------------------- */

static struct suspension *record_find(const struct mount *mp, const struct vnode *vp)
{
    struct suspension *s;
    TAILQ_FOREACH(s, &suspend_list, s_list)
    {
        if (s->s_vp == vp && (vp || s->s_mp == mp) && s->s_state != SUSPEND_ENDED)
            return s;
    }
    return NULL;
}

static void calls_forget(struct suspension *s)
{
    kern_free(s->s_calls, s->s_room * sizeof(*s->s_calls));
    s->s_calls = NULL;
    s->s_ncalls = s->s_room = 0;
}

static void calls_note(struct suspension *s)
{
    size_t room = 0, n = kern_call_list(NULL, 0);
    while (n > room) {
        calls_forget(s);
        room = n + 16;
        s->s_calls = kern_alloc(room * sizeof(*s->s_calls), "suspension");
        s->s_room = room;
        n = kern_call_list(s->s_calls, room);
    }
    s->s_ncalls = n;
}

static struct suspension *record_make(const struct suspend_request *req)
{
    struct suspension *s = kern_alloc(sizeof(*s), "suspension");
    s->s_mp = req->mp;
    mount_ref(s->s_mp);
    s->s_vp = req->vp;
    s->s_owner = req->owner;
    s->s_forgotten = req->forgotten;
    s->s_since_ns = host_time_mono_ns();
    s->s_depth = 1;
    strlcpy(s->s_label, req->label, sizeof(s->s_label));
    return s;
}

/* Off the list, without the mark, and everybody told. Suspension lock held. */
static void record_withdraw(struct suspension *s)
{
    suspend_list_remove(s);
    suspend_clear(s);
    calls_forget(s);
    suspend_tell();
}

/* The same for one that an unmount may have ended already. */
static void record_end(struct suspension *s)
{
    if (s->s_state != SUSPEND_ENDED) {
        record_withdraw(s);
        return;
    }
    suspend_list_remove(s);
    calls_forget(s);
}

/* No lock held: the usecount may be the last. */
static void record_free(struct suspension *s)
{
    if (s->s_vp)
        vnode_rele(s->s_vp);
    mount_rele(s->s_mp);
    kern_free(s, sizeof(*s));
}

/* ---- draining ------------------------------------------------------------------------------------------ */

static bool mount_quiet(struct mount *mp, uint32_t own_busy)
{
    lck_mtx_lock(&mp->mnt_lock);
    bool quiet = mp->mnt_busy <= own_busy;
    lck_mtx_unlock(&mp->mnt_lock);
    uint32_t count = vnode_table_count();
    for (uint32_t i = 0; quiet && i < count; i++) {
        struct vnode *vp = vnode_table_at(i);
        quiet = vnode_mount_of(vp) != mp || vref_io(atomic_load(&vp->v_refs)) == 0;
    }
    return quiet;
}

static int drain(const struct suspension *s, const struct suspend_request *req, uint64_t deadline)
{
    for (;;) {
        if (s->s_state == SUSPEND_ENDED)
            return ENOENT;
        if (s->s_vp ? vref_io(atomic_load(&s->s_vp->v_refs)) <= 1 : mount_quiet(s->s_mp, req->own_busy))
            return 0;
        if (deadline && host_time_mono_ns() >= deadline)
            return ETIMEDOUT;
        if (suspend_sleep(true, deadline, PCATCH) == EINTR)
            return EINTR;
    }
}

/* VFS_SUSPEND, and the note that VFS_RESUME is owed for it; paid at once if it is all over. */
static int type_suspend(struct suspension *s, vfs_context_t ctx)
{
    int error = VFS_SUSPEND(s->s_mp, ctx);
    if (error)
        return error;
    suspend_lock();
    s->s_told = s->s_state != SUSPEND_ENDED;
    bool over = !s->s_told;
    suspend_unlock();
    if (over)
        VFS_RESUME(s->s_mp, ctx);
    return 0;
}

/* With the owner's rights, and the mount kept from going meanwhile. No lock held. */
static int flush(struct suspension *s, vfs_context_t ctx)
{
    void *before = vfs_suspend_act((void *)(uintptr_t)s->s_owner);
    int error = vfs_busy(s->s_mp, LK_NOWAIT);
    if (!error) {
        if (s->s_vp)
            error = VNOP_FSYNC(s->s_vp, MNT_WAIT, ctx);
        else if (vfs_isrdwr(s->s_mp))
            error = VFS_SYNC(s->s_mp, MNT_WAIT, ctx);
        if (!error && !s->s_vp)
            error = type_suspend(s, ctx);
        vfs_unbusy(s->s_mp);
    }
    vfs_suspend_act(before);
    return error;
}

static void type_resume(struct mount *mp)
{
    int error = VFS_RESUME(mp, vfs_context_current());
    if (error)
        kern_log(LOG_ERR, "vfs: %s: its resume operation failed with error %d\n", mp->mnt_vfsstat.f_mntonname,
                 error);
}

/* The type is told before anybody is let in. Suspension lock held, dropped meanwhile; @s stays on the list,
 * in a state in which only an unmount touches it. */
static void tell_type(struct suspension *s)
{
    if (!s->s_told)
        return;
    s->s_told = false;
    s->s_state = SUSPEND_FLUSHING;
    suspend_unlock();
    if (mount_busy_anyway(s->s_mp) == 0) {
        type_resume(s->s_mp);
        vfs_unbusy(s->s_mp);
    }
    suspend_lock();
}

/* ---- beginning ----------------------------------------------------------------------------------------- */

/* Wait until @req's target is nobody else's. *@nested: it is the owner's already, one level more now. */
static int turn_await(const struct suspend_request *req, uint64_t deadline, bool *nested)
{
    struct suspension *s;
    *nested = false;
    while ((s = record_find(req->mp, req->vp))) {
        if (s->s_owner == req->owner && s->s_state == SUSPEND_HELD) {
            s->s_depth++;
            *nested = true;
            return 0;
        }
        if (deadline && host_time_mono_ns() >= deadline) {
            if (req->why)
                suspend_describe(s, req->why, req->why_size);
            return ETIMEDOUT;
        }
        if (suspend_sleep(false, deadline, PCATCH) == EINTR)
            return EINTR;
    }
    return 0;
}

/* From the list to HELD. Suspension lock held, dropped meanwhile. */
static int quiesce(struct suspension *s, const struct suspend_request *req, uint64_t deadline,
                   vfs_context_t ctx)
{
    int error = mark(s);
    if (!error) {
        calls_note(s);
        error = drain(s, req, deadline);
    }
    if (!error) {
        calls_forget(s);
        s->s_state = SUSPEND_FLUSHING;
        suspend_unlock();
        error = flush(s, ctx);
        suspend_lock();
    }
    if (error)
        return error;
    if (s->s_state != SUSPEND_ENDED)
        s->s_state = SUSPEND_SETTLING;
    error = drain(s, req, deadline);
    if (!error)
        s->s_state = SUSPEND_HELD;
    else
        tell_type(s);
    return error;
}

static int begin_locked(const struct suspend_request *req, uint64_t deadline, vfs_context_t ctx,
                        struct suspension **failed)
{
    bool nested;
    *failed = NULL;
    int error = turn_await(req, deadline, &nested);
    if (error || nested)
        return error;
    struct suspension *s = record_make(req);
    suspend_list_add(s);
    error = quiesce(s, req, deadline, ctx);
    if (!error) {
        suspend_tell();
        return 0;
    }
    if (error == ETIMEDOUT && req->why)
        suspend_report(s, req->why, req->why_size);
    record_end(s);
    *failed = s;
    return error;
}

int suspend_begin(const struct suspend_request *req, vfs_context_t ctx)
{
    struct suspension *failed, *s;
    uint64_t deadline = 0;
    if (req->timeout_ms != VFS_SUSPEND_FOREVER)
        deadline = host_time_mono_ns() + req->timeout_ms * NS_PER_MS;
    int error = req->vp ? vnode_ref(req->vp) : 0;
    if (error)
        return error;
    suspend_lock();
    error = begin_locked(req, deadline, ctx, &failed);
    s = error ? NULL : record_find(req->mp, req->vp);
    bool nested = s && s->s_depth > 1;
    suspend_unlock();
    if (failed)
        record_free(failed);
    else if (req->vp && (error || nested))
        vnode_rele(req->vp);
    return error;
}

/* ---- ending -------------------------------------------------------------------------------------------- */

/* The record of @owner's for this target; else *@error says why there is none. */
static struct suspension *record_owned(const struct mount *mp, const struct vnode *vp, const void *owner,
                                       int *error)
{
    struct suspension *s;
    *error = EINVAL;
    TAILQ_FOREACH(s, &suspend_list, s_list)
    {
        if (s->s_vp != vp || (!vp && s->s_mp != mp))
            continue;
        if (s->s_owner == owner && (s->s_state == SUSPEND_HELD || s->s_state == SUSPEND_ENDED))
            return s;
        if (s->s_state != SUSPEND_ENDED)
            *error = s->s_owner == owner ? EBUSY : EPERM;
    }
    return NULL;
}

int suspend_end(struct mount *mp, struct vnode *vp, const void *owner)
{
    int error;
    suspend_lock();
    struct suspension *s = record_owned(mp, vp, owner, &error);
    if (s) {
        error = s->s_state == SUSPEND_ENDED ? ENOENT : 0;
        if (--s->s_depth > 0) {
            s = NULL;
        } else {
            tell_type(s);
            record_end(s);
        }
    }
    suspend_unlock();
    if (s)
        record_free(s);
    return error;
}

void suspend_end_owner(const void *owner)
{
    struct suspension *s;
    for (;;) {
        suspend_lock();
        TAILQ_FOREACH(s, &suspend_list, s_list)
        {
            if (s->s_owner == owner && s->s_forgotten && s->s_state == SUSPEND_HELD)
                break;
        }
        if (s) {
            tell_type(s);
            record_end(s);
        }
        suspend_unlock();
        if (!s)
            return;
        record_free(s);
    }
}

/* Suspension lock held. */
static struct suspension *told_of(const struct mount *mp)
{
    struct suspension *s;
    TAILQ_FOREACH(s, &suspend_list, s_list)
    {
        if (s->s_mp == mp && s->s_told)
            break;
    }
    return s;
}

void suspend_end_mount(struct mount *mp)
{
    struct suspension *s, *next;
    struct suspension_list gone = TAILQ_HEAD_INITIALIZER(gone);
    suspend_lock();
    while ((s = told_of(mp))) {
        s->s_told = false;
        suspend_unlock();
        type_resume(mp);
        suspend_lock();
    }
    TAILQ_FOREACH_SAFE(s, &suspend_list, s_list, next)
    {
        if (s->s_mp != mp || s->s_state == SUSPEND_ENDED)
            continue;
        bool running = s->s_state != SUSPEND_HELD; /* its own thread takes it back */
        s->s_state = SUSPEND_ENDED;
        suspend_clear(s);
        if (!running && s->s_forgotten) {
            suspend_list_remove(s);
            TAILQ_INSERT_TAIL(&gone, s, s_list);
        }
    }
    suspend_tell();
    suspend_unlock();
    TAILQ_FOREACH_SAFE(s, &gone, s_list, next)
    record_free(s);
}

/* ---- the KPI ------------------------------------------------------------------------------------------- */

static int begin_and_log(struct suspend_request *req, vfs_context_t ctx)
{
    char why[512] = "";
    req->why = why;
    req->why_size = sizeof(why);
    int error = suspend_begin(req, ctx);
    if (error == ETIMEDOUT)
        kern_log(LOG_ERR, "vfs: %s\n", why);
    return error;
}

static void owner_label(char *label, const void *owner)
{
    snprintf(label, SUSPEND_LABEL, "thread %u (owner %p)", kern_thread_number(kern_thread()), owner);
}

/* Known where the ledger is kept: the drain would wait for its own thread. */
static bool thread_holds_one_of(const struct mount *mp)
{
    uint32_t count = vnop_ledger_on() ? vnode_table_count() : 0;
    for (uint32_t i = 0; i < count; i++) {
        struct vnode *vp = vnode_table_at(i);
        if (vnode_mount_of(vp) == mp && iocount_ledger_held(vp) > 0)
            return true;
    }
    return false;
}

errno_t vfs_suspend(mount_t mp, void *owner, uint32_t timeout_ms, vfs_context_t ctx)
{
    char label[SUSPEND_LABEL];
    const void *whose = owner ? owner : (const void *)kern_thread();
    if (thread_holds_one_of(mp))
        return EDEADLK;
    owner_label(label, whose);
    struct suspend_request req = {
        .mp = mp, .owner = whose, .label = label, .timeout_ms = timeout_ms, .own_busy = 1};
    return begin_and_log(&req, ctx);
}

errno_t vfs_resume(mount_t mp, void *owner)
{
    return suspend_end(mp, NULLVP, owner ? owner : (const void *)kern_thread());
}

errno_t vnode_suspend(vnode_t vp, void *owner, uint32_t timeout_ms, vfs_context_t ctx)
{
    char label[SUSPEND_LABEL];
    const void *whose = owner ? owner : (const void *)kern_thread();
    if (vnop_ledger_on() && iocount_ledger_held(vp) != 1)
        return EDEADLK;
    owner_label(label, whose);
    struct suspend_request req = {
        .mp = vnode_mount_of(vp), .vp = vp, .owner = whose, .label = label, .timeout_ms = timeout_ms};
    return begin_and_log(&req, ctx);
}

errno_t vnode_resume(vnode_t vp, void *owner)
{
    return suspend_end(NULL, vp, owner ? owner : (const void *)kern_thread());
}
