// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct timeval32: the 32-bit variant.
 */
#ifndef KPI_SYS__TYPES__TIMEVAL32_H
#define KPI_SYS__TYPES__TIMEVAL32_H

#include <sys/_types.h>
#include <machine/types.h>

struct timeval32 {
    __int32_t tv_sec;
    __int32_t tv_usec;
};

#endif /* KPI_SYS__TYPES__TIMEVAL32_H */
