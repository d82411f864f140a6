// SPDX-License-Identifier: BSD-2-Clause
/* The smallest kext: says so when it starts and when it stops. */
#include <mach/kmod.h>
#include <sys/systm.h>

kern_return_t hello_start(kmod_info_t *ki, void *data);
kern_return_t hello_stop(kmod_info_t *ki, void *data);

kern_return_t hello_start(kmod_info_t *ki, void *data)
{
    (void)data;
    printf("hello: %s %s is kext %u\n", ki->name, ki->version, ki->id);
    return KERN_SUCCESS;
}

kern_return_t hello_stop(kmod_info_t *ki, void *data)
{
    (void)data;
    printf("hello: %s says goodbye\n", ki->name);
    return KERN_SUCCESS;
}
