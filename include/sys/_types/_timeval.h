// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct timeval: seconds and microseconds.
 */
#ifndef KPI_SYS__TYPES__TIMEVAL_H
#define KPI_SYS__TYPES__TIMEVAL_H

#include <sys/_types.h>
#include <machine/types.h>

struct timeval {
    __darwin_time_t tv_sec;
    __darwin_suseconds_t tv_usec;
};

#endif /* KPI_SYS__TYPES__TIMEVAL_H */
