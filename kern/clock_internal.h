// SPDX-License-Identifier: BSD-2-Clause
/*
 * clock_internal.h: exported clock functions that the public headers do not declare.
 */
#ifndef KEXTBED_KERN_CLOCK_INTERNAL_H
#define KEXTBED_KERN_CLOCK_INTERNAL_H

#include <stdint.h>

/** delay - wait at least @usec microseconds. */
void delay(int usec);
/** delay_for_interval - wait at least @interval * @scale_factor nanoseconds. */
void delay_for_interval(uint32_t interval, uint32_t scale_factor);
/** absolutetime_to_continuoustime - the same number: the two clocks are one here. */
uint64_t absolutetime_to_continuoustime(uint64_t abstime);

#endif
