// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a vnode says of itself: the KPI's questions about type, mount, flags and counts, and the settings that
 * go with them.
 *
 * Takes no lock: what is read is atomic, or fixed while the caller holds its iocount. Called by everybody.
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "buf/buf_iface.h"
#include "ubc/ubc_iface.h"
#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnode_internal.h"

/* Mode bits of a type and back, as the historic macros want them. */
enum vtype iftovt_tab[16] = {
    VNON, VFIFO, VCHR, VNON, VDIR, VNON, VBLK, VNON, VREG, VNON, VLNK, VNON, VSOCK, VNON, VNON, VBAD,
};
int vttoif_tab[9] = {
    0, S_IFREG, S_IFDIR, S_IFBLK, S_IFCHR, S_IFLNK, S_IFSOCK, S_IFIFO, S_IFMT,
};

/* ---- what it is ---------------------------------------------------------------------------------------- */

enum vtype vnode_vtype(vnode_t vp)
{
    return (enum vtype)atomic_load_explicit(&vp->v_type, memory_order_relaxed);
}

int vnode_isreg(vnode_t vp)
{
    return vnode_vtype(vp) == VREG;
}

int vnode_isdir(vnode_t vp)
{
    return vnode_vtype(vp) == VDIR;
}

int vnode_islnk(vnode_t vp)
{
    return vnode_vtype(vp) == VLNK;
}

int vnode_isblk(vnode_t vp)
{
    return vnode_vtype(vp) == VBLK;
}

int vnode_ischr(vnode_t vp)
{
    return vnode_vtype(vp) == VCHR;
}

int vnode_isfifo(vnode_t vp)
{
    return vnode_vtype(vp) == VFIFO;
}

uint32_t vnode_vid(vnode_t vp)
{
    return atomic_load_explicit(&vp->v_id, memory_order_relaxed);
}

dev_t vnode_specrdev(vnode_t vp)
{
    return vp->v_rdev;
}

void *vnode_fsnode(vnode_t vp)
{
    return vp->v_data;
}

void vnode_clearfsnode(vnode_t vp)
{
    vp->v_data = NULL;
}

int vnode_tag(vnode_t vp)
{
    return atomic_load_explicit(&vp->v_tag, memory_order_relaxed);
}

void vnode_settag(vnode_t vp, int tag)
{
    atomic_store_explicit(&vp->v_tag, (uint8_t)tag, memory_order_relaxed);
}

/* ---- flags --------------------------------------------------------------------------------------------- */

int vnode_isvroot(vnode_t vp)
{
    return vnode_flag_is(vp, VF_ROOT);
}

int vnode_issystem(vnode_t vp)
{
    return vnode_flag_is(vp, VF_SYSTEM);
}

int vnode_isswap(vnode_t vp)
{
    return vnode_flag_is(vp, VF_SWAP);
}

int vnode_isnamedstream(vnode_t vp)
{
    return vnode_flag_is(vp, VF_STREAM);
}

int vnode_ismonitored(vnode_t vp)
{
    return vnode_flag_is(vp, VF_MONITORED);
}

int vnode_israge(vnode_t vp)
{
    return vnode_flag_is(vp, VF_RAGE);
}

boolean_t vnode_isonexternalstorage(vnode_t vp)
{
    (void)vp;
    return 0;
}

int vnode_isnocache(vnode_t vp)
{
    return vnode_flag_is(vp, VF_NOCACHE);
}

void vnode_setnocache(vnode_t vp)
{
    vnode_flag_set(vp, VF_NOCACHE);
}

void vnode_clearnocache(vnode_t vp)
{
    vnode_flag_clear(vp, VF_NOCACHE);
}

int vnode_isnoreadahead(vnode_t vp)
{
    return vnode_flag_is(vp, VF_NORDAHEAD);
}

void vnode_setnoreadahead(vnode_t vp)
{
    vnode_flag_set(vp, VF_NORDAHEAD);
}

void vnode_clearnoreadahead(vnode_t vp)
{
    vnode_flag_clear(vp, VF_NORDAHEAD);
}

int vnode_ismountedon(vnode_t vp)
{
    return vnode_flag_is(vp, VF_MOUNTING);
}

void vnode_setmountedon(vnode_t vp)
{
    vnode_flag_set(vp, VF_MOUNTING);
}

void vnode_clearmountedon(vnode_t vp)
{
    vnode_flag_clear(vp, VF_MOUNTING);
}

void vnode_setmultipath(vnode_t vp)
{
    vnode_flag_set(vp, VF_MULTIPATH);
}

