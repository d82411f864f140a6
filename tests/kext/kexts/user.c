// SPDX-License-Identifier: BSD-2-Clause
/* Links against the library and checks that it works, functions and data. */
#include <mach/kmod.h>

extern int library_add(int a, int b);
extern int library_calls;
kern_return_t user_start(kmod_info_t *ki, void *data);

kern_return_t user_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    int before = library_calls;

    return library_add(2, 3) == 5 && library_calls == before + 1 ? KERN_SUCCESS : KERN_FAILURE;
}
