// SPDX-License-Identifier: BSD-2-Clause
/*
 * What happens when several threads use vnodes at once: look-ups against recycling, identities against
 * reclaim, iteration against creation and unmounting, the name cache against purges. Meant for TSan; the
 * counters at the end of each case show that no reference was lost. Random choices come from ktest_seed().
 */
#include <libkern/libkern.h>

#include "tests/unit/vfs/core_tinyfs.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"
#include "vfs/vnop_iface.h"

#define THREADS 4u

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33);
}

/* ---- look-ups against recycling ------------------------------------------------------------------------ */

struct worker {
    unsigned number, rounds;
    uint32_t first, nodes;
    _Atomic(unsigned) wrong; /* what the case looks at afterwards */
    void *thread;
};

static void run_workers(void (*fn)(void *), struct worker *proto)
{
    struct worker workers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].number = i;
        workers[i].rounds = proto->rounds;
        workers[i].first = proto->first;
        workers[i].nodes = proto->nodes;
        atomic_store(&workers[i].wrong, 0);
        workers[i].thread = ktest_thread(fn, &workers[i]);
    }
    for (unsigned i = 0; i < THREADS; i++)
        ktest_thread_join(workers[i].thread);
    for (unsigned i = 0; i < THREADS; i++)
        KT_ASSERT_EQ(atomic_load(&workers[i].wrong), 0);
}

static void use_and_recycle(void *arg)
{
    struct worker *me = arg;
    uint64_t random = ktest_seed() + me->number;
    for (unsigned i = 0; i < me->rounds; i++) {
        uint32_t ino = me->first + next_random(&random) % me->nodes, what = next_random(&random) % 8;
        vnode_t vp;
        vnode_balance();
        int error = tiny_get(tiny_mnt, ino, &vp);
        if (error) {
            atomic_fetch_add(&me->wrong, error != ENFILE);
            continue;
        }
        uint32_t vid = vnode_vid(vp);
        struct tiny_node *node = vnode_fsnode(vp);
        if (node->ino != ino || !vnode_isreg(vp) || vnode_mount(vp) != tiny_mnt->mp)
            atomic_fetch_add(&me->wrong, 1);
        if (what == 0)
            vnode_recycle(vp);
        if (what < 3 && vnode_ref(vp) == 0) {
            vnode_put(vp);
            if (vnode_getwithref(vp) || vnode_vid(vp) != vid)
                atomic_fetch_add(&me->wrong, 1);
            vnode_rele(vp);
        }
        vnode_put(vp);
        if (what == 7 && vnode_getwithvid(vp, vid) == 0)
            vnode_put(vp);
    }
}

static void recycle__against_lookups__every_vnode_is_its_node(void)
{
    struct worker proto = {.rounds = 4000, .nodes = 200};
    for (unsigned i = 0; i < proto.nodes; i++) {
        uint32_t ino = tiny_add(tiny_mnt, TINY_ROOT, VREG);
        proto.first = i ? proto.first : ino;
    }
    run_workers(use_and_recycle, &proto);
    struct vfs_counters now = tiny_counters();
    KT_ASSERT_GT(now.vnodes_recycled, 100);
    KT_ASSERT_EQ(now.iocounts, 0);
}

static void recycle__in_a_table_of_8__still_moves(void)
{
    struct worker proto = {.rounds = 1000, .nodes = 50};
    tiny_reboot(8, true);
    for (unsigned i = 0; i < proto.nodes; i++) {
        uint32_t ino = tiny_add(tiny_mnt, TINY_ROOT, VREG);
        proto.first = i ? proto.first : ino;
    }
    run_workers(use_and_recycle, &proto);
}

/* ---- identity against reclaim -------------------------------------------------------------------------- */

static void flush_forced(void *arg)
{
    vflush(arg, NULLVP, SKIPROOT | FORCECLOSE);
}

