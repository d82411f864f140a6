// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct user_timespec: wide enough for any process's timespec.
 */
#ifndef KPI_SYS__TYPES__USER_TIMESPEC_H
#define KPI_SYS__TYPES__USER_TIMESPEC_H

#include <machine/types.h>

struct user_timespec {
    user_time_t tv_sec;
    user_long_t tv_nsec;
};

#endif /* KPI_SYS__TYPES__USER_TIMESPEC_H */
