// SPDX-License-Identifier: BSD-2-Clause
/* Follows a null pointer in its start routine. */
#include <mach/kmod.h>

kern_return_t crash_start(kmod_info_t *ki, void *data);

static __attribute__((noinline)) void crash_here(volatile int *where)
{
    *where = 1;
}

kern_return_t crash_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    crash_here(data);
    return KERN_SUCCESS;
}
