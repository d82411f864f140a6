// SPDX-License-Identifier: BSD-2-Clause
/*
 * A file's contents: a radix tree whose leaves are pages of 4 KiB. A page that is absent reads as zeroes, so
 * holes cost nothing and files of many terabytes are possible. A file of one page has no tables at all.
 *
 * Invariant: beyond n_size every byte of a page that exists is zero; growing a file then needs no work.
 * Locks: the caller holds n_lock, exclusive for all functions that change something.
 */
#include "memfs.h"

#define FANOUT_SHIFT 9
#define FANOUT       (1u << FANOUT_SHIFT)
#define HEIGHT_MAX   6u

/* Both levels' blocks have the same size, so a table counts as a page in the mount's account. */
_Static_assert(FANOUT * sizeof(void *) == MEMFS_PAGE_SIZE, "a table fills a page");

/* Pages that a tree of this height can hold. */
static uint64_t tree_span(uint32_t height)
{
    return (uint64_t)1 << (FANOUT_SHIFT * height);
}

static uint32_t slot_of(uint64_t index, uint32_t level)
{
    return (uint32_t)(index >> (FANOUT_SHIFT * (level - 1))) & (FANOUT - 1);
}

static int block_alloc(struct memfs_mount *mnt, void **out)
{
    int error = memfs_space_take(mnt, MEMFS_PAGE_SIZE);
    if (error)
        return error;
    *out = memfs_alloc(MEMFS_PAGE_SIZE);
    if (*out)
        return 0;
    memfs_space_give(mnt, MEMFS_PAGE_SIZE);
    return ENOSPC;
}

static void block_free(struct memfs_mount *mnt, void *block)
{
    memfs_free(block, MEMFS_PAGE_SIZE);
    memfs_space_give(mnt, MEMFS_PAGE_SIZE);
}

void *memfs_page_find(const struct memfs_data *data, uint64_t index)
{
    void *block = data->d_root;
    if (index >= tree_span(data->d_height))
        return NULL;
    for (uint32_t level = data->d_height; level && block; level--)
        block = ((void **)block)[slot_of(index, level)];
    return block;
}

/* Puts tables above the root until the tree spans `index`. */
static int tree_grow(struct memfs_node *node, uint64_t index)
{
    struct memfs_data *data = &node->u.data;

    while (index >= tree_span(data->d_height)) {
        if (data->d_height == HEIGHT_MAX)
            return EFBIG;
        if (data->d_root) {
            void **table;
            int error = block_alloc(node->n_mount, (void **)&table);
            if (error)
                return error;
            table[0] = data->d_root;
            data->d_root = table;
        }
        data->d_height++;
    }
    return 0;
}

int memfs_page_get(struct memfs_node *node, uint64_t index, void **page)
{
    struct memfs_data *data = &node->u.data;
    int error = tree_grow(node, index);

    void **where = &data->d_root;
    for (uint32_t level = data->d_height; level && !error; level--) {
        if (!*where)
            error = block_alloc(node->n_mount, where);
        if (!error)
            where = &((void **)*where)[slot_of(index, level)];
    }
    if (error)
        return error;
    if (!*where) {
        error = block_alloc(node->n_mount, where);
        if (error)
            return error;
        data->d_pages++;
    }
    *page = *where;
    return 0;
}

/* Frees pages [first, end) below *where, which spans `span` pages; true if nothing is left there. */
static boolean_t tree_trim(struct memfs_node *node, void **where, uint32_t level, uint64_t first,
                           uint64_t end)
{
    if (!*where)
        return TRUE;
    if (level == 0) {
        block_free(node->n_mount, *where);
        *where = NULL;
        node->u.data.d_pages--;
        return TRUE;
    }
    void **table = *where;
    uint64_t span = tree_span(level - 1);
    boolean_t empty = TRUE;
    for (uint32_t i = 0; i < FANOUT; i++) {
        uint64_t base = i * span;
        boolean_t outside = base + span <= first || base >= end;
        if (outside) {
            empty = empty && !table[i];
            continue;
        }
        uint64_t sub_first = first > base ? first - base : 0;
        uint64_t sub_end = end - base < span ? end - base : span;
        if (!tree_trim(node, &table[i], level - 1, sub_first, sub_end))
            empty = FALSE;
    }
    if (empty) {
        block_free(node->n_mount, table);
        *where = NULL;
    }
    return empty;
}

void memfs_pages_free(struct memfs_node *node, uint64_t first, uint64_t end)
{
    struct memfs_data *data = &node->u.data;

    if (first >= end || first >= tree_span(data->d_height))
        return;
    if (end > tree_span(data->d_height))
        end = tree_span(data->d_height);
    if (tree_trim(node, &data->d_root, data->d_height, first, end))
        data->d_height = 0;
}

/* The first page at or after `index` and below `end` that is present (or absent); `end` if there is none. */
uint64_t memfs_page_next(const struct memfs_data *data, uint64_t index, uint64_t end, boolean_t present)
{
    while (index < end) {
        if (index >= tree_span(data->d_height))
            return present ? end : index;
        void *block = data->d_root;
        uint32_t level = data->d_height;
        while (level && block)
            block = ((void **)block)[slot_of(index, level--)];
        if ((block != NULL) == present)
            return index;
        /* Skip all that the missing block would span; a page that is there spans one. */
        uint64_t span = tree_span(level);
        index = (index / span + 1) * span;
    }
    return end;
}

void memfs_zero_range(struct memfs_node *node, off_t from, off_t to)
{
    while (from < to) {
        off_t page_end = (off_t)roundup((uint64_t)from + 1, MEMFS_PAGE_SIZE);
        off_t stop = to < page_end ? to : page_end;
        char *page = memfs_page_find(&node->u.data, (uint64_t)from >> MEMFS_PAGE_SHIFT);
        if (page)
            bzero(page + (from & (MEMFS_PAGE_SIZE - 1)), (size_t)(stop - from));
        from = stop;
    }
}

int memfs_resize(struct memfs_node *node, off_t size)
{
    if (size < 0)
        return EINVAL;
    if (size > MEMFS_SIZE_MAX)
        return EFBIG;
    if (size < node->n_size) {
        uint64_t kept = howmany((uint64_t)size, MEMFS_PAGE_SIZE);
        memfs_pages_free(node, kept, UINT64_MAX);
        memfs_zero_range(node, size, (off_t)(kept << MEMFS_PAGE_SHIFT));
    }
    node->n_size = size;
    return 0;
}

void memfs_punch(struct memfs_node *node, off_t from, off_t to)
{
    uint64_t first = howmany((uint64_t)from, MEMFS_PAGE_SIZE);
    uint64_t end = (uint64_t)to >> MEMFS_PAGE_SHIFT;

    if (first > end) { /* within one page */
        memfs_zero_range(node, from, to);
        return;
    }
    memfs_zero_range(node, from, (off_t)(first << MEMFS_PAGE_SHIFT));
    memfs_pages_free(node, first, end);
    memfs_zero_range(node, (off_t)(end << MEMFS_PAGE_SHIFT), to);
}
