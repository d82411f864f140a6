// SPDX-License-Identifier: BSD-2-Clause
/*
 * timeout.c: bsd_timeout and its older form: a function called once after a while, taken back by naming
 * function and argument.
 *
 * Lock: timeout_lock (rank 815) over the list of those that have not begun.
 */
#include <sys/kernel.h>
#include <sys/systm.h>
#include <kern/thread_call.h>

#include "kern/kern_iface.h"
#include "kern/timeout_internal.h"
#include "host/host.h"

#define NS_PER_SEC 1000000000ULL

struct timeout {
    struct timeout *next; /* timeout_lock */
    void (*func)(void *);
    void *arg;
    thread_call_t call;
};

static struct host_mutex timeout_lock;
static struct timeout *pending;

void timeout_init(void)
{
    host_mutex_init(&timeout_lock);
}

/* Takes @wanted, or with NULL the first with this function and argument, off the list. NULL: it was not
 * there. */
static struct timeout *timeout_remove(struct timeout *wanted, void (*func)(void *), void *arg)
{
    struct timeout *found = NULL;

    host_mutex_lock(&timeout_lock);
    for (struct timeout **at = &pending; *at; at = &(*at)->next) {
        if (wanted ? *at == wanted : (*at)->func == func && (*at)->arg == arg) {
            found = *at;
            *at = found->next;
            break;
        }
    }
    host_mutex_unlock(&timeout_lock);
    return found;
}

static void timeout_free(struct timeout *timeout)
{
    (void)thread_call_free(timeout->call);
    kern_free(timeout, sizeof *timeout);
}

static void timeout_fire(thread_call_param_t param0, thread_call_param_t param1)
{
    struct timeout *timeout = timeout_remove(param0, NULL, NULL);

    (void)param1;
    if (!timeout)
        return; /* taken back at the last moment */
    timeout->func(timeout->arg);
    timeout_free(timeout);
}

static void timeout_after(void (*func)(void *), void *arg, uint64_t ns)
{
    struct timeout *timeout = kern_alloc(sizeof *timeout, "timeout");

    timeout->func = func;
    timeout->arg = arg;
    timeout->call = thread_call_allocate_with_options(timeout_fire, timeout, THREAD_CALL_PRIORITY_KERNEL,
                                                      THREAD_CALL_OPTIONS_ONCE);
    host_mutex_lock(&timeout_lock);
    timeout->next = pending;
    pending = timeout;
    (void)thread_call_enter_delayed(timeout->call, host_time_mono_ns() + ns);
    host_mutex_unlock(&timeout_lock);
}

void bsd_timeout(void (*func)(void *), void *arg, struct timespec *ts)
{
    uint64_t ns = 0;

    if (ts && ts->tv_sec >= 0 && ts->tv_nsec >= 0)
        ns = (uint64_t)ts->tv_sec * NS_PER_SEC + (uint64_t)ts->tv_nsec;
    timeout_after(func, arg, ns);
}

void bsd_untimeout(void (*func)(void *), void *arg)
{
    struct timeout *timeout = timeout_remove(NULL, func, arg);

    if (!timeout)
        return;
    /* It may be on its way into timeout_fire, which then finds nothing and returns at once. */
    (void)thread_call_cancel_wait(timeout->call);
    timeout_free(timeout);
}

void timeout(void (*func)(void *), void *arg, int ticks)
{
    timeout_after(func, arg, ticks > 0 ? (uint64_t)ticks * (NS_PER_SEC / (uint64_t)hz) : 0);
}

void untimeout(void (*func)(void *), void *arg)
{
    bsd_untimeout(func, arg);
}
