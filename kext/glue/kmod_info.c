// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start-up code: who the kext is. The build says so by KEXT_ID and KEXT_VERSION. Each symbol of the start-up
 * code has a file of its own, and the link takes the files of those that the kext's sources leave undefined.
 * All of it stays hidden inside the kext. Kext side: sees include/ alone.
 */
#include <mach/kmod.h>

#if !defined(KEXT_ID) || !defined(KEXT_VERSION)
#error "define KEXT_ID and KEXT_VERSION, as strings, or leave this file out"
#endif

#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN kmod_start_func_t _start;
extern HIDDEN kmod_stop_func_t _stop;
extern HIDDEN kmod_info_t kmod_info;

kmod_info_t kmod_info = {.info_version = KMOD_INFO_VERSION,
                         .id = (uint32_t)-1,
                         .name = KEXT_ID,
                         .version = KEXT_VERSION,
                         .reference_count = -1,
                         .start = _start,
                         .stop = _stop};
