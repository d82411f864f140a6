// SPDX-License-Identifier: BSD-2-Clause
/*
 * sa_family_t: the family of an address, AF_*.
 */
#ifndef KPI_SYS__TYPES__SA_FAMILY_T_H
#define KPI_SYS__TYPES__SA_FAMILY_T_H

#include <machine/_types.h>
#include <machine/types.h>

typedef __uint8_t sa_family_t;

#endif /* KPI_SYS__TYPES__SA_FAMILY_T_H */
