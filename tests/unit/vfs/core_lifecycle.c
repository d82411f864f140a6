// SPDX-License-Identifier: BSD-2-Clause
/*
 * The life of a vnode: creation, references, recycling, the order of a reclaim, the bound of the table; and
 * the panics for what must not happen. Driven through tinyfs (core_tinyfs.h), one thread unless the case says
 * otherwise.
 */
#include <sys/fcntl.h>
#include <libkern/libkern.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"
#include "vfs/vnop_iface.h"

static vnode_t get_new(enum vtype type, uint32_t *inop)
{
    vnode_t vp;
    uint32_t ino = tiny_add(tiny_mnt, TINY_ROOT, type);
    KT_ASSERT_OK(tiny_get(tiny_mnt, ino, &vp));
    if (inop)
        *inop = ino;
    return vp;
}

static const char *history(uint32_t ino)
{
    return tiny_node(tiny_mnt, ino)->history;
}

/* ---- creation ------------------------------------------------------------------------------------------ */

static void create__gives_one_iocount_and_no_usecount(void)
{
    vnode_t root, vp = get_new(VREG, NULL);
    KT_ASSERT_EQ(vnode_iocount(vp), 1);
    KT_ASSERT_EQ(vnode_usecount(vp), 0);
    KT_ASSERT(vnode_isreg(vp));
    KT_ASSERT_PTR_EQ(vnode_mount(vp), tiny_mnt->mp);
    KT_ASSERT(!vnode_isvroot(vp));
    KT_ASSERT_OK(tiny_get(tiny_mnt, TINY_ROOT, &root));
    KT_ASSERT(vnode_isvroot(root) && vnode_isdir(root));
    KT_ASSERT_EQ(vnode_usecount(root), 1); /* its child's */
    vnode_put(root);
    vnode_put(vp);
    KT_ASSERT_EQ(vnode_iocount(vp), 0);
}

static void create__bad_arguments__einval(void)
{
    vnode_t vp = (vnode_t)1;
    struct vnode_fsparam good = {.vnfs_mp = tiny_mnt->mp,
                                 .vnfs_vtype = VREG,
                                 .vnfs_fsnode = &good,
                                 .vnfs_vops = tiny_vector},
                         bad = good;
    KT_ASSERT_ERRNO(vnode_create(1, VCREATESIZE, &good, &vp), EINVAL);
    KT_ASSERT_NULL(vp);
    KT_ASSERT_ERRNO(vnode_create(VNCREATE_FLAVOR, VCREATESIZE - 1, &good, &vp), EINVAL);
    KT_ASSERT_ERRNO(vnode_create(VNCREATE_FLAVOR, VCREATESIZE, NULL, &vp), EINVAL);
    bad.vnfs_vtype = VBAD;
    KT_ASSERT_ERRNO(vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &bad, &vp), EINVAL);
    bad = good;
    bad.vnfs_mp = NULL;
    KT_ASSERT_ERRNO(vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &bad, &vp), EINVAL);
    bad = good;
    bad.vnfs_vops = NULL;
    KT_ASSERT_ERRNO(vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &bad, &vp), EINVAL);
    KT_ASSERT_NULL(vp);
}

static void create__device__keeps_its_number(void)
{
    vnode_t vp;
    struct tiny_node *node = tiny_node(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VCHR));
    struct vnode_fsparam param = {.vnfs_mp = tiny_mnt->mp,
                                  .vnfs_vtype = VCHR,
                                  .vnfs_fsnode = node,
                                  .vnfs_vops = tiny_vector,
                                  .vnfs_rdev = 0x05000007,
                                  .vnfs_flags = VNFS_ADDFSREF};
    KT_ASSERT_OK(vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, &vp));
    node->vp = vp;
    KT_ASSERT_EQ(vnode_specrdev(vp), 0x05000007);
    KT_ASSERT_EQ(vnode_tag(vp), VT_DEVFS);
    vnode_put(vp);
}

/* ---- identity ------------------------------------------------------------------------------------------ */

