// SPDX-License-Identifier: BSD-2-Clause
/*
 * clock.c: all clocks and conversions of the KPI. One unit of mach_absolute_time is one nanosecond of the
 * host's monotonic clock; what sleeps while the machine sleeps is not told apart. No locks, no state.
 */
#include <kern/clock.h>
#include <sys/time.h>
#include <IOKit/IOLib.h>

#include "kern/clock_internal.h"
#include "kern/kern_iface.h"
#include "host/host.h"

#define NS_PER_SEC  1000000000ULL
#define NS_PER_USEC 1000ULL

uint64_t mach_absolute_time(void)
{
    return host_time_mono_ns();
}

uint64_t mach_continuous_time(void)
{
    return host_time_mono_ns();
}

void clock_timebase_info(mach_timebase_info_t info)
{
    info->numer = info->denom = 1;
}

void clock_interval_to_absolutetime_interval(uint32_t interval, uint32_t scale_factor, uint64_t *result)
{
    *result = (uint64_t)interval * scale_factor;
}

void clock_interval_to_deadline(uint32_t interval, uint32_t scale_factor, uint64_t *result)
{
    *result = host_time_mono_ns() + (uint64_t)interval * scale_factor;
}

void clock_absolutetime_interval_to_deadline(uint64_t abstime, uint64_t *result)
{
    uint64_t now = host_time_mono_ns();

    *result = abstime > UINT64_MAX - now ? UINT64_MAX : now + abstime;
}

void clock_continuoustime_interval_to_deadline(uint64_t abstime, uint64_t *result)
{
    clock_absolutetime_interval_to_deadline(abstime, result);
}

void clock_get_uptime(uint64_t *result)
{
    *result = host_time_mono_ns();
}

void absolutetime_to_nanoseconds(uint64_t abstime, uint64_t *result)
{
    *result = abstime;
}

void nanoseconds_to_absolutetime(uint64_t nanoseconds, uint64_t *result)
{
    *result = nanoseconds;
}

uint64_t absolutetime_to_continuoustime(uint64_t abstime)
{
    return abstime;
}

void absolutetime_to_microtime(uint64_t abstime, clock_sec_t *secs, clock_usec_t *microsecs)
{
    *secs = (clock_sec_t)(abstime / NS_PER_SEC);
    *microsecs = (clock_usec_t)(abstime % NS_PER_SEC / NS_PER_USEC);
}

void clock_get_system_nanotime(clock_sec_t *secs, clock_nsec_t *nanosecs)
{
    uint64_t now = host_time_mono_ns();

    *secs = (clock_sec_t)(now / NS_PER_SEC);
    *nanosecs = (clock_nsec_t)(now % NS_PER_SEC);
}

void clock_get_system_microtime(clock_sec_t *secs, clock_usec_t *microsecs)
{
    absolutetime_to_microtime(host_time_mono_ns(), secs, microsecs);
}

void clock_get_calendar_nanotime(clock_sec_t *secs, clock_nsec_t *nanosecs)
{
    int64_t sec;
    uint32_t nsec;

    host_time_wall(&sec, &nsec);
    *secs = (clock_sec_t)sec;
    *nanosecs = nsec;
}

void clock_get_calendar_microtime(clock_sec_t *secs, clock_usec_t *microsecs)
{
    clock_get_calendar_nanotime(secs, microsecs);
    *microsecs /= (clock_usec_t)NS_PER_USEC;
}

/* What file systems stamp files with. The host takes its own stamps from this clock, so that the two order.
 */
void nanotime(struct timespec *ts)
{
    int64_t sec;
    uint32_t nsec;

    host_time_wall_coarse(&sec, &nsec);
    ts->tv_sec = sec;
    ts->tv_nsec = (long)nsec;
}

void microtime(struct timeval *tv)
{
    struct timespec ts;

    nanotime(&ts);
    TIMESPEC_TO_TIMEVAL(tv, &ts);
}

void nanouptime(struct timespec *ts)
{
    uint64_t now = host_time_mono_ns();

    ts->tv_sec = (__darwin_time_t)(now / NS_PER_SEC);
    ts->tv_nsec = (long)(now % NS_PER_SEC);
}

void microuptime(struct timeval *tv)
{
    struct timespec ts;

    nanouptime(&ts);
    TIMESPEC_TO_TIMEVAL(tv, &ts);
}

void timevalfix(struct timeval *t1)
{
    if (t1->tv_usec < 0) {
        t1->tv_sec--;
        t1->tv_usec += 1000000;
    }
    if (t1->tv_usec >= 1000000) {
        t1->tv_sec++;
        t1->tv_usec -= 1000000;
    }
}

void timevaladd(struct timeval *t1, struct timeval *t2)
{
    t1->tv_sec += t2->tv_sec;
    t1->tv_usec += t2->tv_usec;
    timevalfix(t1);
}

void timevalsub(struct timeval *t1, struct timeval *t2)
{
    t1->tv_sec -= t2->tv_sec;
    t1->tv_usec -= t2->tv_usec;
    timevalfix(t1);
}

uint64_t tvtoabstime(struct timeval *tv)
{
    return (uint64_t)tv->tv_sec * NS_PER_SEC + (uint64_t)tv->tv_usec * NS_PER_USEC;
}

void clock_delay_until(uint64_t deadline)
{
    uint64_t now = host_time_mono_ns();

    if (deadline > now)
        host_sleep_ns(deadline - now);
}

void delay_for_interval(uint32_t interval, uint32_t scale_factor)
{
    host_sleep_ns((uint64_t)interval * scale_factor);
}

void delay(int usec)
{
    if (usec > 0)
        host_sleep_ns((uint64_t)usec * NS_PER_USEC);
}

void IODelay(unsigned microseconds)
{
    host_sleep_ns(microseconds * NS_PER_USEC);
}

void IOSleep(unsigned milliseconds)
{
    host_sleep_ns(milliseconds * 1000 * NS_PER_USEC);
}
