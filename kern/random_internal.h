// SPDX-License-Identifier: BSD-2-Clause
/*
 * random_internal.h: exported functions that the public headers do not declare.
 */
#ifndef KEXTBED_KERN_RANDOM_INTERNAL_H
#define KEXTBED_KERN_RANDOM_INTERNAL_H

#include <sys/types.h>

void read_random(void *buffer, u_int numbytes);
void read_frandom(void *buffer, u_int numbytes);

#endif
