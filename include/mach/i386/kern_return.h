// SPDX-License-Identifier: BSD-2-Clause
/*
 * kern_return_t is an int on x86_64.
 */
#ifndef KPI_MACH_I386_KERN_RETURN_H
#define KPI_MACH_I386_KERN_RETURN_H

typedef int kern_return_t;

#endif /* KPI_MACH_I386_KERN_RETURN_H */
