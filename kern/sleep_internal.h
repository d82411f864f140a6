// SPDX-License-Identifier: BSD-2-Clause
/*
 * sleep_internal.h: the sleep queues, under the BSD, Mach and lock forms of sleeping.
 */
#ifndef KEXTBED_KERN_SLEEP_INTERNAL_H
#define KEXTBED_KERN_SLEEP_INTERNAL_H

#include "kern/thread_internal.h"

void sleep_init(void);

/** sleep_begin - put the calling thread on the queue of @event; from here on no wake-up of the event is lost.
 *  @deadline  mach_absolute_time() value or HOST_FOREVER. @message names the wait in reports.
 *  Returns THREAD_WAITING, or THREAD_INTERRUPTED when it is interruptible and its call was interrupted
 * already (not queued). */
wait_result_t sleep_begin(event_t event, bool interruptible, uint64_t deadline, const char *message);
/** sleep_wait - block until woken after sleep_begin said THREAD_WAITING. Panics with a spin lock held. */
wait_result_t sleep_wait(void);
/** sleep_wake - wake the first, or all, that wait for @event. Returns how many. */
unsigned sleep_wake(event_t event, bool one, wait_result_t result);

#endif
