// SPDX-License-Identifier: BSD-2-Clause
/*
 * select_internal.h: start of the wait records.
 */
#ifndef KEXTBED_KERN_SELECT_INTERNAL_H
#define KEXTBED_KERN_SELECT_INTERNAL_H

void select_init(void);

#endif
