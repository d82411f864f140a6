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

/* With the validator a finding, which it may let pass; with the ledger alone a panic. */
static void __attribute__((cold))
breach(const struct vnodeop_desc *desc, const char *fs, const void *function, struct vnode *vp,
       const char *rule, const char *what)
{
    char who[192] = "none", where[640];
    struct validate_finding finding = {.rule = rule, .function = function};
    struct validate_stack taken;
    if (vp)
        vnode_describe(vp, who, sizeof(who));
    if (validate_on()) {
        char text[384];
        snprintf(text, sizeof(text), "%s. Vnode: %s", what, who);
        finding.text = text;
        if (vp && iocount_ledger_stack(vp, &taken))
            finding.evidence[finding.n_evidence++] =
                (struct validate_evidence){"the iocount was taken", &taken};
        validate_report(&finding);
        return;
    }
    iocount_ledger_where(vp, where, sizeof(where));
    iocount_ledger_report();
    panic("%s of %s broke its contract: %s. Vnode: %s. Taken at: %s", desc->vdesc_name, fs, what, who, where);
}

static const void *function_of(struct vnode *vp, const struct vnodeop_desc *desc)
{
    return (const void *)(uintptr_t)vp->v_op[desc->vdesc_offset];
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
        breach(desc, fs_name(vp), NULL, arg, "caller-without-iocount", what);
    }
}

/* The vnode that a successful operation returned, NULL for an operation that returns none. */
static struct vnode *check_returned(const struct vnodeop_desc *desc, const char *fs, const void *function,
                                    const struct iocount_snapshot *before, void *args, int error)
{
    struct vnode *given = NULL;
    for (unsigned i = 0; i < desc->vdesc_rule_count; i++) {
        const struct vnop_arg_rule *rule = &desc->vdesc_rules[i];
        if (rule->rule != VNOP_ARG_RETURNED)
            continue;
        given = *(struct vnode **)arg_at(args, rule);
        if (error && given) {
            breach(desc, fs, function, given, "vpp-on-error", "it left *vpp set although it failed");
            given = NULL;
        }
        if (!error && !given)
            breach(desc, fs, function, NULL, "vpp-missing", "it succeeded and left *vpp NULL");
        if (given &&
            (vnode_iocount(given) == 0 || iocount_ledger_held(given) <= iocount_snapshot_held(before, given)))
            breach(desc, fs, function, given, "vpp-without-iocount",
                   "it returned a vnode without an iocount");
    }
    return given;
}

/* After a finding that was let pass: what was left behind is put, so that the vnode's drain does not wait for
 * it for ever; what was put too often is gone. */
static void balance_restore(const struct iocount_snapshot *before, struct vnode *given)
{
    struct vnode *vp;
    while ((vp = iocount_ledger_strange(before, given)) != NULL) {
        int32_t surplus = iocount_ledger_held(vp) - iocount_snapshot_held(before, vp) - (vp == given);
        for (int32_t i = 0; i < surplus; i++)
            vnode_put(vp);
        if (surplus < 0)
            iocount_ledger_add(vp, -surplus);
    }
}

/* The iocounts that the thread has now and should not have, or the other way round. */
static void check_balance(const struct vnodeop_desc *desc, const char *fs, const void *function,
                          const struct iocount_snapshot *before, struct vnode *given, int error)
{
    char what[128];
    int64_t extra = iocount_ledger_total() - before->total - (given ? 1 : 0);
    struct vnode *strange = iocount_ledger_strange(before, given);
    if (!extra && !strange)
        return;
    if (extra > 0)
        snprintf(what, sizeof(what), "it left %lld iocount(s) behind (result %d)", (long long)extra, error);
    else if (extra < 0)
        snprintf(what, sizeof(what), "it put %lld iocount(s) that it had not taken (result %d)",
                 (long long)-extra, error);
    else
        snprintf(what, sizeof(what), "it exchanged an iocount for another vnode's (result %d)", error);
    breach(desc, fs, function, strange, extra > 0 ? "iocount-left" : "iocount-put", what);
    balance_restore(before, given);
}

/* ---- what the running operation began with ------------------------------------------------------------- */

static void **entry_slot(void)
{
    return &kern_thread_slots(kern_thread())[KERN_THREAD_SLOT_VFS];
}

