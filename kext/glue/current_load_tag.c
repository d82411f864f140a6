// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start-up code: the load tag of the kext that asks.
 */
#include <mach/kmod.h>
#include <stdint.h>

#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN kmod_info_t kmod_info;
HIDDEN uint32_t OSKextGetCurrentLoadTag(void);

uint32_t OSKextGetCurrentLoadTag(void)
{
    return kmod_info.id;
}
