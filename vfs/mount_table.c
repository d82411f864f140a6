// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table of mounts: their structures, ids and file-system ids, and who keeps them from being unmounted
 * (vfs_busy).
 *
 * Life: mount_alloc() NEW, mount_publish() LIVE and on the list, mount_going_begin() GOING, mount_retire()
 * DEAD and off the list. A mount's structure stays while it has references (mnt_refs); it stays mounted while
 * it is busy (mnt_busy).
 *
 * Locks: the list lock (rank 100) for the list and the ids; each mount's own (rank 110) for its state and
 * busy count. No lock is held over a file system's operation.
 * Called by mount_life.c, the system-call layer, file systems (KPI).
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "ubc/ubc_iface.h"
#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"
#include <sys/vfs_handle.h>
#include "vfs/suspend_internal.h"

struct mount_list mount_list = TAILQ_HEAD_INITIALIZER(mount_list);

static struct vfstable dead_type = {.vfc_name = "dead"};
static const struct vfsops dead_ops;
struct mount mount_dead = {.mnt_type = &dead_type, .mnt_op = &dead_ops, .mnt_state = MOUNT_DEAD};

static lck_grp_t *group;
static lck_mtx_t list_mutex;
static int mount_busy(struct mount *mp, int flags, bool catch);

static uint32_t next_id;         /* list lock; goes on over a shutdown, so that an id never comes back */
static uint32_t next_fsid;       /* list lock */
static struct mount *root_mount; /* list lock */

/* ---- start and end ------------------------------------------------------------------------------------- */

int mount_table_boot(void)
{
    group = lck_grp_alloc_init("vfs.mount", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&list_mutex, group, LCK_ATTR_NULL);
    lck_mtx_init(&mount_dead.mnt_lock, group, LCK_ATTR_NULL);
    return 0;
}

void mount_table_shutdown(void)
{
    lck_mtx_destroy(&mount_dead.mnt_lock, group);
    lck_mtx_destroy(&list_mutex, group);
    lck_grp_free(group);
}

void mount_list_lock(void)
{
    lck_mtx_lock(&list_mutex);
}

void mount_list_unlock(void)
{
    lck_mtx_unlock(&list_mutex);
}

void mount_root_set(mount_t mp)
{
    mount_list_lock();
    __atomic_store_n(&root_mount, mp, __ATOMIC_RELEASE);
    mount_list_unlock();
}

mount_t mount_root(void)
{
    return __atomic_load_n(&root_mount, __ATOMIC_ACQUIRE);
}

/* ---- the structure ------------------------------------------------------------------------------------- */

struct mount *mount_alloc(struct vfstable *type, const char *from, const char *on, uint64_t flags)
{
    struct mount *mp = kern_alloc(sizeof(*mp), "mount");
    lck_mtx_init(&mp->mnt_lock, group, LCK_ATTR_NULL);
    mp->mnt_type = type;
    mp->mnt_op = type->vfc_ops;
    mp->mnt_state = MOUNT_NEW;
    atomic_store_explicit(&mp->mnt_refs, 1, memory_order_relaxed);
    atomic_store_explicit(&mp->mnt_flag, flags & ~(uint64_t)MNT_CMDFLAGS, memory_order_relaxed);
    strlcpy(mp->mnt_vfsstat.f_fstypename, type->vfc_name, sizeof(mp->mnt_vfsstat.f_fstypename));
    strlcpy(mp->mnt_vfsstat.f_mntfromname, from, sizeof(mp->mnt_vfsstat.f_mntfromname));
    strlcpy(mp->mnt_vfsstat.f_mntonname, on, sizeof(mp->mnt_vfsstat.f_mntonname));
    mount_list_lock();
    mp->mnt_id = ++next_id;
    mount_list_unlock();
    vfs_ioattr(NULL, &mp->mnt_ioattr);
    vfs_getnewfsid(mp);
    return mp;
}

void mount_ref(struct mount *mp)
{
    atomic_fetch_add_explicit(&mp->mnt_refs, 1, memory_order_relaxed);
}

