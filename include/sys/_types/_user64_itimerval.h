// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct user64_itimerval: a 64-bit process's interval timer.
 */
#ifndef KPI_SYS__TYPES__USER64_ITIMERVAL_H
#define KPI_SYS__TYPES__USER64_ITIMERVAL_H

#include <sys/_types/_user64_timeval.h>

struct user64_itimerval {
    struct user64_timeval it_interval;
    struct user64_timeval it_value;
};

#endif /* KPI_SYS__TYPES__USER64_ITIMERVAL_H */
