// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct user64_timespec: a 64-bit process's timespec.
 */
#ifndef KPI_SYS__TYPES__USER64_TIMESPEC_H
#define KPI_SYS__TYPES__USER64_TIMESPEC_H

#include <machine/types.h>

struct user64_timespec {
    user64_time_t tv_sec;
    user64_long_t tv_nsec;
};

#endif /* KPI_SYS__TYPES__USER64_TIMESPEC_H */