static void getwithvid__after_recycle__enoent(void)
{
    uint32_t ino;
    vnode_t vp = get_new(VREG, &ino);
    uint32_t vid = vnode_vid(vp);
    KT_ASSERT_EQ(vnode_recycle(vp), 0); /* held: only marked */
    KT_ASSERT(vnode_willberecycled(vp));
    KT_ASSERT_EQ(vnode_vid(vp), vid);
    vnode_put(vp);
    KT_ASSERT_STR(history(ino), "FR");
    KT_ASSERT_NE(vnode_vid(vp), vid);
    KT_ASSERT_ERRNO(vnode_getwithvid(vp, vid), ENOENT);
    KT_ASSERT_ERRNO(vnode_getwithvid(vp, vid + 1), ENOENT); /* free now: nobody's */
    KT_ASSERT_ERRNO(vnode_get(vp), ENOENT);
}

static void weak_get__any_number__enoent_or_the_vnode(void)
{
    vnode_t again, vp = get_new(VREG, NULL);
    uint64_t weak = vnode_weak(vp);
    uint32_t vid = vnode_vid(vp);
    KT_ASSERT_NE(weak, 0);
    KT_ASSERT_OK(vnode_weak_get(weak, vid, &again));
    KT_ASSERT_PTR_EQ(again, vp);
    vnode_put(again);
    KT_ASSERT_ERRNO(vnode_weak_get(weak, vid + 1, &again), ENOENT);
    KT_ASSERT_NULL(again);
    static const uint64_t garbage[] = {0, 1, 64, 65, 0xffffffff, 0x100000000, UINT64_MAX, 0x7fff00001234};
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++)
        KT_ASSERT_ERRNO(vnode_weak_get(garbage[i], 0, &again), ENOENT);
    vnode_put(vp);
    tiny_reboot(64, true);
    KT_ASSERT_ERRNO(vnode_weak_get(weak, vid, &again), ENOENT);
}

/* ---- inactive and reclaim ------------------------------------------------------------------------------ */

static void inactive__only_after_the_last_usecount(void)
{
    uint32_t ino;
    vnode_t vp = get_new(VREG, &ino);
    vnode_put(vp);
    KT_ASSERT_STR(history(ino), ""); /* never had a usecount */
    KT_ASSERT_OK(tiny_get(tiny_mnt, ino, &vp));
    KT_ASSERT_OK(vnode_ref(vp));
    KT_ASSERT_OK(vnode_ref(vp));
    vnode_rele(vp);
    vnode_rele(vp);
    KT_ASSERT_STR(history(ino), ""); /* the iocount is still there */
    vnode_put(vp);
    KT_ASSERT_STR(history(ino), "I");
    KT_ASSERT_OK(tiny_get(tiny_mnt, ino, &vp));
    KT_ASSERT_OK(vnode_ref(vp));
    vnode_put(vp);
    KT_ASSERT_STR(history(ino), "I");
    vnode_rele(vp); /* without an iocount */
    KT_ASSERT_STR(history(ino), "II");
    KT_ASSERT_EQ(vnode_iocount(vp), 0);
}

static void inactive__that_recycles__reclaims_at_once(void)
{
    uint32_t ino;
    vnode_t vp = get_new(VREG, &ino);
    KT_ASSERT_OK(vnode_ref(vp));
    vnode_put(vp);
    atomic_store(&tiny_tricks.inactive_recycles, true);
    vnode_rele(vp);
    atomic_store(&tiny_tricks.inactive_recycles, false);
    KT_ASSERT_STR(history(ino), "IFR");
    KT_ASSERT_NULL(tiny_node(tiny_mnt, ino)->vp);
}

static void recycle__unused__reclaims_at_once(void)
{
    uint32_t ino;
    vnode_t vp = get_new(VREG, &ino);
    vnode_put(vp);
    KT_ASSERT_EQ(vnode_recycle(vp), 1);
    KT_ASSERT_STR(history(ino), "FR");
    KT_ASSERT_EQ(vnode_recycle(vp), 0); /* nothing there any more */
}

static void recycle__in_use__waits_for_the_last_reference(void)
{
    uint32_t ino;
    vnode_t vp = get_new(VREG, &ino);
    KT_ASSERT_OK(vnode_ref(vp));
    vnode_recycle(vp);
    vnode_put(vp);
    KT_ASSERT_STR(history(ino), "");
    KT_ASSERT_OK(vnode_getwithref(vp)); /* still good */
    vnode_put(vp);
    vnode_rele(vp);
    KT_ASSERT_STR(history(ino), "IFR");
}

