// SPDX-License-Identifier: BSD-2-Clause
/*
 * Suspending a mount and a file: who waits, who is let in, what the time-out says, and what ends it. A
 * "hand" is a thread that makes one call; the hook of an operation stops it inside the file system.
 */
#include <sys/systm.h>
#include <sys/vfs_suspend.h>
#include <libkern/libkern.h>

#include "tests/unit/vfs/sys_fixture.h"
#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnode_internal.h"

#define OWNER 7u
#define OTHER 8u
#define SOON  30u /* milliseconds: a wait that is to time out */

static struct fx_place place;
static char why[512];
#define R (&place.root)

static void setup(void)
{
    fx_setup();
    place = fx_mount("fxfs", 0, 0);
    fx_file(R, "file", 0644, "contents");
    why[0] = 0;
}

static void teardown(void)
{
    sys_suspend_as(0);
    fx_unmount(&place);
    fx_teardown();
}

static int suspend(uint64_t owner, uint32_t timeout_ms)
{
    struct sys_suspend args = {.owner = owner, .timeout_ms = timeout_ms, .label = "the test"};
    return sys_suspend(ROOT, place.id, &args, why, sizeof(why));
}

static int resume(uint64_t owner)
{
    return sys_resume(ROOT, place.id, owner);
}

/* ---- hands --------------------------------------------------------------------------------------------- */

struct hand {
    void (*fn)(struct hand *hand);
    void *thread;
    sys_file_t *file;
    int error;
    _Atomic(uint32_t) number; /* of its thread, once it runs */
    _Atomic(bool) done;
};

static void hand_main(void *arg)
{
    struct hand *hand = arg;
    atomic_store(&hand->number, kern_thread_number(kern_thread()));
    hand->fn(hand);
    atomic_store(&hand->done, true);
}

static void hand_start(struct hand *hand, void (*fn)(struct hand *hand))
{
    *hand = (struct hand){.fn = fn, .file = hand->file};
    hand->thread = ktest_thread(hand_main, hand);
}

static bool contains(const char *text, const char *part)
{
    size_t len = strlen(part);
    while (*text && strncmp(text, part, len) != 0)
        text++;
    return *text != 0;
}

#define UNTIL(cond)                                                                                          \
    do {                                                                                                     \
        for (unsigned ms_ = 0; !(cond); ms_++) {                                                             \
            KT_ASSERT_LT(ms_, 10000u);                                                                       \
            ktest_msleep(1);                                                                                 \
        }                                                                                                    \
    } while (0)

static bool is_in_call(const struct hand *hand)
{
    uint32_t number = atomic_load(&hand->number);
    return number && kern_call_running(number);
}

/* It has got as far as it can and has not got through. */
static void hand_waits(const struct hand *hand)
{
    UNTIL(is_in_call(hand));
    ktest_rest();
    KT_ASSERT(!atomic_load(&hand->done));
}

static int hand_end(struct hand *hand)
{
    ktest_thread_join(hand->thread);
    return hand->error;
}

static void look_up(struct hand *hand)
{
    struct sys_node node;
    hand->error = sys_lookup(ROOT, R, "file", SYS_AT_COMPONENT, &node, NULL);
}
static void create(struct hand *hand)
{
    hand->error = sys_open(ROOT, R, "new", 0, SYS_O_CREAT | SYS_O_RDWR, 0644, &hand->file, NULL, NULL);
}
static void stat_volume(struct hand *hand)
{
    struct sys_statfs sfs;
    hand->error = sys_statfs(ROOT, place.id, &sfs);
}
static void close_it(struct hand *hand)
{
    hand->error = sys_close(ROOT, hand->file);
}
static void unmount_it(struct hand *hand)
{
    hand->error = sys_unmount(ROOT, place.id, 0, NULL, 0);
}
static void suspend_it(struct hand *hand)
{
    hand->error = suspend(OWNER, 20000);
}

/* ---- stopping a call inside the file system ------------------------------------------------------------ */

static _Atomic(bool) inside, go_on;