void mount_rele(struct mount *mp)
{
    uint32_t old = atomic_fetch_sub_explicit(&mp->mnt_refs, 1, memory_order_acq_rel);
    KASSERT(old > 0, "mount %p: released more often than referred to", (void *)mp);
    if (old > 1)
        return;
    KASSERT(mp->mnt_state == MOUNT_DEAD && mp->mnt_busy == 0, "mount %p: freed while in use", (void *)mp);
    KASSERT(vfs_mount_vnodes(mp) == 0, "mount %p: freed with %llu vnodes", (void *)mp,
            (unsigned long long)vfs_mount_vnodes(mp));
    vfs_unexport(mp, NULL);
    lck_mtx_destroy(&mp->mnt_lock, group);
    kern_free(mp, sizeof(*mp));
}

static TAILQ_HEAD(, mount) backed = TAILQ_HEAD_INITIALIZER(backed); /* list lock */

/* List lock held. */
static struct mount *backing_find_locked(const struct mount_backing *backing, char *why, size_t why_size)
{
    struct mount *other;
    TAILQ_FOREACH(other, &backed, mnt_backed)
    {
        const struct mount_backing *has = &other->mnt_backing;
        if (has->mb_kind == backing->mb_kind && has->mb_dev == backing->mb_dev &&
            has->mb_ino == backing->mb_ino)
            break;
    }
    if (other && why)
        snprintf(why, why_size, "it is mounted on %s already, as %s", other->mnt_vfsstat.f_mntonname,
                 other->mnt_vfsstat.f_mntfromname);
    return other;
}

bool mount_backing_in_use(const struct mount_backing *backing, char *why, size_t why_size)
{
    if (backing->mb_kind == BACKING_NONE)
        return false;
    mount_list_lock();
    bool in_use = backing_find_locked(backing, why, why_size) != NULL;
    mount_list_unlock();
    return in_use;
}

int mount_backing_claim(struct mount *mp, const struct mount_backing *backing, char *why, size_t why_size)
{
    mount_list_lock();
    struct mount *other = backing_find_locked(backing, why, why_size);
    if (!other) {
        mp->mnt_backing = *backing;
        TAILQ_INSERT_TAIL(&backed, mp, mnt_backed);
    }
    mount_list_unlock();
    return other ? EBUSY : 0;
}

void mount_publish(struct mount *mp)
{
    mount_list_lock();
    lck_mtx_lock(&mp->mnt_lock);
    KASSERT(mp->mnt_state == MOUNT_NEW, "mount %p: published twice", (void *)mp);
    mp->mnt_state = MOUNT_LIVE;
    lck_mtx_unlock(&mp->mnt_lock);
    TAILQ_INSERT_TAIL(&mount_list, mp, mnt_list);
    mount_list_unlock();
}

void mount_retire(struct mount *mp)
{
    ubc_mount_gone(mp);
    mount_list_lock();
    lck_mtx_lock(&mp->mnt_lock);
    KASSERT(mp->mnt_state == MOUNT_NEW || mp->mnt_state == MOUNT_GOING, "mount %p: retired while live",
            (void *)mp);
    if (mp->mnt_state == MOUNT_GOING)
        TAILQ_REMOVE(&mount_list, mp, mnt_list);
    if (mp->mnt_backing.mb_kind != BACKING_NONE)
        TAILQ_REMOVE(&backed, mp, mnt_backed);
    mp->mnt_state = MOUNT_DEAD;
    mp->mnt_going = NULL;
    wakeup(&mp->mnt_state);
    lck_mtx_unlock(&mp->mnt_lock);
    mount_list_unlock();
    mount_rele(mp);
}

/* ---- finding ------------------------------------------------------------------------------------------- */

/* List lock held. */
static struct mount *find_locked(uint32_t id)
{
    struct mount *mp;
    TAILQ_FOREACH(mp, &mount_list, mnt_list)
    {
        if (mp->mnt_id == id)
            return mp;
    }
    return NULL;
}

