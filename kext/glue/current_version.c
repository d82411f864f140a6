// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start-up code: the version of the kext that asks, as text.
 */
#include <mach/kmod.h>

#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN kmod_info_t kmod_info;
HIDDEN const char *OSKextGetCurrentVersionString(void);

const char *OSKextGetCurrentVersionString(void)
{
    return kmod_info.version;
}
