// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct user64_timeval: a 64-bit process's timeval.
 */
#ifndef KPI_SYS__TYPES__USER64_TIMEVAL_H
#define KPI_SYS__TYPES__USER64_TIMEVAL_H

#include <machine/types.h>

struct user64_timeval {
    user64_time_t tv_sec;
    __int32_t tv_usec;
};

#endif /* KPI_SYS__TYPES__USER64_TIMEVAL_H */
