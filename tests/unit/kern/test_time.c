// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_time.c: clocks and conversions.
 */
#include <kern/clock.h>
#include <sys/time.h>
#include <IOKit/IOLib.h>

#include "tests/support/ktest_kern.h"

#define SECOND 1000000000ULL
#define TICK   20000 /* microseconds that a reading of the wall clock may be old */

static void clock__uptime__never_goes_back(void)
{
    uint64_t before = mach_absolute_time(), now, up;
    struct timespec ts;
    struct timeval tv;

    for (int i = 0; i < 1000; i++) {
        now = mach_absolute_time();
        KT_ASSERT_GE(now, before);
        before = now;
    }
    nanouptime(&ts);
    microuptime(&tv);
    clock_get_uptime(&up);
    KT_ASSERT_GE((uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec, before);
    KT_ASSERT_GE(tv.tv_sec, ts.tv_sec);
    KT_ASSERT_LE((uint64_t)tv.tv_sec * SECOND + (uint64_t)tv.tv_usec * 1000, up);
    KT_ASSERT_LT(tv.tv_usec, 1000000);
}

/* The forms one after the other, in microseconds; how far the wall clock went ahead of the uptime meanwhile.
 */
static int64_t wall_clock_read(uint64_t usecs[5])
{
    struct timespec ts;
    struct timeval tv;
    clock_sec_t sec;
    clock_nsec_t nsec;
    clock_usec_t usec;
    uint64_t start = mach_absolute_time();

    nanotime(&ts);
    usecs[0] = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
    microtime(&tv);
    KT_ASSERT_LT(tv.tv_usec, 1000000);
    usecs[1] = (uint64_t)tv.tv_sec * 1000000 + (uint64_t)tv.tv_usec;
    clock_get_calendar_nanotime(&sec, &nsec);
    KT_ASSERT_LT(nsec, SECOND);
    usecs[2] = (uint64_t)sec * 1000000 + nsec / 1000;
    clock_get_calendar_microtime(&sec, &usec);
    KT_ASSERT_LT(usec, 1000000u);
    usecs[3] = (uint64_t)sec * 1000000 + usec;
    nanotime(&ts);
    usecs[4] = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
    return (int64_t)(usecs[4] - usecs[0]) - (int64_t)((mach_absolute_time() - start) / 1000);
}

static void clock__wall_clock__agrees_with_itself(void)
{
    uint64_t usecs[5];
    int64_t ahead;

    do {
        ahead = wall_clock_read(usecs);
    } while (ahead > TICK || ahead < -TICK);       /* somebody set the clock meanwhile: says nothing */
    KT_ASSERT_GT(usecs[0] / 1000000, 1577836800u); /* 2020 */
    for (int i = 1; i < 5; i++)
        KT_ASSERT_GE(usecs[i] + TICK, usecs[i - 1]);
}

static void clock__conversions__are_exact(void)
{
    mach_timebase_info_data_t base;
    uint64_t result;
    clock_sec_t sec;
    clock_usec_t usec;
    struct timeval tv = {2, 500000}, other = {1, 600000};

    clock_timebase_info(&base);
    KT_ASSERT_EQ(base.numer, base.denom);
    clock_interval_to_absolutetime_interval(5, kMillisecondScale, &result);
    absolutetime_to_nanoseconds(result, &result);
    KT_ASSERT_EQ(result, 5000000u);
    clock_interval_to_absolutetime_interval(UINT32_MAX, kSecondScale, &result);
    KT_ASSERT_EQ(result, UINT32_MAX * SECOND);
    absolutetime_to_microtime(3 * SECOND + 7999, &sec, &usec);
    KT_ASSERT_EQ(sec, 3u);
    KT_ASSERT_EQ(usec, 7u);
    KT_ASSERT_EQ(tvtoabstime(&tv), 2500000000ULL);
    timevaladd(&tv, &other);
    KT_ASSERT_EQ(tv.tv_sec, 4);
    KT_ASSERT_EQ(tv.tv_usec, 100000);
    timevalsub(&tv, &other);
    KT_ASSERT_EQ(tv.tv_sec, 2);
    KT_ASSERT_EQ(tv.tv_usec, 500000);
    clock_absolutetime_interval_to_deadline(UINT64_MAX, &result);
    KT_ASSERT_EQ(result, UINT64_MAX);
}

static void delay__each_form__waits_long_enough(void)
{
    uint64_t start = mach_absolute_time(), deadline;

    IODelay(1000);
    KT_ASSERT_GE(mach_absolute_time() - start, 1000000u);
    start = mach_absolute_time();
    IOSleep(2);
    KT_ASSERT_GE(mach_absolute_time() - start, 2000000u);
    clock_interval_to_deadline(1, kMillisecondScale, &deadline);
    clock_delay_until(deadline);
    KT_ASSERT_GE(mach_absolute_time(), deadline);
    clock_delay_until(1); /* long ago */
}

static const struct ktest_case cases[] = {
    KT_CASE(clock__uptime__never_goes_back),
    KT_CASE(clock__wall_clock__agrees_with_itself),
    KT_CASE(clock__conversions__are_exact),
    KT_CASE(delay__each_form__waits_long_enough),
};
KT_KERN_SUITE(time, cases);
