// SPDX-License-Identifier: BSD-2-Clause
/*
 * boolean_t and its values.
 */
#ifndef KPI_MACH_BOOLEAN_H
#define KPI_MACH_BOOLEAN_H

#include <mach/machine/boolean.h>

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#endif /* KPI_MACH_BOOLEAN_H */
