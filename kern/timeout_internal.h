// SPDX-License-Identifier: BSD-2-Clause
/*
 * timeout_internal.h: start of the time-outs, and their older exported form, which no public header declares.
 */
#ifndef KEXTBED_KERN_TIMEOUT_INTERNAL_H
#define KEXTBED_KERN_TIMEOUT_INTERNAL_H

void timeout_init(void);
/** timeout - call @func(@arg) once after @ticks of 1/hz second. */
void timeout(void (*func)(void *), void *arg, int ticks);
/** untimeout - forget a call of timeout that was not made yet. */
void untimeout(void (*func)(void *), void *arg);

#endif
