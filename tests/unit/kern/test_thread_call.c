// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_thread_call.c: thread calls and time-outs: they run, late but not early, can be taken back, and free
 * themselves.
 */
#include <stdatomic.h>
#include <kern/clock.h>
#include <kern/sched_prim.h>
#include <kern/thread_call.h>
#include <sys/systm.h>

#include "tests/support/ktest_kern.h"

#define MS 1000000ULL

struct record {
    _Atomic int runs;
    _Atomic int inside, overlaps;
    _Atomic bool hold;
    _Atomic uint64_t at;
    void *param1;
    thread_call_t call;
};

static void note_run(thread_call_param_t param0, thread_call_param_t param1)
{
    struct record *record = param0;

    if (atomic_fetch_add(&record->inside, 1))
        atomic_fetch_add(&record->overlaps, 1);
    atomic_store(&record->at, mach_absolute_time());
    record->param1 = param1;
    while (atomic_load(&record->hold))
        ktest_msleep(1);
    atomic_fetch_sub(&record->inside, 1);
    atomic_fetch_add(&record->runs, 1);
}

static void wait_runs(struct record *record, int wanted)
{
    while (atomic_load(&record->runs) < wanted)
        (void)thread_block(THREAD_CONTINUE_NULL);
}

/* A call counts as live until its last run is over. */
static void free_and_wait(thread_call_t call)
{
    struct kern_leak_counts before, now;

    kern_leak_counts(&before);
    KT_ASSERT(thread_call_free(call));
    do {
        (void)thread_block(THREAD_CONTINUE_NULL);
        kern_leak_counts(&now);
    } while (now.thread_calls >= before.thread_calls);
}

static void thread_call__entered__runs_once_with_its_parameters(void)
{
    struct record record = {0};
    thread_call_t call = thread_call_allocate(note_run, &record);

    KT_ASSERT(!thread_call_enter1(call, &call));
    wait_runs(&record, 1);
    KT_ASSERT_PTR_EQ(record.param1, &call);
    KT_ASSERT(!thread_call_enter(call));
    wait_runs(&record, 2);
    KT_ASSERT_NULL(record.param1);
    KT_ASSERT(!thread_call_cancel(call));
    free_and_wait(call);
    KT_ASSERT_EQ(atomic_load(&record.runs), 2);
}

static void thread_call__delayed__is_not_early(void)
{
    struct record record = {0};
    thread_call_t call = thread_call_allocate(note_run, &record);
    uint64_t deadline;

    clock_interval_to_deadline(30, kMillisecondScale, &deadline);
    KT_ASSERT(!thread_call_enter_delayed(call, deadline));
    wait_runs(&record, 1);
    KT_ASSERT_GE(atomic_load(&record.at), deadline);
    free_and_wait(call);
}

static void thread_call__delayed_again__moves_its_time(void)
{
    struct record record = {0};
    thread_call_t call = thread_call_allocate(note_run, &record);
    uint64_t now = mach_absolute_time();

    KT_ASSERT(!thread_call_enter_delayed(call, now + 3600000 * MS));
    KT_ASSERT(!thread_call_free(call)); /* pending */
    KT_ASSERT(thread_call_enter_delayed(call, now + 20 * MS));
    wait_runs(&record, 1);
    KT_ASSERT(!thread_call_enter_delayed(call, now + 3600000 * MS));
    KT_ASSERT(thread_call_enter(call)); /* at once instead */
    wait_runs(&record, 2);
    free_and_wait(call);
}

static void thread_call__cancelled__does_not_run(void)
{
    struct record record = {0};
    thread_call_t call = thread_call_allocate(note_run, &record);
    uint64_t delay = 20 * MS, deadline;
    int ran = 0;

    /* On a machine so busy that the call came first, it gets more time. */
    for (;; delay *= 2) {
        deadline = mach_absolute_time() + delay;
        KT_ASSERT(!thread_call_enter_delayed(call, deadline));
        if (thread_call_cancel(call))
            break;
        wait_runs(&record, ++ran);
    }
    KT_ASSERT(!thread_call_cancel(call));
    clock_delay_until(deadline + 20 * MS);
    KT_ASSERT_EQ(atomic_load(&record.runs), ran);
    KT_ASSERT(thread_call_free(call));
}

static void thread_call__many_delays__fire_in_order(void)
{
    enum { N = 20 };
    static struct record records[N];
    thread_call_t calls[N];
    uint64_t base = mach_absolute_time() + 10 * MS;

    for (int i = 0; i < N; i++) {
        atomic_store(&records[i].runs, 0);
        calls[i] = thread_call_allocate(note_run, &records[i]);
        (void)thread_call_enter_delayed(calls[i], base + (uint64_t)(i * 7 % N) * MS);
    }
    for (int i = 0; i < N; i++) {
        wait_runs(&records[i], 1);
        KT_ASSERT_GE(atomic_load(&records[i].at), base + (uint64_t)(i * 7 % N) * MS);
    }
    for (int i = 0; i < N; i++)
        free_and_wait(calls[i]);
}

