// SPDX-License-Identifier: BSD-2-Clause
/*
 * fsid_t: the identity of a mounted file system.
 */
#ifndef KPI_SYS__TYPES__FSID_T_H
#define KPI_SYS__TYPES__FSID_T_H

#include <machine/types.h>

typedef struct fsid {
    int32_t val[2];
} fsid_t;

#endif /* KPI_SYS__TYPES__FSID_T_H */
