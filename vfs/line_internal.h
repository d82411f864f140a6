// SPDX-License-Identifier: BSD-2-Clause
/*
 * line_internal.h: cache lines. The big tables of this folder are looked into at random places, and what such
 * a look costs is the lines that it touches; so their elements are laid out in whole lines. For name_cache.c
 * and vnode_table.c.
 */
#ifndef KEXTBED_VFS_LINE_INTERNAL_H
#define KEXTBED_VFS_LINE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#define LINE_BYTES 64u

/* Bytes to allocate for a table of @size bytes that line_align() finds room in. */
#define LINE_ROOM(size) ((size) + LINE_BYTES - 1)

/** line_align - the first line that begins at or behind @memory. */
static inline void *line_align(void *memory)
{
    return (void *)(((uintptr_t)memory + LINE_BYTES - 1) & ~(uintptr_t)(LINE_BYTES - 1));
}

/* The same for pairs of lines: processors fetch the other one of a pair along. */
#define PAIR_ROOM(size) ((size) + 2 * LINE_BYTES - 1)

static inline void *pair_align(void *memory)
{
    return (void *)(((uintptr_t)memory + 2 * LINE_BYTES - 1) & ~(uintptr_t)(2 * LINE_BYTES - 1));
}

#endif
