// SPDX-License-Identifier: BSD-2-Clause
/*
 * stack_t: an alternate signal stack.
 */
#ifndef KPI_SYS__TYPES__SIGALTSTACK_H
#define KPI_SYS__TYPES__SIGALTSTACK_H

#include <sys/_types.h>
#include <machine/types.h>

struct sigaltstack {
    void *ss_sp;
    __darwin_size_t ss_size;
    int ss_flags;
};
typedef struct sigaltstack stack_t;

#endif /* KPI_SYS__TYPES__SIGALTSTACK_H */
