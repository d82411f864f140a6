// SPDX-License-Identifier: BSD-2-Clause
/*
 * Architecture selection for <machine/endian.h>.
 */
#ifndef KPI_MACHINE_ENDIAN_H
#define KPI_MACHINE_ENDIAN_H

#include <i386/endian.h>

#endif /* KPI_MACHINE_ENDIAN_H */
