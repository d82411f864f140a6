// SPDX-License-Identifier: BSD-2-Clause
/*
 * The start-up code that is linked into every kext whose sources do not define kmod_info themselves: _start
 * and _stop call the routines that the build names (as Xcode's MODULE_START and MODULE_STOP), and a kext can
 * ask who it is. All of it stays hidden inside the kext. Kext side: sees include/ alone.
 */
#include <mach/kmod.h>
#include <stdint.h>

#define HIDDEN __attribute__((visibility("hidden")))

extern HIDDEN kmod_info_t kmod_info;
extern HIDDEN kmod_start_func_t *_realmain;
extern HIDDEN kmod_stop_func_t *_antimain;

HIDDEN kern_return_t _start(kmod_info_t *ki, void *data);
HIDDEN kern_return_t _stop(kmod_info_t *ki, void *data);
HIDDEN uint32_t OSKextGetCurrentLoadTag(void);
HIDDEN const char *OSKextGetCurrentIdentifier(void);
HIDDEN const char *OSKextGetCurrentVersionString(void);

kern_return_t _start(kmod_info_t *ki, void *data)
{
    return _realmain != 0 ? _realmain(ki, data) : KMOD_RETURN_SUCCESS;
}

kern_return_t _stop(kmod_info_t *ki, void *data)
{
    return _antimain != 0 ? _antimain(ki, data) : KMOD_RETURN_SUCCESS;
}

uint32_t OSKextGetCurrentLoadTag(void)
{
    return kmod_info.id;
}

const char *OSKextGetCurrentIdentifier(void)
{
    return kmod_info.name;
}

const char *OSKextGetCurrentVersionString(void)
{
    return kmod_info.version;
}
