// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_lock_mtx.c: mutexes and spin locks: exclusion, ownership, life in a group, and that misuse is caught.
 */
#include <stdatomic.h>
#include <kern/locks.h>
#include <IOKit/IOLocks.h>

#include "kern/lock_iface.h"
#include "tests/support/ktest_kern.h"

#define ROUNDS 20000

struct contest {
    lck_mtx_t *mtx;
    lck_spin_t *spin;
    unsigned long counter; /* under either lock, on purpose without atomics */
};

static void count_under_mutex(void *arg)
{
    struct contest *contest = arg;

    for (int i = 0; i < ROUNDS; i++) {
        lck_mtx_lock(contest->mtx);
        contest->counter++;
        lck_mtx_unlock(contest->mtx);
    }
}

static void count_under_spin(void *arg)
{
    struct contest *contest = arg;

    for (int i = 0; i < ROUNDS; i++) {
        lck_spin_lock(contest->spin);
        contest->counter++;
        lck_spin_unlock(contest->spin);
    }
}

static void run_contest(void (*fn)(void *), struct contest *contest)
{
    void *threads[4];

    contest->counter = 0;
    for (int i = 0; i < 4; i++)
        threads[i] = ktest_thread(fn, contest);
    for (int i = 0; i < 4; i++)
        ktest_thread_join(threads[i]);
    KT_ASSERT_EQ(contest->counter, 4UL * ROUNDS);
}

static void mutex__four_threads__exclude_each_other(void)
{
    lck_grp_t *group = lck_grp_alloc_init("test", LCK_GRP_ATTR_NULL);
    struct contest contest = {.mtx = lck_mtx_alloc_init(group, LCK_ATTR_NULL),
                              .spin = lck_spin_alloc_init(group, LCK_ATTR_NULL)};

    run_contest(count_under_mutex, &contest);
    run_contest(count_under_spin, &contest);
    lck_mtx_free(contest.mtx, group);
    lck_spin_free(contest.spin, group);
    lck_grp_free(group);
}

struct trier {
    lck_mtx_t *mtx;
    boolean_t got;
};

static void try_mutex(void *arg)
{
    struct trier *trier = arg;

    trier->got = lck_mtx_try_lock(trier->mtx);
    if (trier->got)
        lck_mtx_unlock(trier->mtx);
}

static void mutex__try_lock__tells_whether_it_was_free(void)
{
    lck_grp_t *group = lck_grp_alloc_init("test", LCK_GRP_ATTR_NULL);
    struct trier trier = {.mtx = lck_mtx_alloc_init(group, LCK_ATTR_NULL)};

    lck_mtx_lock(trier.mtx);
    ktest_thread_join(ktest_thread(try_mutex, &trier));
    KT_ASSERT(!trier.got);
    lck_mtx_unlock(trier.mtx);
    ktest_thread_join(ktest_thread(try_mutex, &trier));
    KT_ASSERT(trier.got);
    lck_mtx_free(trier.mtx, group);
    lck_grp_free(group);
}

static void mutex__held_count__follows(void)
{
    lck_grp_t *group = lck_grp_alloc_init("test", LCK_GRP_ATTR_NULL);
    lck_mtx_t *a = lck_mtx_alloc_init(group, LCK_ATTR_NULL), *b = lck_mtx_alloc_init(group, LCK_ATTR_NULL);

    KT_ASSERT_EQ(kern_thread_locks_held(), 0u);
    lck_mtx_lock(a);
    KT_ASSERT(lck_mtx_try_lock(b));
    KT_ASSERT_EQ(kern_thread_locks_held(), 2u);
    lck_mtx_assert(a, LCK_MTX_ASSERT_OWNED);
    lck_mtx_unlock(a);
    lck_mtx_assert(a, LCK_MTX_ASSERT_NOTOWNED);
    lck_mtx_unlock(b);
    KT_ASSERT_EQ(kern_thread_locks_held(), 0u);
    lck_mtx_free(a, group);
    lck_mtx_free(b, group);
    lck_grp_free(group);
}