static void getwithvid__while_draining__goes_ahead(void)
{
    vnode_t vp, hit;
    struct componentname cn = tiny_name("n2");
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp));
    vnode_t root = vnode_getparent(vp);
    uint32_t vid = vnode_vid(vp);
    void *thread = ktest_thread(flush_forced, tiny_mnt->mp);
    KT_UNTIL(vnode_state(vp) == VNODE_DRAIN);
    KT_ASSERT_OK(vnode_getwithvid(vp, vid));
    vnode_put(vp);
    KT_ASSERT_EQ(cache_lookup(root, &hit, &cn), 0); /* does not wait: a miss */
    KT_ASSERT_ERRNO(vnode_ref(vp), ENOENT);
    KT_ASSERT_EQ(vnode_state(vp), VNODE_DRAIN);
    vnode_put(vp);
    ktest_thread_join(thread);
    KT_ASSERT_ERRNO(vnode_getwithvid(vp, vid), ENOENT);
    vnode_put(root);
}

struct getter {
    vnode_t vp;
    uint32_t vid;
    uint64_t weak;
    _Atomic(int) result;
};

static void get_by_vid(void *arg)
{
    struct getter *getter = arg;
    int error = vnode_getwithvid(getter->vp, getter->vid);
    atomic_store(&getter->result, error);
}

static void recycle_it(void *arg)
{
    vnode_recycle(arg);
}

static void getwithvid__while_terminating__waits_then_enoent(void)
{
    vnode_t vp;
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp));
    struct getter getter = {.vp = vp, .vid = vnode_vid(vp)};
    atomic_store(&getter.result, -1);
    atomic_store(&tiny_tricks.reclaim_waits, true);
    vnode_put(vp);
    void *reclaimer = ktest_thread(recycle_it, vp);
    KT_UNTIL(atomic_load(&tiny_tricks.reclaim_waiting));
    void *thread = ktest_thread(get_by_vid, &getter);
    ktest_rest();
    KT_ASSERT_EQ(atomic_load(&getter.result), -1); /* waits */
    KT_ASSERT_ERRNO(vnode_get(vp), ENOENT);
    atomic_store(&tiny_tricks.reclaim_waits, false);
    ktest_thread_join(thread);
    ktest_thread_join(reclaimer);
    KT_ASSERT_ERRNO(atomic_load(&getter.result), ENOENT);
}

static void unmount_forced(void *arg)
{
    atomic_store((_Atomic(int) *)arg, tiny_unmount_mnt(MNT_FORCE));
}

static void weak_get__while_its_mount_goes__enodev(void)
{
    vnode_t vp, again;
    _Atomic(int) result = -1;
    KT_ASSERT_OK(tiny_get(tiny_mnt, tiny_add(tiny_mnt, TINY_ROOT, VREG), &vp));
    uint64_t weak = vnode_weak(vp);
    uint32_t vid = vnode_vid(vp);
    void *thread = ktest_thread(unmount_forced, &result);
    KT_UNTIL(vnode_state(vp) == VNODE_DRAIN);
    KT_ASSERT_ERRNO(vnode_weak_get(weak, vid, &again), ENODEV); /* waiting could be for ourselves */
    KT_ASSERT_NULL(again);
    vnode_put(vp);
    ktest_thread_join(thread);
    KT_ASSERT_OK(atomic_load(&result));
    KT_ASSERT_ERRNO(vnode_weak_get(weak, vid, &again), ENOENT);
}

/* ---- iteration against everything ---------------------------------------------------------------------- */

static _Atomic(bool) stop;
static _Atomic(uint64_t) rounds; /* of all workers */

/* Between two changes the workers get something done. */
static void let_work(uint64_t wanted)
{
    uint64_t before = atomic_load(&rounds);
    KT_UNTIL(atomic_load(&rounds) >= before + wanted);
}

/* The mount under test, held; NULL when it is just not mounted. */
static mount_t hold_mnt(uint32_t *id)
{
    mount_t mp;
    *id = atomic_load(&tiny_mnt_id);
    return mount_find_busy(*id, &mp) ? NULL : mp;
}

static int touch(struct vnode *vp, void *arg)
{
    struct worker *me = arg;
    struct tiny_node *node = vnode_fsnode(vp);
    if (!node || node->ino == 0 || vnode_iocount(vp) == 0)
        atomic_fetch_add(&me->wrong, 1);
    if (me->number % 2 && vnode_isreg(vp)) {
        vnode_put(vp);
        return VNODE_CLAIMED;
    }
    return VNODE_RETURNED;
}

