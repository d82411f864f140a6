// SPDX-License-Identifier: BSD-2-Clause
/*
 * size_t. The guard is the one that compilers' own headers test.
 */
#ifndef KPI_SYS__TYPES__SIZE_T_H
#define KPI_SYS__TYPES__SIZE_T_H

#include <sys/_types.h>

#ifndef _SIZE_T
#define _SIZE_T
typedef __darwin_size_t size_t;
#endif

#endif /* KPI_SYS__TYPES__SIZE_T_H */
