// SPDX-License-Identifier: BSD-2-Clause
/* Has a thread-local variable, which no kext can have. */
#include <mach/kmod.h>

kern_return_t local_start(kmod_info_t *ki, void *data);

static __thread int per_thread;

kern_return_t local_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    return per_thread++;
}
