// SPDX-License-Identifier: BSD-2-Clause
/*
 * Addresses, sizes and handles of the virtual memory system.
 */
#ifndef KPI_MACH_VM_TYPES_H
#define KPI_MACH_VM_TYPES_H

#include <sys/cdefs.h>
#include <stdint.h>
#include <mach/port.h>
#include <mach/machine/vm_types.h>

typedef vm_offset_t pointer_t;
typedef vm_offset_t vm_address_t;

/* Physical. */
typedef uint64_t addr64_t;
typedef uint32_t reg64_t;
typedef uint32_t ppnum_t;
#define PPNUM_MAX ((uint32_t)0xffffffff)

/* Handles. */
typedef mach_port_t vm_map_t;
typedef mach_port_t vm_map_read_t;
typedef mach_port_t vm_map_inspect_t;
typedef mach_port_t vm_named_entry_t;
struct upl;
typedef struct upl *upl_t;
#define VM_MAP_NULL         ((vm_map_t)0)
#define VM_MAP_READ_NULL    ((vm_map_read_t)0)
#define VM_MAP_INSPECT_NULL ((vm_map_inspect_t)0)
#define VM_NAMED_ENTRY_NULL ((vm_named_entry_t)0)
#define UPL_NULL            ((upl_t)0)

typedef uint64_t vm_object_offset_t;
typedef uint64_t vm_object_size_t;

/* A range, and how a task asks for one of a kind. */
typedef struct mach_vm_range {
    mach_vm_offset_t min_address;
    mach_vm_offset_t max_address;
} * mach_vm_range_t;
typedef uint64_t mach_vm_range_flags_t;
enum { MACH_VM_RANGE_NONE = 0 };
typedef uint32_t mach_vm_range_flavor_t;
enum { MACH_VM_RANGE_FLAVOR_INVALID = 0, MACH_VM_RANGE_FLAVOR_V1 = 1 };
#define MACH_VM_RANGE_FLAVOR_DEFAULT MACH_VM_RANGE_FLAVOR_V1
typedef uint8_t mach_vm_range_tag_t;
enum { MACH_VM_RANGE_DEFAULT = 0, MACH_VM_RANGE_DATA = 1, MACH_VM_RANGE_FIXED = 2 };
typedef struct {
    mach_vm_range_flags_t flags : 48;
    mach_vm_range_tag_t range_tag : 8;
    uint8_t vm_tag : 8;
    struct mach_vm_range range;
} mach_vm_range_recipe_v1_t;
typedef mach_vm_range_recipe_v1_t mach_vm_range_recipe_t;

#endif /* KPI_MACH_VM_TYPES_H */
