// SPDX-License-Identifier: BSD-2-Clause
/*
 * socklen_t: bytes of an address or of an option.
 */
#ifndef KPI_SYS__TYPES__SOCKLEN_T_H
#define KPI_SYS__TYPES__SOCKLEN_T_H

#include <machine/_types.h>
#include <machine/types.h>

typedef __darwin_socklen_t socklen_t;

#endif /* KPI_SYS__TYPES__SOCKLEN_T_H */
