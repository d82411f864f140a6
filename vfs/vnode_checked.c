// SPDX-License-Identifier: BSD-2-Clause
/*
 * The checking variants of vnode functions: each reference that a kext gives up is one that it has, nothing
 * is asked of a vnode that it has let go, and no lock of its own is held over a call that may reclaim a file
 * of its own.
 *
 * Locks: none. Called by kexts alone, which are bound to them while the validator is on.
 */
#include <libkern/libkern.h>

#include "vfs/vnode_checked_internal.h"
#include "vfs/vnop_internal.h"

#define MAY_RECLAIM                                                                                          \
    "it may reclaim a file of the same file system, whose operation then waits for the lock or takes a "     \
    "lock "                                                                                                  \
    "before it"

static void __attribute__((format(printf, 6, 7)))
find(const char *rule, bool fatal, struct vnode *vp, const char *heading, const struct validate_stack *stack,
     const char *fmt, ...)
{
    struct validate_finding finding = {.rule = rule, .fatal = fatal};
    char text[512], who[192] = "NULL";
    va_list ap;
    if (vp)
        vnode_describe(vp, who, sizeof(who));
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    strlcat(text, ". Vnode: ", sizeof(text));
    strlcat(text, who, sizeof(text));
    finding.text = text;
    if (stack)
        finding.evidence[finding.n_evidence++] = (struct validate_evidence){heading, stack};
    validate_report(&finding);
}

/* @vp must be a vnode that the caller may look at: not one that it put, and not one whose file is gone. */
static void usable(struct vnode *vp, const char *call)
{
    if (!vp)
        find("vnode-null", true, NULL, NULL, NULL, "it calls %s without a vnode", call);
    if (iocount_ledger_held(vp) > 0)
        return;
    const struct validate_stack *put = validate_put_find(vp);
    if (put)
        find("vnode-after-put", false, vp, "its last iocount was put", put,
             "it calls %s on a vnode after it put its last iocount", call);
    enum vnode_state state = vnode_state(vp);
    if (state == VNODE_FREE || state == VNODE_DEAD)
        find("vnode-after-end", false, vp, NULL, NULL,
             "it calls %s on a vnode whose file is gone, without an iocount", call);
}

/* ---- iocounts ------------------------------------------------------------------------------------------ */

int checked_vnode_get(vnode_t vp)
{
    usable(vp, "vnode_get");
    return vnode_get(vp);
}

int checked_vnode_put(vnode_t vp)
{
    if (!vp)
        find("vnode-null", true, NULL, NULL, NULL, "it calls vnode_put without a vnode");
    int32_t held = iocount_ledger_held(vp), before = 0;
    struct validate_stack taken;
    if (vnop_held_at_entry(vp, &before) && held <= before) {
        bool known = iocount_ledger_stack(vp, &taken);
        const struct validate_stack *put = validate_put_find(vp);
        find("iocount-put", false, vp, put ? "it was put before" : "the caller's was taken",
             put     ? put
             : known ? &taken
                     : NULL,
             "it calls vnode_put for an iocount that this operation has not taken");
        return 0;
    }
    if (held == 1) {
        validate_no_locks(
            "vnode_put",
            "where this is the last iocount it runs VNOP_INACTIVE and may reclaim the file, whose "
            "operations then wait for the lock");
        validate_put_last(vp);
    }
    return vnode_put(vp);
}

/* ---- usecounts ----------------------------------------------------------------------------------------- */

/* A file system balances the usecounts of its own vnodes. One that is stacked holds vnodes of another mount
 * for as long as it likes. */
static void use_noted(vnode_t vp, int delta)
{
    const struct validate_operation *op = validate_operation_now();
    const struct mount *mp = vnode_mount_of(vp);
    if (op && (mp == op->mount || mp == &mount_dead))
        validate_use(vp, delta);
}

