// SPDX-License-Identifier: BSD-2-Clause
/*
 * os_boolean_internal.h: symbols that Darwin declares for C++ only.
 */
#ifndef KEXTBED_KERN_OS_BOOLEAN_INTERNAL_H
#define KEXTBED_KERN_OS_BOOLEAN_INTERNAL_H

extern const void *const kOSBooleanTrue;
extern const void *const kOSBooleanFalse;

#endif
