// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on threads.
 */
#ifndef KPI_MACH_THREAD_ACT_H
#define KPI_MACH_THREAD_ACT_H

#include <sys/cdefs.h>
#include <mach/mach_types.h>

__BEGIN_DECLS
/** thread_terminate - end a thread: the current one does not return. KERN_SUCCESS; KERN_FAILURE for
 *  another kernel thread. */
kern_return_t thread_terminate(thread_act_t target);
__END_DECLS

#endif /* KPI_MACH_THREAD_ACT_H */