/* Rights are decided afresh each time, so none are remembered. */
void vnode_uncache_credentials(vnode_t vp)
{
    (void)vp;
}

/* ---- its mount ----------------------------------------------------------------------------------------- */

mount_t vnode_mount(vnode_t vp)
{
    return vnode_mount_of(vp);
}

mount_t vnode_mountedhere(vnode_t vp)
{
    return atomic_load_explicit(&vp->v_mounted, memory_order_acquire);
}

int vnode_ismount(vnode_t vp)
{
    return vnode_flag_is(vp, VF_COVERED);
}

void vnode_vfsname(vnode_t vp, char *buf)
{
    vfs_name(vnode_mount_of(vp), buf);
}

int vnode_vfstypenum(vnode_t vp)
{
    return vfs_typenum(vnode_mount_of(vp));
}

int vnode_vfs64bitready(vnode_t vp)
{
    return vfs_64bitready(vnode_mount_of(vp));
}

int vnode_vfsisrdonly(vnode_t vp)
{
    return vfs_isrdonly(vnode_mount_of(vp));
}

uint32_t vnode_vfsmaxsymlen(vnode_t vp)
{
    return vfs_maxsymlen(vnode_mount_of(vp));
}

/* ---- its references ------------------------------------------------------------------------------------ */

static uint64_t refs_of(vnode_t vp)
{
    return atomic_load_explicit(&vp->v_refs, memory_order_relaxed);
}

uint32_t vnode_iocount(struct vnode *vp)
{
    return vref_io(refs_of(vp));
}

uint32_t vnode_usecount(struct vnode *vp)
{
    return vref_use(refs_of(vp));
}

int vnode_isinuse(vnode_t vp, int refcnt)
{
    int64_t events = atomic_load_explicit(&vp->v_eventcount, memory_order_relaxed);
    return (int64_t)vnode_usecount(vp) - events > refcnt;
}

int vnode_isrecycled(vnode_t vp)
{
    uint64_t refs = refs_of(vp);
    enum vnode_state state = vref_state(refs);
    return state == VNODE_DRAIN || state == VNODE_TERM || state == VNODE_DEAD || (refs & VREF_RECYCLE);
}

int vnode_willberecycled(vnode_t vp)
{
    return (refs_of(vp) & VREF_RECYCLE) != 0;
}

/* ---- for the page cache -------------------------------------------------------------------------------- */

uint32_t vnode_index(vnode_t vp)
{
    return vp->v_index;
}

off_t vnode_filesize(vnode_t vp)
{
    return atomic_load_explicit(&vp->v_filesize, memory_order_relaxed);
}

void vnode_filesize_set(vnode_t vp, off_t size)
{
    atomic_store_explicit(&vp->v_filesize, size, memory_order_relaxed);
}

bool vnode_pageout_lists(vnode_t vp)
{
    const struct vfstable *type = vnode_mount_of(vp)->mnt_type;
    return type && (type->vfc_flags & VFS_TBLVNOP_PAGEOUTV2);
}

struct ubc_mount *_Atomic *vnode_mount_pages(vnode_t vp, mount_t mp)
{
    return vp ? &vnode_mount_of(vp)->mnt_pages : &mp->mnt_pages;
}

/* ---- its writes ---------------------------------------------------------------------------------------- */

int vnode_hasdirtyblks(vnode_t vp)
{
    return atomic_load_explicit(&vp->v_writes, memory_order_relaxed) > 0 || buf_vnode_has(vp, true) ||
           ubc_vnode_has(vp, true);
}

int vnode_hascleanblks(vnode_t vp)
{
    return buf_vnode_has(vp, false);
}

void vnode_startwrite(vnode_t vp)
{
    atomic_fetch_add_explicit(&vp->v_writes, 1, memory_order_relaxed);
}

void vnode_writedone(vnode_t vp)
{
    vnode_lock(vp);
    uint32_t old = atomic_fetch_sub_explicit(&vp->v_writes, 1, memory_order_acq_rel);
    KASSERT(old > 0, "vnode_writedone(%p) without vnode_startwrite", (void *)vp);
    wakeup(&vp->v_writes);
    vnode_unlock(vp);
}

int vnode_waitforwrites(vnode_t vp, int output_target, int slpflag, int slptimeout, const char *msg)
{
    int error = 0;
    vnode_lock(vp);
    while (!error && (int64_t)atomic_load_explicit(&vp->v_writes, memory_order_acquire) > output_target)
        error = vnode_sleep(vp, &vp->v_writes, slpflag, msg, slptimeout > 0 ? (unsigned)slptimeout : 0);
    vnode_unlock(vp);
    return error;
}