static void stop_here(void *arg)
{
    (void)arg;
    atomic_store(&inside, true);
    while (!atomic_load(&go_on))
        ktest_msleep(1);
}

static void stop_in(enum fx_op op)
{
    atomic_store(&inside, false);
    atomic_store(&go_on, false);
    fx_hook(op, stop_here, NULL);
}

/* ---- cases --------------------------------------------------------------------------------------------- */

static void suspend__new_calls_wait__resume_lets_them_in(void)
{
    struct hand hands[3] = {{0}};
    KT_ASSERT_OK(suspend(OWNER, 1000));
    hand_start(&hands[0], look_up);
    hand_start(&hands[1], create);
    hand_start(&hands[2], stat_volume);
    for (unsigned i = 0; i < 3; i++)
        hand_waits(&hands[i]);
    KT_ASSERT(sys_suspended(place.id, why, sizeof(why)));
    KT_ASSERT(contains(why, "fxfs on ") && contains(why, "by the test since "));
    KT_ASSERT_OK(resume(OWNER));
    for (unsigned i = 0; i < 3; i++)
        KT_ASSERT_OK(hand_end(&hands[i]));
    fx_close(hands[1].file);
    KT_ASSERT(!sys_suspended(place.id, why, sizeof(why)));
}

/* It is in VNOP_CREATE: it has still to make a vnode, get its attributes and open it. */
static void suspend__call_in_flight__finishes_and_is_waited_for(void)
{
    struct hand maker = {0}, suspender = {0};
    stop_in(FX_CREATE);
    hand_start(&maker, create);
    UNTIL(atomic_load(&inside));
    hand_start(&suspender, suspend_it);
    hand_waits(&suspender);
    atomic_store(&go_on, true);
    KT_ASSERT_OK(hand_end(&maker));
    KT_ASSERT_OK(hand_end(&suspender));
    KT_ASSERT_OK(resume(OWNER));
    fx_close(maker.file);
}

static void suspend__time_out__names_operation_thread_and_since_when(void)
{
    struct hand maker = {0};
    char thread[32];
    stop_in(FX_CREATE);
    hand_start(&maker, create);
    UNTIL(atomic_load(&inside));
    KT_ASSERT_ERRNO(suspend(OWNER, SOON), ETIMEDOUT);
    snprintf(thread, sizeof(thread), "in thread %u since 0.", atomic_load(&maker.number));
    ktest_note(why);
    KT_ASSERT(contains(why, "fxfs on ") && contains(why, "is not quiet after 0.0"));
    KT_ASSERT(contains(why, "(VDIR on fxfs"));
    KT_ASSERT(contains(why, "by sys_open "));
    KT_ASSERT(contains(why, thread));
    KT_ASSERT_ERRNO(resume(OWNER), EINVAL);
    KT_ASSERT(fx_exists(R, "file")); /* nothing is suspended */
    atomic_store(&go_on, true);
    KT_ASSERT_OK(hand_end(&maker));
    fx_close(maker.file);
}

static void suspend__nests__and_belongs_to_its_owner(void)
{
    struct hand looker = {0};
    KT_ASSERT_OK(suspend(OWNER, 1000));
    KT_ASSERT_OK(suspend(OWNER, 1000));
    KT_ASSERT_ERRNO(resume(OTHER), EPERM);
    KT_ASSERT_ERRNO(suspend(OTHER, SOON), ETIMEDOUT);
    KT_ASSERT(contains(why, "is suspended by the test since 0."));
    hand_start(&looker, look_up);
    KT_ASSERT_OK(resume(OWNER));
    hand_waits(&looker);
    KT_ASSERT_OK(resume(OWNER));
    KT_ASSERT_OK(hand_end(&looker));
    KT_ASSERT_ERRNO(resume(OWNER), EINVAL);
    KT_ASSERT_ERRNO(sys_resume(ROOT, place.id + 1000, OWNER), ENOENT);
}

