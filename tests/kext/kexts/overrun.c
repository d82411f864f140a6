// SPDX-License-Identifier: BSD-2-Clause
/* Writes one byte behind what it has allocated. Instrumented, unlike crash: a sanitizer sees the access
 * itself. */
#include <libkern/OSMalloc.h>
#include <mach/kmod.h>

kern_return_t overrun_start(kmod_info_t *ki, void *data);

static __attribute__((noinline)) void overrun_here(volatile char *mem, unsigned at)
{
    mem[at] = 'x';
}

kern_return_t overrun_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    OSMallocTag tag = OSMalloc_Tagalloc("overrun", OSMT_DEFAULT);
    char *mem = OSMalloc(21, tag);

    overrun_here(mem, 21);
    OSFree(mem, 21, tag);
    OSMalloc_Tagfree(tag);
    return KERN_SUCCESS;
}
