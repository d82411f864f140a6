// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_thread.c: kernel threads: start, end, continuations, names, counting.
 */
#include <stdatomic.h>
#include <kern/sched_prim.h>
#include <kern/thread.h>
#include <mach/thread_act.h>

#include "tests/support/ktest_kern.h"

static void wait_for(_Atomic int *value, int wanted)
{
    while (atomic_load(value) < wanted)
        (void)thread_block(THREAD_CONTINUE_NULL);
}

/* Kernel threads end a moment after they said so; the leak check wants them gone. */
static void wait_no_threads(void)
{
    struct kern_leak_counts counts;

    do {
        (void)thread_block(THREAD_CONTINUE_NULL);
        kern_leak_counts(&counts);
    } while (counts.threads);
}

struct started {
    _Atomic int done;
    uint64_t tid;
    uid_t uid;
    int pid;
};

static void start_and_return(void *parameter, wait_result_t result)
{
    struct started *started = parameter;

    (void)result;
    started->tid = thread_tid(current_thread());
    started->uid = kauth_getuid();
    started->pid = proc_selfpid();
    atomic_store(&started->done, 1);
}

static void kernel_thread__start__runs_as_the_kernel(void)
{
    struct started started = {.uid = 77, .pid = 77};
    thread_t thread;

    KT_ASSERT_EQ(kernel_thread_start(start_and_return, &started, &thread), KERN_SUCCESS);
    wait_for(&started.done, 1);
    KT_ASSERT_EQ(thread_tid(thread), started.tid);
    KT_ASSERT_NE(thread_tid(thread), thread_tid(current_thread()));
    KT_ASSERT_EQ(started.uid, 0u);
    KT_ASSERT_EQ(started.pid, 0);
    thread_deallocate(thread);
    wait_no_threads();
}

static void terminate_self(void *parameter, wait_result_t result)
{
    (void)result;
    atomic_store((_Atomic int *)parameter, 1);
    (void)thread_terminate(current_thread());
    atomic_store((_Atomic int *)parameter, 2);
}

static void thread_terminate__self__does_not_return(void)
{
    _Atomic int state = 0;
    thread_t thread;

    KT_ASSERT_EQ(kernel_thread_start(terminate_self, (void *)&state, &thread), KERN_SUCCESS);
    wait_for(&state, 1);
    wait_no_threads();
    KT_ASSERT_EQ(atomic_load(&state), 1);
    KT_ASSERT_EQ(thread_terminate(thread), KERN_FAILURE);
    KT_ASSERT_EQ(thread_terminate(current_thread()), KERN_FAILURE);
    KT_ASSERT_EQ(thread_terminate(NULL), KERN_INVALID_ARGUMENT);
    thread_deallocate(thread);
}

struct loop {
    _Atomic int rounds;
    _Atomic int asleep;
    int wanted;
    wait_result_t wrong;
};

/* A daemon in the classic form: it never returns, each round begins on a fresh stack. */
static void loop_round(void *parameter, wait_result_t result)
{
    struct loop *loop = parameter;
    volatile char stack[4096]; /* would exhaust the stack if rounds were nested */

    stack[0] = stack[4095] = 1;
    if (result != THREAD_AWAKENED)
        loop->wrong = result;
    if (atomic_fetch_add(&loop->rounds, 1) + stack[0] >= loop->wanted)
        return;
    (void)assert_wait((event_t)loop, THREAD_UNINT);
    atomic_store(&loop->asleep, 1);
    (void)thread_block_parameter(loop_round, loop);
    loop->wrong = THREAD_NOT_WAITING;
}

static void thread_block__continuation__starts_over_on_a_clean_stack(void)
{
    struct loop loop = {.wanted = 1000};
    thread_t thread;

    KT_ASSERT_EQ(kernel_thread_start(loop_round, &loop, &thread), KERN_SUCCESS);
    while (atomic_load(&loop.rounds) < loop.wanted) {
        wakeup(&loop);
        (void)thread_block(THREAD_CONTINUE_NULL);
    }
    thread_deallocate(thread);
    wait_no_threads();
    KT_ASSERT_EQ(loop.wrong, 0);
}

static void thread__name_and_reference__last_longer_than_it(void)
{
    struct started started = {0};
    thread_t thread;

    KT_ASSERT_EQ(kernel_thread_start(start_and_return, &started, &thread), KERN_SUCCESS);
    thread_reference(thread);
    thread_deallocate(thread);
    wait_no_threads();
    KT_ASSERT(!thread_has_thread_name(thread));
    thread_set_thread_name(thread, "late name");
    KT_ASSERT(thread_has_thread_name(thread));
    KT_ASSERT_STR(kern_thread_name((struct kthread *)(void *)thread), "late name");
    thread_deallocate(thread);
}

static void thread__slots_and_number__belong_to_the_thread(void)
{
    struct kthread *self = kern_thread();

    KT_ASSERT_PTR_EQ(self, kern_thread());
    KT_ASSERT_GT(kern_thread_number(self), 0u);
    KT_ASSERT_NULL(kern_thread_slots(self)[KERN_THREAD_SLOT_VFS]);
    kern_thread_slots(self)[KERN_THREAD_SLOT_VFS] = self;
    KT_ASSERT_PTR_EQ(kern_thread_slots(self)[KERN_THREAD_SLOT_VFS], self);
    kern_thread_slots(self)[KERN_THREAD_SLOT_VFS] = NULL;
}

static const struct ktest_case cases[] = {
    KT_CASE(kernel_thread__start__runs_as_the_kernel),
    KT_CASE(thread_terminate__self__does_not_return),
    KT_CASE(thread_block__continuation__starts_over_on_a_clean_stack),
    KT_CASE(thread__name_and_reference__last_longer_than_it),
    KT_CASE(thread__slots_and_number__belong_to_the_thread),
};
KT_KERN_SUITE(thread, cases);
