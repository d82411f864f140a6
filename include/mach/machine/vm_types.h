// SPDX-License-Identifier: BSD-2-Clause
/*
 * Architecture selection for the machine-dependent VM types.
 */
#ifndef KPI_MACH_MACHINE_VM_TYPES_H
#define KPI_MACH_MACHINE_VM_TYPES_H

#include <mach/i386/vm_types.h>

#endif /* KPI_MACH_MACHINE_VM_TYPES_H */
