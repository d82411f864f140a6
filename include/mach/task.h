// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on tasks. Only the handles are here: no task of another program can be changed from this
 * process.
 */
#ifndef KPI_MACH_TASK_H
#define KPI_MACH_TASK_H

#include <sys/cdefs.h>
#include <mach/mach_types.h>
#include <kern/task.h>

#endif /* KPI_MACH_TASK_H */
