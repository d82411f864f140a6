// SPDX-License-Identifier: BSD-2-Clause
/*
 * page.c: page and memory sizes as data. Constant.
 */
#include <mach/vm_param.h>

#define MEMORY_BYTES                                                                                         \
    ((uint64_t)2 << 30) /* what caches may size themselves by; the host's memory is no business of theirs */

vm_size_t page_size = PAGE_SIZE;
vm_size_t page_mask = PAGE_MASK;
int page_shift = PAGE_SHIFT;
vm_size_t mem_size = MEMORY_BYTES;
uint64_t max_mem = MEMORY_BYTES;
