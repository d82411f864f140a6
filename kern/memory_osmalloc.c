// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory_osmalloc.c: OSMalloc and its tags. A tag lives until its handle was given back and its last block is
 * gone, so the order of the two does not matter. No locks of its own. Called by kexts.
 */
#include <stdatomic.h>
#include <libkern/OSMalloc.h>
#include <sys/syslog.h>

#include "kern/memory_internal.h"

/* The public handle is opaque; it is our tag. */
static struct memory_tag *tag_of(OSMallocTag handle)
{
    return (struct memory_tag *)(void *)handle;
}

OSMallocTag OSMalloc_Tagalloc(const char *name, uint32_t flags)
{
    struct memory_tag *tag = memory_tag_create(name, kern_owner_of(__builtin_return_address(0)));

    (void)flags; /* pageable or wired makes no difference here */
    KASSERT(tag, "no memory for the allocation tag \"%s\"", name);
    return (OSMallocTag)(void *)tag;
}

void OSMalloc_Tagfree(OSMallocTag handle)
{
    struct memory_tag *tag = tag_of(handle);
    struct kern_memory_stats left;

    counters_read(&tag->counters, &left);
    if (left.blocks)
        kern_log(LOG_WARNING,
                 "OSMalloc tag \"%s\" is given up with %llu bytes in %llu blocks still allocated\n",
                 tag->name, left.bytes, left.blocks);
    memory_tag_give_up(tag);
}

static void *osmalloc(uint32_t size, OSMallocTag handle, const void *caller)
{
    struct memory_tag *tag = tag_of(handle);
    struct memory_request request = {
        .size = size, .tag = tag, .kind = MEMORY_OSMALLOC, .caller = caller, .may_fail = true};

    return size ? memory_alloc(&request) : NULL;
}

void *OSMalloc(uint32_t size, OSMallocTag handle)
{
    return osmalloc(size, handle, __builtin_return_address(0));
}

void *OSMalloc_noblock(uint32_t size, OSMallocTag handle)
{
    return osmalloc(size, handle, __builtin_return_address(0));
}

void *OSMalloc_nowait(uint32_t size, OSMallocTag handle)
{
    return osmalloc(size, handle, __builtin_return_address(0));
}

void OSFree(void *ptr, uint32_t size, OSMallocTag handle)
{
    if (ptr)
        memory_free(ptr, size, tag_of(handle), MEMORY_OSMALLOC, __builtin_return_address(0));
}
