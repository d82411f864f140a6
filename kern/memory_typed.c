// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory_typed.c: IOMallocType and IOFreeType as built kexts call them, and IOKit's registry, which is empty.
 * A view stands in the kext; of it only the size counts here, since all types share one allocator. No locks.
 */
#include <stddef.h>
#include <IOKit/IOLib.h>

#include "kern/memory_internal.h"

#define SIZE_MASK 0xffffffu /* the bits of kt_size that are a size */

/* The layout that compilers of kexts lay down. */
struct kalloc_type_view {
    void *kt_zone[4];
    const char *kt_signature;
    uint32_t kt_flags;
    uint32_t kt_size;
    void *kt_unused[2];
};

static size_t view_size(kalloc_type_view_t view)
{
    return view->kt_size & SIZE_MASK;
}

void *IOMallocTypeImpl(kalloc_type_view_t kt_view)
{
    struct memory_request request = {.size = view_size(kt_view),
                                     .tag = memory_tag_named("IOMallocType"),
                                     .kind = MEMORY_IOKIT,
                                     .caller = __builtin_return_address(0),
                                     .zero = true};

    return request.size ? memory_alloc(&request) : NULL;
}

void IOFreeTypeImpl(kalloc_type_view_t kt_view, void *address)
{
    if (address)
        memory_free(address, view_size(kt_view), NULL, MEMORY_IOKIT, __builtin_return_address(0));
}

struct OSDictionary *IOBSDNameMatching(const char *name)
{
    (void)name;
    return NULL;
}
