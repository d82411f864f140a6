// SPDX-License-Identifier: BSD-2-Clause
/*
 * Results of IOKit.
 */
#ifndef KPI_IOKIT_IORETURN_H
#define KPI_IOKIT_IORETURN_H

#include <mach/error.h>

typedef kern_return_t IOReturn;

#ifndef sys_iokit
#define sys_iokit        err_system(0x38)
#define sub_iokit_common err_sub(0)
#endif
#define iokit_family_err(sub, code)     ((int)(sys_iokit | (sub) | (code)))
#define sub_iokit_vendor_specific       err_sub(-2)
#define iokit_vendor_specific_err(code) ((int)(sys_iokit | sub_iokit_vendor_specific | (code)))
#define iokit_common_err(code)          (sys_iokit | sub_iokit_common | (code))

#define kIOReturnSuccess         KERN_SUCCESS
#define kIOReturnError           iokit_common_err(0x2bc)
#define kIOReturnNoMemory        iokit_common_err(0x2bd)
#define kIOReturnNoResources     iokit_common_err(0x2be)
#define kIOReturnNoDevice        iokit_common_err(0x2c0)
#define kIOReturnNotPrivileged   iokit_common_err(0x2c1)
#define kIOReturnBadArgument     iokit_common_err(0x2c2)
#define kIOReturnExclusiveAccess iokit_common_err(0x2c5)
#define kIOReturnUnsupported     iokit_common_err(0x2c7)
#define kIOReturnInternalError   iokit_common_err(0x2c9)
#define kIOReturnIOError         iokit_common_err(0x2ca)
#define kIOReturnNotOpen         iokit_common_err(0x2cd)
#define kIOReturnBusy            iokit_common_err(0x2d5)
#define kIOReturnTimeout         iokit_common_err(0x2d6)
#define kIOReturnNotReady        iokit_common_err(0x2d8)
#define kIOReturnNoSpace         iokit_common_err(0x2db)
#define kIOReturnNotPermitted    iokit_common_err(0x2e2)
#define kIOReturnNotFound        iokit_common_err(0x2f0)

#endif /* KPI_IOKIT_IORETURN_H */
