// SPDX-License-Identifier: BSD-2-Clause
/*
 * sleep_bsd_internal.h: exported sleeping functions that the public headers do not declare.
 */
#ifndef KEXTBED_KERN_SLEEP_BSD_INTERNAL_H
#define KEXTBED_KERN_SLEEP_BSD_INTERNAL_H

#include <stdint.h>
#include <kern/locks.h>

/** tsleep - as msleep without a mutex, time-out in ticks, 0 for ever. */
int tsleep(void *chan, int pri, const char *wmesg, int timo);
/** msleep1 - as msleep with an absolute deadline in mach_absolute_time() units, 0 for ever. */
int msleep1(void *chan, lck_mtx_t *mtx, int pri, const char *wmesg, uint64_t abstime);

#endif
