// SPDX-License-Identifier: BSD-2-Clause
/*
 * Going through a mount's vnodes: vnode_iterate() with its flags and answers, vflush() with its flags. One
 * thread; the races are in core_races.c.
 */
#include <sys/fcntl.h>
#include <libkern/libkern.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/vnode_internal.h"

#define FILES 10u

static void make_files(void)
{
    for (unsigned i = 0; i < FILES; i++) {
        vnode_t vp;
        KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp));
        vnode_put(vp);
    }
}

struct visit {
    unsigned visits;
    unsigned stop_after; /* 0: never */
    int answer;
    uint64_t seen; /* bit per node number */
    vnode_t claimed[16];
};

static int visit(struct vnode *vp, void *arg)
{
    struct visit *visit = arg;
    struct tiny_node *node = vnode_fsnode(vp);
    KT_ASSERT_GE(vnode_iocount(vp), 1);
    KT_ASSERT(!(visit->seen & 1ull << node->ino));
    visit->seen |= 1ull << node->ino;
    visit->visits++;
    if (visit->answer == VNODE_CLAIMED)
        visit->claimed[visit->visits - 1] = vp;
    if (visit->stop_after == visit->visits)
        return visit->answer == VNODE_CLAIMED ? VNODE_CLAIMED_DONE : VNODE_RETURNED_DONE;
    return visit->answer;
}

static struct visit go(int flags, int answer, unsigned stop_after)
{
    struct visit v = {.answer = answer, .stop_after = stop_after};
    KT_ASSERT_OK(vnode_iterate(tiny_mnt->mp, flags, visit, &v));
    return v;
}

static void iterate__visits_each_once_and_puts(void)
{
    make_files();
    struct visit v = go(0, VNODE_RETURNED, 0);
    KT_ASSERT_EQ(v.visits, FILES + 1);
    KT_ASSERT_EQ(tiny_counters().iocounts, 0);
    KT_ASSERT_EQ(go(0, VNODE_RETURNED, 3).visits, 3);
}

static void iterate__claimed__iocount_is_the_callers(void)
{
    make_files();
    struct visit v = go(0, VNODE_CLAIMED, 5);
    KT_ASSERT_EQ(v.visits, 5);
    KT_ASSERT_EQ(tiny_counters().iocounts, 5);
    for (unsigned i = 0; i < 5; i++)
        vnode_put(v.claimed[i]);
}

static void iterate__active_and_inactive(void)
{
    vnode_t vp;
    make_files();
    KT_ASSERT_OK(tiny_get(tiny_mnt, 4, &vp));
    KT_ASSERT_EQ(go(VNODE_ITERATE_ACTIVE, VNODE_RETURNED, 0).seen,
                 1u << 1 | 1u << 4); /* the root is their parent */
    KT_ASSERT_EQ(go(VNODE_ITERATE_INACTIVE, VNODE_RETURNED, 0).visits, FILES - 1);
    KT_ASSERT_EQ(go(VNODE_ITERATE_ALL, VNODE_RETURNED, 0).visits, FILES + 1);
    vnode_put(vp);
}

static void iterate__writeable(void)
{
    vnode_t vp;
    make_files();
    KT_ASSERT_OK(tiny_get(tiny_mnt, 7, &vp));
    KT_ASSERT_OK(vnode_ref_ext(vp, FWRITE));
    KT_ASSERT_EQ(go(VNODE_WRITEABLE, VNODE_RETURNED, 0).seen, 1u << 7);
    vnode_rele_ext(vp, FWRITE);
    vnode_put(vp);
}

static void iterate__reload__unused_ones_are_recycled(void)
{
    vnode_t vp;
    make_files();
    KT_ASSERT_OK(tiny_get(tiny_mnt, 4, &vp));
    KT_ASSERT_EQ(go(VNODE_RELOAD, VNODE_RETURNED, 0).seen, 1u << 1 | 1u << 4);
    KT_ASSERT_EQ(atomic_load(&tiny_mnt->reclaimed), FILES - 1);
    vnode_put(vp);
}

/* ---- vflush -------------------------------------------------------------------------------------------- */

