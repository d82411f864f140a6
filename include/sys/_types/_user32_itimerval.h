// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct user32_itimerval: a 32-bit process's interval timer.
 */
#ifndef KPI_SYS__TYPES__USER32_ITIMERVAL_H
#define KPI_SYS__TYPES__USER32_ITIMERVAL_H

#include <sys/_types/_user32_timeval.h>

struct user32_itimerval {
    struct user32_timeval it_interval;
    struct user32_timeval it_value;
};

#endif /* KPI_SYS__TYPES__USER32_ITIMERVAL_H */