static void suspend__second_owner__gets_its_turn(void)
{
    struct hand second = {0};
    KT_ASSERT_OK(suspend(OTHER, 1000));
    hand_start(&second, suspend_it);
    hand_waits(&second);
    KT_ASSERT_OK(resume(OTHER));
    KT_ASSERT_OK(hand_end(&second));
    KT_ASSERT_ERRNO(resume(OTHER), EPERM);
    KT_ASSERT_OK(sys_resume(ROOT, place.id, SYS_SUSPEND_ANY));
}

static void suspend__owner_is_let_in_others_are_not(void)
{
    struct hand looker = {0};
    KT_ASSERT_OK(suspend(OWNER, 1000));
    sys_suspend_as(OWNER);
    KT_ASSERT(fx_exists(R, "file"));
    fx_file(R, "made meanwhile", 0644, "x");
    KT_ASSERT_OK(sys_sync(ROOT, place.id, true));
    hand_start(&looker, look_up);
    hand_waits(&looker);
    sys_suspend_as(0);
    sys_resume_all(OWNER);
    KT_ASSERT_OK(hand_end(&looker));
}

static void suspend__flushes_when_quiet(void)
{
    uint32_t before = atomic_load(&fx_calls[FX_SYNC]);
    KT_ASSERT_OK(suspend(OWNER, 1000));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_SYNC]), before + 1);
    KT_ASSERT_OK(resume(OWNER));
    fx_fail(FX_SYNC, EIO, 1);
    KT_ASSERT_ERRNO(suspend(OWNER, 1000), EIO);
    KT_ASSERT(fx_exists(R, "file"));
}

static void suspend__interrupt_ends_the_waiting(void)
{
    struct hand looker = {0};
    KT_ASSERT_OK(suspend(OWNER, 1000));
    hand_start(&looker, look_up);
    hand_waits(&looker);
    KT_ASSERT(sys_call_interrupt(sys_call_running(atomic_load(&looker.number))));
    KT_ASSERT_ERRNO(hand_end(&looker), EINTR);
    KT_ASSERT_OK(resume(OWNER));
}

static void suspend__last_close_waits(void)
{
    struct hand closer = {.file = fx_open(R, "file", SYS_O_RDONLY)};
    KT_ASSERT_OK(suspend(OWNER, 1000));
    uint32_t closed = atomic_load(&fx_calls[FX_CLOSE]), inactive = atomic_load(&fx_calls[FX_INACTIVE]);
    hand_start(&closer, close_it);
    hand_waits(&closer);
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_CLOSE]), closed);
    KT_ASSERT_OK(resume(OWNER));
    KT_ASSERT_OK(hand_end(&closer));
    KT_ASSERT_GT(atomic_load(&fx_calls[FX_INACTIVE]), inactive);
}

static void hold_drop(struct hand *hand)
{
    sys_hold_release((sys_hold_t *)(void *)hand->file);
    hand->error = 0;
}

static void suspend__last_hold__inactive_waits(void)
{
    struct sys_node node = fx_get(R, "file");
    sys_hold_t *hold;
    KT_ASSERT_OK(sys_hold(&node, &hold));
    struct hand dropper = {.file = (sys_file_t *)(void *)hold};
    KT_ASSERT_OK(suspend(OWNER, 1000));
    uint32_t inactive = atomic_load(&fx_calls[FX_INACTIVE]);
    hand_start(&dropper, hold_drop);
    hand_waits(&dropper);
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_INACTIVE]), inactive);
    KT_ASSERT_OK(resume(OWNER));
    KT_ASSERT_OK(hand_end(&dropper));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_INACTIVE]), inactive + 1);
}

/* ---- what else could get at it ------------------------------------------------------------------------- */

