// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct user_timeval: wide enough for any process's timeval.
 */
#ifndef KPI_SYS__TYPES__USER_TIMEVAL_H
#define KPI_SYS__TYPES__USER_TIMEVAL_H

#include <machine/types.h>

struct user_timeval {
    user_time_t tv_sec;
    __int32_t tv_usec;
};

#endif /* KPI_SYS__TYPES__USER_TIMEVAL_H */
