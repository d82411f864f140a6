// SPDX-License-Identifier: BSD-2-Clause
/*
 * Ranges of C's arithmetic types and limits of the system. Shipped because gcc's own limits.h looks for a
 * second one further along the include path, and a kernel has none.
 */
#ifndef KPI_LIMITS_H
#define KPI_LIMITS_H

#include <sys/cdefs.h>
#include <machine/limits.h>
#include <sys/syslimits.h>

#endif /* KPI_LIMITS_H */
