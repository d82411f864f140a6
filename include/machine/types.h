// SPDX-License-Identifier: BSD-2-Clause
/*
 * Architecture selection for <machine/types.h>.
 */
#ifndef KPI_MACHINE_TYPES_H
#define KPI_MACHINE_TYPES_H

#include <i386/types.h>

#endif /* KPI_MACHINE_TYPES_H */
