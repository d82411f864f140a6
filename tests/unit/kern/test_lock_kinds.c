// SPDX-License-Identifier: BSD-2-Clause
/*
 * The rest of the lock family: spin locks, spin forms of mutexes, locks in one's own memory, locks held as a
 * type says, sleeping with each kind, attributes.
 */
#include <stdatomic.h>
#include <kern/locks.h>
#include <kern/sched_prim.h>

#include "kern/lock_iface.h"
#include "tests/support/ktest_kern.h"

static lck_grp_t *group;

static void begin(void)
{
    group = lck_grp_alloc_init("test", LCK_GRP_ATTR_NULL);
}

static void end(void)
{
    lck_grp_free(group);
}

/* Runs @fn on another thread and says what it returned. */
struct other {
    boolean_t (*fn)(void *lock);
    void *lock;
    boolean_t result;
};
static void other_run(void *arg)
{
    struct other *other = arg;
    other->result = other->fn(other->lock);
}
static boolean_t elsewhere(boolean_t (*fn)(void *), void *lock)
{
    struct other other = {fn, lock, FALSE};
    ktest_thread_join(ktest_thread(other_run, &other));
    return other.result;
}

/* ---- spin locks ---------------------------------------------------------------------------------------- */

static boolean_t spin_try(void *lock)
{
    boolean_t got = lck_spin_try_lock(lock);
    if (got)
        lck_spin_unlock(lock);
    return got;
}

static boolean_t spin_try_grp(void *lock)
{
    boolean_t got = lck_spin_try_lock_grp(lock, group);
    if (got)
        lck_spin_unlock(lock);
    return got;
}

static void spin__held__excludes_others(void)
{
    lck_spin_t lock;
    begin();
    lck_spin_init(&lock, group, LCK_ATTR_NULL);
    lck_spin_lock(&lock);
    lck_spin_assert(&lock, LCK_ASSERT_OWNED);
    KT_ASSERT(!elsewhere(spin_try, &lock));
    lck_spin_unlock(&lock);
    lck_spin_assert(&lock, LCK_ASSERT_NOTOWNED);
    KT_ASSERT(elsewhere(spin_try, &lock));
    lck_spin_lock_grp(&lock, group);
    KT_ASSERT(!elsewhere(spin_try_grp, &lock));
    lck_spin_unlock(&lock);
    KT_ASSERT(elsewhere(spin_try_grp, &lock));
    lck_spin_destroy(&lock, group);
    end();
}

static void spin_sleep_held(void *arg)
{
    lck_spin_lock(arg);
    assert_wait_timeout(arg, THREAD_UNINT, 1, 1000);
    thread_block(THREAD_CONTINUE_NULL);
}

static void spin__misuse__panics(void)
{
    lck_spin_t *lock;
    begin();
    lock = lck_spin_alloc_init(group, LCK_ATTR_NULL);
    KT_EXPECT_PANIC(spin_sleep_held, lock, "spin locks held");
    lck_spin_free(lock, group);
    end();
}

/* ---- mutexes ------------------------------------------------------------------------------------------- */

static boolean_t mtx_try_spin(void *lock)
{
    boolean_t got = lck_mtx_try_lock_spin(lock);
    if (got)
        lck_mtx_unlock(lock);
    return got;
}

static void mtx_convert_free(void *lock)
{
    lck_mtx_convert_spin(lock);
}

static void mtx__spin_forms__lock_it(void)
{
    lck_mtx_t *lock;
    begin();
    lock = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    lck_mtx_lock_spin(lock);
    lck_mtx_assert(lock, LCK_MTX_ASSERT_OWNED);
    KT_ASSERT(!elsewhere(mtx_try_spin, lock));
    lck_mtx_convert_spin(lock);
    lck_mtx_assert(lock, LCK_MTX_ASSERT_OWNED);
    lck_mtx_unlock(lock);
    KT_ASSERT(elsewhere(mtx_try_spin, lock));
    KT_EXPECT_PANIC(mtx_convert_free, lock, "does not hold it");
    lck_mtx_free(lock, group);
    end();
}