int checked_vnode_ref(vnode_t vp)
{
    usable(vp, "vnode_ref");
    if (!vnode_iocount(vp) && !vnode_usecount(vp))
        find("vnode-unreferenced", true, vp, NULL, NULL,
             "it calls vnode_ref on a vnode of which nobody has a reference");
    int error = vnode_ref_ext(vp, LONG_REF_ROLE_KEXT);
    if (!error) {
        long_ref_take(vp, LONG_REF_USE, 0);
        use_noted(vp, 1);
    }
    return error;
}

void checked_vnode_rele_ext(vnode_t vp, int fmode)
{
    if (!vp)
        find("vnode-null", true, NULL, NULL, NULL, "it calls vnode_rele without a vnode");
    if (!long_ref_drop(vp, LONG_REF_USE, 0)) {
        find("usecount-put", false, vp, NULL, NULL,
             "it calls vnode_rele for a usecount that no kext has taken with vnode_ref");
        return;
    }
    use_noted(vp, -1);
    if (iocount_ledger_held(vp) == 0)
        validate_no_locks("vnode_rele", MAY_RECLAIM);
    vnode_rele_ext(vp, fmode | LONG_REF_ROLE_KEXT);
}

void checked_vnode_rele(vnode_t vp)
{
    checked_vnode_rele_ext(vp, 0);
}

/* ---- life ---------------------------------------------------------------------------------------------- */

int checked_vnode_create(uint32_t flavor, uint32_t size, void *data, vnode_t *vpp)
{
    validate_no_spins("vnode_create", __builtin_return_address(0));
    validate_no_locks("vnode_create", MAY_RECLAIM);
    return vnode_create(flavor, size, data, vpp);
}

int checked_vnode_recycle(vnode_t vp)
{
    usable(vp, "vnode_recycle");
    if (iocount_ledger_held(vp) == 0)
        validate_no_locks("vnode_recycle", MAY_RECLAIM);
    return vnode_recycle(vp);
}

int checked_vnode_addfsref(vnode_t vp)
{
    struct long_ref ref;
    usable(vp, "vnode_addfsref");
    if (vnode_flag_is(vp, VF_FSREF)) {
        bool known = long_refs_of(vp, LONG_REF_FS, &ref, 1) > 0;
        find("fsref-twice", false, vp, "the first was added", known ? &ref.stack : NULL,
             "it calls vnode_addfsref on a vnode that has such a reference");
        return 0;
    }
    long_ref_take(vp, LONG_REF_FS, 0);
    return vnode_addfsref(vp);
}

int checked_vnode_removefsref(vnode_t vp)
{
    if (!vp || !vnode_flag_is(vp, VF_FSREF)) {
        find("fsref-none", false, vp, NULL, NULL,
             "it calls vnode_removefsref on a vnode that has no such reference");
        return 0;
    }
    long_ref_drop(vp, LONG_REF_FS, 0);
    return vnode_removefsref(vp);
}

/* ---- looking ------------------------------------------------------------------------------------------- */

void *checked_vnode_fsnode(vnode_t vp)
{
    usable(vp, "vnode_fsnode");
    return vnode_fsnode(vp);
}

void checked_vnode_clearfsnode(vnode_t vp)
{
    usable(vp, "vnode_clearfsnode");
    vnode_clearfsnode(vp);
}

mount_t checked_vnode_mount(vnode_t vp)
{
    usable(vp, "vnode_mount");
    return vnode_mount(vp);
}

enum vtype checked_vnode_vtype(vnode_t vp)
{
    usable(vp, "vnode_vtype");
    return vnode_vtype(vp);
}

int checked_vnode_isdir(vnode_t vp)
{
    usable(vp, "vnode_isdir");
    return vnode_isdir(vp);
}

int checked_vnode_isreg(vnode_t vp)
{
    usable(vp, "vnode_isreg");
    return vnode_isreg(vp);
}

int checked_vnode_islnk(vnode_t vp)
{
    usable(vp, "vnode_islnk");
    return vnode_islnk(vp);
}

int checked_vnode_isvroot(vnode_t vp)
{
    usable(vp, "vnode_isvroot");
    return vnode_isvroot(vp);
}

int checked_vnode_isinuse(vnode_t vp, int refcnt)
{
    usable(vp, "vnode_isinuse");
    return vnode_isinuse(vp, refcnt);
}