static void iterate_or_create(void *arg)
{
    struct worker *me = arg;
    uint64_t random = ktest_seed() + me->number;
    while (!atomic_load(&stop)) {
        uint32_t id;
        mount_t mp = hold_mnt(&id);
        if (!mp)
            continue;
        struct tiny_mount *tm = tiny_of(mp);
        if (me->number < 2)
            vnode_iterate(mp, 0, touch, me);
        for (unsigned i = 0; me->number >= 2 && i < 50; i++) {
            vnode_t vp;
            uint32_t count = atomic_load(&tm->count);
            uint32_t ino = count < 300 ? tiny_add(tm, TINY_ROOT, VREG) : 1 + next_random(&random) % count;
            if (tiny_get(tm, ino, &vp) == 0) {
                if (next_random(&random) % 4 == 0)
                    vnode_recycle(vp);
                vnode_put(vp);
            }
        }
        vfs_unbusy(mp);
        atomic_fetch_add(&rounds, 1);
    }
}

static void iterate__against_creation_reclaim_and_unmount(void)
{
    struct worker workers[THREADS];
    tiny_reboot(128, true);
    atomic_store(&stop, false);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].number = i;
        atomic_store(&workers[i].wrong, 0);
        workers[i].thread = ktest_thread(iterate_or_create, &workers[i]);
    }
    for (unsigned i = 0; i < 30; i++) {
        let_work(40);
        KT_ASSERT_OK(tiny_unmount_mnt(i % 3 == 0 ? MNT_FORCE : 0));
        KT_ASSERT_OK(tiny_mount_mnt());
    }
    atomic_store(&stop, true);
    for (unsigned i = 0; i < THREADS; i++) {
        ktest_thread_join(workers[i].thread);
        KT_ASSERT_EQ(atomic_load(&workers[i].wrong), 0);
    }
}

/* Look-ups that hold the root only, not the mount: an unmount has to wait for them and for what they make. */
static void look_up_in_root(void *arg)
{
    struct worker *me = arg;
    uint64_t random = ktest_seed() + me->number;
    while (!atomic_load(&stop)) {
        uint32_t id;
        vnode_t root, vp;
        mount_t mp = hold_mnt(&id);
        if (!mp)
            continue;
        struct tiny_mount *tm = tiny_of(mp);
        int error = tiny_get(tm, TINY_ROOT, &root);
        vfs_unbusy(mp);
        for (unsigned i = 0; !error && i < 20; i++) {
            char name[16];
            snprintf(name, sizeof(name), "n%u",
                     tiny_add(tm, TINY_ROOT, next_random(&random) % 2 ? VREG : VDIR));
            struct componentname cn = tiny_name(name);
            if (VNOP_LOOKUP(root, &vp, &cn, vfs_context_current()) == 0)
                vnode_put(vp);
        }
        if (!error)
            vnode_put(root);
        atomic_fetch_add(&rounds, 1);
    }
}

static void unmount__against_lookups_in_its_root(void)
{
    struct worker workers[THREADS];
    tiny_reboot(128, true);
    atomic_store(&stop, false);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].number = i;
        workers[i].thread = ktest_thread(look_up_in_root, &workers[i]);
    }
    for (unsigned i = 0; i < 60; i++) {
        let_work(10);
        /* A child that is just being made is a fair reason to be busy; force has none. */
        int error = i % 2 ? EBUSY : tiny_unmount_mnt(0);
        if (error == EBUSY)
            error = tiny_unmount_mnt(MNT_FORCE);
        KT_ASSERT_OK(error);
        KT_ASSERT_OK(tiny_mount_mnt());
    }
    atomic_store(&stop, true);
    for (unsigned i = 0; i < THREADS; i++)
        ktest_thread_join(workers[i].thread);
}

/* ---- the name cache ------------------------------------------------------------------------------------ */