/* ---- reader-writer locks ------------------------------------------------------------------------------- */

static boolean_t rw_try_shared(void *lock)
{
    boolean_t got = lck_rw_try_lock(lock, LCK_RW_TYPE_SHARED);
    if (got)
        lck_rw_unlock(lock, LCK_RW_TYPE_SHARED);
    return got;
}

static boolean_t rw_try_exclusive(void *lock)
{
    boolean_t got = lck_rw_try_lock(lock, LCK_RW_TYPE_EXCLUSIVE);
    if (got)
        lck_rw_unlock(lock, LCK_RW_TYPE_EXCLUSIVE);
    return got;
}

static void rw__as_the_type_says(void)
{
    lck_rw_t lock;
    begin();
    lck_rw_init(&lock, group, LCK_ATTR_NULL);
    lck_rw_lock(&lock, LCK_RW_TYPE_SHARED);
    KT_ASSERT(elsewhere(rw_try_shared, &lock));
    KT_ASSERT(!elsewhere(rw_try_exclusive, &lock));
    lck_rw_unlock(&lock, LCK_RW_TYPE_SHARED);
    lck_rw_lock(&lock, LCK_RW_TYPE_EXCLUSIVE);
    KT_ASSERT(lck_rw_held_exclusive(&lock));
    KT_ASSERT(!elsewhere(rw_try_shared, &lock));
    lck_rw_unlock(&lock, LCK_RW_TYPE_EXCLUSIVE);
    KT_ASSERT(elsewhere(rw_try_exclusive, &lock));
    lck_rw_destroy(&lock, group);
    end();
}

/* ---- sleeping with a lock held ------------------------------------------------------------------------- */

static lck_mtx_t *mtx;
static lck_rw_t *rw;
static lck_spin_t *spin;
static _Atomic int event, waiting;
static wait_result_t slept[3];

static void sleep_mtx(void *arg)
{
    (void)arg;
    lck_mtx_lock(mtx);
    atomic_fetch_add(&waiting, 1);
    slept[0] = lck_mtx_sleep(mtx, LCK_SLEEP_DEFAULT, (event_t)&event, THREAD_UNINT);
    lck_mtx_assert(mtx, LCK_MTX_ASSERT_OWNED);
    lck_mtx_unlock(mtx);
}

static void sleep_rw(void *arg)
{
    (void)arg;
    lck_rw_lock_shared(rw);
    atomic_fetch_add(&waiting, 1);
    slept[1] = lck_rw_sleep(rw, LCK_SLEEP_EXCLUSIVE, (event_t)&event, THREAD_UNINT);
    lck_rw_assert(rw, LCK_RW_ASSERT_EXCLUSIVE);
    lck_rw_unlock_exclusive(rw);
}

static void sleep_spin(void *arg)
{
    (void)arg;
    lck_spin_lock(spin);
    atomic_fetch_add(&waiting, 1);
    slept[2] = lck_spin_sleep(spin, LCK_SLEEP_UNLOCK, (event_t)&event, THREAD_UNINT);
    lck_spin_assert(spin, LCK_ASSERT_NOTOWNED);
}

