// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a mount says of itself: the vfs_* questions and settings of the KPI.
 *
 * Flags and the file system's pointer are atomic and need no lock; the limits are under the mount's lock.
 * Called by file systems and by everything that has a mount in hand; the caller keeps the mount (an iocount
 * on one of its vnodes, vfs_busy, or the mount's own operation).
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"

#define IO_DEFAULT_BYTES    (128u * 1024)
#define IO_DEFAULT_SEGMENTS 32u
#define IO_DEFAULT_BLOCK    512u

/* ---- flags --------------------------------------------------------------------------------------------- */

static bool flag_is(mount_t mp, uint64_t flag)
{
    return (atomic_load_explicit(&mp->mnt_flag, memory_order_relaxed) & flag) != 0;
}

static void kern_set(mount_t mp, uint32_t flags)
{
    atomic_fetch_or_explicit(&mp->mnt_kern, flags, memory_order_relaxed);
}

static void kern_clear(mount_t mp, uint32_t flags)
{
    atomic_fetch_and_explicit(&mp->mnt_kern, ~flags, memory_order_relaxed);
}

uint64_t vfs_flags(mount_t mp)
{
    return atomic_load_explicit(&mp->mnt_flag, memory_order_relaxed) & (MNT_CMDFLAGS | MNT_VISFLAGMASK);
}

void vfs_setflags(mount_t mp, uint64_t flags)
{
    atomic_fetch_or_explicit(&mp->mnt_flag, flags & (MNT_CMDFLAGS | MNT_VISFLAGMASK), memory_order_relaxed);
}

void vfs_clearflags(mount_t mp, uint64_t flags)
{
    atomic_fetch_and_explicit(&mp->mnt_flag, ~(flags & (MNT_CMDFLAGS | MNT_VISFLAGMASK)),
                              memory_order_relaxed);
}

int vfs_issynchronous(mount_t mp)
{
    return flag_is(mp, MNT_SYNCHRONOUS);
}

int vfs_iswriteupgrade(mount_t mp)
{
    return flag_is(mp, MNT_RDONLY) && mount_kern_is(mp, MNTK_WANTRDWR);
}

int vfs_isupdate(mount_t mp)
{
    return flag_is(mp, MNT_UPDATE);
}

int vfs_isreload(mount_t mp)
{
    return flag_is(mp, MNT_UPDATE) && flag_is(mp, MNT_RELOAD);
}

int vfs_isforce(mount_t mp)
{
    return mount_kern_is(mp, MNTK_FORCED);
}

int vfs_isunmount(mount_t mp)
{
    return mount_kern_is(mp, MNTK_UNMOUNTING);
}

int vfs_isrdonly(mount_t mp)
{
    return flag_is(mp, MNT_RDONLY);
}

int vfs_isrdwr(mount_t mp)
{
    return !flag_is(mp, MNT_RDONLY);
}

/* ---- authorisation ------------------------------------------------------------------------------------- */

int vfs_authopaque(mount_t mp)
{
    return mount_kern_is(mp, MNTK_AUTH_OPAQUE);
}

int vfs_authopaqueaccess(mount_t mp)
{
    return mount_kern_is(mp, MNTK_AUTH_OPAQUE_ACCESS);
}

void vfs_setauthopaque(mount_t mp)
{
    kern_set(mp, MNTK_AUTH_OPAQUE);
}

void vfs_setauthopaqueaccess(mount_t mp)
{
    kern_set(mp, MNTK_AUTH_OPAQUE_ACCESS);
}

void vfs_clearauthopaque(mount_t mp)
{
    kern_clear(mp, MNTK_AUTH_OPAQUE);
}

void vfs_clearauthopaqueaccess(mount_t mp)
{
    kern_clear(mp, MNTK_AUTH_OPAQUE_ACCESS);
}

void vfs_setauthcache_ttl(mount_t mp, int ttl)
{
    lck_mtx_lock(&mp->mnt_lock);
    mp->mnt_authcache_ttl = ttl;
    lck_mtx_unlock(&mp->mnt_lock);
    kern_set(mp, MNTK_AUTH_CACHE_TTL);
}

void vfs_clearauthcache_ttl(mount_t mp)
{
    kern_clear(mp, MNTK_AUTH_CACHE_TTL);
    lck_mtx_lock(&mp->mnt_lock);
    mp->mnt_authcache_ttl = CACHED_RIGHT_INFINITE_TTL;
    lck_mtx_unlock(&mp->mnt_lock);
}

int vfs_authcache_ttl(mount_t mp)
{
    if (!mount_kern_is(mp, MNTK_AUTH_OPAQUE | MNTK_AUTH_CACHE_TTL))
        return CACHED_RIGHT_INFINITE_TTL;
    lck_mtx_lock(&mp->mnt_lock);
    int ttl = mp->mnt_authcache_ttl;
    lck_mtx_unlock(&mp->mnt_lock);
    return ttl;
}

void vfs_setextendedsecurity(mount_t mp)
{
    kern_set(mp, MNTK_EXTENDED_SECURITY);
}

void vfs_clearextendedsecurity(mount_t mp)
{
    kern_clear(mp, MNTK_EXTENDED_SECURITY);
}

void vfs_setlocklocal(mount_t mp)
{
    kern_set(mp, MNTK_LOCK_LOCAL);
}

/* ---- limits and the file system's own ------------------------------------------------------------------ */

uint32_t vfs_maxsymlen(mount_t mp)
{
    lck_mtx_lock(&mp->mnt_lock);
    uint32_t len = mp->mnt_maxsymlen;
    lck_mtx_unlock(&mp->mnt_lock);
    return len;
}

void vfs_setmaxsymlen(mount_t mp, uint32_t symlen)
{
    lck_mtx_lock(&mp->mnt_lock);
    mp->mnt_maxsymlen = symlen;
    lck_mtx_unlock(&mp->mnt_lock);
}

void *vfs_fsprivate(mount_t mp)
{
    return atomic_load_explicit(&mp->mnt_data, memory_order_acquire);
}

void vfs_setfsprivate(mount_t mp, void *mntdata)
{
    atomic_store_explicit(&mp->mnt_data, mntdata, memory_order_release);
}

struct vfsstatfs *vfs_statfs(mount_t mp)
{
    return &mp->mnt_vfsstat;
}

int vfs_typenum(mount_t mp)
{
    return mp->mnt_type->vfc_typenum;
}

void vfs_name(mount_t mp, char *buffer)
{
    strlcpy(buffer, mp->mnt_type->vfc_name, MFSNAMELEN);
}

void vfs_ioattr(mount_t mp, struct vfsioattr *ioattrp)
{
    if (mp) {
        lck_mtx_lock(&mp->mnt_lock);
        *ioattrp = mp->mnt_ioattr;
        lck_mtx_unlock(&mp->mnt_lock);
        return;
    }
    *ioattrp = (struct vfsioattr){
        .io_maxreadcnt = IO_DEFAULT_BYTES,
        .io_maxwritecnt = IO_DEFAULT_BYTES,
        .io_segreadcnt = IO_DEFAULT_SEGMENTS,
        .io_segwritecnt = IO_DEFAULT_SEGMENTS,
        .io_maxsegreadsize = IO_DEFAULT_BYTES,
        .io_maxsegwritesize = IO_DEFAULT_BYTES,
        .io_devblocksize = IO_DEFAULT_BLOCK,
    };
}

void vfs_setioattr(mount_t mp, struct vfsioattr *ioattrp)
{
    lck_mtx_lock(&mp->mnt_lock);
    mp->mnt_ioattr = *ioattrp;
    lck_mtx_unlock(&mp->mnt_lock);
}

int vfs_devblocksize(mount_t mp)
{
    struct vfsioattr attr;
    vfs_ioattr(mp, &attr);
    return (int)attr.io_devblocksize;
}

int vfs_64bitready(mount_t mp)
{
    (void)mp;
    return 1;
}

/* ---- for the system-call layer ------------------------------------------------------------------------- */

uint32_t vfs_mount_id(mount_t mp)
{
    return mp->mnt_id;
}

uint64_t vfs_mount_vnodes(mount_t mp)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < MOUNT_WAYS; i++)
        sum += atomic_load_explicit(&mp->mnt_ways[i].mw_vnodes, memory_order_acquire);
    return sum > 0 ? (uint64_t)sum : 0; /* one may come and go while they are added up */
}

uint64_t vfs_mount_ops(mount_t mp)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < MOUNT_WAYS; i++)
        sum += atomic_load_explicit(&mp->mnt_ways[i].mw_ops, memory_order_relaxed);
    return sum;
}

void vfs_mount_abilities(mount_t mp, struct vfs_type_abilities *out)
{
    out->has_open = mp->mnt_type->vfc_has_open;
    out->has_close = mp->mnt_type->vfc_has_close;
    out->has_xattr = mp->mnt_type->vfc_has_xattr;
    out->has_vget = mp->mnt_op->vfs_vget != NULL;
}
