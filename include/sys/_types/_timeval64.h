// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct timeval64: 64 bits for both fields on every architecture.
 */
#ifndef KPI_SYS__TYPES__TIMEVAL64_H
#define KPI_SYS__TYPES__TIMEVAL64_H

#include <sys/_types.h>
#include <machine/types.h>

struct timeval64 {
    __int64_t tv_sec;
    __int64_t tv_usec;
};

#endif /* KPI_SYS__TYPES__TIMEVAL64_H */
