// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory_bsd_internal.h: exported functions that no public header declares (compiled C++ code calls them).
 */
#ifndef KEXTBED_KERN_MEMORY_BSD_INTERNAL_H
#define KEXTBED_KERN_MEMORY_BSD_INTERNAL_H

#include <stddef.h>

/** kern_os_malloc - @size zeroed bytes; NULL for 0 or when there is no memory. */
void *kern_os_malloc(size_t size);
/** kern_os_realloc - a block of @size with the old one's contents, the rest zero; 0 frees. NULL: no memory,
 * @addr unchanged. */
void *kern_os_realloc(void *addr, size_t size);
/** kern_os_free - give back a block of the two above. NULL is allowed. */
void kern_os_free(void *addr);

#endif
