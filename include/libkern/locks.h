// SPDX-License-Identifier: BSD-2-Clause
/*
 * Old name of the locking interface.
 */
#ifndef KPI_LIBKERN_LOCKS_H
#define KPI_LIBKERN_LOCKS_H

#include <kern/locks.h>

#endif /* KPI_LIBKERN_LOCKS_H */
