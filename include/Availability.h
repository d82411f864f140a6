// SPDX-License-Identifier: BSD-2-Clause
/*
 * Deployment versions and availability annotations, all empty.
 */
#ifndef KPI_AVAILABILITY_H
#define KPI_AVAILABILITY_H

#include <os/availability.h>

#define __MAC_10_4  1040
#define __MAC_10_5  1050
#define __MAC_10_6  1060
#define __MAC_10_7  1070
#define __MAC_10_8  1080
#define __MAC_10_9  1090
#define __MAC_10_10 101000
#define __MAC_10_11 101100
#define __MAC_10_12 101200
#define __MAC_10_13 101300
#define __MAC_10_14 101400
#define __MAC_10_15 101500
#define __IPHONE_NA 99999
#ifndef __MAC_OS_X_VERSION_MIN_REQUIRED
#define __MAC_OS_X_VERSION_MIN_REQUIRED __MAC_10_15
#endif
#ifndef __MAC_OS_X_VERSION_MAX_ALLOWED
#define __MAC_OS_X_VERSION_MAX_ALLOWED __MAC_10_15
#endif
#define __OSX_AVAILABLE(v)
#define __OSX_DEPRECATED(start, end, msg)
#define __OSX_AVAILABLE_STARTING(osx, ios)
#define __OSX_AVAILABLE_BUT_DEPRECATED(osxin, osxdep, iosin, iosdep)
#define __OSX_AVAILABLE_BUT_DEPRECATED_MSG(osxin, osxdep, iosin, iosdep, msg)
#define __OS_AVAILABILITY(target, availability)
#define __OS_AVAILABILITY_MSG(target, availability, msg)
#define __IOS_PROHIBITED
#define __TVOS_PROHIBITED
#define __WATCHOS_PROHIBITED

#endif /* KPI_AVAILABILITY_H */
