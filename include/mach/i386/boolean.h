// SPDX-License-Identifier: BSD-2-Clause
/*
 * boolean_t is an int on x86_64.
 */
#ifndef KPI_MACH_I386_BOOLEAN_H
#define KPI_MACH_I386_BOOLEAN_H

typedef int boolean_t;

#endif /* KPI_MACH_I386_BOOLEAN_H */
