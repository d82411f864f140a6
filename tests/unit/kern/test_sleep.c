// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_sleep.c: msleep, wakeup and the Mach forms: no wake-up is lost, time-outs and interrupts end a sleep,
 * the lock comes back as the flags say.
 */
#include <stdatomic.h>
#include <kern/clock.h>
#include <kern/locks.h>
#include <kern/sched_prim.h>
#include <sys/param.h>
#include <sys/proc.h>

#include "kern/lock_iface.h"
#include "kern/sleep_bsd_internal.h"
#include "tests/support/ktest_kern.h"

static lck_grp_t *group;

static lck_mtx_t *mutex_make(void)
{
    group = lck_grp_alloc_init("test", LCK_GRP_ATTR_NULL);
    return lck_mtx_alloc_init(group, LCK_ATTR_NULL);
}

static void mutex_end(lck_mtx_t *mtx)
{
    lck_mtx_free(mtx, group);
    lck_grp_free(group);
}

/* Two threads hand a token back and forth; one lost wake-up hangs them. */
struct pingpong {
    lck_mtx_t *mtx;
    int turn; /* under mtx */
    int errors;
};

#define TURNS 3000

static void pingpong_side(struct pingpong *game, int me)
{
    for (int i = 0; i < TURNS; i++) {
        lck_mtx_lock(game->mtx);
        while (game->turn != me)
            if (msleep(&game->turn, game->mtx, PZERO, "pingpong", NULL) != 0)
                game->errors++;
        game->turn = !me;
        wakeup(&game->turn);
        lck_mtx_unlock(game->mtx);
    }
}

static void pingpong_other(void *arg)
{
    pingpong_side(arg, 1);
}

static void msleep__ping_pong__loses_no_wakeup(void)
{
    struct pingpong game = {.mtx = mutex_make()};
    void *thread = ktest_thread(pingpong_other, &game);

    pingpong_side(&game, 0);
    ktest_thread_join(thread);
    KT_ASSERT_EQ(game.errors, 0);
    mutex_end(game.mtx);
}

/* A bounded queue with several producers and consumers, wakeup_one on both sides. */
struct queue {
    lck_mtx_t *mtx;
    unsigned filled, produced, consumed; /* under mtx */
    unsigned long sum_in, sum_out;
    unsigned slots[4];
};

#define ITEMS 4000u

static void queue_produce(void *arg)
{
    struct queue *queue = arg;

    for (;;) {
        lck_mtx_lock(queue->mtx);
        while (queue->filled == 4 && queue->produced < ITEMS)
            (void)msleep(&queue->filled, queue->mtx, 0, "full", NULL);
        if (queue->produced >= ITEMS)
            break;
        queue->slots[queue->filled++] = ++queue->produced;
        queue->sum_in += queue->produced;
        wakeup_one((caddr_t)&queue->slots);
        lck_mtx_unlock(queue->mtx);
    }
    wakeup(&queue->filled);
    lck_mtx_unlock(queue->mtx);
}

static void queue_consume(void *arg)
{
    struct queue *queue = arg;

    for (;;) {
        lck_mtx_lock(queue->mtx);
        while (queue->filled == 0 && queue->consumed < ITEMS)
            (void)msleep(&queue->slots, queue->mtx, 0, "empty", NULL);
        if (queue->filled == 0)
            break;
        queue->sum_out += queue->slots[--queue->filled];
        if (++queue->consumed == ITEMS)
            wakeup(&queue->slots);
        wakeup_one((caddr_t)&queue->filled);
        lck_mtx_unlock(queue->mtx);
    }
    wakeup(&queue->slots);
    lck_mtx_unlock(queue->mtx);
}

static void wakeup_one__bounded_queue__moves_everything(void)
{
    struct queue queue = {.mtx = mutex_make()};
    void *threads[4];

    for (int i = 0; i < 4; i++)
        threads[i] = ktest_thread(i & 1 ? queue_produce : queue_consume, &queue);
    for (int i = 0; i < 4; i++)
        ktest_thread_join(threads[i]);
    KT_ASSERT_EQ(queue.consumed, ITEMS);
    KT_ASSERT_EQ(queue.sum_in, queue.sum_out);
    mutex_end(queue.mtx);
}

static void msleep__timeout__takes_at_least_that_long(void)
{
    lck_mtx_t *mtx = mutex_make();
    struct timespec ts = {0, 20000000};
    uint64_t start = mach_absolute_time();

    lck_mtx_lock(mtx);
    KT_ASSERT_ERRNO(msleep(&ts, mtx, PZERO, "timeout", &ts), EWOULDBLOCK);
    KT_ASSERT(lck_mtx_held(mtx));
    KT_ASSERT_GE(mach_absolute_time() - start, 20000000ULL);
    KT_ASSERT_ERRNO(msleep(&ts, mtx, PZERO | PDROP, "timeout", &ts), EWOULDBLOCK);
    KT_ASSERT(!lck_mtx_held(mtx));
    KT_ASSERT_ERRNO(tsleep(&ts, PZERO, "timeout", 1), EWOULDBLOCK);
    KT_ASSERT_ERRNO(msleep(NULL, NULL, PZERO, "timeout", &ts), EWOULDBLOCK);
    mutex_end(mtx);
}

