// SPDX-License-Identifier: BSD-2-Clause
/*
 * Clocks: absolute time, intervals, deadlines, and conversion to seconds.
 */
#ifndef KPI_KERN_CLOCK_H
#define KPI_KERN_CLOCK_H

#include <stdint.h>
#include <sys/cdefs.h>
#include <mach/mach_types.h>
#include <mach/clock_types.h>
#include <mach/mach_time.h>
#include <kern/kern_types.h>

typedef unsigned long clock_sec_t;
typedef unsigned int clock_usec_t;
typedef unsigned int clock_nsec_t;

enum {
    kNanosecondScale = 1,
    kMicrosecondScale = 1000,
    kMillisecondScale = 1000 * 1000,
    kSecondScale = 1000 * 1000 * 1000
};

__BEGIN_DECLS
/** clock_interval_to_deadline - a moment in the future.
 *  @interval     in   length, in units of @scale_factor.
 *  @scale_factor in   nanoseconds: kNanosecondScale, kMicrosecondScale, kMillisecondScale, kSecondScale.
 *  @result       out  deadline in mach_absolute_time.
 *  Refs:   none.
 *  Locks:  any may be held.
 *  Blocks: no.
 *  Errno:  none.
 *  KPI:    mach, stable */
void clock_interval_to_deadline(uint32_t interval, uint32_t scale_factor, uint64_t *result);
/** clock_interval_to_absolutetime_interval - the same length in units of mach_absolute_time. */
void clock_interval_to_absolutetime_interval(uint32_t interval, uint32_t scale_factor, uint64_t *result);
/** clock_absolutetime_interval_to_deadline - the moment @abstime units from now. */
void clock_absolutetime_interval_to_deadline(uint64_t abstime, uint64_t *result);
/** clock_continuoustime_interval_to_deadline - the same in mach_continuous_time. */
void clock_continuoustime_interval_to_deadline(uint64_t abstime, uint64_t *result);
/** clock_delay_until - busy-wait until @deadline. */
void clock_delay_until(uint64_t deadline);
/** clock_get_uptime - mach_absolute_time. */
void clock_get_uptime(uint64_t *result);
/** clock_get_system_microtime - time since start. */
void clock_get_system_microtime(clock_sec_t *secs, clock_usec_t *microsecs);
/** clock_get_system_nanotime - time since start. */
void clock_get_system_nanotime(clock_sec_t *secs, clock_nsec_t *nanosecs);
/** clock_get_calendar_microtime - wall-clock time. */
void clock_get_calendar_microtime(clock_sec_t *secs, clock_usec_t *microsecs);
/** clock_get_calendar_nanotime - wall-clock time. */
void clock_get_calendar_nanotime(clock_sec_t *secs, clock_nsec_t *nanosecs);
/** clock_timebase_info - how units of mach_absolute_time relate to nanoseconds. */
void clock_timebase_info(mach_timebase_info_t info);
/** absolutetime_to_microtime - convert units to seconds and microseconds. */
void absolutetime_to_microtime(uint64_t abstime, clock_sec_t *secs, clock_usec_t *microsecs);
/** absolutetime_to_nanoseconds - convert units to nanoseconds. */
void absolutetime_to_nanoseconds(uint64_t abstime, uint64_t *result);
/** nanoseconds_to_absolutetime - convert nanoseconds to units. */
void nanoseconds_to_absolutetime(uint64_t nanoseconds, uint64_t *result);
__END_DECLS

#endif /* KPI_KERN_CLOCK_H */
