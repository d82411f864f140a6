// SPDX-License-Identifier: BSD-2-Clause
/*
 * time_value_t: seconds and microseconds in 32 bits each.
 */
#ifndef KPI_MACH_TIME_VALUE_H
#define KPI_MACH_TIME_VALUE_H

#include <mach/machine/vm_types.h>

typedef struct time_value {
    integer_t seconds;
    integer_t microseconds;
} time_value_t;
#define TIME_MICROS_MAX 1000000
#define time_value_add_usec(val, micros)                                                                     \
    do {                                                                                                     \
        if (((val)->microseconds += (micros)) >= TIME_MICROS_MAX) {                                          \
            (val)->microseconds -= TIME_MICROS_MAX;                                                          \
            (val)->seconds++;                                                                                \
        }                                                                                                    \
    } while (0)
#define time_value_add(result, addend)                                                                       \
    do {                                                                                                     \
        (result)->microseconds += (addend)->microseconds;                                                    \
        (result)->seconds += (addend)->seconds;                                                              \
        if ((result)->microseconds >= TIME_MICROS_MAX) {                                                     \
            (result)->microseconds -= TIME_MICROS_MAX;                                                       \
            (result)->seconds++;                                                                             \
        }                                                                                                    \
    } while (0)

#endif /* KPI_MACH_TIME_VALUE_H */
