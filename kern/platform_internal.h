// SPDX-License-Identifier: BSD-2-Clause
/*
 * platform_internal.h: exported functions that the public headers do not declare.
 */
#ifndef KEXTBED_KERN_PLATFORM_INTERNAL_H
#define KEXTBED_KERN_PLATFORM_INTERNAL_H

#include <mach/vm_types.h>

/** vm_kernel_unslide_or_perm_external - *@up_addr: what may be printed for an address of the kernel: its
 * place in the linked image, or a stand-in for an address in dynamic memory. */
void vm_kernel_unslide_or_perm_external(vm_offset_t addr, vm_offset_t *up_addr);
/** vm_kernel_addrperm_external - *@perm_addr: what may be printed for an address in dynamic memory. */
void vm_kernel_addrperm_external(vm_offset_t addr, vm_offset_t *perm_addr);

#endif
