// SPDX-License-Identifier: BSD-2-Clause
/* Has a thread of its own that ends a moment after the stop routine. */
#include <kern/locks.h>
#include <kern/thread.h>
#include <mach/kmod.h>
#include <mach/thread_act.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>

kern_return_t thread_start(kmod_info_t *ki, void *data);
kern_return_t thread_stop(kmod_info_t *ki, void *data);

static lck_grp_t *group;
static lck_mtx_t *lock;
static int running, ending;

static void thread_main(void *arg, wait_result_t result)
{
    (void)arg;
    (void)result;
    lck_mtx_lock(lock);
    while (!ending)
        (void)msleep(&ending, lock, PWAIT, "threadtest", 0);
    running = 0;
    wakeup(&running);
    lck_mtx_unlock(lock);
    thread_terminate(current_thread());
}

kern_return_t thread_start(kmod_info_t *ki, void *data)
{
    thread_t thread;

    (void)ki;
    (void)data;
    group = lck_grp_alloc_init("thread test", LCK_GRP_ATTR_NULL);
    lock = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    running = 1;
    if (kernel_thread_start(thread_main, 0, &thread) != KERN_SUCCESS)
        return KERN_FAILURE;
    thread_deallocate(thread);
    return KERN_SUCCESS;
}

kern_return_t thread_stop(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    lck_mtx_lock(lock);
    ending = 1;
    wakeup(&ending);
    while (running)
        (void)msleep(&running, lock, PWAIT, "threadend", 0);
    lck_mtx_unlock(lock);
    lck_mtx_free(lock, group);
    lck_grp_free(group);
    return KERN_SUCCESS;
}
