// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start-up code: the routine that starts the kext, which the build names by KEXT_START (Xcode: MODULE_START).
 * None where it names none.
 */
#include <mach/kmod.h>

#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN kmod_start_func_t *_realmain;

#ifdef KEXT_START
extern kmod_start_func_t KEXT_START;
kmod_start_func_t *_realmain = KEXT_START;
#else
kmod_start_func_t *_realmain = 0;
#endif
