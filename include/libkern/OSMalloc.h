// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory allocated under a tag, which accounts for it. The size is given again at OSFree.
 */
#ifndef KPI_LIBKERN_OSMALLOC_H
#define KPI_LIBKERN_OSMALLOC_H

#include <sys/cdefs.h>
#include <stdint.h>
#include <sys/types.h>
#include <libkern/OSBase.h>

struct __OSMallocTag__;
typedef struct __OSMallocTag__ *OSMallocTag;
typedef struct __OSMallocTag__ *OSMallocTag_t;

#define OSMT_DEFAULT  0x0
#define OSMT_PAGEABLE 0x1

__BEGIN_DECLS
/** OSMalloc_Tagalloc - make a tag.
 *  @name  in  copied; names the owner in reports.
 *  @flags in  OSMT_*.
 *  Refs:   end with OSMalloc_Tagfree, after all memory of the tag is freed.
 *  Locks:  none.
 *  Blocks: yes.
 *  Errno:  NULL, no memory.
 *  KPI:    libkern, deprecated */
OSMallocTag OSMalloc_Tagalloc(const char *name, uint32_t flags);
/** OSMalloc_Tagfree - give up a tag. Memory that is still allocated keeps it alive. */
void OSMalloc_Tagfree(OSMallocTag tag);
/** OSMalloc - allocate memory.
 *  @size in  bytes.
 *  @tag  in  who answers for it.
 *  Refs:   the caller owns the memory until OSFree with the same size and tag.
 *  Locks:  no spin lock.
 *  Blocks: yes.
 *  Errno:  NULL if @size is 0 or there is no memory.
 *  KPI:    libkern, deprecated */
void *OSMalloc(uint32_t size, OSMallocTag tag);
/** OSMalloc_nowait - as OSMalloc, NULL where that would block. */
void *OSMalloc_nowait(uint32_t size, OSMallocTag tag);
/** OSMalloc_noblock - as OSMalloc_nowait. */
void *OSMalloc_noblock(uint32_t size, OSMallocTag tag);
/** OSFree - free memory of OSMalloc.
 *  @addr in  what OSMalloc returned; not NULL.
 *  @size in  bytes, as at allocation.
 *  @tag  in  as at allocation.
 *  Refs:   ends the caller's ownership of the memory.
 *  Locks:  any may be held.
 *  Blocks: no.
 *  Errno:  none.
 *  KPI:    libkern, deprecated */
void OSFree(void *addr, uint32_t size, OSMallocTag tag);
__END_DECLS

#endif /* KPI_LIBKERN_OSMALLOC_H */
