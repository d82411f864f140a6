// SPDX-License-Identifier: BSD-2-Clause
/* Calls a kernel function of a set that its Info.plist does not name. */
#include <mach/kmod.h>
#include <sys/vnode.h>

kern_return_t undeclared_start(kmod_info_t *ki, void *data);

kern_return_t undeclared_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    return vnode_get(0);
}
