// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mach's waiting primitives: declare the wait, then block. Between the two the condition is tested.
 */
#ifndef KPI_KERN_SCHED_PRIM_H
#define KPI_KERN_SCHED_PRIM_H

#include <sys/cdefs.h>
#include <mach/mach_types.h>
#include <mach/boolean.h>
#include <kern/kern_types.h>
#include <kern/clock.h>
#include <kern/thread.h>

__BEGIN_DECLS
/** assert_wait - declare that the calling thread waits for @event; thread_block follows. */
wait_result_t assert_wait(event_t event, wait_interrupt_t interruptible);
/** assert_wait_timeout - as assert_wait, at most @interval * @scale_factor nanoseconds. */
wait_result_t assert_wait_timeout(event_t event, wait_interrupt_t interruptible, uint32_t interval,
                                  uint32_t scale_factor);
/** assert_wait_deadline - as assert_wait, until @deadline of mach_absolute_time. */
wait_result_t assert_wait_deadline(event_t event, wait_interrupt_t interruptible, uint64_t deadline);
/** thread_block - wait for what was declared. THREAD_CONTINUE_NULL returns here; another never returns. */
wait_result_t thread_block(thread_continue_t continuation);
/** thread_block_parameter - as thread_block, with an argument for @continuation. */
wait_result_t thread_block_parameter(thread_continue_t continuation, void *parameter);
/** thread_wakeup_prim - end the wait of one thread or of all with @result. KERN_SUCCESS; KERN_NOT_WAITING. */
kern_return_t thread_wakeup_prim(event_t event, boolean_t one_thread, wait_result_t result);
/** thread_wakeup_thread - end the wait of one given thread. */
kern_return_t thread_wakeup_thread(event_t event, thread_t thread);
__END_DECLS

#define thread_wakeup(event)                     thread_wakeup_prim((event), FALSE, THREAD_AWAKENED)
#define thread_wakeup_one(event)                 thread_wakeup_prim((event), TRUE, THREAD_AWAKENED)
#define thread_wakeup_with_result(event, result) thread_wakeup_prim((event), FALSE, (result))

#endif /* KPI_KERN_SCHED_PRIM_H */
