// SPDX-License-Identifier: BSD-2-Clause
/*
 * platform.c: how this kernel was started, as kexts ask for it: without boot arguments, with a debugger
 * allowed, and not moved from the addresses that it was linked at. No locks, no state.
 */
#include <pexpert/pexpert.h>

#include "kern/platform_internal.h"

boolean_t PE_parse_boot_argn(const char *arg_string, void *arg_ptr, int max_arg)
{
    (void)arg_string;
    (void)arg_ptr;
    (void)max_arg;
    return FALSE;
}

boolean_t PE_parse_boot_arg_str(const char *arg_string, char *arg_ptr, int size)
{
    return PE_parse_boot_argn(arg_string, arg_ptr, size);
}

uint32_t PE_i_can_has_debugger(uint32_t *flags)
{
    if (flags)
        *flags = 1;
    return 1;
}

void vm_kernel_unslide_or_perm_external(vm_offset_t addr, vm_offset_t *up_addr)
{
    *up_addr = addr;
}

void vm_kernel_addrperm_external(vm_offset_t addr, vm_offset_t *perm_addr)
{
    *perm_addr = addr;
}
