// SPDX-License-Identifier: BSD-2-Clause
/*
 * fsobj_id_t: object number and generation, as getattrlist reports them.
 */
#ifndef KPI_SYS__TYPES__FSOBJ_ID_T_H
#define KPI_SYS__TYPES__FSOBJ_ID_T_H

#include <machine/types.h>

typedef struct fsobj_id {
    u_int32_t fid_objno;
    u_int32_t fid_generation;
} fsobj_id_t;

#endif /* KPI_SYS__TYPES__FSOBJ_ID_T_H */
