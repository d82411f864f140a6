// SPDX-License-Identifier: BSD-2-Clause
/*
 * Going through all mounts and all their vnodes while mounts come and go, vnodes are made, reclaimed and
 * found by name, and mounts are suspended. Whatever is shown must be complete: a mount that stays while it is
 * looked at, a vnode of that mount with its operations, its node, its type and its name. And a file system's
 * own nodes outlive their vnodes.
 */
#include <sys/vfs_suspend.h>
#include <libkern/libkern.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"
#include "vfs/vnop_iface.h"

#define MAKERS  2u
#define READERS 2u
#define THREADS (MAKERS + READERS)
#define CHANGES 40u

struct worker {
    unsigned number;
    void *thread;
    _Atomic(uint32_t) wrong;
    _Atomic(uint64_t) mounts, vnodes;
};

static _Atomic(bool) stop;

static bool name_is_right(struct vnode *vp, const struct tiny_node *node)
{
    char expected[24];
    const char *name = vnode_getname(vp);
    bool right = true;
    if (name) {
        snprintf(expected, sizeof(expected), "n%u", node->ino);
        right = strcmp(name, expected) == 0;
        vnode_putname(name);
    }
    return right;
}

static int see_vnode(struct vnode *vp, void *arg)
{
    struct worker *me = arg;
    const struct tiny_node *node = vnode_fsnode(vp);
    bool complete = node && node->ino && vnode_iocount(vp) > 0 && vnode_vtype(vp) == node->type &&
                    (vp->v_op == tiny_vector || vp->v_op == tiny_root_vector) && vnode_mount(vp) &&
                    name_is_right(vp, node);
    if (!complete)
        atomic_fetch_add(&me->wrong, 1);
    bool enough = atomic_fetch_add(&me->vnodes, 1) % 8 == 7 && me->number == 0;
    if (vnode_isreg(vp) && me->number % 2) {
        vnode_put(vp);
        return VNODE_CLAIMED;
    }
    return enough ? VNODE_RETURNED_DONE : VNODE_RETURNED;
}

static int see_mount(struct mount *mp, void *arg)
{
    struct worker *me = arg;
    char name[MFSNAMELEN];
    vfs_name(mp, name);
    if (strncmp(name, "tiny", 4) != 0 || !vfs_fsprivate(mp) || vfs_isunmount(mp) > 1)
        atomic_fetch_add(&me->wrong, 1);
    atomic_fetch_add(&me->mounts, 1);
    vnode_iterate(mp, 0, see_vnode, me);
    if (me->number % 2) {
        vfs_unbusy(mp);
        return VFS_CLAIMED;
    }
    return VFS_RETURNED;
}

/* All but the first work in calls, as a host's threads do; that one outside of any, as a kext's own does. */
static void round_begin(const struct worker *me, struct kern_call *call)
{
    if (me->number > 0)
        kern_enter(call, kern_cred_kernel(), kern_proc_kernel());
}

static void round_end(const struct worker *me, struct kern_call *call)
{
    if (me->number > 0)
        kern_leave(call);
}

static void look_around(void *arg)
{
    struct kern_call call;
    while (!atomic_load(&stop)) {
        round_begin(arg, &call);
        vfs_iterate(0, see_mount, arg);
        round_end(arg, &call);
    }
}

static void make_and_lose(void *arg)
{
    struct worker *me = arg;
    uint64_t random = ktest_seed() + me->number;
    while (!atomic_load(&stop)) {
        struct kern_call call;
        mount_t mp;
        vnode_t root, vp;
        round_begin(me, &call);
        if (mount_find_busy(atomic_load(&tiny_mnt_id), &mp)) {
            round_end(me, &call);
            continue;
        }
        struct tiny_mount *tm = tiny_of(mp);
        for (unsigned i = 0; i < 20 && tiny_get(tm, TINY_ROOT, &root) == 0; i++) {
            char name[16];
            uint32_t count = atomic_load(&tm->count);
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            uint32_t ino = count < 200 ? tiny_add(tm, TINY_ROOT, random >> 60 ? VREG : VDIR)
                                       : 2 + (uint32_t)(random >> 33) % (count - 1);
            snprintf(name, sizeof(name), "n%u", ino);
            struct componentname cn = tiny_name(name);
            if (VNOP_LOOKUP(root, &vp, &cn, vfs_context_current()) == 0) {
                if (random >> 62 == 0)
                    vnode_recycle(vp);
                vnode_put(vp);
            }
            vnode_put(root);
        }
        vfs_unbusy(mp);
        round_end(me, &call);
    }
}

