// SPDX-License-Identifier: BSD-2-Clause
/*
 * Widths of VM quantities on x86_64.
 */
#ifndef KPI_MACH_I386_VM_TYPES_H
#define KPI_MACH_I386_VM_TYPES_H

#include <i386/_types.h>
#include <stdint.h>

typedef __darwin_natural_t natural_t;
typedef int integer_t;
typedef uintptr_t vm_offset_t;
typedef uintptr_t vm_size_t;
typedef uint64_t mach_vm_address_t;
typedef uint64_t mach_vm_offset_t;
typedef uint64_t mach_vm_size_t;
typedef uint64_t vm_map_offset_t;
typedef uint64_t vm_map_address_t;
typedef uint64_t vm_map_size_t;
typedef uint32_t vm32_offset_t;
typedef uint32_t vm32_address_t;
typedef uint32_t vm32_size_t;
typedef mach_vm_address_t mach_port_context_t;

#endif /* KPI_MACH_I386_VM_TYPES_H */
