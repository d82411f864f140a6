// SPDX-License-Identifier: BSD-2-Clause
/* Leaves memory and a lock group behind. */
#include <kern/locks.h>
#include <libkern/OSMalloc.h>
#include <mach/kmod.h>

kern_return_t leak_start(kmod_info_t *ki, void *data);

kern_return_t leak_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    OSMallocTag tag = OSMalloc_Tagalloc("leak", OSMT_DEFAULT);

    return OSMalloc(1000, tag) ? KERN_SUCCESS : KERN_FAILURE;
}
