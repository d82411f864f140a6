// SPDX-License-Identifier: BSD-2-Clause
/*
 * time.c: clocks, sleeping by the clock, and random bytes. No state, no locks.
 */
#include <errno.h>
#include <sys/random.h>
#include <time.h>

#include "host/posix/posix_internal.h"

#define NS_PER_SEC 1000000000u

uint64_t host_time_mono_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

static void time_wall(clockid_t clock, int64_t *sec, uint32_t *nsec)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    *sec = now.tv_sec;
    *nsec = (uint32_t)now.tv_nsec;
}

void host_time_wall(int64_t *sec, uint32_t *nsec)
{
    time_wall(CLOCK_REALTIME, sec, nsec);
}

void host_time_wall_coarse(int64_t *sec, uint32_t *nsec)
{
    time_wall(CLOCK_REALTIME_COARSE, sec, nsec);
}

void host_sleep_ns(uint64_t ns)
{
    uint64_t at = host_time_mono_ns() + ns;
    struct timespec until = {.tv_sec = (time_t)(at / NS_PER_SEC), .tv_nsec = (long)(at % NS_PER_SEC)};

    thread_blocks();
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
}

void host_random(void *buf, size_t len)
{
    uint8_t *at = buf;

    while (len) {
        ssize_t got = getrandom(at, len, 0);

        if (got < 0) /* interrupted before the first byte; other errors cannot happen with these arguments */
            continue;
        at += got;
        len -= (size_t)got;
    }
}
