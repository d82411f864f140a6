// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kernel threads.
 */
#ifndef KPI_KERN_THREAD_H
#define KPI_KERN_THREAD_H

#include <sys/cdefs.h>
#include <mach/mach_types.h>
#include <mach/boolean.h>
#include <kern/kern_types.h>
#include <kern/sched_prim.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/vm_param.h>

__BEGIN_DECLS
/** current_thread - the calling thread, borrowed. */
thread_t current_thread(void);
/** kernel_thread_start - start a thread.
 *  @continuation in   where it begins; it ends by thread_terminate(current_thread()) or by returning.
 *  @parameter    in   its first argument.
 *  @new_thread   out  the thread.
 *  Refs:   gives one on *@new_thread; end with thread_deallocate, at once if the thread is not of interest.
 *  Locks:  none.
 *  Blocks: yes.
 *  Errno:  KERN_SUCCESS; KERN_RESOURCE_SHORTAGE.
 *  KPI:    mach, stable */
kern_return_t kernel_thread_start(thread_continue_t continuation, void *parameter, thread_t *new_thread);
/** thread_reference - take a reference. */
void thread_reference(thread_t thread);
/** thread_deallocate - give up a reference. */
void thread_deallocate(thread_t thread);
/** thread_tid - a number that no other thread ever has. */
uint64_t thread_tid(thread_t thread);
/** thread_set_thread_name - name a thread, for reports. */
void thread_set_thread_name(thread_t th, const char *name);
/** thread_has_thread_name - TRUE if a thread has a name. */
boolean_t thread_has_thread_name(thread_t th);
__END_DECLS

#endif /* KPI_KERN_THREAD_H */
