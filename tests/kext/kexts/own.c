// SPDX-License-Identifier: BSD-2-Clause
/* Defines kmod_info itself, as old sources do. */
#include <mach/kmod.h>
#include <sys/systm.h>

KMOD_DECL(own, "1.0.0")

static kern_return_t own_module_start(kmod_info_t *ki, void *data)
{
    (void)data;
    printf("own: %s\n", ki->name);
    return KERN_SUCCESS;
}

static kern_return_t own_module_stop(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    return KERN_SUCCESS;
}
