// SPDX-License-Identifier: BSD-2-Clause
/*
 * platform.c: how this kernel was started, as kexts ask for it: without boot arguments, with a debugger
 * allowed, not moved from the addresses that it was linked at, on a machine without a platform expert, and
 * without daemons that have ports. No locks; nothing changes.
 */
#include <IOKit/IOPlatformExpert.h>
#include <kern/host.h>
#include <mach/host_priv.h>
#include <mach/host_special_ports.h>
#include <pexpert/pexpert.h>
#include <vm/vm_kern.h>

PE_state_t PE_state;

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

/* ---- the machine --------------------------------------------------------------------------------------- */

boolean_t PEGetMachineName(char *name, int maxLength)
{
    (void)name;
    (void)maxLength;
    return FALSE;
}

boolean_t PEGetModelName(char *name, int maxLength)
{
    return PEGetMachineName(name, maxLength);
}

boolean_t PEGetTargetName(char *name, int maxLength)
{
    return PEGetMachineName(name, maxLength);
}

boolean_t PEGetProductName(char *name, int maxLength)
{
    return PEGetMachineName(name, maxLength);
}

int PEGetPlatformEpoch(void)
{
    return -1;
}

/* ---- ports --------------------------------------------------------------------------------------------- */

/* Only its address matters. */
static char the_host;

host_priv_t host_priv_self(void)
{
    return (host_priv_t)(void *)&the_host;
}

kern_return_t host_get_special_port(host_priv_t host_priv, int node, int which, mach_port_t *port)
{
    (void)node;
    if (host_priv != host_priv_self() || which < HOST_MIN_SPECIAL_PORT || which > HOST_MAX_SPECIAL_PORT)
        return KERN_INVALID_ARGUMENT;
    *port = IPC_PORT_NULL;
    return KERN_SUCCESS;
}