static void forced_flush__of_a_file_in_use__closes_and_kills(void)
{
    uint32_t ino;
    struct vnode_attr va;
    vnode_t vp = get_new(VREG, &ino), lookup;
    KT_ASSERT_OK(vnode_ref(vp));
    vnode_put(vp);
    KT_ASSERT_OK(tiny_unmount_mnt(MNT_FORCE));
    /* The usecount keeps the vnode, dead; who holds it gets errors. */
    KT_ASSERT_EQ(vnode_vtype(vp), VBAD);
    KT_ASSERT_NULL(vnode_fsnode(vp));
    KT_ASSERT(vnode_isrecycled(vp));
    KT_ASSERT_OK(vnode_getwithref(vp));
    VATTR_INIT(&va);
    KT_ASSERT_ERRNO(VNOP_GETATTR(vp, &va, tiny_ctx()), EBADF);
    KT_ASSERT_ERRNO(VNOP_OPEN(vp, 1, tiny_ctx()), ENXIO);
    KT_ASSERT_ERRNO(VNOP_READ(vp, NULL, 0, tiny_ctx()), EIO);
    struct componentname cn = tiny_name("n1");
    KT_ASSERT_ERRNO(VNOP_LOOKUP(vp, &lookup, &cn, tiny_ctx()), ENOTDIR);
    KT_ASSERT_OK(VNOP_CLOSE(vp, 1, tiny_ctx()));
    KT_ASSERT_ERRNO(vnode_ref(vp), ENOENT);
    vnode_put(vp);
    KT_ASSERT_EQ(tiny_counters().usecounts, 1);
    vnode_rele(vp);
    KT_ASSERT_EQ(tiny_counters().usecounts, 0);
    KT_ASSERT_EQ(vnode_state(vp), VNODE_FREE);
}

static void forced_flush__order_is_close_fsync_inactive_reclaim(void)
{
    uint32_t ino;
    vnode_t vp = get_new(VREG, &ino);
    KT_ASSERT_OK(vnode_ref(vp));
    vnode_put(vp);
    KT_ASSERT_ERRNO(vflush(tiny_mnt->mp, NULLVP, SKIPROOT), EBUSY);
    KT_ASSERT_OK(vflush(tiny_mnt->mp, NULLVP, SKIPROOT | FORCECLOSE));
    KT_ASSERT_STR(history(ino), "CFIR");
    vnode_rele(vp);
}

static void parents__of_a_deep_chain__are_released_without_recursion(void)
{
    enum { DEPTH = 30000 };
    vnode_t vp = NULLVP, last;
    tiny_nodes_max = DEPTH + 10;
    tiny_reboot(DEPTH + 64, false);
    uint32_t ino = TINY_ROOT;
    for (unsigned i = 0; i < DEPTH; i++) {
        ino = tiny_add(tiny_mnt, ino, VDIR);
        last = vp;
        KT_ASSERT_OK(tiny_get(tiny_mnt, ino, &vp));
        if (last) {
            vnode_recycle(last); /* as if removed: goes when its child does */
            vnode_put(last);
        }
    }
    KT_ASSERT_EQ(atomic_load(&tiny_mnt->reclaimed), 0);
    vnode_recycle(vp);
    vnode_put(vp);
    KT_ASSERT_EQ(atomic_load(&tiny_mnt->reclaimed), DEPTH);
}

/* ---- the bound ----------------------------------------------------------------------------------------- */

static void bound__200000_creations_at_1000__all_recycled(void)
{
    enum { NODES = 200000, BOUND = 1000 };
    struct kern_memory_stats before, after;
    tiny_nodes_max = NODES + 10;
    tiny_reboot(BOUND, false);
    for (unsigned i = 0; i < 2 * BOUND; i++)
        vnode_put(get_new(VREG, NULL));
    kern_memory_stats(&before);
    for (unsigned i = 2 * BOUND; i < NODES; i++) {
        vnode_balance();
        vnode_put(get_new(VREG, NULL));
        if (i % 1000 == 0)
            KT_ASSERT_LE(tiny_counters().vnodes, BOUND);
    }
    kern_memory_stats(&after);
    KT_ASSERT_LE(after.bytes, before.bytes + 65536); /* names differ in length */
    struct vfs_counters now = tiny_counters();
    KT_ASSERT_GE(now.vnodes_created, NODES);
    KT_ASSERT_GE(now.vnodes_recycled, NODES - BOUND);
    KT_ASSERT_EQ(now.vnodes_created - now.vnodes_recycled, now.vnodes);
}

