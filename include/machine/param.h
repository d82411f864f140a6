// SPDX-License-Identifier: BSD-2-Clause
/*
 * Architecture selection for <machine/param.h>.
 */
#ifndef KPI_MACHINE_PARAM_H
#define KPI_MACHINE_PARAM_H

#include <i386/param.h>

#endif /* KPI_MACHINE_PARAM_H */
