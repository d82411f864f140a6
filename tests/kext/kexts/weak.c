// SPDX-License-Identifier: BSD-2-Clause
/* Looks before it uses a weak symbol: one that exists and one that does not. */
#include <libkern/OSKextLib.h>
#include <mach/kmod.h>
#include <sys/systm.h>

extern const void *const gOSKextUnresolved;
extern void no_such_function(void) __attribute__((weak));
kern_return_t weak_start(kmod_info_t *ki, void *data);

kern_return_t weak_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    const void *absent = (const void *)no_such_function;

    return absent == gOSKextUnresolved ? KERN_SUCCESS : KERN_FAILURE;
}
