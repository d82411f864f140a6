// SPDX-License-Identifier: BSD-2-Clause
/*
 * Pools: memory that is taken piece by piece and given back all at once. One pool lives as long as a link,
 * one as long as a report, one as long as an image; so no error path frees anything one by one.
 *
 * Owns: the chunks it got from kxld_host.alloc. Locks: none; a pool belongs to one thread. Callers: all of
 * kxld/.
 */
#ifndef KXLD_MEMORY_INTERNAL_H
#define KXLD_MEMORY_INTERNAL_H

#include "kxld/kxld.h"

struct kxld_pool_chunk;

struct kxld_pool {
    const struct kxld_host *host;
    struct kxld_pool_chunk *chunks;
    uint8_t *next; /* free part of the newest small chunk */
    size_t left;
    size_t chunk_size; /* of the next small chunk; doubles up to a bound */
};

void kxld_pool_init(struct kxld_pool *pool, const struct kxld_host *host);
void kxld_pool_free(struct kxld_pool *pool);

/* Zero-filled, aligned to 16 bytes. NULL: no memory. @size 0 gives a pointer to nothing. */
void *kxld_pool_alloc(struct kxld_pool *pool, size_t size);
void *kxld_pool_array(struct kxld_pool *pool, size_t n, size_t size);

/* A NUL-terminated copy of @len bytes. */
char *kxld_pool_copy(struct kxld_pool *pool, const char *s, size_t len);

#endif
