// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mach's operations together.
 */
#ifndef KPI_MACH_MACH_INTERFACE_H
#define KPI_MACH_MACH_INTERFACE_H

#include <mach/thread_act.h>

#endif /* KPI_MACH_MACH_INTERFACE_H */
