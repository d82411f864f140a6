// SPDX-License-Identifier: BSD-2-Clause
/*
 * vfs_iface.h: what the core of vfs/ offers to the system-call layer and to kext/: start and end, counters,
 * weak references, who uses a range of code, bookkeeping around a call. Fields of vnodes and mounts stay
 * inside vfs/.
 */
#ifndef KEXTBED_VFS_VFS_IFACE_H
#define KEXTBED_VFS_VFS_IFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/mount.h>
#include <sys/vnode.h>

#include "validate/validate_iface.h"

/* ---- start and end ------------------------------------------------------------------------------------- */

struct vfs_boot_args {
    uint32_t max_vnodes;  /* bound of the vnode table, >= 8; 0 the default (65,536) */
    uint64_t cache_bytes; /* memory for cached blocks; 0 the default */
    bool ledger;          /* keep the ledger of iocounts and check every operation against its contract */
    enum validate_policy validate; /* of findings; with any but VALIDATE_OFF the ledger is kept too */
    const char *exceptions;        /* findings that are allowed, or NULL */
};
/** vfs_boot - bring up the core. After kern_boot(), before any other call here. The root file system is
 *  mounted afterwards by its owner: vfs_fsadd_internal(), mount_attach(), mount_root_set().
 *  Errno:  0; EINVAL the bound is too small or too large; ENOMEM; EALREADY. */
int vfs_boot(const struct vfs_boot_args *args);
/** vfs_shutdown - give everything back. The root is unmounted and no type registered any more.
 *  Errno:  0; EBUSY. */
int vfs_shutdown(void);

/* ---- counters ------------------------------------------------------------------------------------------ */

struct vfs_counters {
    uint64_t vnodes;                          /* in the table with a file or a reference */
    uint64_t vnodes_created, vnodes_recycled; /* ever */
    uint64_t iocounts, usecounts;             /* held now, the kernel's own root not counted */
    uint64_t mounts, file_systems;            /* the kernel's own root not counted */
    uint64_t name_cache_entries, name_strings;
};
void vfs_counters_get(struct vfs_counters *out);

/* ---- for the page cache -------------------------------------------------------------------------------- */

/** vnode_index - @vp's place in the table, below the bound. */
uint32_t vnode_index(vnode_t vp);
/** vnode_filesize, vnode_filesize_set - the size of a regular file as the page cache knows it, bytes. */
off_t vnode_filesize(vnode_t vp);
void vnode_filesize_set(vnode_t vp, off_t size);
/** vnode_pageout_lists - does its type make the page lists for VNOP_PAGEOUT itself (VFS_TBLVNOP_PAGEOUTV2)?
 */
bool vnode_pageout_lists(vnode_t vp);
vnode_t vfs_devvp(mount_t mp); /* KPI, for kexts of the private view alone */
/** vnode_mount_pages - what ubc/ knows of the mount of @vp or, where that is NULLVP, of @mp: it keeps a
 * pointer there, at first NULL. */
struct ubc_mount;
struct ubc_mount *_Atomic *vnode_mount_pages(vnode_t vp, mount_t mp);

/* ---- around a system call ------------------------------------------------------------------------------ */

/** vnode_balance - reclaim a few unused vnodes where the caller holds nothing, so that vnode_create()
 *  inside the coming operation finds a free one. For the start of every system call; cheap when some are
 *  free.
 *  Locks:  none held, and no iocount.
 *  Blocks: yes: VNOP_INACTIVE, VNOP_RECLAIM of any file system. */
void vnode_balance(void);

/* With the ledger on, a thread's iocounts must be at the end of a call what they were at its start. */
struct vnop_call_mark {
    int64_t total;
    const char *name;
};
/** vnop_call_begin, vnop_call_end - bracket one system call called @name (a static string). The end panics
 *  when the call leaves an iocount behind, and tells of which vnode and where it was taken. Costs nothing
 *  with the ledger off. @outermost: not inside another call of this thread; when it began is noted. */
void vnop_call_begin(struct vnop_call_mark *mark, const char *name, bool outermost);
void vnop_call_end(const struct vnop_call_mark *mark);
/** vnop_ledger_on - is the ledger kept? */
bool vnop_ledger_on(void);

/* ---- weak references ----------------------------------------------------------------------------------- */

/** vnode_weak - @vp as plain data, for struct sys_node.vnode. Never 0.
 *  Refs:   the caller has an iocount or usecount, or accepts an answer that is stale at once. */
