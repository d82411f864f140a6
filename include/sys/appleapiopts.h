// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interface stability switches that older sources test: all are on, unless a source asks for the strict set
 * with
 * __APPLE_API_STRICT_CONFORMANCE.
 */
#ifndef KPI_SYS_APPLEAPIOPTS_H
#define KPI_SYS_APPLEAPIOPTS_H

#ifndef __APPLE_API_STANDARD
#define __APPLE_API_STANDARD
#endif
#ifndef __APPLE_API_STABLE
#define __APPLE_API_STABLE
#endif

#ifndef __APPLE_API_STRICT_CONFORMANCE
#ifndef __APPLE_API_EVOLVING
#define __APPLE_API_EVOLVING
#endif
#ifndef __APPLE_API_UNSTABLE
#define __APPLE_API_UNSTABLE
#endif
#ifndef __APPLE_API_PRIVATE
#define __APPLE_API_PRIVATE
#endif
#ifndef __APPLE_API_OBSOLETE
#define __APPLE_API_OBSOLETE
#endif
#endif

#endif /* KPI_SYS_APPLEAPIOPTS_H */
