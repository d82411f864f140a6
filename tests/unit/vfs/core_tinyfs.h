// SPDX-License-Identifier: BSD-2-Clause
/*
 * core_tinyfs.h: a tiny file system for the tests of the VFS core, and the set-up that all of their suites
 * share: kern/ and vfs/ booted, tinyfs registered and mounted as the root ("/") and once more on the root's
 * directory "mnt".
 *
 * Nodes are numbers, kept for ever in an array; 1 is the root directory. A test reaches its vnodes through
 * tiny_get(). Each node records what the core did to it as a string of letters: O open, C close, F fsync, I
 * inactive, R reclaim.
 */
#ifndef KEXTBED_TESTS_CORE_TINYFS_H
#define KEXTBED_TESTS_CORE_TINYFS_H

#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>

#include "kern/kern_iface.h"
#include "kern/lock_iface.h"
#include "tests/support/ktest.h"
#include "vfs/vfs_iface.h"

#define TINY_ROOT    1u
#define TINY_HISTORY 32
#define TINY_NODES   4096u
extern uint32_t tiny_nodes_max; /* nodes that a mount made from now on has room for; TINY_NODES unless a case
                                   says otherwise */

struct tiny_node {
    uint32_t ino, parent;
    enum vtype type;
    bool linked;
    char name[24];
    vnode_t vp;  /* NULL: none. Under the mount's lock */
    bool making; /* a vnode is being made */
    char history[TINY_HISTORY];
    uint32_t events;
};

struct tiny_mount {
    mount_t mp;
    bool root; /* the kernel's root */
    lck_grp_t *group;
    lck_mtx_t lock;
    struct tiny_node *nodes; /* by ino - 1 */
    _Atomic(uint32_t) count;
    uint32_t max;
    _Atomic(uint32_t) reclaimed, inactive;
    bool busy_unmount; /* VFS_UNMOUNT says EBUSY */
};

/* What operations of all tiny mounts do wrong or wait for, until the next set-up. */
struct tiny_tricks {
    int mount_error, start_error, root_error, sync_error, init_error;
    bool getattr_leaks;    /* getattr takes an iocount too many */
    bool getattr_drops;    /* getattr puts its caller's iocount */
    bool lookup_keeps_vpp; /* lookup fails and leaves *vpp set */
    bool lookup_no_vpp;    /* lookup succeeds without a vnode */
    bool reclaim_fails, reclaim_keeps_fsref;
    bool getattr_minimal;            /* answers va_data_size and va_modify_time only */
    _Atomic(bool) reclaim_waits;     /* reclaim waits until it is false again... */
    _Atomic(bool) reclaim_waiting;   /* ...and says so here */
    _Atomic(bool) inactive_recycles; /* inactive calls vnode_recycle() */
};
extern struct tiny_tricks tiny_tricks;

extern int (**tiny_vector)(void *), (**tiny_root_vector)(void *);
extern struct vfsops tiny_vfsops;
extern struct vnodeopv_desc tiny_vector_desc, tiny_root_vector_desc;
/** tiny_entry - what registers the type as @name. */
struct vfs_fsentry tiny_entry(const char *name, struct vnodeopv_desc **descs);

/* ---- nodes --------------------------------------------------------------------------------------------- */

/** tiny_add - a new node; returns its number. */
uint32_t tiny_add(struct tiny_mount *tm, uint32_t parent, enum vtype type);
/** tiny_get - the vnode of node @ino with an iocount; ENOENT for one that does not exist. */
int tiny_get(struct tiny_mount *tm, uint32_t ino, vnode_t *vpp);
struct tiny_node *tiny_node(struct tiny_mount *tm, uint32_t ino);
struct tiny_mount *tiny_of(mount_t mp);
/** tiny_name - @cnp for node names and others; flags MAKEENTRY | ISLASTCN, op LOOKUP. */
struct componentname tiny_name(const char *name);

/* ---- set-up -------------------------------------------------------------------------------------------- */

extern struct tiny_mount *tiny_root, *tiny_mnt; /* of the two mounts */
extern _Atomic(uint32_t) tiny_mnt_id;

/** tiny_boot - boot with @max_vnodes and the ledger or not, register, mount both. */
void tiny_boot(uint32_t max_vnodes, bool ledger);
/** tiny_reboot - for a case that wants other figures than the suite's set-up. */
void tiny_reboot(uint32_t max_vnodes, bool ledger);
/** tiny_end - unmount, unregister, shut down, and check that nothing is left. */
void tiny_end(void);
/** tiny_unmount_mnt - unmount tiny_mnt only, if it is mounted. */
int tiny_unmount_mnt(int flags);
int tiny_mount_mnt(void);

void tiny_suite_boot(void);
void tiny_suite_setup(void);
void tiny_suite_teardown(void);
#define TINY_SUITE(noun, table)                                                                              \
    KT_SUITE_WITH(noun, table, tiny_suite_setup, tiny_suite_teardown, tiny_suite_boot)

vfs_context_t tiny_ctx(void);
struct vfs_counters tiny_counters(void);

#endif