struct mount *mount_find(uint32_t id)
{
    mount_list_lock();
    struct mount *mp = find_locked(id);
    if (mp)
        mount_ref(mp);
    mount_list_unlock();
    return mp;
}

int mount_find_busy(uint32_t id, struct mount **mpp)
{
    struct mount *mp = mount_find(id);
    *mpp = NULL;
    if (!mp)
        return ENOENT;
    int error = mount_busy(mp, LK_NOWAIT, true);
    if (!error)
        *mpp = mp;
    mount_rele(mp); /* busy keeps it from being unmounted, and what is mounted is referred to by the list */
    return error;
}

/* List lock held. */
static struct mount *find_fsid_locked(const fsid_t *fsid)
{
    struct mount *mp;
    TAILQ_FOREACH(mp, &mount_list, mnt_list)
    {
        const fsid_t *has = &mp->mnt_vfsstat.f_fsid;
        if (has->val[0] == fsid->val[0] && has->val[1] == fsid->val[1])
            return mp;
    }
    return NULL;
}

void vfs_getnewfsid(struct mount *mp)
{
    fsid_t fsid;
    mount_list_lock();
    do {
        /* Laid out as a device number, major 0xff, as for a file system without a device. */
        next_fsid = (next_fsid + 1) & 0xffffff;
        fsid.val[0] = (int32_t)(0xff000000u | next_fsid);
        fsid.val[1] = mp->mnt_type->vfc_typenum;
    } while (find_fsid_locked(&fsid));
    mp->mnt_vfsstat.f_fsid = fsid;
    mount_list_unlock();
}

mount_t vfs_getvfs(fsid_t *fsid)
{
    mount_list_lock();
    struct mount *mp = find_fsid_locked(fsid);
    mount_list_unlock();
    return mp;
}

struct mount *mount_find_fsid(const fsid_t *fsid)
{
    mount_list_lock();
    struct mount *mp = find_fsid_locked(fsid);
    if (mp)
        mount_ref(mp);
    mount_list_unlock();
    return mp;
}

mount_t vfs_getvfs_with_vfsops(fsid_t *fsid, const struct vfsops *ops)
{
    struct mount *mp = mount_find_fsid(fsid);
    if (!mp)
        return NULL;
    int error = mp->mnt_op == ops ? vfs_busy(mp, LK_NOWAIT) : ENOENT;
    mount_rele(mp);
    return error ? NULL : mp;
}

/* ---- busy ---------------------------------------------------------------------------------------------- */

/* Errno: 0, and *@taken unless it is suspended; ENOENT. */
static int busy_try(struct mount *mp, int flags, bool *taken)
{
    int error = 0;
    lck_mtx_lock(&mp->mnt_lock);
    while (mp->mnt_state == MOUNT_GOING && !(flags & LK_NOWAIT) && mp->mnt_going != kern_thread())
        msleep(&mp->mnt_state, &mp->mnt_lock, PVFS, "vfs busy", NULL);
    *taken = !mount_kern_is(mp, MNTK_SUSPENDED);
    if (mp->mnt_state != MOUNT_LIVE && mp->mnt_state != MOUNT_NEW)
        error = ENOENT;
    else if (*taken)
        mp->mnt_busy++;
    lck_mtx_unlock(&mp->mnt_lock);
    return error;
}

/* @catch: an interrupt ends the wait for a suspension. */
static int mount_busy(struct mount *mp, int flags, bool catch)
{
    bool taken = false;
    int error = 0;
    mount_ref(mp);
    while (!error && !taken) {
        error = busy_try(mp, flags, &taken);
        if (!error && !taken)
            error = suspend_busy(mp, catch, &taken);
    }
    mount_rele(mp);
    return error;
}

int mount_busy_anyway(struct mount *mp)
{
    lck_mtx_lock(&mp->mnt_lock);
    int error = mp->mnt_state == MOUNT_LIVE ? 0 : ENOENT;
    if (!error)
        mp->mnt_busy++;
    lck_mtx_unlock(&mp->mnt_lock);
    return error;
}

