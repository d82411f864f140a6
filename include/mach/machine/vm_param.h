// SPDX-License-Identifier: BSD-2-Clause
/*
 * Architecture selection for the machine-dependent VM parameters.
 */
#ifndef KPI_MACH_MACHINE_VM_PARAM_H
#define KPI_MACH_MACHINE_VM_PARAM_H

#include <mach/i386/vm_param.h>

#endif /* KPI_MACH_MACHINE_VM_PARAM_H */
