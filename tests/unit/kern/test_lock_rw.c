// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_lock_rw.c: reader-writer locks: exclusion, upgrade and downgrade, fairness, misuse.
 */
#include <stdatomic.h>
#include <kern/locks.h>
#include <kern/sched_prim.h>

#include "kern/lock_iface.h"
#include "tests/support/ktest_kern.h"

static lck_grp_t *group;

static lck_rw_t *lock_make(void)
{
    group = lck_grp_alloc_init("test", LCK_GRP_ATTR_NULL);
    return lck_rw_alloc_init(group, LCK_ATTR_NULL);
}

static void lock_end(lck_rw_t *lock)
{
    lck_rw_free(lock, group);
    lck_grp_free(group);
}

#define WORDS  8
#define ROUNDS 6000

struct mix {
    lck_rw_t *lock;
    uint64_t seed;
    unsigned long *words; /* all equal whenever the lock is not held exclusively */
    unsigned long wrong, upgrades, lost;
};

static bool words_equal(const unsigned long *words)
{
    for (int i = 1; i < WORDS; i++)
        if (words[i] != words[0])
            return false;
    return true;
}

static void words_change(unsigned long *words)
{
    for (int i = 0; i < WORDS; i++)
        words[i]++;
}

static void mix_upgrade(struct mix *mix)
{
    unsigned long seen;

    lck_rw_lock_shared(mix->lock);
    seen = mix->words[0];
    if (!lck_rw_lock_shared_to_exclusive(mix->lock)) {
        mix->lost++; /* and nothing is held now */
        return;
    }
    mix->upgrades++;
    if (mix->words[0] != seen)
        mix->wrong++;
    words_change(mix->words);
    seen = mix->words[0];
    lck_rw_lock_exclusive_to_shared(mix->lock);
    if (mix->words[0] != seen || !words_equal(mix->words))
        mix->wrong++;
    lck_rw_unlock_shared(mix->lock);
}

static void mix_run(void *arg)
{
    struct mix *mix = arg;
    uint64_t x = mix->seed;

    for (int i = 0; i < ROUNDS; i++) {
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        switch ((x >> 40) % 8) {
        case 0:
            lck_rw_lock_exclusive(mix->lock);
            words_change(mix->words);
            lck_rw_unlock_exclusive(mix->lock);
            break;
        case 1:
            mix_upgrade(mix);
            break;
        case 2:
            if (lck_rw_try_lock_exclusive(mix->lock)) {
                words_change(mix->words);
                if (lck_rw_done(mix->lock) != LCK_RW_TYPE_EXCLUSIVE)
                    mix->wrong++;
            }
            break;
        case 3:
            if (!lck_rw_try_lock_shared(mix->lock))
                break;
            if (!words_equal(mix->words))
                mix->wrong++;
            lck_rw_unlock_shared(mix->lock);
            break;
        default:
            lck_rw_lock_shared(mix->lock);
            if (!words_equal(mix->words))
                mix->wrong++;
            if (lck_rw_done(mix->lock) != LCK_RW_TYPE_SHARED)
                mix->wrong++;
        }
    }
}

static void rw__mixed_use_by_six_threads__keeps_data_whole(void)
{
    unsigned long words[WORDS] = {0}, upgrades = 0;
    struct mix mixes[6];
    void *threads[6];
    lck_rw_t *lock = lock_make();

    for (unsigned i = 0; i < 6; i++) {
        mixes[i] = (struct mix){lock, ktest_seed() + i, words, 0, 0, 0};
        threads[i] = ktest_thread(mix_run, &mixes[i]);
    }
    for (unsigned i = 0; i < 6; i++)
        ktest_thread_join(threads[i]);
    for (unsigned i = 0; i < 6; i++) {
        KT_ASSERT_EQ(mixes[i].wrong, 0u);
        upgrades += mixes[i].upgrades;
    }
    KT_ASSERT_GT(upgrades, 0u);
    KT_ASSERT(words_equal(words));
    lock_end(lock);
}