/* Names are "n<ino>": whatever the cache answers must be that node, however vnodes come and go. */
static void names(void *arg)
{
    struct worker *me = arg;
    uint64_t random = ktest_seed() + me->number;
    vnode_t root;
    if (tiny_get(tiny_mnt, TINY_ROOT, &root)) {
        atomic_fetch_add(&me->wrong, 1);
        return;
    }
    for (unsigned i = 0; i < me->rounds; i++) {
        char name[16];
        vnode_t vp, other;
        uint32_t ino = me->first + next_random(&random) % me->nodes, what = next_random(&random) % 16;
        snprintf(name, sizeof(name), "n%u", ino);
        struct componentname cn = tiny_name(name);
        int found = cache_lookup(root, &vp, &cn);
        if (found == -1 && ((struct tiny_node *)vnode_fsnode(vp))->ino != ino)
            atomic_fetch_add(&me->wrong, 1);
        if (found == 0 && tiny_get(tiny_mnt, ino, &vp) == 0)
            cache_enter(root, vp, &cn);
        if (!vp)
            continue;
        other = vnode_getparent(vp);
        if (other && other != root)
            atomic_fetch_add(&me->wrong, 1);
        if (other)
            vnode_put(other);
        if (what == 0)
            cache_purge(vp);
        if (what == 1)
            vnode_recycle(vp);
        if (what == 2)
            vnode_update_identity(vp, root, name, 0, 0,
                                  VNODE_UPDATE_PARENT | VNODE_UPDATE_NAME | VNODE_UPDATE_CACHE);
        if (what == 3)
            cache_purge_negatives(root);
        vnode_put(vp);
    }
    vnode_put(root);
}

static void names__against_purges_and_recycling__never_another_node(void)
{
    struct worker proto = {.rounds = 4000, .nodes = 150};
    for (unsigned i = 0; i < proto.nodes; i++) {
        uint32_t ino = tiny_add(tiny_mnt, TINY_ROOT, VREG);
        proto.first = i ? proto.first : ino;
    }
    run_workers(names, &proto);
}

/* ---- busy and crossing --------------------------------------------------------------------------------- */

static void cross(void *arg)
{
    struct worker *me = arg;
    while (!atomic_load(&stop)) {
        vnode_t vp;
        if (tiny_get(tiny_root, 2, &vp)) {
            atomic_fetch_add(&me->wrong, 1);
            break;
        }
        int error = vnode_cross_down(&vp, me->number % 2 ? LK_NOWAIT : 0, vfs_context_current());
        if (error && error != ENOENT)
            atomic_fetch_add(&me->wrong, 1);
        if (!error && vnode_isvroot(vp) && vnode_cross_up(&vp, vfs_context_current()))
            atomic_fetch_add(&me->wrong, 1);
        if (vnode_mount(vp) != tiny_root->mp)
            atomic_fetch_add(&me->wrong, 1);
        vnode_put(vp);
    }
}

static void cross__against_mount_and_unmount(void)
{
    struct worker workers[THREADS];
    atomic_store(&stop, false);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].number = i;
        atomic_store(&workers[i].wrong, 0);
        workers[i].thread = ktest_thread(cross, &workers[i]);
    }
    for (unsigned i = 0; i < 60; i++) {
        int error = tiny_unmount_mnt(i % 2 ? MNT_FORCE : 0);
        KT_ASSERT_OK(error);
        KT_ASSERT_OK(tiny_mount_mnt());
    }
    atomic_store(&stop, true);
    for (unsigned i = 0; i < THREADS; i++) {
        ktest_thread_join(workers[i].thread);
        KT_ASSERT_EQ(atomic_load(&workers[i].wrong), 0);
    }
}

static const struct ktest_case cases[] = {
    KT_CASE(recycle__against_lookups__every_vnode_is_its_node),
    KT_CASE(recycle__in_a_table_of_8__still_moves),
    KT_CASE(getwithvid__while_draining__goes_ahead),
    KT_CASE(getwithvid__while_terminating__waits_then_enoent),
    KT_CASE(weak_get__while_its_mount_goes__enodev),
    KT_CASE(iterate__against_creation_reclaim_and_unmount),
    KT_CASE(unmount__against_lookups_in_its_root),
    KT_CASE(names__against_purges_and_recycling__never_another_node),
    KT_CASE(cross__against_mount_and_unmount),
};
TINY_SUITE(core_races, cases);