/* Another mount fills the table; it recycles its own vnodes alone. */
static void suspend__recycler_passes_by(void)
{
    struct sys_node node;
    struct fx_place other = fx_mount("fxfs", 0, 0);
    char name[16];
    KT_ASSERT_OK(sys_lookup(ROOT, R, "file", 0, &node, NULL));
    KT_ASSERT_OK(suspend(OWNER, 1000));
    mount_t mp = mount_find(place.id);
    uint64_t before = vfs_mount_vnodes(mp);
    for (unsigned i = 0; i < 600; i++) {
        snprintf(name, sizeof(name), "f%u", i);
        fx_file(&other.root, name, 0644, "");
    }
    KT_ASSERT_EQ(vfs_mount_vnodes(mp), before);
    mount_rele(mp);
    KT_ASSERT_OK(resume(OWNER));
    KT_ASSERT_OK(sys_getattr(ROOT, &node, &(struct sys_attr){0}));
    fx_unmount(&other);
}

static void unmount__suspended__waits_for_resume(void)
{
    struct hand unmounter = {0};
    KT_ASSERT_OK(suspend(OWNER, 1000));
    hand_start(&unmounter, unmount_it);
    hand_waits(&unmounter);
    KT_ASSERT_OK(resume(OWNER));
    KT_ASSERT_OK(hand_end(&unmounter));
    place = fx_mount("fxfs", 0, 0);
}

static void unmount__forced__ends_the_suspension(void)
{
    struct hand looker = {0}, second = {0};
    KT_ASSERT_OK(suspend(OTHER, 1000));
    hand_start(&looker, look_up);
    hand_start(&second, suspend_it);
    hand_waits(&looker);
    hand_waits(&second);
    KT_ASSERT_OK(sys_unmount(ROOT, place.id, SYS_MNT_FORCE, NULL, 0));
    int error = hand_end(&looker);
    KT_ASSERT(error == ESTALE || error == 0 || error == ENOENT || error == ENOTDIR);
    KT_ASSERT_ERRNO(hand_end(&second), ENOENT);
    KT_ASSERT_ERRNO(resume(OTHER), ENOENT);
    place = fx_mount("fxfs", 0, 0);
}

static void unmount__behind_a_draining_suspension__waits(void)
{
    struct hand maker = {0}, suspender = {0}, unmounter = {0};
    stop_in(FX_CREATE);
    hand_start(&maker, create);
    UNTIL(atomic_load(&inside));
    hand_start(&suspender, suspend_it);
    hand_waits(&suspender);
    hand_start(&unmounter, unmount_it); /* waits behind the suspension */
    atomic_store(&go_on, true);
    KT_ASSERT_OK(hand_end(&maker));
    KT_ASSERT_OK(hand_end(&suspender));
    hand_waits(&unmounter);
    KT_ASSERT_OK(resume(OWNER));
    int error = hand_end(&unmounter);
    KT_ASSERT_ERRNO(error, EBUSY); /* the file that was made is open */
    fx_close(maker.file);
}

/* ---- one file, and the KPI ----------------------------------------------------------------------------- */

struct kpi {
    struct kern_call call;
    vnode_t vp;
};

static void kpi_begin(struct kpi *kpi)
{
    struct sys_node node = fx_get(R, "file");
    kern_enter(&kpi->call, kern_cred_kernel(), kern_proc_kernel());
    KT_ASSERT_OK(vnode_weak_get(node.vnode, node.vid, &kpi->vp));
}

static void kpi_end(struct kpi *kpi)
{
    vnode_put(kpi->vp);
    kern_leave(&kpi->call);
}

static void vnode__suspended__its_calls_wait_others_do_not(void)
{
    struct kpi kpi;
    struct hand looker = {0};
    int tag;
    kpi_begin(&kpi);
    uint32_t synced = atomic_load(&fx_calls[FX_FSYNC]);
    KT_ASSERT_OK(vnode_suspend(kpi.vp, &tag, 1000, vfs_context_current()));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_FSYNC]), synced + 1);
    KT_ASSERT_OK(vnode_suspend(kpi.vp, &tag, 1000, vfs_context_current()));
    hand_start(&looker, look_up);
    hand_waits(&looker);
    fx_file(R, "another", 0644, "");
    KT_ASSERT_ERRNO(vnode_resume(kpi.vp, NULL), EPERM);
    KT_ASSERT_OK(vnode_resume(kpi.vp, &tag));
    KT_ASSERT_OK(vnode_resume(kpi.vp, &tag));
    KT_ASSERT_ERRNO(vnode_resume(kpi.vp, &tag), EINVAL);
    KT_ASSERT_OK(hand_end(&looker));
    KT_ASSERT_EQ(vnode_usecount(kpi.vp), 0);
    kpi_end(&kpi);
}

