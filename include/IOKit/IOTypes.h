// SPDX-License-Identifier: BSD-2-Clause
/*
 * The integer types of the C part of IOKit.
 */
#ifndef KPI_IOKIT_IOTYPES_H
#define KPI_IOKIT_IOTYPES_H

#include <mach/mach_types.h>
#include <mach/boolean.h>
#include <libkern/OSTypes.h>
#include <IOKit/IOReturn.h>
#include <stdint.h>
#include <stdbool.h>
#include <IOKit/system.h>
#include <libkern/OSBase.h>

typedef UInt32 IOOptionBits;
typedef SInt32 IOFixed;
typedef UInt32 IOVersion;
typedef UInt32 IOItemCount;
typedef UInt32 IOCacheMode;
typedef UInt32 IOByteCount32;
typedef UInt64 IOByteCount64;
typedef IOByteCount64 IOByteCount;
typedef UInt32 IOPhysicalAddress32;
typedef UInt64 IOPhysicalAddress64;
typedef UInt32 IOPhysicalLength32;
typedef UInt64 IOPhysicalLength64;
typedef mach_vm_address_t IOVirtualAddress;
typedef IOPhysicalAddress64 IOPhysicalAddress;
typedef IOPhysicalLength64 IOPhysicalLength;
typedef IOVirtualAddress IOLogicalAddress;
typedef thread_t IOThread;
typedef void (*IOThreadFunc)(void *argument);

#endif /* KPI_IOKIT_IOTYPES_H */
