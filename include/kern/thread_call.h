// SPDX-License-Identifier: BSD-2-Clause
/*
 * Thread calls: functions that a kernel thread calls soon, or after a delay.
 */
#ifndef KPI_KERN_THREAD_CALL_H
#define KPI_KERN_THREAD_CALL_H

#include <libkern/OSBase.h>
#include <sys/cdefs.h>
#include <mach/mach_types.h>
#include <kern/clock.h>

struct thread_call;
typedef struct thread_call *thread_call_t;
typedef void *thread_call_param_t;
typedef void (*thread_call_func_t)(thread_call_param_t param0, thread_call_param_t param1);

typedef enum {
    THREAD_CALL_PRIORITY_HIGH = 0,
    THREAD_CALL_PRIORITY_KERNEL = 1,
    THREAD_CALL_PRIORITY_USER = 2,
    THREAD_CALL_PRIORITY_LOW = 3,
    THREAD_CALL_PRIORITY_KERNEL_HIGH = 4
} thread_call_priority_t;
/* ONCE: no second run begins before the first has ended, so that a cancel can wait for it. */
enum { THREAD_CALL_OPTIONS_ONCE = 0x00000001 };
typedef uint32_t thread_call_options_t;

__BEGIN_DECLS
/** thread_call_allocate - make a thread call.
 *  @func   in  called with @param0 and the parameter of thread_call_enter1, else NULL. It may block.
 *  @param0 in  first argument.
 *  Refs:   end with thread_call_free.
 *  Locks:  none.
 *  Blocks: yes.
 *  Errno:  never NULL.
 *  KPI:    mach, stable */
thread_call_t thread_call_allocate(thread_call_func_t func, thread_call_param_t param0);
/** thread_call_allocate_with_priority - as thread_call_allocate, run by threads of another priority. */
thread_call_t thread_call_allocate_with_priority(thread_call_func_t func, thread_call_param_t param0,
                                                 thread_call_priority_t pri);
/** thread_call_allocate_with_options - as thread_call_allocate_with_priority, with THREAD_CALL_OPTIONS_*. */
thread_call_t thread_call_allocate_with_options(thread_call_func_t func, thread_call_param_t param0,
                                                thread_call_priority_t pri, thread_call_options_t options);
/** thread_call_free - free a call. FALSE, and nothing done, while it is pending. */
boolean_t thread_call_free(thread_call_t call);
/** thread_call_enter - call soon. TRUE if it was pending already. */
boolean_t thread_call_enter(thread_call_t call);
/** thread_call_enter1 - as thread_call_enter, with a second argument. */
boolean_t thread_call_enter1(thread_call_t call, thread_call_param_t param1);
/** thread_call_enter_delayed - call at a given time.
 *  @call     in  if it is pending already, only its time changes.
 *  @deadline in  of mach_absolute_time.
 *  Refs:   none: @call must not be freed while it is pending.
 *  Locks:  any but spin locks.
 *  Blocks: no.
 *  Errno:  TRUE if it was pending.
 *  KPI:    mach, stable */
boolean_t thread_call_enter_delayed(thread_call_t call, uint64_t deadline);
/** thread_call_enter1_delayed - as thread_call_enter_delayed, with a second argument. */
boolean_t thread_call_enter1_delayed(thread_call_t call, thread_call_param_t param1, uint64_t deadline);
/** thread_call_cancel - take back a call that has not begun.
 *  @call in  the call.
 *  Refs:   none.
 *  Locks:  any.
 *  Blocks: no.
 *  Errno:  TRUE if it was pending; FALSE it may be running.
 *  KPI:    mach, stable */
boolean_t thread_call_cancel(thread_call_t call);
/** thread_call_cancel_wait - as thread_call_cancel for a ONCE call, and wait until it is not running. */
boolean_t thread_call_cancel_wait(thread_call_t call);
__END_DECLS

#endif /* KPI_KERN_THREAD_CALL_H */
