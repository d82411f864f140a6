// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start-up code: what kmod_info calls to start the kext; it calls the routine that the build names.
 */
#include <mach/kmod.h>

#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN kmod_start_func_t *_realmain;
HIDDEN kern_return_t _start(kmod_info_t *ki, void *data);

kern_return_t _start(kmod_info_t *ki, void *data)
{
    return _realmain != 0 ? _realmain(ki, data) : KMOD_RETURN_SUCCESS;
}
