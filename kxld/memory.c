// SPDX-License-Identifier: BSD-2-Clause
/*
 * Pools: memory that is taken piece by piece and given back all at once.
 *
 * Owns: the chunks it got from kxld_host.alloc. Locks: none; a pool belongs to one thread. Callers: all of
 * kxld/.
 */
#include "kxld/memory_internal.h"
#include "kxld/text_internal.h"

#define POOL_ALIGN     16u
#define POOL_CHUNK_MIN 4096u
#define POOL_CHUNK_MAX (256u << 10)

struct kxld_pool_chunk {
    struct kxld_pool_chunk *next;
    size_t size; /* as asked of the host */
};

_Static_assert(sizeof(struct kxld_pool_chunk) % POOL_ALIGN == 0,
               "what follows a chunk's head must be aligned");

void kxld_pool_init(struct kxld_pool *pool, const struct kxld_host *host)
{
    memset(pool, 0, sizeof(*pool));
    pool->host = host;
    pool->chunk_size = POOL_CHUNK_MIN;
}

void kxld_pool_free(struct kxld_pool *pool)
{
    struct kxld_pool_chunk *chunk = pool->chunks;

    while (chunk) {
        struct kxld_pool_chunk *next = chunk->next;

        pool->host->free(pool->host->ctx, chunk, chunk->size);
        chunk = next;
    }
    kxld_pool_init(pool, pool->host);
}

static uint8_t *pool_add_chunk(struct kxld_pool *pool, size_t size)
{
    struct kxld_pool_chunk *chunk = pool->host->alloc(pool->host->ctx, size);

    if (!chunk)
        return NULL;
    chunk->next = pool->chunks;
    chunk->size = size;
    pool->chunks = chunk;
    return (uint8_t *)(chunk + 1);
}

void *kxld_pool_alloc(struct kxld_pool *pool, size_t size)
{
    const size_t head = sizeof(struct kxld_pool_chunk);
    uint8_t *p;

    if (size > SIZE_MAX - head - POOL_ALIGN)
        return NULL;
    size = size ? (size + POOL_ALIGN - 1) / POOL_ALIGN * POOL_ALIGN : POOL_ALIGN;
    if (size > pool->left && size > pool->chunk_size / 4) {
        /* A large piece gets a chunk of its own; the small chunk in use stays in use. */
        p = pool_add_chunk(pool, head + size);
        return p ? memset(p, 0, size) : NULL;
    }
    if (size > pool->left) {
        p = pool_add_chunk(pool, pool->chunk_size);
        if (!p)
            return NULL;
        pool->next = p;
        pool->left = pool->chunk_size - head;
        if (pool->chunk_size < POOL_CHUNK_MAX)
            pool->chunk_size *= 2;
    }
    p = pool->next;
    pool->next += size;
    pool->left -= size;
    return memset(p, 0, size);
}

void *kxld_pool_array(struct kxld_pool *pool, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size)
        return NULL;
    return kxld_pool_alloc(pool, n * size);
}

char *kxld_pool_copy(struct kxld_pool *pool, const char *s, size_t len)
{
    char *copy = kxld_pool_alloc(pool, len + 1);

    return copy ? memcpy(copy, s, len) : NULL;
}
