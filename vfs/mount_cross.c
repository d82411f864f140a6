// SPDX-License-Identifier: BSD-2-Clause
/*
 * Crossing mount points: from a directory down to what is mounted on it, and from a mount's root up to the
 * directory it covers; and the root of everything.
 *
 * Locks: the vnode lock for an instant, to get hold of the mount. Calls VFS_ROOT with none.
 * Called by lookup, vnode_identity.c, file systems (vfs_rootvnode).
 */
#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"

/* What is mounted on @vp, with a reference. NULL: nothing. */
static struct mount *mounted_on(struct vnode *vp)
{
    if (__builtin_expect(!atomic_load_explicit(&vp->v_mounted, memory_order_relaxed), 1))
        return NULL;
    vnode_lock(vp);
    struct mount *mp = atomic_load_explicit(&vp->v_mounted, memory_order_relaxed);
    if (mp)
        mount_ref(mp);
    vnode_unlock(vp);
    return mp;
}

int vnode_cross_down(vnode_t *vpp, int flags, vfs_context_t ctx)
{
    struct mount *mp;
    while ((mp = mounted_on(*vpp))) {
        vnode_t root = NULLVP;
        int error = vfs_busy(mp, flags);
        if (!error) {
            error = VFS_ROOT(mp, &root, ctx);
            vfs_unbusy(mp);
        } else if (!(flags & LK_NOWAIT)) {
            /* It has been unmounted while we waited: look again. */
            mount_rele(mp);
            continue;
        }
        mount_rele(mp);
        if (error)
            return error;
        vnode_put(*vpp);
        *vpp = root;
    }
    return 0;
}

int vnode_cross_up(vnode_t *vpp, vfs_context_t ctx)
{
    (void)ctx;
    while (vnode_flag_is(*vpp, VF_ROOT)) {
        /* The iocount on its root keeps the mount, and the mount keeps the directory. */
        struct vnode *covered = vnode_mount_of(*vpp)->mnt_covered;
        if (!covered)
            return 0;
        int error = vnode_get_iocount(covered, 0, VGET_NODEAD);
        if (error)
            return error;
        vnode_put(*vpp);
        *vpp = covered;
    }
    return 0;
}

vnode_t vfs_rootvnode(void)
{
    vnode_t root = NULLVP;
    struct mount *mp = mount_root();
    if (!mp || vfs_busy(mp, LK_NOWAIT))
        return NULLVP;
    if (VFS_ROOT(mp, &root, vfs_context_current()))
        root = NULLVP;
    vfs_unbusy(mp);
    return root;
}