static int continued_with = -1;

static int continuation(int error)
{
    continued_with = error;
    return error + 1000;
}

static void msleep0__continuation__gets_the_result(void)
{
    KT_ASSERT_EQ(msleep0(&continued_with, NULL, PZERO, "ticks", 1, continuation), EWOULDBLOCK + 1000);
    KT_ASSERT_EQ(continued_with, EWOULDBLOCK);
}

/* The sleeper publishes its call's id, then sleeps interruptibly; the case interrupts it. */
struct sleeper {
    lck_mtx_t *mtx;
    _Atomic uint64_t call_id;
    int first, second, uninterruptible;
    int issignal;
    bool held_after;
};

static void sleeper_run(void *arg)
{
    struct sleeper *sleeper = arg;
    struct timespec brief = {0, 1000000};
    struct kern_call call;

    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    lck_mtx_lock(sleeper->mtx);
    atomic_store(&sleeper->call_id, kern_call_current_id());
    sleeper->first = msleep(&sleeper->first, sleeper->mtx, PZERO | PCATCH, "interruptible", NULL);
    sleeper->held_after = lck_mtx_held(sleeper->mtx);
    sleeper->second = msleep(&sleeper->first, sleeper->mtx, PZERO | PCATCH | PDROP, "again", NULL);
    sleeper->uninterruptible = msleep(&sleeper->first, NULL, PZERO, "not interruptible", &brief);
    sleeper->issignal = vfs_context_issignal(vfs_context_current(), ~(sigset_t)0);
    kern_leave(&call);
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    sleeper->issignal += 1000 * vfs_context_issignal(vfs_context_current(), ~(sigset_t)0);
    kern_leave(&call);
}

static void msleep__interrupted_call__ends_pcatch_sleeps_until_it_leaves(void)
{
    struct sleeper sleeper = {.mtx = mutex_make()};
    void *thread = ktest_thread(sleeper_run, &sleeper);
    uint64_t id;

    while (!(id = atomic_load(&sleeper.call_id)))
        (void)thread_block(THREAD_CONTINUE_NULL);
    KT_ASSERT(kern_call_interrupt(id));
    ktest_thread_join(thread);
    KT_ASSERT(!kern_call_interrupt(id));
    KT_ASSERT_ERRNO(sleeper.first, EINTR);
    KT_ASSERT(sleeper.held_after);
    KT_ASSERT_ERRNO(sleeper.second, EINTR);
    KT_ASSERT_ERRNO(sleeper.uninterruptible, EWOULDBLOCK);
    KT_ASSERT_EQ(sleeper.issignal, sigmask(SIGINT));
    mutex_end(sleeper.mtx);
}

struct waiter {
    _Atomic int *asleep;
    void *event;
    int order;
    _Atomic int *next_order;
    wait_result_t result;
    _Atomic uint64_t thread;
};

static void waiter_run(void *arg)
{
    struct waiter *waiter = arg;

    atomic_store(&waiter->thread, (uint64_t)(uintptr_t)current_thread());
    (void)assert_wait((event_t)waiter->event, THREAD_UNINT);
    atomic_fetch_add(waiter->asleep, 1);
    waiter->result = thread_block(THREAD_CONTINUE_NULL);
    waiter->order = atomic_fetch_add(waiter->next_order, 1);
}

static void thread_wakeup__one_and_all__first_come_first_woken(void)
{
    _Atomic int asleep = 0, next_order = 0;
    struct waiter waiters[3];
    void *threads[3];
    int event;

    for (int i = 0; i < 3; i++) {
        waiters[i] = (struct waiter){.asleep = &asleep, .event = &event, .next_order = &next_order};
        threads[i] = ktest_thread(waiter_run, &waiters[i]);
        while (atomic_load(&asleep) <= i)
            (void)thread_block(THREAD_CONTINUE_NULL);
    }
    KT_ASSERT_EQ(thread_wakeup_one((event_t)&event), KERN_SUCCESS);
    ktest_thread_join(threads[0]);
    KT_ASSERT_EQ(waiters[0].order, 0);
    KT_ASSERT_EQ(thread_wakeup_thread((event_t)&event, (thread_t)(uintptr_t)atomic_load(&waiters[2].thread)),
                 KERN_SUCCESS);
    ktest_thread_join(threads[2]);
    KT_ASSERT_EQ(waiters[2].order, 1);
    KT_ASSERT_EQ(thread_wakeup_with_result((event_t)&event, THREAD_RESTART), KERN_SUCCESS);
    ktest_thread_join(threads[1]);
    KT_ASSERT_EQ(waiters[1].result, THREAD_RESTART);
    KT_ASSERT_EQ(thread_wakeup((event_t)&event), KERN_NOT_WAITING);
}

