// SPDX-License-Identifier: BSD-2-Clause
/*
 * sleep_bsd.c: msleep, tsleep and wakeup. Priorities are accepted and mean nothing; the flags in them do.
 * No locks of its own.
 */
#include <sys/errno.h>
#include <sys/kernel.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <kern/locks.h>

#include "kern/sleep_bsd_internal.h"
#include "kern/sleep_internal.h"

#define NS_PER_SEC 1000000000ULL

int hz = 100;

static int sleep_errno(wait_result_t result)
{
    switch (result) {
    case THREAD_TIMED_OUT:
        return EWOULDBLOCK;
    case THREAD_INTERRUPTED:
        return EINTR;
    default:
        return 0;
    }
}

/* @deadline HOST_FOREVER: no time-out. */
static int sleep_on(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, uint64_t deadline)
{
    bool catch = (pri & PCATCH) != 0, relock = mtx && !(pri & PDROP);
    wait_result_t result;

    /* With no channel nobody can wake us: the time-out alone, on an address that nobody else uses; without
     * one, a mere yield. */
    if (!chan) {
        chan = thread_self();
        if (deadline == HOST_FOREVER)
            deadline = 0;
    }
    result = sleep_begin((event_t)chan, catch, deadline, wmesg ? wmesg : "msleep");
    if (mtx)
        lck_mtx_unlock(mtx);
    if (result == THREAD_WAITING)
        result = sleep_wait();
    if (relock)
        lck_mtx_lock(mtx);
    return sleep_errno(result);
}

static uint64_t deadline_ticks(int ticks)
{
    return ticks > 0 ? host_time_mono_ns() + (uint64_t)ticks * (NS_PER_SEC / (uint64_t)hz) : HOST_FOREVER;
}

static uint64_t deadline_relative(const struct timespec *ts)
{
    uint64_t now;

    if (!ts || (ts->tv_sec == 0 && ts->tv_nsec == 0))
        return HOST_FOREVER;
    now = host_time_mono_ns();
    if (ts->tv_sec < 0)
        return now;
    if ((uint64_t)ts->tv_sec >= (HOST_FOREVER - now) / NS_PER_SEC - 1)
        return HOST_FOREVER - 1;
    return now + (uint64_t)ts->tv_sec * NS_PER_SEC + (ts->tv_nsec > 0 ? (uint64_t)ts->tv_nsec : 0);
}

int msleep(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, struct timespec *ts)
{
    return sleep_on(chan, mtx, pri, wmesg, deadline_relative(ts));
}

int msleep0(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, int timo, int (*continuation)(int))
{
    int error = sleep_on(chan, mtx, pri, wmesg, deadline_ticks(timo));

    return continuation ? continuation(error) : error;
}

int msleep1(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, uint64_t abstime)
{
    return sleep_on(chan, mtx, pri, wmesg, abstime ? abstime : HOST_FOREVER);
}

int tsleep(void *chan, int pri, const char *wmesg, int timo)
{
    return sleep_on(chan, NULL, pri, wmesg, deadline_ticks(timo));
}

void wakeup(void *chan)
{
    (void)sleep_wake((event_t)chan, false, THREAD_AWAKENED);
}

void wakeup_one(caddr_t chan)
{
    (void)sleep_wake((event_t)chan, true, THREAD_AWAKENED);
}
