// SPDX-License-Identifier: BSD-2-Clause
/*
 * thread_kernel.c: kernel threads that kexts start and end. No locks; the counts are atomic.
 */
#include <stdatomic.h>
#include <mach/thread_act.h>

#include "kern/thread_internal.h"

static _Atomic uint32_t n_kernel_threads;
static _Atomic uint32_t owner_threads[KERN_OWNER_MAX];

uint32_t thread_kernel_count(void)
{
    return atomic_load_explicit(&n_kernel_threads, memory_order_acquire);
}

uint32_t thread_kernel_owner_count(uint32_t owner)
{
    return owner < KERN_OWNER_MAX ? atomic_load_explicit(&owner_threads[owner], memory_order_acquire) : 0;
}

/* The owner's count goes last: whoever unloads a kext waits for that one, and then finds the other right too.
 */
void thread_kernel_ended(struct kthread *thread)
{
    atomic_fetch_sub_explicit(&n_kernel_threads, 1, memory_order_release);
    atomic_fetch_sub_explicit(&owner_threads[thread->t_owner], 1, memory_order_release);
}

/* The bottom of a kernel thread's stack, after a continuation too. */
static void thread_kernel_run(void *arg)
{
    struct kthread *self = arg;

    self->t_continuation(self->t_parameter, self->t_wait_result);
}

static void thread_kernel_main(void *arg)
{
    thread_block_attach(arg);
    thread_kernel_run(arg);
}

kern_return_t kernel_thread_start(thread_continue_t continuation, void *parameter, thread_t *new_thread)
{
    struct kthread *thread = thread_block_alloc();

    if (!thread)
        return KERN_RESOURCE_SHORTAGE;
    thread->t_kernel = true;
    thread->t_owner = kern_owner_of(__builtin_return_address(0));
    thread->t_continuation = continuation;
    thread->t_parameter = parameter;
    thread->t_wait_result = THREAD_AWAKENED;
    thread_reference((thread_t)(void *)thread); /* the caller's */
    atomic_fetch_add_explicit(&n_kernel_threads, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&owner_threads[thread->t_owner], 1, memory_order_relaxed);
    if (host_thread_create(thread_kernel_main, thread, "kernel thread", 0, NULL)) {
        thread_kernel_ended(thread);
        thread_release(thread);
        thread_release(thread);
        return KERN_RESOURCE_SHORTAGE;
    }
    *new_thread = (thread_t)(void *)thread;
    return KERN_SUCCESS;
}

kern_return_t thread_terminate(thread_act_t thread)
{
    struct kthread *self = thread_self();

    if (!thread)
        return KERN_INVALID_ARGUMENT;
    if ((struct kthread *)(void *)thread != self || !self->t_kernel)
        return KERN_FAILURE;
    KASSERT(!kern_thread_locks_held(), "thread %u \"%s\" terminates with %u locks held", self->t_number,
            self->t_name, kern_thread_locks_held());
    (void)host_thread_restart(NULL, NULL);
    panic("thread %u did not terminate", self->t_number);
}

void thread_continue_with(thread_continue_t continuation, void *parameter, wait_result_t result)
{
    struct kthread *self = thread_self();

    KASSERT(self->t_kernel,
            "thread %u blocks with a continuation, but was not started by kernel_thread_start",
            self->t_number);
    self->t_continuation = continuation;
    self->t_parameter = parameter;
    self->t_wait_result = result;
    (void)host_thread_restart(thread_kernel_run, self);
    panic("thread %u did not continue", self->t_number);
}
