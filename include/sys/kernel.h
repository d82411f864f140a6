// SPDX-License-Identifier: BSD-2-Clause
/*
 * Global clock state.
 */
#ifndef KPI_SYS_KERNEL_H
#define KPI_SYS_KERNEL_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/param.h>
#include <sys/appleapiopts.h>

__BEGIN_DECLS
/** hz - clock ticks a second, for code that counts in ticks. */
extern int hz;
__END_DECLS

#endif /* KPI_SYS_KERNEL_H */