static void cancel_wait_thread(void *arg)
{
    struct record *record = arg;

    (void)thread_call_cancel_wait(record->call);
    if (atomic_load(&record->inside))
        atomic_fetch_add(&record->overlaps, 1);
}

static void thread_call__once__never_overlaps_and_can_be_waited_for(void)
{
    struct record record = {.hold = true};
    void *thread;

    record.call = thread_call_allocate_with_options(note_run, &record, THREAD_CALL_PRIORITY_KERNEL,
                                                    THREAD_CALL_OPTIONS_ONCE);
    (void)thread_call_enter(record.call);
    while (!atomic_load(&record.inside))
        (void)thread_block(THREAD_CONTINUE_NULL);
    KT_ASSERT(!thread_call_enter(record.call)); /* pending behind the running one */
    KT_ASSERT(thread_call_enter(record.call));
    KT_ASSERT(thread_call_cancel(record.call));
    (void)thread_call_enter(record.call);
    atomic_store(&record.hold, false);
    wait_runs(&record, 2);
    KT_ASSERT_EQ(atomic_load(&record.overlaps), 0);
    atomic_store(&record.hold, true);
    (void)thread_call_enter(record.call);
    while (!atomic_load(&record.inside))
        (void)thread_block(THREAD_CONTINUE_NULL);
    thread = ktest_thread(cancel_wait_thread, &record);
    ktest_rest(); /* it waits */
    atomic_store(&record.hold, false);
    ktest_thread_join(thread);
    KT_ASSERT_EQ(atomic_load(&record.overlaps), 0);
    KT_ASSERT(thread_call_free(record.call));
}

static void free_self(thread_call_param_t param0, thread_call_param_t param1)
{
    struct record *record = param0;

    (void)param1;
    (void)thread_call_free(record->call);
    atomic_fetch_add(&record->runs, 1);
}

static void thread_call__freed_by_itself__is_gone_afterwards(void)
{
    struct record record = {0};
    struct kern_leak_counts before, now;

    kern_leak_counts(&before);
    record.call = thread_call_allocate(free_self, &record);
    (void)thread_call_enter(record.call);
    wait_runs(&record, 1);
    do {
        (void)thread_block(THREAD_CONTINUE_NULL);
        kern_leak_counts(&now);
    } while (now.thread_calls != before.thread_calls);
}

static void count_up(void *arg)
{
    atomic_fetch_add((_Atomic int *)arg, 1);
}

static void bsd_timeout__taken_back_or_not__counts(void)
{
    struct timespec soon = {0, 5000000}, late = {3600, 0};
    struct kern_leak_counts before, now;
    _Atomic int fired = 0, never = 0;

    kern_leak_counts(&before);
    bsd_timeout(count_up, (void *)&never, &late);
    bsd_timeout(count_up, (void *)&fired, &soon);
    bsd_untimeout(count_up, (void *)&never);
    bsd_untimeout(count_up, (void *)&never);
    do {
        (void)thread_block(THREAD_CONTINUE_NULL);
        kern_leak_counts(&now);
    } while (now.thread_calls != before.thread_calls);
    KT_ASSERT_EQ(atomic_load(&fired), 1);
    KT_ASSERT_EQ(atomic_load(&never), 0);
}

static void bsd_timeout__race_with_untimeout__frees_exactly_once(void)
{
    struct timespec none = {0, 0};
    struct kern_leak_counts before, now;
    _Atomic int fired = 0;

    kern_leak_counts(&before);
    for (int i = 0; i < 300; i++) {
        bsd_timeout(count_up, (void *)&fired, &none);
        bsd_untimeout(count_up, (void *)&fired);
    }
    do {
        (void)thread_block(THREAD_CONTINUE_NULL);
        kern_leak_counts(&now);
    } while (now.thread_calls != before.thread_calls);
    KT_ASSERT_LE(atomic_load(&fired), 300);
}

static void kern__shut_down_and_booted_again__works_on(void)
{
    struct record record = {0};
    thread_call_t call = thread_call_allocate(note_run, &record);

    (void)thread_call_enter(call);
    wait_runs(&record, 1);
    KT_ASSERT_ERRNO(kern_boot(), EALREADY);
    kern_shutdown();
    kern_shutdown();
    (void)thread_call_enter(call); /* kept until there are threads again */
    KT_ASSERT_OK(kern_boot());
    wait_runs(&record, 2);
    free_and_wait(call);
}

static const struct ktest_case cases[] = {
    KT_CASE(thread_call__entered__runs_once_with_its_parameters),
    KT_CASE(thread_call__delayed__is_not_early),
    KT_CASE(thread_call__delayed_again__moves_its_time),
    KT_CASE(thread_call__cancelled__does_not_run),
    KT_CASE(thread_call__many_delays__fire_in_order),
    KT_CASE(thread_call__once__never_overlaps_and_can_be_waited_for),
    KT_CASE(thread_call__freed_by_itself__is_gone_afterwards),
    KT_CASE(kern__shut_down_and_booted_again__works_on),
    KT_CASE(bsd_timeout__taken_back_or_not__counts),
    KT_CASE(bsd_timeout__race_with_untimeout__frees_exactly_once),
};
KT_KERN_SUITE(thread_call, cases);