static void vnode__iocount_kept_elsewhere__times_out(void)
{
    struct kpi kpi;
    kpi_begin(&kpi);
    KT_ASSERT_OK(vnode_get(kpi.vp));
    KT_ASSERT_ERRNO(vnode_suspend(kpi.vp, NULL, SOON, vfs_context_current()), EDEADLK);
    vnode_put(kpi.vp);
    kpi_end(&kpi);
}

static void vnode__forced_unmount__owner_is_told_at_resume(void)
{
    struct kpi kpi;
    kpi_begin(&kpi);
    vnode_t vp = kpi.vp;
    KT_ASSERT_OK(vnode_suspend(vp, NULL, 1000, vfs_context_current()));
    kpi_end(&kpi);
    KT_ASSERT_OK(sys_unmount(ROOT, place.id, SYS_MNT_FORCE, NULL, 0));
    KT_ASSERT_ERRNO(vnode_resume(vp, NULL), ENOENT);
    place = fx_mount("fxfs", 0, 0);
}

static void mount__by_kpi__thread_is_the_owner(void)
{
    struct hand looker = {0};
    struct kern_call call;
    mount_t mp;
    KT_ASSERT_OK(mount_find_busy(place.id, &mp));
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    KT_ASSERT_OK(vfs_suspend(mp, NULL, 1000, vfs_context_current()));
    kern_leave(&call);
    vfs_unbusy(mp);
    KT_ASSERT(fx_exists(R, "file")); /* this thread */
    hand_start(&looker, look_up);
    hand_waits(&looker);
    void *before = vfs_suspend_act(NULL);
    KT_ASSERT_NULL(before);
    KT_ASSERT_OK(vfs_resume(mp, NULL));
    KT_ASSERT_OK(hand_end(&looker));
}

static void suspend__bad_arguments(void)
{
    struct sys_suspend args = {.owner = 0};
    KT_ASSERT_ERRNO(sys_suspend(ROOT, place.id, &args, NULL, 0), EINVAL);
    args.owner = 1ull << 63;
    KT_ASSERT_ERRNO(sys_suspend(ROOT, place.id, &args, NULL, 0), EINVAL);
    args.owner = OWNER;
    KT_ASSERT_ERRNO(sys_suspend(ROOT, place.id + 1000, &args, NULL, 0), ENOENT);
}

static const struct ktest_case cases[] = {
    KT_CASE(suspend__new_calls_wait__resume_lets_them_in),
    KT_CASE(suspend__call_in_flight__finishes_and_is_waited_for),
    KT_CASE(suspend__time_out__names_operation_thread_and_since_when),
    KT_CASE(suspend__nests__and_belongs_to_its_owner),
    KT_CASE(suspend__second_owner__gets_its_turn),
    KT_CASE(suspend__owner_is_let_in_others_are_not),
    KT_CASE(suspend__flushes_when_quiet),
    KT_CASE(suspend__interrupt_ends_the_waiting),
    KT_CASE(suspend__last_close_waits),
    KT_CASE(suspend__last_hold__inactive_waits),
    KT_CASE(suspend__recycler_passes_by),
    KT_CASE(unmount__suspended__waits_for_resume),
    KT_CASE(unmount__forced__ends_the_suspension),
    KT_CASE(unmount__behind_a_draining_suspension__waits),
    KT_CASE(vnode__suspended__its_calls_wait_others_do_not),
    KT_CASE(vnode__iocount_kept_elsewhere__times_out),
    KT_CASE(vnode__forced_unmount__owner_is_told_at_resume),
    KT_CASE(mount__by_kpi__thread_is_the_owner),
    KT_CASE(suspend__bad_arguments),
};
SYS_SUITE(sys_suspend, cases);
