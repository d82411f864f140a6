// SPDX-License-Identifier: BSD-2-Clause
/*
 * vnop_internal.h: what stands behind a VNOP_X() call: the operation's descriptor with its contract
 * (generated from vnop.contract), the call itself, and the ledger of iocounts that proves the contract was
 * kept.
 *
 * A call is one indirect call, one counter, and a look at how many locks the thread holds before and after.
 * With the ledger on, vnop_call_watched() compares the thread's iocounts before and after, and panics naming
 * the operation, the file system, the vnode and where its iocount was taken.
 */
#ifndef KEXTBED_VFS_VNOP_INTERNAL_H
#define KEXTBED_VFS_VNOP_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/vnode.h>
#include <sys/vnode_if.h>

#include "validate/validate_iface.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"

enum vnop_rule {
    VNOP_ARG_HELD,         /* a vnode with an iocount of the caller's, before and after */
    VNOP_ARG_HELD_OR_NULL, /* the same or NULL */
    VNOP_ARG_RETURNED,     /* a vnode pointer's address: one iocount given on success, NULL on error */
};
struct vnop_arg_rule {
    const char *arg;
    size_t offset; /* of the argument in the operation's argument structure */
    enum vnop_rule rule;
    bool moves; /* a directory lies elsewhere afterwards, or is gone */
};
#define VNOP_RECLAIMS  0x1u /* takes a file away */
#define VNOP_USES_FREE 0x2u /* may end with other usecounts than it began with */
#define VNOP_LOCKS_ANY 0x4u /* may be called with locks of the file system's own held */
#define VNOP_RULES_MAX 4

struct vnodeop_desc {
    int vdesc_offset; /* index into an operations vector; 0 is the default's */
    const char *vdesc_name;
    unsigned vdesc_flags; /* VNOP_*, the same bits as VALIDATE_OP_* */
    unsigned vdesc_rule_count;
    struct vnop_arg_rule vdesc_rules[VNOP_RULES_MAX];
};

/* All of them, by offset. */
extern struct vnodeop_desc *const vnop_descs[];
extern const unsigned vnop_desc_count;
extern struct vnodeop_desc vnop_getnamedstream_desc, vnop_makenamedstream_desc, vnop_removenamedstream_desc;

/* ---- what becomes of an answer ("then" in the contract) ------------------------------------------------ */

/** vnop_ioctl_unknown - does @error of VNOP_IOCTL say that the file system does not know the command? */
static inline bool vnop_ioctl_unknown(errno_t error)
{
    return error == ENOTTY || error == ENOTSUP || error == EINVAL;
}
/** vnop_ioctl_then - F_FULLFSYNC that the file system does not know goes to the device below it (or to the
 * vnode itself where it is one), also where a stacked file system has handed it down. Blocks: yes. */
errno_t vnop_ioctl_then(const struct vnop_ioctl_args *args, errno_t error);

/* ---- iocount_ledger.c ---------------------------------------------------------------------------------- */

extern bool iocount_ledger_enabled; /* constant between boot and shutdown */
/** iocount_ledger_on - is the ledger kept? */
static inline bool iocount_ledger_on(void)
{
#ifdef KEXTBED_WITHOUT_VALIDATOR
    return false;
#else
    return __builtin_expect(iocount_ledger_enabled, 0);
#endif
}

void iocount_ledger_boot(bool enabled);
void iocount_ledger_shutdown(void);
void iocount_ledger_add(struct vnode *vp, int delta);
/** iocount_ledger_total - iocounts that the calling thread holds. */
int64_t iocount_ledger_total(void);
/** iocount_ledger_held - how many of them are @vp's. */
int32_t iocount_ledger_held(struct vnode *vp);
/** iocount_ledger_stack - where the calling thread took @vp's iocount last; false: it has none. */
bool iocount_ledger_stack(struct vnode *vp, struct validate_stack *stack);
/* One row of a thread's ledger. */
struct iocount_holding {
    uint32_t thread; /* number */
    struct vnode *vp;
    int32_t held;
    uint64_t since_ns; /* of the last; 0 unless the validator is on */
    struct validate_stack stack;
};
/** iocount_ledger_each - call @fn for every iocount of every thread, a ledger's lock held: it may not lock.
 */
