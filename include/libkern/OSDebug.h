// SPDX-License-Identifier: BSD-2-Clause
/*
 * Backtraces.
 */
#ifndef KPI_LIBKERN_OSDEBUG_H
#define KPI_LIBKERN_OSDEBUG_H

#include <sys/cdefs.h>
#include <mach/mach_types.h>

__BEGIN_DECLS
/** OSBacktrace - return addresses of the caller's stack, innermost first. Returns their number. */
unsigned int OSBacktrace(void **bt, unsigned int maxAddrs);
/** OSReportWithBacktrace - Log a message with the caller's stack. */
void OSReportWithBacktrace(const char *str, ...) __printflike(1, 2);
__END_DECLS

#endif /* KPI_LIBKERN_OSDEBUG_H */
