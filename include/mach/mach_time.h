// SPDX-License-Identifier: BSD-2-Clause
/*
 * The absolute time base: a counter that never steps back, in units that mach_timebase_info relates to
 * nanoseconds.
 */
#ifndef KPI_MACH_MACH_TIME_H
#define KPI_MACH_MACH_TIME_H

#include <sys/cdefs.h>
#include <stdint.h>
#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <Availability.h>

struct mach_timebase_info {
    uint32_t numer; /* nanoseconds = units * numer / denom */
    uint32_t denom;
};
typedef struct mach_timebase_info *mach_timebase_info_t;
typedef struct mach_timebase_info mach_timebase_info_data_t;

__BEGIN_DECLS
/** mach_absolute_time - units since start, asleep time not counted. Never blocks. */
uint64_t mach_absolute_time(void);
/** mach_continuous_time - units since start, asleep time counted. Never blocks. */
uint64_t mach_continuous_time(void);
__END_DECLS

#endif /* KPI_MACH_MACH_TIME_H */
