// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory_internal.h: the allocator proper, under every public family of allocation functions.
 */
#ifndef KEXTBED_KERN_MEMORY_INTERNAL_H
#define KEXTBED_KERN_MEMORY_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kern/kern_iface.h"
#include "kern/split_internal.h"

/* Which family a block came from: memory of one may not be freed by another. */
enum memory_kind {
    MEMORY_KERNEL = 1, /* kern_alloc */
    MEMORY_OSMALLOC,
    MEMORY_BSD,     /* _MALLOC, _FREE */
    MEMORY_IOKIT,   /* IOMalloc and relatives, kalloc: freed with the size */
    MEMORY_ALIGNED, /* IOMallocAligned, kmem_alloc */
    MEMORY_KERN_OS, /* kern_os_malloc: size unknown to the caller */
};

/* What one way of a split counter has seen; a block may be freed by another than the one that allocated it.
 * Live blocks are allocations less frees: one counter fewer to change each time. */
struct memory_way {
    _Atomic int64_t bytes;
    _Atomic int64_t told; /* the part of them that is in the shared sum */
    _Atomic uint64_t allocations, frees;
    char pad[SPLIT_BYTES - 4 * sizeof(uint64_t)];
};

/* The peak is looked for in a sum that a way adds to only now and then, so that it may be short of the truth
 * by what the ways have kept to themselves, a few kilobytes each. */
struct memory_counters {
    struct memory_way ways[SPLIT_WAYS];
    _Atomic int64_t told_bytes, peak_bytes;
};

/* A statistics bucket with a name. Lives for ever, except OSMalloc's, which end with their handle and
 * their last block. */
struct memory_tag {
    struct memory_counters counters;
    struct memory_tag *next; /* all tags; tag list lock */
    uint32_t owner;          /* of the code that made it */
    bool counted;            /* made by memory_tag_create */
    bool given_up;           /* the handle is gone: it ends with its last block; tag list lock */
    char name[64];
};

struct memory_request {
    size_t size;
    size_t align; /* 0: 16 */
    struct memory_tag *tag;
    enum memory_kind kind;
    const void *caller; /* return address of the public function: who is charged */
    bool zero;
    bool may_fail; /* counts for fault injection */
};

/** memory_alloc - NULL when there is no memory. */
void *memory_alloc(const struct memory_request *request);

#define MEMORY_SIZE_UNKNOWN SIZE_MAX
/** memory_free - @size as allocated or MEMORY_SIZE_UNKNOWN; @tag as allocated or NULL for any. Panics on a
 * block that is not ours, was freed already, has another kind, size or tag, or was written beyond its end. */
void memory_free(void *ptr, size_t size, struct memory_tag *tag, enum memory_kind kind, const void *caller);
/** memory_size - the size of a live block of @kind. Panics as memory_free does. */
size_t memory_size(void *ptr, enum memory_kind kind, const void *caller);

void memory_init(void);
void memory_tag_init(void);
/** memory_tag_named - the permanent tag for a literal; found by the literal's address, so cheap after the
 * first time. */
struct memory_tag *memory_tag_named(const char *literal);
/** memory_tag_create - a counted tag of its own (OSMalloc_Tagalloc). NULL: no memory. */
struct memory_tag *memory_tag_create(const char *name, uint32_t owner);
/** memory_tag_give_up - the handle of a counted tag is gone. */
void memory_tag_give_up(struct memory_tag *tag);
/** memory_tag_name - the name of a tag that may be gone, or that never was one. */
void memory_tag_name(const struct memory_tag *tag, char *buf, size_t len);
uint32_t memory_tag_counted(void); /* live counted tags */

void counters_add(struct memory_counters *counters, size_t size);
void counters_sub(struct memory_counters *counters, size_t size);
void counters_read(struct memory_counters *counters, struct kern_memory_stats *stats);

void owner_init(void);
struct memory_counters *owner_counters(uint32_t owner);
const char *owner_name(uint32_t owner);

#ifdef KERN_DEBUG
/** memory_each_block - call @fn for every live block of @owner, list lock held. Debug builds only. */
void memory_each_block(uint32_t owner,
                       bool (*fn)(void *arg, void *ptr, size_t size, const char *tag, const void *caller),
                       void *arg);
#endif

#endif