static void bound__recently_used__survive_the_recycler(void)
{
    enum { BOUND = 64 };
    uint32_t hot;
    vnode_t vp = get_new(VREG, &hot);
    vnode_put(vp);
    for (unsigned i = 0; i < 20 * BOUND; i++) {
        vnode_put(get_new(VREG, NULL));
        KT_ASSERT_OK(tiny_get(tiny_mnt, hot, &vp));
        vnode_put(vp);
    }
    KT_ASSERT_STR(history(hot), "");
}

static void bound__everything_in_use__enfile_and_recovery(void)
{
    vnode_t held[64], vp;
    unsigned n = 0;
    tiny_reboot(16, true);
    int error = 0;
    while (!error && n < 64) {
        uint32_t ino = tiny_add(tiny_mnt, TINY_ROOT, VREG);
        error = tiny_get(tiny_mnt, ino, &vp);
        if (!error)
            held[n++] = vp;
    }
    KT_ASSERT_ERRNO(error, ENFILE);
    KT_ASSERT_GE(n, 12); /* of 16; the two roots and the mount point are in use too */
    KT_ASSERT_LE(n, 13);
    vnode_put(held[--n]);
    vnode_put(get_new(VREG, NULL));
    while (n)
        vnode_put(held[--n]);
}

static _Atomic(bool) given_up;

/* Gives @arg back once the case waits for it, or has done so for too long. */
static void put_when_waited_for(void *arg)
{
    while (!ktest_rests() && !atomic_load(&given_up))
        ktest_msleep(1);
    vnode_put(arg);
}

static void bound__waits_for_one_that_becomes_unused(void)
{
    vnode_t held[16], vp;
    unsigned n = 0;
    int error;
    tiny_reboot(16, false);
    for (; n < 13; n++) {
        uint32_t ino = tiny_add(tiny_mnt, TINY_ROOT, VREG);
        if (tiny_get(tiny_mnt, ino, &vp))
            break;
        held[n] = vp;
    }
    do { /* the table is full; the thread gives one back, unless it is late for the two seconds that are
            waited */
        atomic_store(&given_up, false);
        void *thread = ktest_thread(put_when_waited_for, held[--n]);
        error = tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp);
        atomic_store(&given_up, true);
        ktest_thread_join(thread);
        if (error)
            held[n++] = get_new(VREG, NULL);
    } while (error == ENFILE);
    KT_ASSERT_OK(error);
    vnode_put(vp);
    while (n)
        vnode_put(held[--n]);
}

static void make_and_lose(void *arg)
{
    vnode_t vps[40];
    (void)arg;
    for (unsigned i = 0; i < 40; i++)
        vps[i] = get_new(VREG, NULL);
    for (unsigned i = 0; i < 40; i++) {
        vnode_recycle(vps[i]);
        vnode_put(vps[i]);
    }
}

/* A table of this size lets threads keep free vnodes at hand; nobody does without them who needs one. */
static void bound__free_at_another_threads_hand__is_found(void)
{
    enum { BOUND = 1024, IN_USE = 4 /* roots and mount point */, THREADS = 3 };
    static vnode_t held[BOUND];
    void *threads[THREADS];
    unsigned n = 0;
    tiny_nodes_max = 2 * BOUND;
    tiny_reboot(BOUND, false);
    uint64_t before = tiny_counters().vnodes;
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = ktest_thread(make_and_lose, NULL);
    for (unsigned i = 0; i < THREADS; i++)
        ktest_thread_join(threads[i]);
    KT_ASSERT_EQ(tiny_counters().vnodes, before);
    while (n < BOUND - IN_USE)
        held[n++] = get_new(VREG, NULL);
    KT_ASSERT_EQ(tiny_counters().vnodes, before + n);
    while (n)
        vnode_put(held[--n]);
}

static void boot__bound_too_small__einval(void)
{
    struct vfs_boot_args args = {.max_vnodes = 7};
    KT_ASSERT_ERRNO(vfs_boot(&args), EALREADY);
    tiny_end();
    KT_ASSERT_ERRNO(vfs_boot(&args), EINVAL);
    tiny_boot(8, true);
    KT_ASSERT_ERRNO(vfs_shutdown(), EBUSY);
    for (unsigned i = 0; i < 100; i++)
        vnode_put(get_new(VREG, NULL));
}

/* ---- counts -------------------------------------------------------------------------------------------- */

