// SPDX-License-Identifier: BSD-2-Clause
/*
 * Architecture selection for <machine/limits.h>.
 */
#ifndef KPI_MACHINE_LIMITS_H
#define KPI_MACHINE_LIMITS_H

#include <i386/limits.h>

#endif /* KPI_MACHINE_LIMITS_H */
