// SPDX-License-Identifier: BSD-2-Clause
/*
 * Old name of the locking interface.
 */
#ifndef KPI_SYS_LOCK_H
#define KPI_SYS_LOCK_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <kern/locks.h>
#include <sys/types.h>

#endif /* KPI_SYS_LOCK_H */
