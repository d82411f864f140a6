// SPDX-License-Identifier: BSD-2-Clause
/*
 * The BSD allocator under its old names. New code uses OSMalloc; every block freed here is of unknown
 * size to the caller, so the allocator remembers it.
 */
#ifndef KPI_SYS_MALLOC_H
#define KPI_SYS_MALLOC_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <mach/vm_types.h>
#include <sys/appleapiopts.h>

/* Flags. */
#define M_WAITOK 0x0
#define M_NOWAIT 0x1
#define M_ZERO   0x4
#define M_NULL   0x8

/* Types: they only label the memory for statistics. */
#define M_PCB     4
#define M_RTABLE  5
#define M_IFADDR  9
#define M_SONAME  11
#define M_LOCKF   40
#define M_TEMP    80
#define M_UDFNODE 84
#define M_UDFMNT  85
#define M_KAUTH   100

#define MALLOC(space, cast, size, type, flags)      ((space) = (cast)_MALLOC((size), (type), (flags)))
#define FREE(addr, type)                            _FREE((void *)(addr), (type))
#define MALLOC_ZONE(space, cast, size, type, flags) MALLOC(space, cast, size, type, flags)
#define FREE_ZONE(addr, size, type)                 FREE(addr, type)

__BEGIN_DECLS
/** _MALLOC - allocate kernel memory.
 *  @size  in  bytes.
 *  @type  in  M_* label.
 *  @flags in  M_WAITOK (0) may sleep; M_NOWAIT returns NULL instead; M_ZERO clears the memory.
 *  Refs:   the caller owns the memory until _FREE.
 *  Locks:  no spin lock held, unless M_NOWAIT.
 *  Blocks: unless M_NOWAIT.
 *  Errno:  NULL if @size is 0 or there is no memory.
 *  KPI:    bsd, deprecated */
void *_MALLOC(size_t size, int type, int flags);
/** _FREE - free memory of _MALLOC.
 *  @addr in  what _MALLOC returned, or NULL, which does nothing.
 *  @type in  M_* label, as at allocation.
 *  Refs:   ends the caller's ownership of the memory.
 *  Locks:  any may be held.
 *  Blocks: no.
 *  Errno:  none.
 *  KPI:    bsd, deprecated */
void _FREE(void *addr, int type);
/** _MALLOC_ZONE - as _MALLOC. */
void *_MALLOC_ZONE(size_t size, int type, int flags);
/** _FREE_ZONE - as _FREE; @size as at allocation. */
void _FREE_ZONE(void *addr, size_t size, int type);
__END_DECLS

#endif /* KPI_SYS_MALLOC_H */
