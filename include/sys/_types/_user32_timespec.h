// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct user32_timespec: a 32-bit process's timespec.
 */
#ifndef KPI_SYS__TYPES__USER32_TIMESPEC_H
#define KPI_SYS__TYPES__USER32_TIMESPEC_H

#include <machine/types.h>

struct user32_timespec {
    user32_time_t tv_sec;
    user32_long_t tv_nsec;
};

#endif /* KPI_SYS__TYPES__USER32_TIMESPEC_H */
