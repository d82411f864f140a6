// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tasks as opaque handles.
 */
#ifndef KPI_KERN_TASK_H
#define KPI_KERN_TASK_H

#include <sys/cdefs.h>
#include <mach/mach_types.h>
#include <kern/kern_types.h>

__BEGIN_DECLS
/** kernel_task - the kernel's own task. */
extern task_t kernel_task;
/** current_task - the calling thread's task, borrowed. */
task_t current_task(void);
__END_DECLS

#endif /* KPI_KERN_TASK_H */
