// SPDX-License-Identifier: BSD-2-Clause
/*
 * The contract of vnode operations, broken on purpose: with the ledger on, each breach panics at the
 * operation that commits it and names operation, file system, vnode and the place where the iocount was
 * taken; with it off, nothing is checked.
 */
#include <libkern/libkern.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/vnode_internal.h"
#include "vfs/vnop_iface.h"
#include "vfs/vnop_internal.h"

static vnode_t get_file(void)
{
    vnode_t vp;
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp));
    return vp;
}

static void getattr(vnode_t vp)
{
    struct vnode_attr va;
    VATTR_INIT(&va);
    VNOP_GETATTR(vp, &va, tiny_ctx());
}

static void do_getattr(void *arg)
{
    getattr(arg);
}

static void do_lookup(void *arg)
{
    vnode_t vp;
    struct componentname cn = tiny_name("n1");
    VNOP_LOOKUP(arg, &vp, &cn, tiny_ctx());
}

static void do_getattr_without_iocount(void *arg)
{
    vnode_put(arg);
    getattr(arg);
}

static void iocount_left_behind__panics_with_names(void)
{
    vnode_t vp = get_file();
    tiny_tricks.getattr_leaks = true;
    KT_EXPECT_PANIC(do_getattr, vp, "vnop_getattr of tiny broke its contract: it left 1 iocount(s) behind");
    KT_EXPECT_PANIC(do_getattr, vp, "Vnode: n2 (VREG on tiny /n2, LIVE, 2 iocounts");
    tiny_tricks.getattr_leaks = false;
    vnode_put(vp);
}

static void iocount_put_too_often__panics(void)
{
    vnode_t vp = get_file();
    KT_ASSERT_OK(vnode_get(vp));
    tiny_tricks.getattr_drops = true;
    KT_EXPECT_PANIC(do_getattr, vp, "it put 1 iocount(s) that it had not taken");
    tiny_tricks.getattr_drops = false;
    vnode_put(vp);
    vnode_put(vp);
}

static void vpp_rules__panic(void)
{
    vnode_t root;
    KT_ASSERT_OK(tiny_get(tiny_mnt, TINY_ROOT, &root));
    tiny_tricks.lookup_keeps_vpp = true;
    KT_EXPECT_PANIC(do_lookup, root, "it left *vpp set although it failed");
    tiny_tricks.lookup_keeps_vpp = false;
    tiny_tricks.lookup_no_vpp = true;
    KT_EXPECT_PANIC(do_lookup, root, "it succeeded and left *vpp NULL");
    tiny_tricks.lookup_no_vpp = false;
    vnode_put(root);
}

static void caller_without_iocount__panics(void)
{
    vnode_t vp = get_file();
    KT_EXPECT_PANIC(do_getattr_without_iocount, vp, "its caller has no iocount on vp");
    vnode_put(vp);
}

static void drain_of_ones_own_iocount__panics_instead_of_hanging(void *arg)
{
    vnode_get(arg);
    vnode_ref(arg);
    vflush(tiny_mnt->mp, NULLVP, FORCECLOSE);
}

static void self_deadlock__panics(void)
{
    vnode_t vp = get_file();
    KT_EXPECT_PANIC(drain_of_ones_own_iocount__panics_instead_of_hanging, vp,
                    "waits for an iocount of its own thread");
    vnode_put(vp);
}

static void system_call(void *arg)
{
    struct vnop_call_mark mark;
    vnop_call_begin(&mark, "sys_test", true);
    if (arg)
        vnode_get(arg);
    vnop_call_end(&mark);
}

static void system_call__left_one__panics(void)
{
    vnode_t vp = get_file();
    system_call(NULL);
    KT_EXPECT_PANIC(system_call, vp, "sys_test ends with");
    vnode_put(vp);
}

static void ledger__knows_what_is_held_and_where_from(void)
{
    char where[512];
    KT_ASSERT(vnop_ledger_on());
    int64_t before = iocount_ledger_total();
    vnode_t vp = get_file();
    KT_ASSERT_EQ(iocount_ledger_held(vp), 1);
    KT_ASSERT_EQ(iocount_ledger_total(), before + 1);
    iocount_ledger_where(vp, where, sizeof(where));
    KT_ASSERT_NOT_NULL(strnstr(where, "vnode_create", sizeof(where)));
    vnode_put(vp);
    KT_ASSERT_EQ(iocount_ledger_held(vp), 0);
    KT_ASSERT_EQ(iocount_ledger_total(), before);
}

static void ledger_off__nothing_is_checked(void)
{
    tiny_reboot(64, false);
    KT_ASSERT(!vnop_ledger_on());
    vnode_t vp = get_file();
    tiny_tricks.getattr_leaks = true;
    getattr(vp);
    tiny_tricks.getattr_leaks = false;
    vnode_put(vp);
    /* On error *vpp is NULL all the same. */
    vnode_t root, found = vp;
    struct componentname cn = tiny_name("n1");
    KT_ASSERT_OK(tiny_get(tiny_mnt, TINY_ROOT, &root));
    tiny_tricks.lookup_keeps_vpp = true;
    KT_ASSERT_ERRNO(VNOP_LOOKUP(root, &found, &cn, tiny_ctx()), EIO);
    KT_ASSERT_NULL(found);
    vnode_put(root);
    vnode_put(vp);
}

static void operations__are_counted_by_mount(void)
{
    vnode_t vp = get_file();
    uint64_t before = vfs_mount_ops(tiny_mnt->mp);
    getattr(vp);
    getattr(vp);
    KT_ASSERT_EQ(vfs_mount_ops(tiny_mnt->mp), before + 2);
    vnode_put(vp);
}

static const struct ktest_case cases[] = {
    KT_CASE(iocount_left_behind__panics_with_names),
    KT_CASE(iocount_put_too_often__panics),
    KT_CASE(vpp_rules__panic),
    KT_CASE(caller_without_iocount__panics),
    KT_CASE(self_deadlock__panics),
    KT_CASE(system_call__left_one__panics),
    KT_CASE(ledger__knows_what_is_held_and_where_from),
    KT_CASE(ledger_off__nothing_is_checked),
    KT_CASE(operations__are_counted_by_mount),
};
TINY_SUITE(core_ledger, cases);
