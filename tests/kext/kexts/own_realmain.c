// SPDX-License-Identifier: BSD-2-Clause
/*
 * Defines kmod_info itself, with the start-up code's routines, as the makefiles of kexts built without Xcode
 * do; and is compiled like a source that knows several systems.
 */
#include <mach/kmod.h>
#include <sys/systm.h>

#if defined(linux) || defined(__linux) || defined(__linux__) || defined(__gnu_linux__)
#error "taken for Linux"
#endif
#if defined(unix) || defined(__unix) || defined(__unix__)
#error "Darwin's compilers do not define these"
#endif
#if !defined(__APPLE__) || !defined(__APPLE_CC__) || !defined(__MACH__) ||                                   \
    __ENVIRONMENT_MAC_OS_X_VERSION_MIN_REQUIRED__ < 1050
#error "not taken for Darwin"
#endif

extern kern_return_t _start(kmod_info_t *ki, void *data);
extern kern_return_t _stop(kmod_info_t *ki, void *data);

static kern_return_t realmain_start(kmod_info_t *ki, void *data)
{
    (void)data;
    printf("own_realmain: %s\n", ki->name);
    return KERN_SUCCESS;
}

static kern_return_t realmain_stop(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    return KERN_SUCCESS;
}

extern kmod_start_func_t *_realmain;
extern kmod_stop_func_t *_antimain;

KMOD_EXPLICIT_DECL(org.kextbed.test.own_realmain, "1.0.0", _start, _stop)
kmod_start_func_t *_realmain = realmain_start;
kmod_stop_func_t *_antimain = realmain_stop;
