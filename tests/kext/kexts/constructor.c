// SPDX-License-Identifier: BSD-2-Clause
/* Its constructor has run before its start routine, once. */
#include <mach/kmod.h>
#include <sys/systm.h>

kern_return_t constructor_start(kmod_info_t *ki, void *data);

static int constructed;

__attribute__((constructor)) static void construct(void)
{
    constructed++;
}

__attribute__((destructor)) static void destruct(void)
{
    printf("constructor: destroyed\n");
}

kern_return_t constructor_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    return constructed == 1 ? KERN_SUCCESS : KERN_FAILURE;
}
