// SPDX-License-Identifier: BSD-2-Clause
/*
 * The contents of a file: one piece of memory, as long as the file or longer. Bytes at and behind the size
 * are undefined; whoever lengthens the file clears them. Locks: the caller holds the node's n_lock for
 * writing.
 */
#include "bench/ceiling/ceiling.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define DATA_MAX ((uint64_t)8 << 30) // bytes: everything is real memory

static int data_reserve(struct node *node, uint64_t size)
{
    if (size <= node->n_room)
        return 0;
    if (size > DATA_MAX)
        return EFBIG;
    // Doubling costs address space only: what is not written to is not backed.
    size_t room = size < 4096 ? 4096 : size > 2 * node->n_room ? size : 2 * node->n_room;
    char *data = realloc(node->n_data, room);
    if (data == NULL)
        return ENOSPC;
    node->n_data = data;
    node->n_room = room;
    return 0;
}

static void data_set_size(struct node *node, uint64_t size)
{
    node->n_stat.st_size = (off_t)size;
    node->n_stat.st_blocks = (blkcnt_t)((size + 511) / 512);
    node_touch(node, true);
}

int data_resize(struct node *node, uint64_t size)
{
    uint64_t old = (uint64_t)node->n_stat.st_size;
    int error = data_reserve(node, size);

    if (error != 0)
        return error;
    if (size > old)
        memset(node->n_data + old, 0, size - old);
    if (size == 0) {
        free(node->n_data);
        node->n_data = NULL;
        node->n_room = 0;
    }
    data_set_size(node, size);
    return 0;
}

int data_write(struct node *node, const char *bytes, size_t len, uint64_t off)
{
    uint64_t old = (uint64_t)node->n_stat.st_size;
    int error = off > DATA_MAX - len ? EFBIG : data_reserve(node, off + len);

    if (error != 0)
        return error;
    if (off > old)
        memset(node->n_data + old, 0, off - old);
    memcpy(node->n_data + off, bytes, len);
    data_set_size(node, off + len > old ? off + len : old);
    return 0;
}

int data_allocate(struct node *node, int mode, uint64_t off, uint64_t len)
{
    uint64_t size = (uint64_t)node->n_stat.st_size;
    bool zeroes = (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) != 0;
    int error = 0;

    if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) != 0)
        return EOPNOTSUPP;
    if (off > DATA_MAX || len > DATA_MAX - off)
        return EFBIG;
    if ((mode & FALLOC_FL_KEEP_SIZE) == 0 && off + len > size) {
        error = data_resize(node, off + len);
        if (error != 0)
            return error;
        size = off + len;
    }
    if (zeroes && off < size)
        memset(node->n_data + off, 0, off + len < size ? len : size - off);
    node_touch(node, true);
    return 0;
}
