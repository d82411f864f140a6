// SPDX-License-Identifier: BSD-2-Clause
/*
 * control_internal.h: start of the register of kernel controls.
 */
#ifndef KEXTBED_KERN_CONTROL_INTERNAL_H
#define KEXTBED_KERN_CONTROL_INTERNAL_H

/** control_init - once, after the memory is up. */
void control_init(void);

#endif
