// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct vmspace, of historical shape; nothing in it may be used.
 */
#ifndef KPI_SYS_VM_H
#define KPI_SYS_VM_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <mach/boolean.h>

struct vmspace {
    int dummy;
    caddr_t dummy2;
    int dummy3[5];
    caddr_t dummy4[3];
};

#endif /* KPI_SYS_VM_H */
