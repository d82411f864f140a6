// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mounting, changing and unmounting: the order of the file system's operations and of everything that has to
 * be undone when one of them fails.
 *
 *   mount     type held, directory claimed, device opened, VFS_MOUNT, VFS_START, VFS_ROOT; then the mount is
 * on the list and on its directory update    VFS_UPDATE, or VFS_MOUNT with MNT_UPDATE; the flags change only
 * if it succeeds unmount   no new vfs_busy(), VFS_SYNC, vflush of all but root and system vnodes,
 * VFS_UNMOUNT, which flushes those; then the mount is off its directory and off the list
 *
 * Locks: none over an operation of the file system's.
 * Called by the system-call layer and vfs_unmountbyfsid().
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_iface.h"
#include "vfs/vnop_internal.h"

#define FLUSH_ORDINARY (SKIPSWAP | SKIPSYSTEM | SKIPROOT)

/* ---- the covered directory ----------------------------------------------------------------------------- */

/* Claim @vp as a mount point, with a usecount. */
static int cover_begin(vnode_t vp)
{
    int error = 0;
    if (!vp)
        return mount_root() ? EBUSY : 0;
    if (!vnode_isdir(vp))
        return ENOTDIR;
    vnode_lock(vp);
    if (vnode_flag_is(vp, VF_COVERED))
        error = EBUSY;
    else
        vnode_flag_set(vp, VF_COVERED);
    vnode_unlock(vp);
    if (!error) {
        error = vnode_ref(vp);
        if (error)
            vnode_flag_clear(vp, VF_COVERED);
    }
    return error;
}

static void cover_show(vnode_t vp, struct mount *mp)
{
    if (!vp)
        return;
    vnode_lock(vp);
    atomic_store_explicit(&vp->v_mounted, mp, memory_order_release);
    vnode_unlock(vp);
}

/* Undo both. The directory may be dead if its own file system was forced away. */
static void cover_end(vnode_t vp)
{
    if (!vp)
        return;
    vnode_lock(vp);
    atomic_store_explicit(&vp->v_mounted, NULL, memory_order_release);
    vnode_flag_clear(vp, VF_COVERED);
    vnode_unlock(vp);
    vnode_rele(vp);
}

/* ---- mount --------------------------------------------------------------------------------------------- */

/* After VFS_MOUNT has succeeded: start it and see that it has a root. */
static int attach_start(struct mount *mp, vfs_context_t ctx)
{
    vnode_t root = NULLVP;
    vfs_update_vfsstat(mp, ctx, VFS_USER_EVENT); /* a type need not have statistics */
    int error = VFS_START(mp, 0, ctx);
    if (!error)
        error = VFS_ROOT(mp, &root, ctx);
    if (!error)
        vnode_put(root);
    return error;
}

/* The file system said yes to VFS_MOUNT and something failed later. */
static void attach_withdraw(struct mount *mp, vfs_context_t ctx)
{
    atomic_fetch_or(&mp->mnt_kern, MNTK_UNMOUNTING | MNTK_FORCED);
    vflush(mp, NULLVP, FLUSH_ORDINARY | FORCECLOSE);
    int error = VFS_UNMOUNT(mp, MNT_FORCE, ctx);
    KASSERT(!error, "%s: a failed mount cannot be undone: VFS_UNMOUNT error %d", mp->mnt_vfsstat.f_fstypename,
            error);
    cache_purgevfs(mp);
}

/* One mount for each device and image of a local file system, whatever name it goes by. */
static int backing_claim(struct mount *mp, const struct mount_attach *args)
{
    struct mount_backing backing = args->backing;
    if (backing.mb_kind == BACKING_NONE && args->devvp)
        backing = (struct mount_backing){BACKING_DEVICE, (uint64_t)(uint32_t)vnode_specrdev(args->devvp), 0};
    if (backing.mb_kind == BACKING_NONE || !(mp->mnt_type->vfc_flags & VFS_TBLLOCALVOL))
        return 0;
    return mount_backing_claim(mp, &backing, args->why, args->why_size);
}

