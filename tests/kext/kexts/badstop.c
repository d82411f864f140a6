// SPDX-License-Identifier: BSD-2-Clause
/* Its stop routine refuses once. */
#include <mach/kmod.h>

kern_return_t badstop_stop(kmod_info_t *ki, void *data);

static int refusals = 1;

kern_return_t badstop_stop(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    return refusals-- > 0 ? 5 : KERN_SUCCESS;
}