uint64_t vnode_weak(vnode_t vp);
/** vnode_weak_get - the vnode that @weak named, if it still has identity @vid.
 *  @weak   any number at all: garbage, from an earlier boot, long stale.
 *  Refs:   one iocount on *vpp; NULL on error.
 *  Blocks: until a reclaim under way has ended.
 *  Errno:  0; ENOENT another identity or no vnode; ENODEV its mount goes away; EINTR it is suspended, and
 *          the call was interrupted. */
int vnode_weak_get(uint64_t weak, uint32_t vid, vnode_t *vpp);

/** vnode_get_ready - an iocount, if there is nothing to wait for. For the kernel's own threads.
 *  Errno:  0; ENOENT another identity, being reclaimed, suspended, or no file. Blocks: no. */
int vnode_get_ready(vnode_t vp, uint32_t vid);

/* ---- names after an operation -------------------------------------------------------------------------- */

/** vnode_identity_renamed - after VNOP_RENAME or VNOP_RENAMEX succeeded: @fvp is now @tcnp in @tdvp, and
 *  with VFS_RENAME_SWAP @tvp is @fcnp in @fdvp. Names, parents and the name cache follow, unless the type
 *  does that itself (VFS_TBLVNOP_NOUPDATEID_RENAME).
 *  @tvp    may be NULL.
 *  Refs:   iocounts on all. Blocks: yes, it may release a parent. */
void vnode_identity_renamed(vnode_t fdvp, vnode_t fvp, struct componentname *fcnp, vnode_t tdvp, vnode_t tvp,
                            struct componentname *tcnp, uint32_t flags);

/* ---- what a mount can do ------------------------------------------------------------------------------- */

/* Whether the type's own operations exist: a vector entry that is neither the vector's default nor one of the
 * kernel's nop_* and err_* functions. */
struct vfs_type_abilities {
    bool has_open, has_close, has_xattr, has_vget;
};
void vfs_mount_abilities(mount_t mp, struct vfs_type_abilities *out);
/** vfs_mount_id - the number that names a mount in the system-call layer. */
uint32_t vfs_mount_id(mount_t mp);
/** vfs_mount_vnodes, vfs_mount_ops - live vnodes now; vnode operations since the mount. */
uint64_t vfs_mount_vnodes(mount_t mp);
uint64_t vfs_mount_ops(mount_t mp);
/** vfs_mount_holders - what keeps @mp from being unmounted, as text: a handful of its vnodes with their
 *  counts, and how many more. Returns how many are in use; directories that only have cached children are
 *  not. */
unsigned vfs_mount_holders(mount_t mp, char *why, size_t why_size);
/** vfs_mount_referenced - where there are none of these, what anybody at all has a reference of, after
 *  "; referenced: "; nothing if there is nothing. */
void vfs_mount_referenced(mount_t mp, char *why, size_t why_size);

/* ---- who uses this code (kext/: may a kext be unloaded?) ----------------------------------------------- */

/** vfs_range_in_use - does the core hold a pointer into [@start, @end): a registered type with its
 *  operations, and so its mounts and live vnodes?
 *  @why    may be NULL. One sentence: "file system memfs is registered, 1 mount (/mnt/a), 12 vnodes".
 *  Locks:  takes the mount list lock. Blocks: no. */
bool vfs_range_in_use(const void *start, const void *end, char *why, size_t why_size);
/** vfs_range_mounted - is a file system mounted whose type has code in [@start, @end)?
 *  Locks:  takes the mount list lock. Blocks: no. */
bool vfs_range_mounted(const void *start, const void *end);

/* ---- events -------------------------------------------------------------------------------------------- */

/** vfs_set_event_listener - who is told of vfs_event_signal() and vnode_notify(); NULL: nobody. Returns
 *  when no call of the listener before is running any more, so it must not be called from inside one.
 *  @events VQ_* for a volume, VNODE_EVENT_* for a file; VFS_EVENT_REVOKED alone: it is about to be revoked.
 *  @vp     the file, with an iocount during the call; NULL for a volume.
 *  Locks:  none is held over the call. */
#define VFS_EVENT_REVOKED 0x80000000u
void vfs_set_event_listener(void (*fn)(void *arg, uint32_t mount_id, uint32_t events, vnode_t vp), void *arg);

#endif
