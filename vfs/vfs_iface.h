// SPDX-License-Identifier: BSD-2-Clause
/*
 * vfs_iface.h: what the core of vfs/ offers to the system-call layer and to kext/: start and end, counters, weak references,
 * who uses a range of code, bookkeeping around a call. Fields of vnodes and mounts stay inside vfs/.
 */
#ifndef KEXTBED_VFS_VFS_IFACE_H
#define KEXTBED_VFS_VFS_IFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/mount.h>
#include <sys/vnode.h>

/* ---- start and end ----------------------------------------------------------------------------------------------- */

struct vfs_boot_args {
    uint32_t max_vnodes; /* bound of the vnode table, >= 8; 0 the default (65,536) */
    bool ledger;         /* keep the ledger of iocounts and check every operation against its contract */
};
/** vfs_boot - bring up the core. After kern_boot(), before any other call here. The root file system is mounted afterwards by its
 *  owner (vfs_fsadd_internal, mount_attach, mount_root_set). Errno: 0; EINVAL; ENOMEM; EALREADY. */
int vfs_boot(const struct vfs_boot_args *args);
/** vfs_shutdown - give everything back. The root is unmounted and no type registered any more. Errno: 0; EBUSY. */
int vfs_shutdown(void);

/* ---- counters ------------------------------------------------------------------------------------------------------ */

struct vfs_counters {
    uint64_t vnodes;                        /* in the table with a file or a reference */
    uint64_t vnodes_created, vnodes_recycled; /* ever */
    uint64_t iocounts, usecounts;           /* held now, the kernel's own root not counted */
    uint64_t mounts, file_systems;          /* the kernel's own root not counted */
    uint64_t name_cache_entries, name_strings;
};
void vfs_counters_get(struct vfs_counters *out);

/* ---- around a system call -------------------------------------------------------------------------------------------- */

/** vnode_balance - reclaim a few unused vnodes while the caller holds nothing, so that vnode_create() inside the coming
 *  operation finds a free one. Start of every system call. Cheap when there are free vnodes. Blocks. No lock, no iocount held. */
void vnode_balance(void);

/* With the ledger on: the calling thread's iocounts must be at the end of a call what they were at its start. */
struct vnop_call_mark {
    int64_t total;
    const char *name;
};
/** vnop_call_begin, vnop_call_end - bracket one system call called @name (static). End panics, naming the vnode and where its
 *  iocount was taken, when the call leaves one behind. Free when the ledger is off. */
void vnop_call_begin(struct vnop_call_mark *mark, const char *name);
void vnop_call_end(const struct vnop_call_mark *mark);
/** vnop_ledger_on - is the ledger kept? */
bool vnop_ledger_on(void);

/* ---- weak references --------------------------------------------------------------------------------------------------- */

/** vnode_weak - @vp as plain data (struct sys_node.vnode). Never 0. Caller holds an iocount or usecount, or accepts a stale answer. */
uint64_t vnode_weak(vnode_t vp);
/** vnode_weak_get - the vnode that @weak named, if it still has identity @vid. @weak may be any number: garbage, from an earlier
 *  boot, or long stale. Waits for a termination under way.
 *  Refs: one iocount on *vpp. Errno: 0; ENOENT another identity, none at all; ENODEV its mount goes away. */
int vnode_weak_get(uint64_t weak, uint32_t vid, vnode_t *vpp);

/* ---- names after an operation ------------------------------------------------------------------------------------------- */

/** vnode_identity_renamed - after VNOP_RENAME or VNOP_RENAMEX succeeded: @fvp is now @tcnp in @tdvp (and with VFS_RENAME_SWAP @tvp is
 *  @fcnp in @fdvp): name, parent and name cache follow, unless the type does that itself (VFS_TBLVNOP_NOUPDATEID_RENAME).
 *  @tvp may be NULL. Caller holds iocounts on all. Blocks (may release a parent). */
void vnode_identity_renamed(vnode_t fdvp, vnode_t fvp, struct componentname *fcnp, vnode_t tdvp, vnode_t tvp,
                            struct componentname *tcnp, uint32_t flags);

/* ---- what a mount can do -------------------------------------------------------------------------------------------------- */

/* Whether the type's own operations exist: a vector entry that is neither the vector's default nor one of the kernel's
 * nop_* and err_* functions. */
struct vfs_type_abilities {
    bool has_open, has_close, has_xattr, has_vget;
};
void vfs_mount_abilities(mount_t mp, struct vfs_type_abilities *out);
/** vfs_mount_id - the number that names a mount in the system-call layer. */
uint32_t vfs_mount_id(mount_t mp);
/** vfs_mount_vnodes, vfs_mount_ops - live vnodes now; vnode operations since the mount. */
uint64_t vfs_mount_vnodes(mount_t mp);
uint64_t vfs_mount_ops(mount_t mp);
/** vfs_mount_holders - text naming up to a handful of vnodes of @mp that are in use ("a/b (VREG, 1 usecount); ..., 3 more").
 *  Returns how many are in use. */
unsigned vfs_mount_holders(mount_t mp, char *why, size_t why_size);

/* ---- who uses this code (kext/: may a kext be unloaded?) --------------------------------------------------------------------- */

/** vfs_range_in_use - does the core hold a pointer into [@start, @end): a registered type with its operations, a mount of it,
 *  live vnodes of it? @why (may be NULL) gets one sentence: "file system memfs is registered, 1 mount (/mnt/a), 12 vnodes".
 *  Locks: takes the mount list lock. Blocks: no. */
bool vfs_range_in_use(const void *start, const void *end, char *why, size_t why_size);
/** vfs_range_mounted - is a file system mounted whose type has code in [@start, @end)? Locks and Blocks as vfs_range_in_use(). */
bool vfs_range_mounted(const void *start, const void *end);

/* ---- events ----------------------------------------------------------------------------------------------------------------- */

/** vfs_set_event_listener - told of vfs_event_signal() and of vnode_notify(): @mount_id, VQ_* or VNODE_EVENT_* bits, the file's
 *  vnode (iocount held during the call) or NULL. One listener. No lock held. */
void vfs_set_event_listener(void (*fn)(void *arg, uint32_t mount_id, uint32_t events, vnode_t vp), void *arg);

#endif