static void many_run(void *arg)
{
    struct waiter *waiter = arg;

    waiter_run(waiter);
}

static void wakeup__more_sleepers_than_a_batch__wakes_all(void)
{
    enum { N = 40 };
    _Atomic int asleep = 0, next_order = 0;
    static struct waiter waiters[N];
    void *threads[N];
    int event;

    for (int i = 0; i < N; i++) {
        waiters[i] = (struct waiter){.asleep = &asleep, .event = &event, .next_order = &next_order};
        threads[i] = ktest_thread(many_run, &waiters[i]);
    }
    while (atomic_load(&asleep) < N)
        (void)thread_block(THREAD_CONTINUE_NULL);
    wakeup(&event);
    for (int i = 0; i < N; i++)
        ktest_thread_join(threads[i]);
    KT_ASSERT_EQ(atomic_load(&next_order), N);
}

static void lck_sleep__actions__leave_the_lock_as_asked(void)
{
    lck_mtx_t *mtx = mutex_make();
    lck_rw_t *rw = lck_rw_alloc_init(group, LCK_ATTR_NULL);
    lck_spin_t *spin = lck_spin_alloc_init(group, LCK_ATTR_NULL);
    uint64_t past = mach_absolute_time();

    lck_mtx_lock(mtx);
    KT_ASSERT_EQ(lck_mtx_sleep_deadline(mtx, LCK_SLEEP_DEFAULT, &past, THREAD_UNINT, past), THREAD_TIMED_OUT);
    KT_ASSERT(lck_mtx_held(mtx));
    KT_ASSERT_EQ(lck_mtx_sleep_deadline(mtx, LCK_SLEEP_UNLOCK, &past, THREAD_UNINT, past), THREAD_TIMED_OUT);
    KT_ASSERT(!lck_mtx_held(mtx));
    lck_rw_lock_shared(rw);
    KT_ASSERT_EQ(lck_rw_sleep_deadline(rw, LCK_SLEEP_EXCLUSIVE, &past, THREAD_UNINT, past), THREAD_TIMED_OUT);
    KT_ASSERT(lck_rw_held_exclusive(rw));
    KT_ASSERT_EQ(lck_rw_sleep_deadline(rw, LCK_SLEEP_DEFAULT, &past, THREAD_UNINT, past), THREAD_TIMED_OUT);
    KT_ASSERT(lck_rw_held_exclusive(rw));
    KT_ASSERT_EQ(lck_rw_sleep_deadline(rw, LCK_SLEEP_SHARED, &past, THREAD_UNINT, past), THREAD_TIMED_OUT);
    KT_ASSERT(!lck_rw_held_exclusive(rw));
    KT_ASSERT_EQ(lck_rw_sleep_deadline(rw, LCK_SLEEP_UNLOCK, &past, THREAD_UNINT, past), THREAD_TIMED_OUT);
    lck_spin_lock(spin);
    KT_ASSERT_EQ(lck_spin_sleep_deadline(spin, LCK_SLEEP_UNLOCK, &past, THREAD_UNINT, past),
                 THREAD_TIMED_OUT);
    KT_ASSERT_EQ(kern_thread_locks_held(), 0u);
    lck_spin_free(spin, group);
    lck_rw_free(rw, group);
    mutex_end(mtx);
}

static void sleep_with_spin(void *arg)
{
    lck_spin_t *spin;

    (void)arg;
    group = lck_grp_alloc_init("test", LCK_GRP_ATTR_NULL);
    spin = lck_spin_alloc_init(group, LCK_ATTR_NULL);
    lck_spin_lock(spin);
    (void)tsleep(spin, PZERO, "with spin", 1);
}

static void sleep__with_a_spin_lock_held__panics(void)
{
    KT_EXPECT_PANIC(sleep_with_spin, NULL, "goes to sleep (with spin) with 1 spin locks held");
}

static const struct ktest_case cases[] = {
    KT_CASE(msleep__ping_pong__loses_no_wakeup),
    KT_CASE(wakeup_one__bounded_queue__moves_everything),
    KT_CASE(msleep__timeout__takes_at_least_that_long),
    KT_CASE(msleep0__continuation__gets_the_result),
    KT_CASE(msleep__interrupted_call__ends_pcatch_sleeps_until_it_leaves),
    KT_CASE(thread_wakeup__one_and_all__first_come_first_woken),
    KT_CASE(wakeup__more_sleepers_than_a_batch__wakes_all),
    KT_CASE(lck_sleep__actions__leave_the_lock_as_asked),
    KT_CASE(sleep__with_a_spin_lock_held__panics),
};
KT_KERN_SUITE(sleep, cases);
