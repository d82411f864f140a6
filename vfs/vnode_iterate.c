// SPDX-License-Identifier: BSD-2-Clause
/*
 * Going through the vnodes of a mount: vnode_iterate(), vflush(), and the reports of who is in use.
 *
 * The vnode table is the list of all vnodes: a mount's are those whose v_mount says so. Going through it
 * needs no lock and does not mind vnodes that come and go meanwhile; a vnode that belongs to the mount all
 * the time is visited exactly once.
 *
 * Called by file systems (KPI), mount_life.c, the system-call layer.
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "vfs/vnode_checked_internal.h"
#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnode_internal.h"

#define HOLDERS_TOLD 4u

/* ---- one after the other ------------------------------------------------------------------------------- */

/* Take an iocount of the vnode at @index if it is @mp's and has @need_flag (0: any). @how VGET_PATIENT or 0.
 * NULL: it is not, or not any more. */
static struct vnode *take_at(uint32_t index, struct mount *mp, uint32_t need_flag, unsigned how)
{
    struct vnode *vp = vnode_table_at(index);
    if (vnode_mount_of(vp) != mp)
        return NULL;
    uint32_t vid = vnode_vid(vp);
    if (need_flag && !vnode_flag_is(vp, need_flag))
        return NULL;
    if (vnode_get_iocount(vp, vid, VGET_VID | VGET_NODEAD | how))
        return NULL;
    if (vnode_mount_of(vp) == mp)
        return vp;
    vnode_put(vp);
    return NULL;
}

static bool in_use(struct vnode *vp)
{
    return vnode_usecount(vp) > 0 || vnode_iocount(vp) > 1;
}

static bool iterate_wants(struct vnode *vp, int flags)
{
    if (vp->v_data == NULL || vnode_vtype(vp) == VNON)
        return false;
    if ((flags & VNODE_ITERATE_ACTIVE) && !(flags & (VNODE_ITERATE_ALL | VNODE_ITERATE_INACTIVE)) &&
        !in_use(vp))
        return false;
    if ((flags & VNODE_ITERATE_INACTIVE) && !(flags & (VNODE_ITERATE_ALL | VNODE_ITERATE_ACTIVE)) &&
        in_use(vp))
        return false;
    if ((flags & VNODE_WRITEABLE) && atomic_load_explicit(&vp->v_writecount, memory_order_relaxed) == 0)
        return false;
    if ((flags & VNODE_RELOAD) && !in_use(vp)) {
        vnode_recycle(vp); /* read again when it is next asked for */
        return false;
    }
    return true;
}

int vnode_iterate(struct mount *mp, int flags, int (*callout)(struct vnode *, void *), void *arg)
{
    uint32_t count = vnode_table_count(); /* what is created later need not be visited */
    for (uint32_t i = 0; i < count; i++) {
        struct vnode *vp = take_at(i, mp, VF_LISTED, 0);
        if (!vp)
            continue;
        if (!iterate_wants(vp, flags)) {
            vnode_put(vp);
            continue;
        }
        int answer = callout(vp, arg);
        if (answer == VNODE_RETURNED || answer == VNODE_RETURNED_DONE)
            vnode_put(vp);
        if (answer == VNODE_RETURNED_DONE || answer == VNODE_CLAIMED_DONE)
            break;
    }
    return 0;
}

/* ---- flushing ------------------------------------------------------------------------------------------ */

static bool flush_skips(struct vnode *vp, const struct vnode *skipvp, int flags)
{
    if (vp == skipvp)
        return true;
    if ((flags & SKIPSYSTEM) && vnode_flag_is(vp, VF_SYSTEM))
        return true;
    if ((flags & SKIPROOT) && vnode_flag_is(vp, VF_ROOT))
        return true;
    if ((flags & SKIPSWAP) && vnode_flag_is(vp, VF_SWAP))
        return true;
    return (flags & WRITECLOSE) &&
           (!vnode_isreg(vp) || atomic_load_explicit(&vp->v_writecount, memory_order_relaxed) == 0);
}

enum flush_result { FLUSH_SKIPPED, FLUSH_DONE, FLUSH_BUSY };

/* The caller's iocount is put. */
static enum flush_result flush_one(struct vnode *vp, int flags)
{
    enum flush_result result = FLUSH_BUSY;
    struct vnode *parent = NULL;
    vnode_lock(vp);
    uint32_t events = atomic_load_explicit(&vp->v_eventcount, memory_order_relaxed);
    if (vnode_usecount(vp) <= events || (flags & FORCECLOSE)) {
        parent = vnode_reclaim_held(vp, DOCLOSE);
        result = FLUSH_DONE;
    }
    vnode_unlock(vp);
    vnode_reclaim_told();
    if (parent)
        vnode_rele(parent);
    vnode_put(vp);
    return result;
}