static unsigned suspended;

static void suspend_once(void)
{
    mount_t mp;
    if (mount_find_busy(atomic_load(&tiny_mnt_id), &mp))
        return;
    int error = vfs_suspend(mp, NULL, 5000, vfs_context_current());
    KT_ASSERT(error == 0 || error == ETIMEDOUT);
    if (!error)
        KT_ASSERT_OK(vfs_resume(mp, NULL));
    suspended += !error;
    vfs_unbusy(mp);
}

static uint64_t mounts_seen(const struct worker *workers)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < THREADS; i++)
        sum += atomic_load(&workers[i].mounts);
    return sum;
}

static void iterate__everything_changes__what_is_shown_is_complete(void)
{
    struct worker workers[THREADS];
    uint64_t mounts = 0, vnodes = 0;
    tiny_reboot(96, true);
    atomic_store(&stop, false);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].number = i;
        atomic_store(&workers[i].wrong, 0);
        atomic_store(&workers[i].mounts, 0);
        atomic_store(&workers[i].vnodes, 0);
        workers[i].thread = ktest_thread(i < READERS ? look_around : make_and_lose, &workers[i]);
    }
    for (unsigned i = 0; i < CHANGES; i++) {
        uint64_t seen = mounts_seen(workers);
        KT_UNTIL(mounts_seen(workers) >= seen + 50);
        if (i % 4 == 0)
            suspend_once();
        int error = tiny_unmount_mnt(i % 3 == 0 ? MNT_FORCE : 0);
        KT_ASSERT(error == 0 || error == EBUSY); /* a vnode that a reader has claimed just then */
        if (!error)
            KT_ASSERT_OK(tiny_mount_mnt());
    }
    atomic_store(&stop, true);
    for (unsigned i = 0; i < THREADS; i++) {
        ktest_thread_join(workers[i].thread);
        KT_ASSERT_EQ(atomic_load(&workers[i].wrong), 0);
        mounts += atomic_load(&workers[i].mounts);
        vnodes += atomic_load(&workers[i].vnodes);
    }
    KT_ASSERT_GT(mounts, CHANGES);
    KT_ASSERT_GT(suspended, CHANGES / 8);
    KT_ASSERT_GT(vnodes, CHANGES);
}

/* ---- the pool of nodes --------------------------------------------------------------------------------- */

static void nodes__all_vnodes_reclaimed__come_back_as_they_were(void)
{
    vnode_t vp;
    const void *nodes[20];
    for (unsigned i = 0; i < 20; i++) {
        KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp));
        nodes[i] = vnode_fsnode(vp);
        vnode_put(vp);
    }
    KT_ASSERT_OK(vflush(tiny_mnt->mp, NULLVP, 0));
    KT_ASSERT_EQ(vfs_mount_vnodes(tiny_mnt->mp), 0);
    for (unsigned i = 0; i < 20; i++) {
        KT_ASSERT_OK(tiny_get(tiny_mnt, 2 + i, &vp));
        KT_ASSERT_PTR_EQ(vnode_fsnode(vp), nodes[i]);
        vnode_put(vp);
    }
}

static const struct ktest_case cases[] = {
    KT_CASE(iterate__everything_changes__what_is_shown_is_complete),
    KT_CASE(nodes__all_vnodes_reclaimed__come_back_as_they_were),
};
TINY_SUITE(core_iterate_races, cases);