static void flush__nothing_in_use__everything_goes(void)
{
    make_files();
    KT_ASSERT_OK(vflush(tiny_mnt->mp, NULLVP, SKIPROOT));
    KT_ASSERT_EQ(vfs_mount_vnodes(tiny_mnt->mp), 1);
    KT_ASSERT_OK(vflush(tiny_mnt->mp, NULLVP, 0));
    KT_ASSERT_EQ(vfs_mount_vnodes(tiny_mnt->mp), 0);
}

static void flush__in_use__ebusy_and_the_rest_goes(void)
{
    vnode_t vp;
    make_files();
    KT_ASSERT_OK(tiny_get(tiny_mnt, 4, &vp));
    KT_ASSERT_OK(vnode_ref(vp));
    vnode_put(vp);
    KT_ASSERT_ERRNO(vflush(tiny_mnt->mp, NULLVP, 0), EBUSY);
    KT_ASSERT_EQ(vfs_mount_vnodes(tiny_mnt->mp), 2);  /* and its parent */
    KT_ASSERT_OK(vflush(tiny_mnt->mp, vp, SKIPROOT)); /* skipped is not busy */
    vnode_rele(vp);
}

static void flush__event_watchers_do_not_keep_it(void)
{
    vnode_t vp;
    make_files();
    KT_ASSERT_OK(tiny_get(tiny_mnt, 4, &vp));
    KT_ASSERT_OK(vnode_ref_ext(vp, O_EVTONLY));
    vnode_put(vp);
    KT_ASSERT_OK(vflush(tiny_mnt->mp, NULLVP, 0));
    KT_ASSERT_EQ(vnode_vtype(vp), VBAD);
    vnode_rele_ext(vp, O_EVTONLY);
}

static void flush__writeclose__only_files_open_for_writing(void)
{
    vnode_t vp;
    make_files();
    KT_ASSERT_OK(tiny_get(tiny_mnt, 4, &vp));
    KT_ASSERT_OK(vnode_ref_ext(vp, FWRITE));
    vnode_put(vp);
    KT_ASSERT_ERRNO(vflush(tiny_mnt->mp, NULLVP, WRITECLOSE), EBUSY);
    KT_ASSERT_EQ(vfs_mount_vnodes(tiny_mnt->mp), FILES + 1);
    KT_ASSERT_OK(vflush(tiny_mnt->mp, NULLVP, WRITECLOSE | FORCECLOSE));
    KT_ASSERT_EQ(vfs_mount_vnodes(tiny_mnt->mp), FILES);
    vnode_rele_ext(vp, FWRITE);
}

static void flush__skipsystem__system_vnodes_stay(void)
{
    vnode_t vp;
    struct tiny_node *node = tiny_node(tiny_mnt, tiny_add(tiny_mnt, 0, VREG));
    struct vnode_fsparam param = {.vnfs_mp = tiny_mnt->mp,
                                  .vnfs_vtype = VREG,
                                  .vnfs_fsnode = node,
                                  .vnfs_vops = tiny_vector,
                                  .vnfs_marksystem = 1,
                                  .vnfs_flags = VNFS_ADDFSREF};
    KT_ASSERT_OK(vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, &vp));
    node->vp = vp;
    KT_ASSERT(vnode_issystem(vp));
    vnode_put(vp);
    KT_ASSERT_OK(vflush(tiny_mnt->mp, NULLVP, SKIPSYSTEM));
    KT_ASSERT_EQ(vfs_mount_vnodes(tiny_mnt->mp), 1);
}

static const struct ktest_case cases[] = {
    KT_CASE(iterate__visits_each_once_and_puts),
    KT_CASE(iterate__claimed__iocount_is_the_callers),
    KT_CASE(iterate__active_and_inactive),
    KT_CASE(iterate__writeable),
    KT_CASE(iterate__reload__unused_ones_are_recycled),
    KT_CASE(flush__nothing_in_use__everything_goes),
    KT_CASE(flush__in_use__ebusy_and_the_rest_goes),
    KT_CASE(flush__event_watchers_do_not_keep_it),
    KT_CASE(flush__writeclose__only_files_open_for_writing),
    KT_CASE(flush__skipsystem__system_vnodes_stay),
};
TINY_SUITE(core_iterate, cases);
