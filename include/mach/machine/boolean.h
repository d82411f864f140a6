// SPDX-License-Identifier: BSD-2-Clause
/*
 * Architecture selection for boolean_t.
 */
#ifndef KPI_MACH_MACHINE_BOOLEAN_H
#define KPI_MACH_MACHINE_BOOLEAN_H

#include <mach/i386/boolean.h>

#endif /* KPI_MACH_MACHINE_BOOLEAN_H */
