// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kexts as seen from a kext: results, keys of Info.plist, load tags, resources.
 */
#ifndef KPI_LIBKERN_OSKEXTLIB_H
#define KPI_LIBKERN_OSKEXTLIB_H

#include <sys/cdefs.h>
#include <stdint.h>
#include <mach/kmod.h>
#include <mach/vm_types.h>
#include <uuid/uuid.h>
#include <libkern/OSTypes.h>
#include <libkern/OSReturn.h>

#define sub_libkern_kext       err_sub(2)
#define libkern_kext_err(code) (sys_libkern | sub_libkern_kext | (code))

#define kOSKextReturnInternalError         libkern_kext_err(0x1)
#define kOSKextReturnNoMemory              libkern_kext_err(0x2)
#define kOSKextReturnNoResources           libkern_kext_err(0x3)
#define kOSKextReturnNotPrivileged         libkern_kext_err(0x4)
#define kOSKextReturnInvalidArgument       libkern_kext_err(0x5)
#define kOSKextReturnNotFound              libkern_kext_err(0x6)
#define kOSKextReturnBadData               libkern_kext_err(0x7)
#define kOSKextReturnSerialization         libkern_kext_err(0x8)
#define kOSKextReturnUnsupported           libkern_kext_err(0x9)
#define kOSKextReturnDisabled              libkern_kext_err(0xa)
#define kOSKextReturnNotAKext              libkern_kext_err(0xb)
#define kOSKextReturnValidation            libkern_kext_err(0xc)
#define kOSKextReturnAuthentication        libkern_kext_err(0xd)
#define kOSKextReturnDependencies          libkern_kext_err(0xe)
#define kOSKextReturnArchNotFound          libkern_kext_err(0xf)
#define kOSKextReturnCache                 libkern_kext_err(0x10)
#define kOSKextReturnDeferred              libkern_kext_err(0x11)
#define kOSKextReturnBootLevel             libkern_kext_err(0x12)
#define kOSKextReturnNotLoadable           libkern_kext_err(0x13)
#define kOSKextReturnLoadedVersionDiffers  libkern_kext_err(0x14)
#define kOSKextReturnDependencyLoadError   libkern_kext_err(0x15)
#define kOSKextReturnLinkError             libkern_kext_err(0x16)
#define kOSKextReturnStartStopError        libkern_kext_err(0x17)
#define kOSKextReturnInUse                 libkern_kext_err(0x18)
#define kOSKextReturnTimeout               libkern_kext_err(0x19)
#define kOSKextReturnStopping              libkern_kext_err(0x1a)
#define kOSKextReturnSystemPolicy          libkern_kext_err(0x1b)
#define kOSKextReturnKCLoadFailure         libkern_kext_err(0x1c)
#define kOSKextReturnKCLoadFailureSystemKC libkern_kext_err(0x1d)
#define kOSKextReturnKCLoadFailureAuxKC    libkern_kext_err(0x1e)

/* Keys and values of Info.plist. */
#define kCFBundleDriverKitExecutableKey        "CFBundleUEXTExecutable"
#define kCFBundleDriverKitUUIDKey              "CFBundleDriverKitUUID"
#define kCFBundleExecutableKey                 "CFBundleExecutable"
#define kCFBundleIdentifierKernelKey           "CFBundleIdentifierKernel"
#define kCFBundleIdentifierKey                 "CFBundleIdentifier"
#define kCFBundleNameKey                       "CFBundleName"
#define kCFBundlePackageTypeKey                "CFBundlePackageType"
#define kCFBundleVersionKey                    "CFBundleVersion"
#define kIOKitPersonalitiesKey                 "IOKitPersonalities"
#define kIOPersonalityPublisherKey             "IOPersonalityPublisher"
#define kOSBundleAllowUserLoadKey              "OSBundleAllowUserLoad"
#define kOSBundleAllowUserTerminateKey         "OSBundleAllowUserTerminate"
#define kOSBundleCompatibleVersionKey          "OSBundleCompatibleVersion"
#define kOSBundleDebugLevelKey                 "OSBundleDebugLevel"
#define kOSBundleEnableKextLoggingKey          "OSBundleEnableKextLogging"
#define kOSBundleIsInterfaceKey                "OSBundleIsInterface"
#define kOSBundleLibrariesKey                  "OSBundleLibraries"
#define kOSBundleRequireExplicitLoadKey        "OSBundleRequireExplicitLoad"
#define kOSBundleRequiredConsole               "Console"
#define kOSBundleRequiredDriverKit             "DriverKit"
#define kOSBundleRequiredKey                   "OSBundleRequired"
#define kOSBundleRequiredLocalRoot             "Local-Root"
#define kOSBundleRequiredNetworkRoot           "Network-Root"
#define kOSBundleRequiredRoot                  "Root"
#define kOSBundleRequiredSafeBoot              "Safe Boot"
#define kOSBundleSharedExecutableIdentifierKey "OSBundleSharedExecutableIdentifier"
#define kOSKernelResourceKey                   "OSKernelResource"
#define kOSKextVariantOverrideKey              "OSKextVariantOverride"
#define kOSMutableSegmentCopy                  "OSMutableSegmentCopy"
#define kOSKextKernelIdentifier                "__kernel__"
#define kOSKextBundlePackageTypeKext           "KEXT"
#define kOSKextBundlePackageTypeDriverKit      "DEXT"

/* A load tag names one load of one kext, and is never used again. */
typedef uint32_t OSKextLoadTag;
#define kOSKextInvalidLoadTag ((OSKextLoadTag)(-1))

typedef uint32_t OSKextRequestTag;
#define kOSKextRequestTagInvalid ((OSKextRequestTag)-1)
typedef void (*OSKextRequestResourceCallback)(OSKextRequestTag requestTag, OSReturn result,
                                              const void *resourceData, uint32_t resourceDataLength,
                                              void *context);

__BEGIN_DECLS
/** gOSKextUnresolved - the address that a weak reference has whose symbol nobody exports. KPI: libkern,
 * stable */
extern const void *const gOSKextUnresolved;
/** OSKextLoadKextWithIdentifier - load a kext by bundle identifier and wait for it. */
OSReturn OSKextLoadKextWithIdentifier(const char *kextIdentifier);
/** OSKextGetCurrentLoadTag - the load tag of the kext that calls. */
OSKextLoadTag OSKextGetCurrentLoadTag(void);
/** OSKextRetainKextWithLoadTag - keep a kext from being unloaded. */
OSReturn OSKextRetainKextWithLoadTag(OSKextLoadTag loadTag);
/** OSKextReleaseKextWithLoadTag - undo one OSKextRetainKextWithLoadTag. */
OSReturn OSKextReleaseKextWithLoadTag(OSKextLoadTag loadTag);
/** OSKextRequestResource - ask for a file of a kext's bundle; @callback gets it later. */
OSReturn OSKextRequestResource(const char *kextIdentifier, const char *resourceName,
                               OSKextRequestResourceCallback callback, void *context,
                               OSKextRequestTag *requestTagOut);
/** OSKextCancelRequest - take back a request whose callback has not been called. */
OSReturn OSKextCancelRequest(OSKextRequestTag requestTag, void **contextOut);
__END_DECLS

/* Whether a weak reference to @weak_sym has been bound. */
#define OSKextSymbolIsResolved(weak_sym) ((const void *)&(weak_sym) != gOSKextUnresolved)

#endif /* KPI_LIBKERN_OSKEXTLIB_H */
