// SPDX-License-Identifier: BSD-2-Clause
/*
 * Architecture selection for kern_return_t.
 */
#ifndef KPI_MACH_MACHINE_KERN_RETURN_H
#define KPI_MACH_MACHINE_KERN_RETURN_H

#include <mach/i386/kern_return.h>

#endif /* KPI_MACH_MACHINE_KERN_RETURN_H */
