// SPDX-License-Identifier: BSD-2-Clause
/*
 * iolock_internal.h: the life of IOKit's lock group.
 */
#ifndef KEXTBED_KERN_IOLOCK_INTERNAL_H
#define KEXTBED_KERN_IOLOCK_INTERNAL_H

void iolock_start(void);
void iolock_stop(void);

#endif
