// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct timespec: seconds and nanoseconds.
 */
#ifndef KPI_SYS__TYPES__TIMESPEC_H
#define KPI_SYS__TYPES__TIMESPEC_H

#include <sys/_types.h>
#include <machine/types.h>

struct timespec {
    __darwin_time_t tv_sec;
    long tv_nsec;
};

#endif /* KPI_SYS__TYPES__TIMESPEC_H */
