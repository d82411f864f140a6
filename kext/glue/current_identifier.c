// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start-up code: the bundle identifier of the kext that asks.
 */
#include <mach/kmod.h>

#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN kmod_info_t kmod_info;
HIDDEN const char *OSKextGetCurrentIdentifier(void);

const char *OSKextGetCurrentIdentifier(void)
{
    return kmod_info.name;
}
