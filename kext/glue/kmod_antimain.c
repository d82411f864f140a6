// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start-up code: the routine that stops the kext, which the build names by KEXT_STOP (Xcode: MODULE_STOP).
 * None where it names none.
 */
#include <mach/kmod.h>

#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN kmod_stop_func_t *_antimain;

#ifdef KEXT_STOP
extern kmod_stop_func_t KEXT_STOP;
kmod_stop_func_t *_antimain = KEXT_STOP;
#else
kmod_stop_func_t *_antimain = 0;
#endif
