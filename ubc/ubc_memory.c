// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory for the contents of pages: cut from chunks, several pages in one piece where they are asked for
 * together, so that neighbours in a file are neighbours in memory and a list of them can be mapped as it is.
 * Pages are given back one by one.
 *
 * Locks: rank 380. Called by the files of ubc/, giving back also with a file's lock held.
 */
#include "buf/buf_iface.h"
#include "host/host.h"
#include "ubc/ubc_internal.h"

#define CHUNK_PAGES UBC_LIST_MAX
#define CHUNK_WORDS (CHUNK_PAGES / 64u)

struct ubc_chunk {
    LIST_ENTRY(ubc_chunk) uc_list; /* while it has a free page */
    uint8_t *uc_base;
    unsigned uc_free;
    uint64_t uc_mask[CHUNK_WORDS]; /* a bit for each free page */
};

static LIST_HEAD(, ubc_chunk) open_chunks;
static unsigned empty_chunks;
static lck_mtx_t lock;
static lck_grp_t *group;

void ubc_memory_boot(void)
{
    group = lck_grp_alloc_init("ubc.memory", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&lock, group, LCK_ATTR_NULL);
    LIST_INIT(&open_chunks);
    empty_chunks = 0;
}

static void chunk_free(struct ubc_chunk *chunk)
{
    host_free(chunk->uc_base);
    kern_free(chunk, sizeof(*chunk));
}

void ubc_memory_shutdown(void)
{
    struct ubc_chunk *chunk;
    while ((chunk = LIST_FIRST(&open_chunks))) {
        KASSERT(chunk->uc_free == CHUNK_PAGES, "%u pages of memory are still in use",
                CHUNK_PAGES - chunk->uc_free);
        LIST_REMOVE(chunk, uc_list);
        chunk_free(chunk);
    }
    lck_mtx_destroy(&lock, group);
    lck_grp_free(group);
}

static struct ubc_chunk *chunk_make(void)
{
    struct ubc_chunk *chunk = kern_alloc(sizeof(*chunk), "ubc_chunk");
    chunk->uc_base = host_alloc((size_t)CHUNK_PAGES * UBC_PAGE, UBC_PAGE);
    KASSERT(chunk->uc_base, "no memory for pages");
    chunk->uc_free = CHUNK_PAGES;
    for (unsigned i = 0; i < CHUNK_WORDS; i++)
        chunk->uc_mask[i] = UINT64_MAX;
    return chunk;
}

static bool is_free(const struct ubc_chunk *chunk, unsigned page)
{
    return (chunk->uc_mask[page / 64] >> (page % 64)) & 1;
}

/* Where @count free pages lie in one piece; CHUNK_PAGES: nowhere. */
static unsigned room_find(const struct ubc_chunk *chunk, unsigned count)
{
    for (unsigned page = 0, run = 0; page < CHUNK_PAGES; page++) {
        if (!run && page % 64 == 0 && !chunk->uc_mask[page / 64]) {
            page += 63;
            continue;
        }
        run = is_free(chunk, page) ? run + 1 : 0;
        if (run == count)
            return page + 1 - count;
    }
    return CHUNK_PAGES;
}

static struct ubc_memory take_at(struct ubc_chunk *chunk, unsigned first, unsigned count)
{
    if (chunk->uc_free == CHUNK_PAGES)
        empty_chunks--;
    for (unsigned page = first; page < first + count; page++)
        chunk->uc_mask[page / 64] &= ~(1ULL << (page % 64));
    chunk->uc_free -= count;
    if (!chunk->uc_free)
        LIST_REMOVE(chunk, uc_list);
    return (struct ubc_memory){chunk->uc_base + (size_t)first * UBC_PAGE, chunk};
}

/* The memory lock is held. False: no chunk has such a piece. */
static bool take_locked(unsigned count, struct ubc_memory *out)
{
    struct ubc_chunk *chunk;
    LIST_FOREACH(chunk, &open_chunks, uc_list)
    {
        unsigned first = chunk->uc_free >= count ? room_find(chunk, count) : CHUNK_PAGES;
        if (first < CHUNK_PAGES) {
            *out = take_at(chunk, first, count);
            return true;
        }
    }
    return false;
}

struct ubc_memory ubc_memory_take(unsigned count)
{
    struct ubc_memory piece = {NULL, NULL};
    buf_memory_charge((uint64_t)count * UBC_PAGE);
    lck_mtx_lock(&lock);
    while (!take_locked(count, &piece)) {
        lck_mtx_unlock(&lock);
        struct ubc_chunk *fresh = chunk_make();
        lck_mtx_lock(&lock);
        LIST_INSERT_HEAD(&open_chunks, fresh, uc_list);
        empty_chunks++;
    }
    lck_mtx_unlock(&lock);
    return piece;
}

void ubc_memory_give(struct ubc_memory page)
{
    struct ubc_chunk *chunk = page.um_chunk;
    unsigned number = (unsigned)((size_t)(page.um_data - chunk->uc_base) >> UBC_SHIFT);
    bool last = false;
    lck_mtx_lock(&lock);
    KASSERT(!is_free(chunk, number), "the memory of a page is given back twice");
    if (!chunk->uc_free)
        LIST_INSERT_HEAD(&open_chunks, chunk, uc_list);
    chunk->uc_mask[number / 64] |= 1ULL << (number % 64);
    if (++chunk->uc_free == CHUNK_PAGES) {
        /* One empty chunk is kept for the next who asks. */
        last = empty_chunks > 0;
        if (last)
            LIST_REMOVE(chunk, uc_list);
        else
            empty_chunks++;
    }
    lck_mtx_unlock(&lock);
    buf_memory_discharge(UBC_PAGE);
    if (last)
        chunk_free(chunk);
}
