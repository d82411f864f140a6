// SPDX-License-Identifier: BSD-2-Clause
/* Its start routine fails. */
#include <mach/kmod.h>

kern_return_t badstart_start(kmod_info_t *ki, void *data);

kern_return_t badstart_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    return 17;
}
