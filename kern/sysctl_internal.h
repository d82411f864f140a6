// SPDX-License-Identifier: BSD-2-Clause
/*
 * sysctl_internal.h: start of the tree of variables, and its root.
 */
#ifndef KEXTBED_KERN_SYSCTL_INTERNAL_H
#define KEXTBED_KERN_SYSCTL_INTERNAL_H

#include <sys/sysctl.h>

/** sysctl_init - once, after the memory is up; the tree stays until the process ends. */
void sysctl_init(void);
/** sysctl_root_register - put the kernel's own nodes and variables into the tree. */
void sysctl_root_register(void);
/** sysctl_register_fixed - does nothing: what the kernel has of its own is registered at the start. */
void sysctl_register_fixed(void);

#endif
