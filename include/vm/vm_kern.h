// SPDX-License-Identifier: BSD-2-Clause
/*
 * Addresses of the kernel as they may be shown. Private.
 */
#ifndef KPI_VM_VM_KERN_H
#define KPI_VM_VM_KERN_H

#include <sys/cdefs.h>
#include <mach/mach_types.h>
#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/vm_types.h>

__BEGIN_DECLS
/** vm_kernel_unslide_or_perm_external - *@up_addr: what may be printed for an address of the kernel: its
 * place in the linked image, or a stand-in for an address in dynamic memory. Here it is the address itself.
 */
void vm_kernel_unslide_or_perm_external(vm_offset_t addr, vm_offset_t *up_addr);
/** vm_kernel_addrperm_external - *@perm_addr: what may be printed for an address in dynamic memory. */
void vm_kernel_addrperm_external(vm_offset_t addr, vm_offset_t *perm_addr);
__END_DECLS

#endif /* KPI_VM_VM_KERN_H */
