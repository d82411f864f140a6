// SPDX-License-Identifier: BSD-2-Clause
/*
 * What every file of IOKit sees of the kernel.
 */
#ifndef KPI_IOKIT_SYSTEM_H
#define KPI_IOKIT_SYSTEM_H

#include <sys/cdefs.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <kern/assert.h>
#include <kern/debug.h>
#include <kern/kern_types.h>
#include <kern/locks.h>
#include <kern/sched_prim.h>
#include <kern/task.h>
#include <kern/thread.h>
#include <libkern/libkern.h>
#include <mach/mach_interface.h>
#include <mach/mach_types.h>
#include <mach/memory_object_types.h>
#include <IOKit/assert.h>

#endif /* KPI_IOKIT_SYSTEM_H */