void iocount_ledger_each(void (*fn)(void *arg, const struct iocount_holding *holding), void *arg);
/** iocount_ledger_report - the calling thread's iocounts, and where each was taken, to the log. */
void iocount_ledger_report(void);
/** iocount_ledger_holders - which threads hold @vp's iocounts and where each took its last, as one line.
 * Empty: the ledger is off, or nobody does. @size > 0. Blocks. */
void iocount_ledger_holders(struct vnode *vp, char *buf, size_t size);
/** iocount_ledger_where - where the calling thread took @vp's iocount last, as one line. */
void iocount_ledger_where(struct vnode *vp, char *buf, size_t size);
static inline void iocount_ledger_take(struct vnode *vp)
{
    if (iocount_ledger_on())
        iocount_ledger_add(vp, 1);
}
static inline void iocount_ledger_drop(struct vnode *vp)
{
    if (iocount_ledger_on())
        iocount_ledger_add(vp, -1);
}

/* What a thread held at one moment. */
#define IOCOUNT_SNAPSHOT_MAX 32
struct iocount_snapshot {
    int64_t total;
    bool partial; /* it held more vnodes than fit: only the total is good */
    unsigned count;
    struct {
        struct vnode *vp;
        int32_t held;
    } rows[IOCOUNT_SNAPSHOT_MAX];
};
void iocount_ledger_snapshot(struct iocount_snapshot *snapshot);
int32_t iocount_snapshot_held(const struct iocount_snapshot *snapshot, const struct vnode *vp);
/** iocount_ledger_strange - a vnode of which the calling thread holds another number of iocounts than at
 *  the snapshot; one more is right of @given (may be NULL). NULL: none. */
struct vnode *iocount_ledger_strange(const struct iocount_snapshot *snapshot, const struct vnode *given);

/* ---- the call ------------------------------------------------------------------------------------------ */

/** vnop_held_at_entry - how many iocounts of @vp the calling thread had when the innermost operation that it
 * runs began. False: it runs none, or too many to tell. */
bool vnop_held_at_entry(struct vnode *vp, int32_t *held);
/* A VFS operation that is watched, on its caller's stack. */
struct vfs_watch {
    struct validate_operation op;
    struct iocount_snapshot before;
    void *outer;
    unsigned flags;
};
/** vfs_watch_begin, vfs_watch_end - bracket one VFS operation: @given is the vnode that it returned with an
 * iocount.
 *  @flags VALIDATE_OP_*. For when validate_on(). */
void vfs_watch_begin(struct vfs_watch *watch, const char *name, const void *function, const void *object,
                     const struct mount *mp, unsigned flags);
void vfs_watch_end(struct vfs_watch *watch, int error, struct vnode *given);

/** vnop_call_watched - vnop_call() with the contract checked before and after. vnop_watch.c. */
errno_t vnop_call_watched(struct vnode *vp, const struct vnodeop_desc *desc, void *args);

/** vnop_locks_differ - @desc's operation of @mp's type was entered with @before locks held and left with
 * @after: panics, naming them. */
void vnop_locks_differ(struct mount *mp, const struct vnodeop_desc *desc, unsigned before, unsigned after)
    __attribute__((noreturn, cold));

static inline errno_t vnop_call(struct vnode *vp, const struct vnodeop_desc *desc, void *args)
{
    struct mount *mp = vnode_mount_of(vp);
    struct kthread *self = kern_thread();
    unsigned before = kern_thread_locks(self);
    atomic_fetch_add_explicit(&mount_way(mp, self)->mw_ops, 1, memory_order_relaxed);
    errno_t error =
        iocount_ledger_on() ? vnop_call_watched(vp, desc, args) : vp->v_op[desc->vdesc_offset](args);
    unsigned after = kern_thread_locks(self);
    if (__builtin_expect(after != before, 0))
        vnop_locks_differ(mp, desc, before, after);
    return error;
}

#endif