int mount_attach(const struct mount_attach *args, vfs_context_t ctx, mount_t *mpp, uint32_t *idp)
{
    struct mount *mp = NULL;
    struct vfstable *type = vfs_type_hold(args->type);
    if (!type)
        return ENODEV;
    int error = cover_begin(args->covered);
    if (error)
        goto drop_type;
    mp = mount_alloc(type, args->from, args->on, args->flags);
    mp->mnt_covered = args->covered;
    mp->mnt_vfsstat.f_owner = kauth_cred_getuid(vfs_context_ucred(ctx));
    atomic_fetch_or(&mp->mnt_kern, args->kern_flags);
    if (type->vfc_flags & VFS_TBLLOCALVOL)
        vfs_setflags(mp, MNT_LOCAL);

    error = backing_claim(mp, args);
    if (error)
        goto retire;
    if (args->devvp)
        error = mount_device_open(mp, args->devvp, ctx);
    if (error)
        goto retire;
    error = VFS_MOUNT(mp, args->devvp, args->data, ctx);
    if (error)
        goto close_device;
    error = attach_start(mp, ctx);
    if (error) {
        attach_withdraw(mp, ctx);
        goto close_device;
    }
    *mpp = mp;
    *idp = mp->mnt_id;
    mount_publish(mp);
    cover_show(args->covered, mp);
    vfs_event_signal(NULL, VQ_MOUNT, 0);
    return 0;

close_device:
    mount_device_close(mp, ctx);
retire:
    mount_retire(mp);
    cover_end(args->covered);
drop_type:
    vfs_type_drop(type);
    return error;
}

/* ---- update -------------------------------------------------------------------------------------------- */

#define UPDATABLE                                                                                            \
    ((uint64_t)(MNT_RDONLY | MNT_SYNCHRONOUS | MNT_NOEXEC | MNT_NOSUID | MNT_NODEV | MNT_UNION | MNT_ASYNC | \
                MNT_DONTBROWSE | MNT_IGNORE_OWNERSHIP | MNT_NOATIME | MNT_STRICTATIME | MNT_NOUSERXATTR))

/* What is cached of a read-only mount is as old as the mount: forget it, and let the type read again. */
static int update_reload(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t ctx)
{
    if (!vfs_isrdonly(mp))
        return EINVAL;
    vfs_setflags(mp, MNT_UPDATE | MNT_RELOAD);
    int error = VFS_RELOAD(mp, devvp, data, ctx);
    vfs_clearflags(mp, MNT_CMDFLAGS);
    if (!error)
        cache_purgevfs(mp);
    return error;
}

int mount_update(mount_t mp, uint64_t flags, vnode_t devvp, user_addr_t data, vfs_context_t ctx)
{
    if (atomic_fetch_or(&mp->mnt_kern, MNTK_UPDATING) & MNTK_UPDATING)
        return EBUSY;
    int device = mount_device_check(mp, devvp, flags, ctx);
    if (device) {
        atomic_fetch_and(&mp->mnt_kern, ~MNTK_UPDATING);
        return device;
    }
    if (flags & MNT_RELOAD) {
        int reloaded = update_reload(mp, devvp, data, ctx);
        atomic_fetch_and(&mp->mnt_kern, ~MNTK_UPDATING);
        return reloaded;
    }
    uint64_t old = atomic_load(&mp->mnt_flag);
    bool upgrade = (old & MNT_RDONLY) && !(flags & MNT_RDONLY);
    /* While it runs, a mount that becomes writable is still read-only, and one that becomes read-only is so
     * already. */
    if (upgrade)
        atomic_fetch_or(&mp->mnt_kern, MNTK_WANTRDWR);
    vfs_setflags(mp, MNT_UPDATE | (flags & (MNT_RELOAD | MNT_FORCE | MNT_RDONLY)));

    int error = VFS_UPDATE(mp, flags & UPDATABLE, devvp, data, ctx);
    vfs_clearflags(mp, MNT_CMDFLAGS);
    if (!error) {
        vfs_clearflags(mp, UPDATABLE & ~flags);
        vfs_setflags(mp, UPDATABLE & flags);
    } else if (!(old & MNT_RDONLY)) {
        vfs_clearflags(mp, MNT_RDONLY);
    }
    atomic_fetch_and(&mp->mnt_kern, ~(MNTK_UPDATING | MNTK_WANTRDWR));
    return error;
}

/* Bytes that the file system has now. */
static int size_now(mount_t mp, uint64_t *bytes, vfs_context_t ctx)
{
    struct vfs_attr vfa;
    VFSATTR_INIT(&vfa);
    VFSATTR_WANTED(&vfa, f_bsize);
    VFSATTR_WANTED(&vfa, f_blocks);
    int error = vfs_getattr(mp, &vfa, ctx);
    if (!error && (!VFSATTR_IS_SUPPORTED(&vfa, f_blocks) || !VFSATTR_IS_SUPPORTED(&vfa, f_bsize)))
        error = ENOTSUP;
    if (!error)
        *bytes = vfa.f_blocks * vfa.f_bsize;
    return error;
}

