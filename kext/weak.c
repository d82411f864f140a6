// SPDX-License-Identifier: BSD-2-Clause
/*
 * Weak references that nobody could satisfy, and kexts that keep each other loaded: the part of
 * libkern/OSKextLib.h that running kexts call. Exported to kexts.
 */
#include "kext/kext_internal.h"

#include <libkern/OSKextLib.h>
#include <sys/errno.h>

#include "kern/kern_iface.h"

/* A kext compares its weak references with this before it uses one. */
extern const void *const gOSKextUnresolved;
void kext_weak_symbol_referenced(void);

/* Where a weak reference leads that was used without looking. */
void kext_weak_symbol_referenced(void)
{
    struct kxld_image *image;
    const struct kext *caller = kext_at(__builtin_return_address(0), &image);

    kern_panic_at(__FILE__, __LINE__, "%s called a weak symbol that nothing exports, at %p",
                  caller != NULL ? caller->id : "a kext", __builtin_return_address(0));
}

const void *const gOSKextUnresolved = (const void *)(uintptr_t)kext_weak_symbol_referenced;

static OSReturn retain_result(int error)
{
    return error == 0        ? kOSReturnSuccess
           : error == ENOENT ? kOSKextReturnNotFound
                             : kOSKextReturnInvalidArgument;
}

OSReturn OSKextRetainKextWithLoadTag(OSKextLoadTag loadTag)
{
    return retain_result(kext_registry_retain(loadTag, 1));
}

OSReturn OSKextReleaseKextWithLoadTag(OSKextLoadTag loadTag)
{
    return retain_result(kext_registry_retain(loadTag, -1));
}
