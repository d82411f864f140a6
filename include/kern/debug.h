// SPDX-License-Identifier: BSD-2-Clause
/*
 * Debugging entry points.
 */
#ifndef KPI_KERN_DEBUG_H
#define KPI_KERN_DEBUG_H

#include <sys/cdefs.h>
#include <stdint.h>
#include <kern/panic_call.h>
#include <stdarg.h>
#include <uuid/uuid.h>
#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/vm_types.h>
#include <sys/appleapiopts.h>
#include <TargetConditionals.h>

#endif /* KPI_KERN_DEBUG_H */