bool vnop_held_at_entry(struct vnode *vp, int32_t *held)
{
    const struct iocount_snapshot *before = *entry_slot();
    if (!before || before->partial)
        return false;
    *held = iocount_snapshot_held(before, vp);
    return true;
}

void vfs_watch_begin(struct vfs_watch *watch, const char *name, const void *function, const void *object,
                     const struct mount *mp, unsigned flags)
{
    void **slot = entry_slot();
    iocount_ledger_snapshot(&watch->before);
    watch->outer = *slot;
    watch->flags = flags;
    *slot = &watch->before;
    validate_operation_begin(&watch->op, name, function, object, mp, flags);
}

void vfs_watch_end(struct vfs_watch *watch, int error, struct vnode *given)
{
    static const struct vnodeop_desc none;
    const void *function = watch->op.function;
    if (given && iocount_ledger_held(given) <= iocount_snapshot_held(&watch->before, given))
        breach(&none, "", function, given, "vpp-without-iocount", "it returned a vnode without an iocount");
    check_balance(&none, "", function, &watch->before, given, error);
    validate_operation_end(&watch->op, error, watch->flags);
    *entry_slot() = watch->outer;
}

/* A vnode that lost its file may not keep a reference of the file system's. */
static void check_reclaimed(struct vnode *vp, const struct vnodeop_desc *desc, const char *fs,
                            const void *function)
{
    if (!(desc->vdesc_flags & VNOP_RECLAIMS) || !vnode_flag_is(vp, VF_FSREF))
        return;
    breach(desc, fs, function, vp, "fsref-left",
           "it kept the reference of vnode_addfsref: vnode_removefsref is missing");
    vnode_flag_clear(vp, VF_FSREF);
}

/* May directories lie elsewhere afterwards? */
static bool tree_changes(const struct vnodeop_desc *desc, void *args)
{
    for (unsigned i = 0; i < desc->vdesc_rule_count; i++) {
        const struct vnop_arg_rule *rule = &desc->vdesc_rules[i];
        struct vnode *vp = rule->moves ? arg_at(args, rule) : NULL;
        if (vp && vnode_isdir(vp))
            return true;
    }
    return false;
}

static errno_t call_validated(struct vnode *vp, const struct vnodeop_desc *desc, void *args, const char *fs)
{
    const void *function = function_of(vp, desc);
    struct vfs_watch watch;
    struct vnode *given;
    bool changes = tree_changes(desc, args);
    vfs_watch_begin(&watch, desc->vdesc_name, function, vp, vnode_mount_of(vp), desc->vdesc_flags);
    if (changes)
        validate_tree_change_begin();
    int error = vp->v_op[desc->vdesc_offset](args);
    if (changes)
        validate_tree_change_end();
    given = check_returned(desc, fs, function, &watch.before, args, error);
    check_reclaimed(vp, desc, fs, function);
    check_balance(desc, fs, function, &watch.before, given, error);
    validate_operation_end(&watch.op, error, desc->vdesc_flags);
    *entry_slot() = watch.outer;
    return error;
}

errno_t vnop_call_watched(struct vnode *vp, const struct vnodeop_desc *desc, void *args)
{
    struct iocount_snapshot before;
    /* The type outlives the call, the vnode's tie to it does not outlive a reclaim. */
    const char *fs = fs_name(vp);
    check_entry(vp, desc, args);
    if (validate_on())
        return call_validated(vp, desc, args, fs);
    iocount_ledger_snapshot(&before);
    int error = vp->v_op[desc->vdesc_offset](args);
    struct vnode *given = check_returned(desc, fs, NULL, &before, args, error);
    check_balance(desc, fs, NULL, &before, given, error);
    return error;
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
    return iocount_ledger_on();
}

void vnop_call_begin(struct vnop_call_mark *mark, const char *name, bool outermost)
{
    mark->name = name;
    mark->total = 0;
    if (!iocount_ledger_on())
        return;
    mark->total = iocount_ledger_total();
    if (outermost)
        kern_call_since(host_time_mono_ns());
}

void vnop_call_end(const struct vnop_call_mark *mark)
{
    if (!iocount_ledger_on() || iocount_ledger_total() == mark->total)
        return;
    iocount_ledger_report();
    panic("%s ends with %lld iocounts and began with %lld; the log tells where they were taken", mark->name,
          (long long)iocount_ledger_total(), (long long)mark->total);
}
