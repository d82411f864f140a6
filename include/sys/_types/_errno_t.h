// SPDX-License-Identifier: BSD-2-Clause
/*
 * errno_t: an error number as a result.
 */
#ifndef KPI_SYS__TYPES__ERRNO_T_H
#define KPI_SYS__TYPES__ERRNO_T_H

#include <sys/_types.h>

typedef int errno_t;

#endif /* KPI_SYS__TYPES__ERRNO_T_H */
