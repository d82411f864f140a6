// SPDX-License-Identifier: BSD-2-Clause
/*
 * Events: what file systems tell about their volumes (vfs_event_signal) and about files that changed behind
 * the host's back (vnode_notify), handed to one listener.
 *
 * Locks: a mutex (rank 130) guards the listener's registration; it is not held over the call.
 * Called by file systems (KPI), mount_life.c, vnode_io.c.
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "kern/lock_iface.h"
#include "vfs/mount_internal.h"
#include "vfs/vfs_event_internal.h"
#include "vfs/vfs_iface.h"

static lck_grp_t *group;
static lck_mtx_t mutex;
static struct {
    void (*fn)(void *arg, uint32_t mount_id, uint32_t events, vnode_t vp);
    void *arg;
} listener;
static unsigned telling; /* mutex: calls of the listener under way */

void vfs_event_boot(void)
{
    group = lck_grp_alloc_init("vfs.event", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&mutex, group, LCK_ATTR_NULL);
}

void vfs_event_shutdown(void)
{
    vfs_set_event_listener(NULL, NULL);
    lck_mtx_destroy(&mutex, group);
    lck_grp_free(group);
}

void vfs_event_init(void)
{
}

void vfs_set_event_listener(void (*fn)(void *arg, uint32_t mount_id, uint32_t events, vnode_t vp), void *arg)
{
    lck_mtx_lock(&mutex);
    listener.fn = fn;
    listener.arg = arg;
    while (telling > 0)
        msleep(&telling, &mutex, PVFS, "event listener", NULL);
    lck_mtx_unlock(&mutex);
}

static void tell(uint32_t mount_id, uint32_t events, vnode_t vp)
{
    lck_mtx_lock(&mutex);
    void (*fn)(void *, uint32_t, uint32_t, vnode_t) = listener.fn;
    void *arg = listener.arg;
    telling += fn != NULL;
    lck_mtx_unlock(&mutex);
    if (!fn)
        return;
    fn(arg, mount_id, events, vp);
    lck_mtx_lock(&mutex);
    if (--telling == 0)
        wakeup(&telling);
    lck_mtx_unlock(&mutex);
}

void vfs_event_signal(fsid_t *fsid, u_int32_t event, intptr_t data)
{
    (void)data;
    struct mount *mp = fsid ? mount_find_fsid(fsid) : NULL;
    tell(mp ? mp->mnt_id : 0, event, NULLVP);
    if (mp)
        mount_rele(mp);
}

void vfs_event_revoked(vnode_t vp)
{
    const struct mount *mp = vnode_mount_of(vp);
    if (mp != &mount_dead) /* else somebody else was faster */
        tell(mp->mnt_id, VFS_EVENT_REVOKED, vp);
}

int vfs_get_notify_attributes(struct vnode_attr *vap)
{
    VATTR_INIT(vap);
    vap->va_active = VNODE_NOTIFY_ATTRS;
    return 0;
}

int vnode_notify(vnode_t vp, uint32_t events, struct vnode_attr *vap)
{
    (void)vap;
    tell(vnode_mount_of(vp)->mnt_id, events, vp);
    return 0;
}
