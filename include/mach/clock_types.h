// SPDX-License-Identifier: BSD-2-Clause
/*
 * mach_timespec_t and the multiples of a nanosecond.
 */
#ifndef KPI_MACH_CLOCK_TYPES_H
#define KPI_MACH_CLOCK_TYPES_H

#include <stdint.h>
#include <mach/time_value.h>

typedef int alarm_type_t;
typedef int sleep_type_t;
typedef int clock_id_t;
typedef int clock_flavor_t;
typedef int *clock_attr_t;
typedef int clock_res_t;

struct mach_timespec {
    unsigned int tv_sec;
    clock_res_t tv_nsec;
};
typedef struct mach_timespec mach_timespec_t;

#define SYSTEM_CLOCK   0
#define CALENDAR_CLOCK 1
#define REALTIME_CLOCK 0

/* ...PER...: how many of the first in one of the second. */
#ifndef NSEC_PER_USEC
#define NSEC_PER_USEC 1000ull
#define USEC_PER_SEC  1000000ull
#define NSEC_PER_SEC  1000000000ull
#define NSEC_PER_MSEC 1000000ull
#endif

#endif /* KPI_MACH_CLOCK_TYPES_H */