/* Two readers upgrade while both hold: exactly one wins, and the other's hold is gone. */
struct duel {
    lck_rw_t *lock;
    _Atomic int ready;
    _Atomic int winners, losers;
    _Atomic int inside;
    bool overlap;
};

static void duel_run(void *arg)
{
    struct duel *duel = arg;

    lck_rw_lock_shared(duel->lock);
    atomic_fetch_add(&duel->ready, 1);
    while (atomic_load(&duel->ready) < 2)
        (void)thread_block(THREAD_CONTINUE_NULL);
    if (lck_rw_lock_shared_to_exclusive(duel->lock)) {
        if (atomic_fetch_add(&duel->inside, 1))
            duel->overlap = true;
        atomic_fetch_add(&duel->winners, 1);
        atomic_fetch_sub(&duel->inside, 1);
        lck_rw_unlock_exclusive(duel->lock);
    } else {
        atomic_fetch_add(&duel->losers, 1);
    }
}

static void rw__two_upgrades__one_wins_one_loses_its_hold(void)
{
    lck_rw_t *lock = lock_make();

    for (int i = 0; i < 200; i++) {
        struct duel duel = {.lock = lock};
        void *a = ktest_thread(duel_run, &duel), *b = ktest_thread(duel_run, &duel);

        ktest_thread_join(a);
        ktest_thread_join(b);
        KT_ASSERT_EQ(atomic_load(&duel.winners), 1);
        KT_ASSERT_EQ(atomic_load(&duel.losers), 1);
        KT_ASSERT(!duel.overlap);
        KT_ASSERT(lck_rw_try_lock_exclusive(lock));
        lck_rw_unlock_exclusive(lock);
    }
    lock_end(lock);
}

struct crowd {
    lck_rw_t *lock;
    _Atomic bool stop;
    _Atomic unsigned long turns;
};

static void crowd_read(void *arg)
{
    struct crowd *crowd = arg;

    while (!atomic_load(&crowd->stop)) {
        lck_rw_lock_shared(crowd->lock);
        atomic_fetch_add(&crowd->turns, 1);
        lck_rw_unlock_shared(crowd->lock);
    }
}

static void crowd_write(void *arg)
{
    struct crowd *crowd = arg;

    while (!atomic_load(&crowd->stop)) {
        lck_rw_lock_exclusive(crowd->lock);
        atomic_fetch_add(&crowd->turns, 1);
        lck_rw_unlock_exclusive(crowd->lock);
    }
}

static void rw__crowd_of_readers__lets_a_writer_in(void)
{
    struct crowd crowd = {.lock = lock_make()};
    void *threads[3];

    for (int i = 0; i < 3; i++)
        threads[i] = ktest_thread(crowd_read, &crowd);
    while (atomic_load(&crowd.turns) < 100)
        (void)thread_block(THREAD_CONTINUE_NULL);
    for (int i = 0; i < 50; i++) { /* hangs for ever if readers starve it */
        lck_rw_lock_exclusive(crowd.lock);
        lck_rw_unlock_exclusive(crowd.lock);
    }
    atomic_store(&crowd.stop, true);
    for (int i = 0; i < 3; i++)
        ktest_thread_join(threads[i]);
    lock_end(crowd.lock);
}

static void rw__crowd_of_writers__lets_a_reader_in(void)
{
    struct crowd crowd = {.lock = lock_make()};
    void *threads[3];

    for (int i = 0; i < 3; i++)
        threads[i] = ktest_thread(crowd_write, &crowd);
    while (atomic_load(&crowd.turns) < 100)
        (void)thread_block(THREAD_CONTINUE_NULL);
    for (int i = 0; i < 50; i++) {
        lck_rw_lock_shared(crowd.lock);
        lck_rw_unlock_shared(crowd.lock);
    }
    atomic_store(&crowd.stop, true);
    for (int i = 0; i < 3; i++)
        ktest_thread_join(threads[i]);
    lock_end(crowd.lock);
}

/* The last of several holders frees the lock, as reference counting file systems do: whoever released it
 * before must not touch it any more. AddressSanitizer sees it if one does. */
struct shared_object {
    lck_rw_t *rw;
    lck_mtx_t *mtx;
    int refs; /* under both */
};