int vfs_busy(mount_t mp, int flags)
{
    return mount_busy(mp, flags, false);
}

void vfs_unbusy(mount_t mp)
{
    lck_mtx_lock(&mp->mnt_lock);
    KASSERT(mp->mnt_busy > 0, "vfs_unbusy(%s) without vfs_busy", mp->mnt_vfsstat.f_mntonname);
    if (--mp->mnt_busy == 0 && mp->mnt_state == MOUNT_GOING)
        wakeup(&mp->mnt_busy);
    bool awaited = mount_kern_is(mp, MNTK_SUSPENDED);
    lck_mtx_unlock(&mp->mnt_lock);
    if (__builtin_expect(awaited, 0))
        suspend_notice();
}

/* LIVE to GOING. *@wait: not yet, it is suspended. */
static int going_try(struct mount *mp, bool force, bool gets_in, bool *wait)
{
    int error = 0;
    lck_mtx_lock(&mp->mnt_lock);
    *wait = !force && !gets_in && mount_kern_is(mp, MNTK_SUSPENDED);
    if (mp->mnt_state != MOUNT_LIVE) {
        error = mp->mnt_state == MOUNT_DEAD ? ENOENT : EBUSY;
    } else if (!*wait) {
        mp->mnt_state = MOUNT_GOING;
        mp->mnt_going = kern_thread();
        atomic_fetch_or(&mp->mnt_kern, MNTK_UNMOUNTING | (force ? MNTK_FORCED : 0));
    }
    lck_mtx_unlock(&mp->mnt_lock);
    return error;
}

int mount_going_begin(struct mount *mp, bool force)
{
    bool wait = false;
    int error = going_try(mp, force, false, &wait);
    while (!error && wait) {
        error = suspend_await(mp);
        if (!error)
            error = going_try(mp, force, suspend_mine(), &wait);
    }
    if (error)
        return error;
    if (suspend_any())
        suspend_end_mount(mp); /* no new one can begin */
    lck_mtx_lock(&mp->mnt_lock);
    while (mp->mnt_busy > 0)
        msleep(&mp->mnt_busy, &mp->mnt_lock, PVFS, "unmount", NULL);
    lck_mtx_unlock(&mp->mnt_lock);
    return 0;
}

void mount_going_cancel(struct mount *mp)
{
    lck_mtx_lock(&mp->mnt_lock);
    KASSERT(mp->mnt_state == MOUNT_GOING, "mount %p: unmount withdrawn but not begun", (void *)mp);
    mp->mnt_state = MOUNT_LIVE;
    mp->mnt_going = NULL;
    atomic_fetch_and(&mp->mnt_kern, ~(MNTK_UNMOUNTING | MNTK_FORCED));
    wakeup(&mp->mnt_state);
    lck_mtx_unlock(&mp->mnt_lock);
}

/* ---- iteration ----------------------------------------------------------------------------------------- */

/* The mount with the lowest id above @id, with a reference. NULL: none. */
static struct mount *next_after(uint32_t id)
{
    struct mount *mp, *next = NULL;
    mount_list_lock();
    TAILQ_FOREACH(mp, &mount_list, mnt_list)
    {
        if (mp->mnt_id > id && (!next || mp->mnt_id < next->mnt_id))
            next = mp;
    }
    if (next)
        mount_ref(next);
    mount_list_unlock();
    return next;
}

int vfs_iterate(int flags, int (*callout)(struct mount *, void *), void *arg)
{
    (void)flags;
    struct mount *mp;
    bool done = false;
    for (uint32_t id = 0; !done && (mp = next_after(id)); mount_rele(mp)) {
        id = mp->mnt_id;
        if (vfs_busy(mp, LK_NOWAIT))
            continue;
        int answer = callout(mp, arg);
        done = answer == VFS_RETURNED_DONE || answer == VFS_CLAIMED_DONE;
        if (answer != VFS_CLAIMED && answer != VFS_CLAIMED_DONE)
            vfs_unbusy(mp);
    }
    return 0;
}
