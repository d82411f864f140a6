// SPDX-License-Identifier: BSD-2-Clause
/*
 * The contract of vnode operations, checked at every call (SYS_BOOT_LEDGER): the rows of vnop.contract before
 * and after, and that a thread's iocounts are what they were. A breach is a panic that names the operation,
 * the file system, the vnode and where its iocount was taken: at the operation that is to blame, not at the
 * unmount that finds the vnode busy an hour later.
 *
 * Takes no lock. Called by vnop_call() and, for whole system calls, by the system-call layer.
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "vfs/vfs_iface.h"
#include "vfs/vnop_internal.h"

static const char *fs_name(struct vnode *vp)
{
    return vnode_mount_of(vp)->mnt_type->vfc_name;
}

static void *arg_at(void *args, const struct vnop_arg_rule *rule)
{
    return *(void **)((char *)args + rule->offset);
}

static void __attribute__((noreturn, cold))
breach(const struct vnodeop_desc *desc, const char *fs, struct vnode *vp, const char *what)
{
    char who[192] = "none", where[640];
    if (vp)
        vnode_describe(vp, who, sizeof(who));
    iocount_ledger_where(vp, where, sizeof(where));
    iocount_ledger_report();
    panic("%s of %s broke its contract: %s. Vnode: %s. Taken at: %s", desc->vdesc_name, fs, what, who, where);
}

static void check_entry(struct vnode *vp, const struct vnodeop_desc *desc, void *args)
{
    char what[96];
    for (unsigned i = 0; i < desc->vdesc_rule_count; i++) {
        const struct vnop_arg_rule *rule = &desc->vdesc_rules[i];
        struct vnode *arg = arg_at(args, rule);
        if (rule->rule == VNOP_ARG_RETURNED || (rule->rule == VNOP_ARG_HELD_OR_NULL && !arg))
            continue;
        if (arg && vnode_iocount(arg) > 0)
            continue;
        snprintf(what, sizeof(what), "its caller has no iocount on %s", rule->arg);
        breach(desc, fs_name(vp), arg, what);
    }
}

/* The vnode that a successful operation returned, NULL for an operation that returns none. */
static struct vnode *check_returned(const struct vnodeop_desc *desc, const char *fs, void *args, int error)
{
    struct vnode *given = NULL;
    for (unsigned i = 0; i < desc->vdesc_rule_count; i++) {
        const struct vnop_arg_rule *rule = &desc->vdesc_rules[i];
        if (rule->rule != VNOP_ARG_RETURNED)
            continue;
        given = *(struct vnode **)arg_at(args, rule);
        if (error && given)
            breach(desc, fs, given, "it left *vpp set although it failed");
        if (!error && !given)
            breach(desc, fs, NULL, "it succeeded and left *vpp NULL");
        if (given && vnode_iocount(given) == 0)
            breach(desc, fs, given, "it returned a vnode without an iocount");
    }
    return given;
}

errno_t vnop_call_watched(struct vnode *vp, const struct vnodeop_desc *desc, void *args)
{
    struct iocount_snapshot before;
    char what[128];
    const char *fs =
        fs_name(vp); /* the type outlives the call, the vnode's tie to it does not outlive a reclaim */
    check_entry(vp, desc, args);
    iocount_ledger_snapshot(&before);
    int error = vp->v_op[desc->vdesc_offset](args);
    struct vnode *given = check_returned(desc, fs, args, error);
    int64_t extra = iocount_ledger_total() - before.total - (given ? 1 : 0);
    struct vnode *strange = iocount_ledger_strange(&before, given);
    if (!extra && !strange)
        return error;
    if (extra > 0)
        snprintf(what, sizeof(what), "it left %lld iocount(s) behind (result %d)", (long long)extra, error);
    else if (extra < 0)
        snprintf(what, sizeof(what), "it put %lld iocount(s) that it had not taken (result %d)",
                 (long long)-extra, error);
    else
        snprintf(what, sizeof(what), "it exchanged an iocount for another vnode's (result %d)", error);
    breach(desc, fs, strange, what);
}

void vnop_locks_differ(struct mount *mp, const struct vnodeop_desc *desc, unsigned before, unsigned after)
{
    char which[512];
    if (after < before)
        panic("%s of %s released %u lock(s) that it had not taken", desc->vdesc_name, mp->mnt_type->vfc_name,
              before - after);
    kern_locks_describe(before, which, sizeof(which));
    panic("%s of %s returned with %u lock(s) more than it was entered with: %s", desc->vdesc_name,
          mp->mnt_type->vfc_name, after - before, which);
}

/* ---- whole calls --------------------------------------------------------------------------------------- */

bool vnop_ledger_on(void)
{
    return iocount_ledger_enabled;
}

void vnop_call_begin(struct vnop_call_mark *mark, const char *name, bool outermost)
{
    mark->name = name;
    mark->total = 0;
    if (__builtin_expect(!iocount_ledger_enabled, 1))
        return;
    mark->total = iocount_ledger_total();
    if (outermost)
        kern_call_since(host_time_mono_ns());
}

void vnop_call_end(const struct vnop_call_mark *mark)
{
    if (!iocount_ledger_enabled || iocount_ledger_total() == mark->total)
        return;
    iocount_ledger_report();
    panic("%s ends with %lld iocounts and began with %lld; the log tells where they were taken", mark->name,
          (long long)iocount_ledger_total(), (long long)mark->total);
}