static void group__freed_before_its_locks__stays_until_they_are_gone(void)
{
    struct kern_leak_counts before, with, after;
    lck_grp_t *group;
    lck_mtx_t *mtx;

    kern_leak_counts(&before);
    group = lck_grp_alloc_init("early", LCK_GRP_ATTR_NULL);
    mtx = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    lck_grp_free(group);
    kern_leak_counts(&with);
    KT_ASSERT_EQ(with.lock_groups, before.lock_groups + 1);
    KT_ASSERT_EQ(with.locks, before.locks + 1);
    lck_mtx_lock(mtx);
    lck_mtx_unlock(mtx);
    lck_mtx_free(mtx, group);
    kern_leak_counts(&after);
    KT_ASSERT_EQ(after.lock_groups, before.lock_groups);
}

static lck_mtx_t *fresh_mutex(void)
{
    return lck_mtx_alloc_init(lck_grp_alloc_init("panicking", LCK_GRP_ATTR_NULL), LCK_ATTR_NULL);
}

static void lock_twice(void *arg)
{
    lck_mtx_t *mtx = fresh_mutex();

    (void)arg;
    lck_mtx_lock(mtx);
    lck_mtx_lock(mtx);
}

static void unlock_unheld(void *arg)
{
    (void)arg;
    lck_mtx_unlock(fresh_mutex());
}

static void destroy_held(void *arg)
{
    lck_grp_t *group = lck_grp_alloc_init("panicking", LCK_GRP_ATTR_NULL);
    lck_mtx_t mtx;

    (void)arg;
    lck_mtx_init(&mtx, group, LCK_ATTR_NULL);
    lck_mtx_lock(&mtx);
    lck_mtx_destroy(&mtx, group);
}

static void lock_destroyed(void *arg)
{
    lck_grp_t *group = lck_grp_alloc_init("panicking", LCK_GRP_ATTR_NULL);
    lck_mtx_t mtx;

    (void)arg;
    lck_mtx_init(&mtx, group, LCK_ATTR_NULL);
    lck_mtx_destroy(&mtx, group);
    lck_mtx_lock(&mtx);
}

static void lock_never_made(void *arg)
{
    static lck_mtx_t mtx;

    (void)arg;
    lck_mtx_lock(&mtx);
}

static void assert_owned(void *arg)
{
    (void)arg;
    lck_mtx_assert(fresh_mutex(), LCK_MTX_ASSERT_OWNED);
}

static void leave_with_lock(void *arg)
{
    struct kern_call call;

    (void)arg;
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    lck_mtx_lock(fresh_mutex());
    kern_leave(&call);
}

static void mutex__misuse__panics(void)
{
    KT_EXPECT_PANIC(lock_twice, NULL, "mutex of group \"panicking\" is taken twice by one thread");
    KT_EXPECT_PANIC(unlock_unheld, NULL,
                    "mutex of group \"panicking\" is released by a thread that does not hold it");
    KT_EXPECT_PANIC(destroy_held, NULL, "is destroyed while held");
    KT_EXPECT_PANIC(lock_destroyed, NULL, "was destroyed");
    KT_EXPECT_PANIC(lock_never_made, NULL, "was never initialised");
    KT_EXPECT_PANIC(assert_owned, NULL, "should be held by this thread");
    KT_EXPECT_PANIC(leave_with_lock, NULL, "a call began with 0 locks held and ends with 1");
}

static void recursive_lock__depth__is_counted(void)
{
    IORecursiveLock *lock = IORecursiveLockAlloc();

    IORecursiveLockLock(lock);
    IORecursiveLockLock(lock);
    KT_ASSERT(IORecursiveLockTryLock(lock));
    IORecursiveLockUnlock(lock);
    IORecursiveLockUnlock(lock);
    KT_ASSERT(IORecursiveLockHaveLock(lock));
    IORecursiveLockUnlock(lock);
    KT_ASSERT(!IORecursiveLockHaveLock(lock));
    IORecursiveLockFree(lock);
}

static const struct ktest_case cases[] = {
    KT_CASE(mutex__four_threads__exclude_each_other),
    KT_CASE(mutex__try_lock__tells_whether_it_was_free),
    KT_CASE(mutex__held_count__follows),
    KT_CASE(group__freed_before_its_locks__stays_until_they_are_gone),
    KT_CASE(mutex__misuse__panics),
    KT_CASE(recursive_lock__depth__is_counted),
};
KT_KERN_SUITE(lock_mtx, cases);
