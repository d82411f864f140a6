// SPDX-License-Identifier: BSD-2-Clause
/*
 * rsize_t: a size that a function checks to be reasonable.
 */
#ifndef KPI_SYS__TYPES__RSIZE_T_H
#define KPI_SYS__TYPES__RSIZE_T_H

#include <sys/_types.h>

typedef __darwin_size_t rsize_t;

#endif /* KPI_SYS__TYPES__RSIZE_T_H */