/* Each sleeper counts itself with its lock held, so having had the locks afterwards means that all sleep. */
static void sleep__with_each_kind__lets_the_lock_go(void)
{
    static void (*const sleepers[])(void *) = {sleep_mtx, sleep_rw, sleep_spin};
    void *threads[3];
    begin();
    mtx = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    rw = lck_rw_alloc_init(group, LCK_ATTR_NULL);
    spin = lck_spin_alloc_init(group, LCK_ATTR_NULL);
    atomic_store(&waiting, 0);
    for (int i = 0; i < 3; i++) {
        slept[i] = THREAD_WAITING;
        threads[i] = ktest_thread(sleepers[i], NULL);
    }
    while (atomic_load(&waiting) < 3)
        ktest_msleep(1);
    lck_mtx_lock(mtx);
    lck_mtx_unlock(mtx);
    lck_rw_lock_exclusive(rw);
    lck_rw_unlock_exclusive(rw);
    lck_spin_lock(spin);
    lck_spin_unlock(spin);
    thread_wakeup((event_t)&event);
    for (int i = 0; i < 3; i++) {
        ktest_thread_join(threads[i]);
        KT_ASSERT_EQ(slept[i], THREAD_AWAKENED);
    }
    lck_spin_free(spin, group);
    lck_rw_free(rw, group);
    lck_mtx_free(mtx, group);
    end();
}

/* ---- attributes ---------------------------------------------------------------------------------------- */

static void attributes__change_nothing_that_a_lock_does(void)
{
    lck_grp_attr_t *group_attr = lck_grp_attr_alloc_init();
    lck_attr_t *attr = lck_attr_alloc_init();
    lck_grp_attr_setdefault(group_attr);
    lck_grp_attr_setstat(group_attr);
    lck_attr_setdefault(attr);
    lck_attr_setdebug(attr);
    group = lck_grp_alloc_init("with attributes", group_attr);
    lck_mtx_t *lock = lck_mtx_alloc_init(group, attr);
    lck_attr_cleardebug(attr);
    lck_attr_free(attr);
    lck_grp_attr_free(group_attr);
    lck_mtx_lock(lock);
    KT_ASSERT(!elsewhere(mtx_try_spin, lock));
    lck_mtx_unlock(lock);
    lck_mtx_free(lock, group);
    end();
}

/* ---- groups -------------------------------------------------------------------------------------------- */

static void free_it(void *lock)
{
    lck_mtx_free(lock, group);
}

static void group__locks_made_and_freed_by_different_threads__are_counted(void)
{
    struct kern_leak_counts before, now;
    lck_mtx_t *locks[10];
    void *threads[10];
    begin();
    kern_leak_counts(&before);
    for (unsigned i = 0; i < 10; i++)
        locks[i] = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    kern_leak_counts(&now);
    KT_ASSERT_EQ(now.locks, before.locks + 10);
    for (unsigned i = 0; i < 10; i++)
        threads[i] = ktest_thread(free_it, locks[i]);
    for (unsigned i = 0; i < 10; i++)
        ktest_thread_join(threads[i]);
    kern_leak_counts(&now);
    KT_ASSERT_EQ(now.locks, before.locks);
    end();
}

static void group__given_up_early__ends_with_its_last_lock(void)
{
    struct kern_leak_counts before, now;
    kern_leak_counts(&before);
    begin();
    lck_mtx_t *lock = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    lck_grp_free(group); /* warns */
    kern_leak_counts(&now);
    KT_ASSERT_EQ(now.lock_groups, before.lock_groups + 1);
    KT_ASSERT_EQ(now.locks, before.locks + 1);
    lck_mtx_free(lock, group);
    kern_leak_counts(&now);
    KT_ASSERT_EQ(now.lock_groups, before.lock_groups);
    KT_ASSERT_EQ(now.locks, before.locks);
    KT_ASSERT_EQ(now.memory_blocks, before.memory_blocks);
}

static const struct ktest_case cases[] = {
    KT_CASE(spin__held__excludes_others),
    KT_CASE(spin__misuse__panics),
    KT_CASE(mtx__spin_forms__lock_it),
    KT_CASE(rw__as_the_type_says),
    KT_CASE(sleep__with_each_kind__lets_the_lock_go),
    KT_CASE(attributes__change_nothing_that_a_lock_does),
    KT_CASE(group__locks_made_and_freed_by_different_threads__are_counted),
    KT_CASE(group__given_up_early__ends_with_its_last_lock),
};
KT_KERN_SUITE(lock_kinds, cases);
