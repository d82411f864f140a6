// SPDX-License-Identifier: BSD-2-Clause
/*
 * Waiting: events, results, how a wait may end, urgency of time-outs.
 */
#ifndef KPI_KERN_KERN_TYPES_H
#define KPI_KERN_KERN_TYPES_H

#include <stdint.h>
#include <mach/mach_types.h>
#include <mach/machine/vm_types.h>

/* Any address names an event; nobody looks at what is stored there. */
typedef void *event_t;
typedef uint64_t event64_t;
#define NO_EVENT          ((event_t)0)
#define NO_EVENT64        ((event64_t)0)
#define CAST_EVENT64_T(p) ((event64_t)((uintptr_t)(p)))

/* How a wait ended. */
typedef int wait_result_t;
#define THREAD_WAITING     (-1)
#define THREAD_AWAKENED    0
#define THREAD_TIMED_OUT   1
#define THREAD_INTERRUPTED 2
#define THREAD_RESTART     3
#define THREAD_NOT_WAITING 10

/** thread_continue_t - where a thread goes on, or begins. */
typedef void (*thread_continue_t)(void *parameter, wait_result_t wresult);
#define THREAD_CONTINUE_NULL ((thread_continue_t)0)

/* What may end a wait early: nothing; anything; a safe abort. */
typedef int wait_interrupt_t;
#define THREAD_UNINT                0x0
#define THREAD_INTERRUPTIBLE        0x1
#define THREAD_ABORTSAFE            0x2
#define THREAD_WAIT_NOREPORT_KERNEL 0x80000000
#define THREAD_WAIT_NOREPORT_USER   0x40000000
#define THREAD_WAIT_NOREPORT        (THREAD_WAIT_NOREPORT_KERNEL | THREAD_WAIT_NOREPORT_USER)

typedef int wait_timeout_urgency_t;
#define TIMEOUT_URGENCY_SYS_NORMAL      0x0
#define TIMEOUT_URGENCY_SYS_CRITICAL    0x1
#define TIMEOUT_URGENCY_SYS_BACKGROUND  0x2
#define TIMEOUT_URGENCY_USER_MASK       0x10
#define TIMEOUT_URGENCY_USER_NORMAL     0x10
#define TIMEOUT_URGENCY_USER_CRITICAL   0x11
#define TIMEOUT_URGENCY_USER_BACKGROUND 0x12
#define TIMEOUT_URGENCY_MASK            0x13
#define TIMEOUT_URGENCY_LEEWAY          0x20
#define TIMEOUT_URGENCY_FIRST_AVAIL     0x40
#define TIMEOUT_URGENCY_RATELIMITED     0x80
#define TIMEOUT_NO_LEEWAY               (0ull)
#define TIMEOUT_WAIT_FOREVER            (0ull)

#endif /* KPI_KERN_KERN_TYPES_H */