static void isinuse__counts_usecounts_but_not_event_watchers(void)
{
    vnode_t vp = get_new(VREG, NULL);
    KT_ASSERT(!vnode_isinuse(vp, 0));
    KT_ASSERT_OK(vnode_ref_ext(vp, O_EVTONLY));
    KT_ASSERT(!vnode_isinuse(vp, 0));
    KT_ASSERT_OK(vnode_ref(vp));
    KT_ASSERT(vnode_isinuse(vp, 0));
    KT_ASSERT(!vnode_isinuse(vp, 1));
    vnode_rele(vp);
    vnode_rele_ext(vp, O_EVTONLY);
    vnode_put(vp);
}

static void waitforwrites__ends_when_few_are_left(void)
{
    vnode_t vp = get_new(VREG, NULL);
    KT_ASSERT_OK(vnode_waitforwrites(vp, 0, 0, 0, "test"));
    vnode_startwrite(vp);
    KT_ASSERT(vnode_hasdirtyblks(vp));
    KT_ASSERT_OK(vnode_waitforwrites(vp, 1, 0, 0, "test"));
    KT_ASSERT_ERRNO(vnode_waitforwrites(vp, 0, 0, 2, "test"), EWOULDBLOCK);
    vnode_writedone(vp);
    KT_ASSERT_OK(vnode_waitforwrites(vp, 0, 0, 0, "test"));
    vnode_put(vp);
}

/* ---- what must not happen ------------------------------------------------------------------------------ */

static void put_twice(void *arg)
{
    vnode_put(arg);
    vnode_put(arg);
}

static void rele_without_ref(void *arg)
{
    vnode_rele(arg);
}

static void ref_of_nothing(void *arg)
{
    vnode_put(arg);
    vnode_ref(arg);
}

static void addfsref_again(void *arg)
{
    vnode_addfsref(arg);
}

static void reclaim_fails(void *arg)
{
    tiny_tricks.reclaim_fails = true;
    vnode_recycle(arg);
    vnode_put(arg);
}

static void reclaim_keeps_fsref(void *arg)
{
    tiny_tricks.reclaim_keeps_fsref = true;
    vnode_recycle(arg);
    vnode_put(arg);
}

static void misuse__panics_and_says_so(void)
{
    tiny_reboot(64, false); /* the ledger would notice some of these first */
    vnode_t vp = get_new(VREG, NULL);
    KT_EXPECT_PANIC(put_twice, vp, "without an iocount");
    KT_EXPECT_PANIC(rele_without_ref, vp, "without a usecount");
    KT_EXPECT_PANIC(ref_of_nothing, vp, "without a reference");
    KT_EXPECT_PANIC(addfsref_again, vp, "has one already");
    KT_EXPECT_PANIC(reclaim_fails, vp, "VNOP_RECLAIM of tiny failed with error 5");
    KT_EXPECT_PANIC(reclaim_keeps_fsref, vp, "kept its vnode_addfsref() reference");
    vnode_put(vp);
}

static const struct ktest_case cases[] = {
    KT_CASE(create__gives_one_iocount_and_no_usecount),
    KT_CASE(create__bad_arguments__einval),
    KT_CASE(create__device__keeps_its_number),
    KT_CASE(getwithvid__after_recycle__enoent),
    KT_CASE(weak_get__any_number__enoent_or_the_vnode),
    KT_CASE(inactive__only_after_the_last_usecount),
    KT_CASE(inactive__that_recycles__reclaims_at_once),
    KT_CASE(recycle__unused__reclaims_at_once),
    KT_CASE(recycle__in_use__waits_for_the_last_reference),
    KT_CASE(forced_flush__of_a_file_in_use__closes_and_kills),
    KT_CASE(forced_flush__order_is_close_fsync_inactive_reclaim),
    KT_CASE(parents__of_a_deep_chain__are_released_without_recursion),
    KT_CASE(bound__200000_creations_at_1000__all_recycled),
    KT_CASE(bound__recently_used__survive_the_recycler),
    KT_CASE(bound__everything_in_use__enfile_and_recovery),
    KT_CASE(bound__waits_for_one_that_becomes_unused),
    KT_CASE(bound__free_at_another_threads_hand__is_found),
    KT_CASE(boot__bound_too_small__einval),
    KT_CASE(isinuse__counts_usecounts_but_not_event_watchers),
    KT_CASE(waitforwrites__ends_when_few_are_left),
    KT_CASE(misuse__panics_and_says_so),
};
TINY_SUITE(core_lifecycle, cases);
