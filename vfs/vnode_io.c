// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading and writing a vnode from kernel code (vn_rdwr), and taking a file away from everybody who has it
 * open (vn_revoke).
 *
 * Takes no lock over the file system's operation. Called by file systems (KPI).
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/ubc.h>
#include <sys/uio.h>
#include <libkern/libkern.h>

#include "vfs/mount_internal.h"
#include "vfs/vfs_event_internal.h"
#include "vfs/vnop_iface.h"

/* The same rights whoever the running call belongs to: a context with the given credential. */
static vfs_context_t context_for(kauth_cred_t cred, struct vfs_context *storage)
{
    *storage = *vfs_context_current();
    storage->vc_ucred = cred;
    return storage;
}

int vn_rdwr_64(enum uio_rw rw, struct vnode *vp, uint64_t base, int64_t len, off_t offset,
               enum uio_seg segflg, int ioflg, kauth_cred_t cred, int64_t *aresid, struct proc *p)
{
    (void)p;
    struct vfs_context storage;
    if (len < 0 || offset < 0)
        return EINVAL;
    if (rw == UIO_WRITE && vfs_isrdonly(vnode_mount_of(vp)))
        return EROFS;
    uio_t uio = uio_create(1, offset, segflg, rw);
    if (!uio)
        return ENOMEM;
    int error = uio_addiov(uio, base, (user_size_t)len) ? EINVAL : 0;
    if (!error) {
        vfs_context_t ctx = context_for(cred, &storage);
        error = rw == UIO_READ ? VNOP_READ(vp, uio, ioflg, ctx) : VNOP_WRITE(vp, uio, ioflg, ctx);
    }
    int64_t resid = uio_resid(uio);
    uio_free(uio);
    if (aresid)
        *aresid = resid;
    else if (resid && !error)
        error = EIO; /* a caller who does not ask how much wants all of it */
    return error;
}

int vn_rdwr(enum uio_rw rw, struct vnode *vp, caddr_t base, int len, off_t offset, enum uio_seg segflg,
            int ioflg, kauth_cred_t cred, int *aresid, proc_t p)
{
    int64_t resid = 0;
    int error = vn_rdwr_64(rw, vp, (uint64_t)(uintptr_t)base, len, offset, segflg, ioflg, cred,
                           aresid ? &resid : NULL, p);
    if (aresid)
        *aresid = (int)resid;
    return error;
}

/* The caller has an iocount. False: somebody else takes it away, or has done so. */
static bool take_away(vnode_t vp, int flags)
{
    vnode_lock(vp);
    bool mine = vnode_state(vp) == VNODE_LIVE;
    struct vnode *parent = vnode_reclaim_held(vp, DOCLOSE | flags);
    vnode_unlock(vp);
    vnode_reclaim_told();
    if (parent)
        vnode_rele(parent);
    return mine;
}

static bool is_alias(struct vnode *vp, enum vtype type, dev_t rdev)
{
    return vnode_state(vp) == VNODE_LIVE && vnode_vtype(vp) == type && vp->v_rdev == rdev;
}

/* The other vnodes of the same device. The caller's own is dead by now: of two callers with an iocount each
 * neither waits for the other's. */
static void take_aliases_away(enum vtype type, dev_t rdev, int flags)
{
    for (uint32_t i = 0; i < vnode_table_count(); i++) {
        struct vnode *vp = vnode_table_at(i);
        uint32_t vid = vnode_vid(vp);
        if (vnode_vtype(vp) != type || vnode_get_iocount(vp, vid, VGET_VID | VGET_NODEAD))
            continue;
        if (is_alias(vp, type, rdev)) {
            vfs_event_revoked(vp);
            take_away(vp, flags);
        }
        vnode_put(vp);
    }
}

int vn_revoke(vnode_t vp, int flags, vfs_context_t ctx)
{
    (void)ctx;
    if (!(flags & REVOKEALL))
        return EINVAL;
    enum vtype type = vnode_vtype(vp);
    dev_t rdev = vp->v_rdev;
    if (vnode_isvroot(vp))
        return EBUSY; /* the mount needs it */
    vfs_event_revoked(vp);
    if (!take_away(vp, flags))
        return ENOENT;
    if (type == VBLK || type == VCHR)
        take_aliases_away(type, rdev, flags);
    return 0;
}
