// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start-up code: what kmod_info calls to stop the kext; it calls the routine that the build names.
 */
#include <mach/kmod.h>

#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN kmod_stop_func_t *_antimain;
HIDDEN kern_return_t _stop(kmod_info_t *ki, void *data);

kern_return_t _stop(kmod_info_t *ki, void *data)
{
    return _antimain != 0 ? _antimain(ki, data) : KMOD_RETURN_SUCCESS;
}