static void object_drop(void *arg)
{
    struct shared_object *object = arg;
    bool last;

    lck_rw_lock_exclusive(object->rw);
    lck_mtx_lock(object->mtx);
    last = --object->refs == 0;
    lck_mtx_unlock(object->mtx);
    lck_rw_unlock_exclusive(object->rw);
    if (!last)
        return;
    lck_mtx_free(object->mtx, group);
    lck_rw_free(object->rw, group);
    kern_free(object, sizeof *object);
}

static void rw__freed_by_its_last_holder__is_not_touched_again(void)
{
    group = lck_grp_alloc_init("test", LCK_GRP_ATTR_NULL);
    for (int i = 0; i < 300; i++) {
        struct shared_object *object = kern_alloc(sizeof *object, "test");
        void *threads[3];

        object->rw = lck_rw_alloc_init(group, LCK_ATTR_NULL);
        object->mtx = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
        object->refs = 3;
        for (int j = 0; j < 3; j++)
            threads[j] = ktest_thread(object_drop, object);
        for (int j = 0; j < 3; j++)
            ktest_thread_join(threads[j]);
    }
    lck_grp_free(group);
}

static void rw__asserts__know_the_holder(void)
{
    lck_rw_t *lock = lock_make();

    lck_rw_assert(lock, LCK_RW_ASSERT_NOTHELD);
    lck_rw_lock_exclusive(lock);
    lck_rw_assert(lock, LCK_RW_ASSERT_EXCLUSIVE);
    lck_rw_assert(lock, LCK_RW_ASSERT_HELD);
    KT_ASSERT(!lck_rw_try_lock_shared(lock));
    lck_rw_lock_exclusive_to_shared(lock);
    lck_rw_assert(lock, LCK_RW_ASSERT_SHARED);
    KT_ASSERT(!lck_rw_try_lock_exclusive(lock));
    KT_ASSERT(lck_rw_lock_shared_to_exclusive(lock));
    KT_ASSERT_EQ(kern_thread_locks_held(), 1u);
    KT_ASSERT_EQ(lck_rw_done(lock), (lck_rw_type_t)LCK_RW_TYPE_EXCLUSIVE);
    KT_ASSERT_EQ(kern_thread_locks_held(), 0u);
    lock_end(lock);
}

static void rw_relock(void *arg)
{
    lck_rw_t *lock = lock_make();

    (void)arg;
    lck_rw_lock_exclusive(lock);
    lck_rw_lock_shared(lock);
}

static void rw_unlock_unheld(void *arg)
{
    (void)arg;
    lck_rw_unlock_shared(lock_make());
}

static void rw_unlock_wrong(void *arg)
{
    lck_rw_t *lock = lock_make();

    (void)arg;
    lck_rw_lock_shared(lock);
    lck_rw_unlock_exclusive(lock);
}

static void rw_free_held(void *arg)
{
    lck_rw_t *lock = lock_make();

    (void)arg;
    lck_rw_lock_shared(lock);
    lck_rw_free(lock, group);
}

static void rw__misuse__panics(void)
{
    KT_EXPECT_PANIC(rw_relock, NULL, "is taken shared by its exclusive holder");
    KT_EXPECT_PANIC(rw_unlock_unheld, NULL, "is released, but was not held shared");
    KT_EXPECT_PANIC(rw_unlock_wrong, NULL, "is released by a thread that does not hold it");
    KT_EXPECT_PANIC(rw_free_held, NULL, "is destroyed while held");
}

static const struct ktest_case cases[] = {
    KT_CASE(rw__mixed_use_by_six_threads__keeps_data_whole),
    KT_CASE(rw__two_upgrades__one_wins_one_loses_its_hold),
    KT_CASE(rw__crowd_of_readers__lets_a_writer_in),
    KT_CASE(rw__crowd_of_writers__lets_a_reader_in),
    KT_CASE(rw__freed_by_its_last_holder__is_not_touched_again),
    KT_CASE(rw__asserts__know_the_holder),
    KT_CASE(rw__misuse__panics),
};
KT_KERN_SUITE(lock_rw, cases);
