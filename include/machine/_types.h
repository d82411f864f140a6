// SPDX-License-Identifier: BSD-2-Clause
/*
 * Architecture-dependent base types; x86_64 is the only architecture.
 */
#ifndef KPI_MACHINE__TYPES_H
#define KPI_MACHINE__TYPES_H

#include <i386/_types.h>

#endif /* KPI_MACHINE__TYPES_H */
