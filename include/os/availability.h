// SPDX-License-Identifier: BSD-2-Clause
/*
 * Availability annotations: nothing here depends on a deployment version.
 */
#ifndef KPI_OS_AVAILABILITY_H
#define KPI_OS_AVAILABILITY_H

#ifndef API_AVAILABLE
#define API_AVAILABLE(...)
#define API_UNAVAILABLE(...)
#define API_DEPRECATED(...)
#define API_DEPRECATED_WITH_REPLACEMENT(...)
#define SPI_AVAILABLE(...)
#define SPI_DEPRECATED(...)
#endif

#endif /* KPI_OS_AVAILABILITY_H */
