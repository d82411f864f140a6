// SPDX-License-Identifier: BSD-2-Clause
/*
 * Wait records of select: a recorded caller is woken by its own selinfo only, once, and not after it was
 * cleared.
 */
#include <stdatomic.h>
#include <sys/proc.h>
#include <sys/select.h>
#include <kern/clock.h>

#include "tests/support/ktest_kern.h"

/* A driver's idea of a selinfo: its contents are its own. */
struct selinfo {
    char whatever[24];
};

static struct selinfo one, other;

static uint64_t in_ms(unsigned ms)
{
    uint64_t deadline;
    clock_interval_to_deadline(ms, 1000000, &deadline);
    return deadline;
}

static void wakeup__of_what_was_recorded__ends_the_wait(void)
{
    struct kern_select call;
    kern_select_begin(&call);
    selrecord(current_proc(), &one, &call);
    KT_ASSERT_ERRNO(kern_select_wait(&call, in_ms(5)), EWOULDBLOCK);
    selwakeup(&other);
    KT_ASSERT_ERRNO(kern_select_wait(&call, in_ms(5)), EWOULDBLOCK);
    selwakeup(&one);
    KT_ASSERT_OK(kern_select_wait(&call, in_ms(10000))); /* it counts although nobody slept */
    selwakeup(&one);                                     /* the record is used up */
    KT_ASSERT_ERRNO(kern_select_wait(&call, in_ms(5)), EWOULDBLOCK);
    kern_select_end(&call);
    KT_ASSERT_MEM(one.whatever, other.whatever, sizeof(one)); /* never touched */
}

static void record__twice_and_again__is_one(void)
{
    struct kern_select call;
    struct kern_leak_counts before, after;
    kern_select_begin(&call);
    selrecord(current_proc(), &one, &call);
    kern_leak_counts(&before);
    for (int i = 0; i < 100; i++) {
        selrecord(current_proc(), &one, &call);
        selwakeup(&one);
        KT_ASSERT_OK(kern_select_wait(&call, UINT64_MAX));
        selrecord(current_proc(), &one, &call);
    }
    kern_leak_counts(&after);
    KT_ASSERT_EQ(after.memory_blocks, before.memory_blocks);
    kern_select_end(&call);
    selwakeup(&one); /* nobody is there any more */
}

static void record__nobody_waits__is_nothing(void)
{
    selrecord(current_proc(), &one, NULL);
    selwakeup(&one);
}

static void clear__forgets_without_waking(void)
{
    struct kern_select call;
    kern_select_begin(&call);
    selrecord(current_proc(), &one, &call);
    selrecord(current_proc(), &other, &call);
    selthreadclear(&one);
    selwakeup(&one);
    KT_ASSERT_ERRNO(kern_select_wait(&call, in_ms(5)), EWOULDBLOCK);
    selwakeup(&other);
    KT_ASSERT_OK(kern_select_wait(&call, in_ms(10000)));
    kern_select_end(&call);
}

static void record__no_memory__does_not_wait(void)
{
    struct kern_select call;
    kern_select_begin(&call);
    kern_memory_fail_after(1);
    selrecord(current_proc(), &one, &call);
    kern_memory_fail_after(0);
    KT_ASSERT_OK(kern_select_wait(&call, UINT64_MAX));
    kern_select_end(&call);
}

/* ---- several threads ----------------------------------------------------------------------------------- */

struct sleeper {
    _Atomic bool recorded;
    int result;
    uint64_t call_id;
};

static void sleep_once(void *arg)
{
    struct sleeper *sleeper = arg;
    struct kern_call entered;
    struct kern_select call;
    kern_enter(&entered, kern_cred_kernel(), kern_proc_kernel());
    sleeper->call_id = kern_call_current_id();
    kern_select_begin(&call);
    selrecord(current_proc(), &one, &call);
    atomic_store(&sleeper->recorded, true);
    sleeper->result = kern_select_wait(&call, in_ms(10000));
    kern_select_end(&call);
    kern_leave(&entered);
}

static void *sleeper_start(struct sleeper *sleeper)
{
    void *thread = ktest_thread(sleep_once, sleeper);
    while (!atomic_load(&sleeper->recorded))
        ktest_msleep(1);
    return thread;
}

static void wakeup__many_sleepers__all_wake(void)
{
    static struct sleeper sleepers[4];
    void *threads[4];
    for (int i = 0; i < 4; i++) {
        atomic_store(&sleepers[i].recorded, false);
        sleepers[i].result = -1;
        threads[i] = sleeper_start(&sleepers[i]);
    }
    selwakeup(&one);
    for (int i = 0; i < 4; i++) {
        ktest_thread_join(threads[i]);
        KT_ASSERT_EQ(sleepers[i].result, 0);
    }
}

static void wait__interrupted__eintr(void)
{
    static struct sleeper sleeper = {.result = -1};
    void *thread = sleeper_start(&sleeper);
    KT_ASSERT(kern_call_interrupt(sleeper.call_id));
    ktest_thread_join(thread);
    KT_ASSERT_EQ(sleeper.result, EINTR);
}

static const struct ktest_case cases[] = {
    KT_CASE(wakeup__of_what_was_recorded__ends_the_wait),
    KT_CASE(record__twice_and_again__is_one),
    KT_CASE(record__nobody_waits__is_nothing),
    KT_CASE(clear__forgets_without_waking),
    KT_CASE(record__no_memory__does_not_wait),
    KT_CASE(wakeup__many_sleepers__all_wake),
    KT_CASE(wait__interrupted__eintr),
};
KT_KERN_SUITE(select, cases);
