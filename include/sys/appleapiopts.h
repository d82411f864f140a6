// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interface stability switches that older sources test.
 */
#ifndef KPI_SYS_APPLEAPIOPTS_H
#define KPI_SYS_APPLEAPIOPTS_H

#define __APPLE_API_STANDARD
#define __APPLE_API_STABLE
#define __APPLE_API_EVOLVING
#define __APPLE_API_UNSTABLE
#define __APPLE_API_OBSOLETE

#endif /* KPI_SYS_APPLEAPIOPTS_H */