int mount_resize(mount_t mp, uint64_t bytes, vfs_context_t ctx)
{
    uint64_t now;
    if (!bytes)
        return EINVAL;
    if (vfs_isrdonly(mp))
        return EROFS;
    if (atomic_fetch_or(&mp->mnt_kern, MNTK_UPDATING) & MNTK_UPDATING)
        return EBUSY;
    int error = size_now(mp, &now, ctx);
    if (!error && bytes > now)
        error = VFS_EXTEND(mp, bytes, ctx);
    else if (!error && bytes < now)
        error = VFS_TRUNCATE(mp, bytes, ctx);
    atomic_fetch_and(&mp->mnt_kern, ~MNTK_UPDATING);
    if (!error)
        vfs_update_vfsstat(mp, ctx, VFS_USER_EVENT);
    return error;
}

/* ---- unmount ------------------------------------------------------------------------------------------- */

/* A mount on a directory of @mp, with a reference. NULL: none. */
static struct mount *submount_of(struct mount *mp)
{
    struct mount *sub;
    mount_list_lock();
    TAILQ_FOREACH(sub, &mount_list, mnt_list)
    {
        if (sub->mnt_covered && vnode_mount_of(sub->mnt_covered) == mp)
            break;
    }
    if (sub)
        mount_ref(sub);
    mount_list_unlock();
    return sub;
}

/* Force away what is mounted on @mp. One that cannot be stays and keeps its directory, dead, until it goes
 * itself. */
static void detach_submounts(struct mount *mp, vfs_context_t ctx)
{
    struct mount *sub;
    int error = 0;
    while (!error && (sub = submount_of(mp))) {
        error = mount_detach(sub, MNT_FORCE, ctx, NULL, 0);
        mount_rele(sub);
    }
}

/* What the file system has to do. On failure the mount is as it was. */
static int detach_operations(struct mount *mp, int flags, vfs_context_t ctx)
{
    bool force = (flags & MNT_FORCE) != 0;
    int error = 0;
    if (force)
        detach_submounts(mp, ctx);
    else if (vfs_isrdwr(mp))
        error = VFS_SYNC(mp, MNT_WAIT, ctx);
    if (!error)
        error = vflush(mp, NULLVP, FLUSH_ORDINARY | (force ? FORCECLOSE : 0));
    if (!error)
        error = VFS_UNMOUNT(mp, flags, ctx);
    return error;
}

int mount_detach(mount_t mp, int flags, vfs_context_t ctx, char *why, size_t why_size)
{
    int error = mount_going_begin(mp, (flags & MNT_FORCE) != 0);
    if (error == EBUSY && why)
        strlcpy(why, "it is being unmounted already", why_size);
    if (error)
        return error;
    error = detach_operations(mp, flags, ctx);
    if (error) {
        if (error == EBUSY && why && vfs_mount_holders(mp, why, why_size) == 0) {
            size_t used = (size_t)scnprintf(why, why_size, "the file system says so");
            vfs_mount_referenced(mp, why + used, why_size - used);
        }
        mount_going_cancel(mp);
        return error;
    }
    KASSERT(vfs_mount_vnodes(mp) == 0, "VFS_UNMOUNT of %s left %llu vnodes", mp->mnt_vfsstat.f_fstypename,
            (unsigned long long)vfs_mount_vnodes(mp));

    struct vfstable *type = mp->mnt_type;
    vnode_t covered = mp->mnt_covered;
    if (mp == mount_root())
        mount_root_set(NULL);
    cache_purgevfs(mp);
    mount_device_close(mp, ctx);
    cover_end(
        covered); /* first, so that who waited for the end in vnode_cross_down() finds nothing mounted */
    mount_retire(mp);
    vfs_type_drop(type);
    vfs_event_signal(NULL, VQ_UNMOUNT, 0);
    return 0;
}

int vfs_unmountbyfsid(fsid_t *fsid, int flags, vfs_context_t ctx)
{
    struct mount *mp = mount_find_fsid(fsid);
    if (!mp)
        return ENOENT;
    int error = mount_detach(mp, flags, ctx, NULL, 0);
    mount_rele(mp);
    return error;
}
