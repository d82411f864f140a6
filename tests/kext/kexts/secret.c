// SPDX-License-Identifier: BSD-2-Clause
/* Wants what the library hides. */
#include <mach/kmod.h>

extern int library_secret(void);
kern_return_t secret_start(kmod_info_t *ki, void *data);

kern_return_t secret_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    return library_secret();
}
