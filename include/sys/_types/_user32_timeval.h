// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct user32_timeval: a 32-bit process's timeval.
 */
#ifndef KPI_SYS__TYPES__USER32_TIMEVAL_H
#define KPI_SYS__TYPES__USER32_TIMEVAL_H

#include <machine/types.h>

struct user32_timeval {
    user32_time_t tv_sec;
    __int32_t tv_usec;
};

#endif /* KPI_SYS__TYPES__USER32_TIMEVAL_H */
