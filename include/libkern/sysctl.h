// SPDX-License-Identifier: BSD-2-Clause
/*
 * sysctlbyname alone; <sys/sysctl.h> documents it and has the rest.
 */
#ifndef KPI_LIBKERN_SYSCTL_H
#define KPI_LIBKERN_SYSCTL_H

#include <sys/cdefs.h>
#include <sys/types.h>

__BEGIN_DECLS
/** sysctlbyname - as in <sys/sysctl.h>. */
int sysctlbyname(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen);
__END_DECLS

#endif /* KPI_LIBKERN_SYSCTL_H */