int vflush(struct mount *mp, struct vnode *skipvp, int flags)
{
    unsigned done, busy;
    do {
        /* The end of a child may have made its parent free; and while a mount goes, an operation that a drain
         * waited for may have made one more vnode. So go on as long as something ends. */
        done = busy = 0;
        for (uint32_t i = 0; i < vnode_table_count(); i++) {
            struct vnode *vp = take_at(i, mp, 0, VGET_PATIENT);
            if (!vp)
                continue;
            if (flush_skips(vp, skipvp, flags)) {
                vnode_put(vp);
                continue;
            }
            enum flush_result result = flush_one(vp, flags);
            done += result == FLUSH_DONE;
            busy += result == FLUSH_BUSY;
        }
    } while (done && (busy || vfs_isunmount(mp)));
    return busy ? EBUSY : 0;
}

/* ---- reports ------------------------------------------------------------------------------------------- */

static const char *type_name(enum vtype type)
{
    static const char *const names[] = {"VNON",  "VREG",  "VDIR", "VBLK", "VCHR", "VLNK",
                                        "VSOCK", "VFIFO", "VBAD", "VSTR", "VCPLX"};
    return (unsigned)type < sizeof(names) / sizeof(names[0]) ? names[type] : "?";
}

void vnode_describe(struct vnode *vp, char *buf, size_t size)
{
    vnode_lock(vp);
    uint64_t refs = atomic_load_explicit(&vp->v_refs, memory_order_relaxed);
    struct mount *mp = vnode_mount_of(vp);
    const char *name = vnode_name_locked(vp);
    int len = vp->v_namelen;
    if (!name) {
        name = vnode_flag_is(vp, VF_ROOT) ? "/" : "(no name)";
        len = (int)strlen(name);
    }
    snprintf(buf, size, "%.*s (%s on %s %s, %s, %u iocount%s, %u usecount%s)", len, name,
             type_name(vnode_vtype(vp)), mp->mnt_type->vfc_name, mp->mnt_vfsstat.f_mntonname,
             vnode_state_name(vref_state(refs)), vref_io(refs), vref_io(refs) == 1 ? "" : "s", vref_use(refs),
             vref_use(refs) == 1 ? "" : "s");
    vnode_unlock(vp);
}

/* How many of each vnode's usecounts are its children's, by index: these hold nobody from unmounting. */
static void count_children(struct mount *mp, uint32_t *children, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct vnode *vp = vnode_table_at(i);
        if (vnode_mount_of(vp) != mp)
            continue;
        vnode_lock(vp);
        if (vp->v_parent && vp->v_parent->v_index < count)
            children[vp->v_parent->v_index]++;
        vnode_unlock(vp);
    }
}

static bool holds_mount(struct vnode *vp, struct mount *mp, uint32_t children)
{
    uint64_t refs = atomic_load_explicit(&vp->v_refs, memory_order_relaxed);
    if (vnode_mount_of(vp) != mp || !vnode_flag_is(vp, VF_LISTED) || vnode_flag_is(vp, VF_SYSTEM))
        return false;
    uint32_t harmless = children + atomic_load_explicit(&vp->v_eventcount, memory_order_relaxed);
    return vref_use(refs) > harmless || vref_io(refs) > 0;
}

static bool is_referenced(struct vnode *vp, struct mount *mp)
{
    uint64_t refs = atomic_load_explicit(&vp->v_refs, memory_order_relaxed);
    return vnode_mount_of(vp) == mp && (vref_use(refs) > 0 || vref_io(refs) > 0);
}

/* @children: see count_children(); NULL: whatever has a reference is told, also what holds nobody. */
static unsigned holders_tell(struct mount *mp, const uint32_t *children, uint32_t count, char *why,
                             size_t why_size)
{
    unsigned held = 0;
    size_t used = 0;
    char line[192];
    for (uint32_t i = 0; i < count; i++) {
        struct vnode *vp = vnode_table_at(i);
        if (!(children ? holds_mount(vp, mp, children[i]) : is_referenced(vp, mp)) || held++ >= HOLDERS_TOLD)
            continue;
        vnode_describe(vp, line, sizeof(line));
        used += (size_t)scnprintf(why + used, why_size - used, "%s%s", held == 1 ? "" : "; ", line);
        used += vnode_holder_text(vp, why + used, why_size - used);
    }
    if (held > HOLDERS_TOLD)
        scnprintf(why + used, why_size - used, "; and %u more", held - HOLDERS_TOLD);
    return held;
}

unsigned vfs_mount_holders(mount_t mp, char *why, size_t why_size)
{
    uint32_t count = vnode_table_count();
    uint32_t *children = kern_alloc(count * sizeof(*children), "vfs holders");
    count_children(mp, children, count);
    if (why_size)
        why[0] = 0;
    unsigned held = holders_tell(mp, children, count, why, why_size);
    kern_free(children, count * sizeof(*children));
    return held;
}

void vfs_mount_referenced(mount_t mp, char *why, size_t why_size)
{
    static const char before[] = "; referenced: ";
    size_t skip = sizeof(before) - 1;
    if (why_size <= skip)
        return;
    if (holders_tell(mp, NULL, vnode_table_count(), why + skip, why_size - skip) > 0)
        memcpy(why, before, skip);
}
