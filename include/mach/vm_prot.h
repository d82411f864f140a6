// SPDX-License-Identifier: BSD-2-Clause
/*
 * Protections of memory.
 */
#ifndef KPI_MACH_VM_PROT_H
#define KPI_MACH_VM_PROT_H

#include <mach/machine/boolean.h>

typedef int vm_prot_t;

#define VM_PROT_NONE             0x0
#define VM_PROT_READ             0x1
#define VM_PROT_WRITE            0x2
#define VM_PROT_EXECUTE          0x4
#define VM_PROT_DEFAULT          (VM_PROT_READ | VM_PROT_WRITE)
#define VM_PROT_ALL              (VM_PROT_READ | VM_PROT_WRITE | VM_PROT_EXECUTE)
#define VM_PROT_RORW_TP          (VM_PROT_EXECUTE)
#define VM_PROT_UEXEC            0x8
#define VM_PROT_NO_CHANGE_LEGACY 0x8
#define VM_PROT_COPY             0x10
#define VM_PROT_WANTS_COPY       0x10
#define VM_PROT_IS_MASK          0x40
#define VM_PROT_STRIP_READ       0x80
#define VM_PROT_TPRO             0x200
#define VM_PROT_NO_CHANGE        0x1000000
#define VM_PROT_EXECUTE_ONLY     (VM_PROT_EXECUTE | VM_PROT_STRIP_READ)
#define VM_PROT_ALLEXEC          (VM_PROT_EXECUTE | VM_PROT_UEXEC)

#endif /* KPI_MACH_VM_PROT_H */
