// SPDX-License-Identifier: BSD-2-Clause
/*
 * The good copy. Contents come from a hash of seed, operation number and offset, so that a byte left over
 * from another operation, or from another place, is recognised for what it is. No locks (see model.h).
 */
#include "tools/fsx/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/fsx/rng.h"

int model_init(struct model *m, uint64_t capacity, uint64_t seed)
{
    *m = (struct model){.capacity = capacity, .seed = seed};
    m->good = calloc(capacity, sizeof(m->good[0]));
    m->writer = calloc(capacity, sizeof(m->writer[0]));
    if (m->good == NULL || m->writer == NULL) {
        model_free(m);
        return ENOMEM;
    }
    return 0;
}

void model_free(struct model *m)
{
    free(m->good);
    free(m->writer);
    m->good = NULL;
    m->writer = NULL;
}

void model_pattern(const struct model *m, uint64_t number, uint64_t off, uint8_t *out, size_t len)
{
    uint64_t key = m->seed ^ (number * 0x9e3779b97f4a7c15u);
    size_t done = 0;

    while (done < len) {
        uint64_t word = rng_mix(key + ((off + done) >> 3));

        for (uint64_t i = (off + done) & 7; i < 8 && done < len; i++) {
            uint8_t byte = (uint8_t)(word >> (8 * i));

            // A zero would pass for a hole.
            out[done++] = byte != 0 ? byte : 0xa5;
        }
    }
}

static void model_mark(struct model *m, const struct op *op, uint64_t from, uint64_t to)
{
    for (uint64_t off = from; off < to; off++)
        m->writer[off] = (uint32_t)op->number;
}

static void model_resize(struct model *m, const struct op *op, uint64_t size)
{
    uint64_t low = size < m->size ? size : m->size;
    uint64_t high = size < m->size ? m->size : size;

    memset(m->good + low, 0, high - low);
    model_mark(m, op, low, high);
    m->size = size;
}

void model_apply(struct model *m, const struct op *op)
{
    uint64_t end = op->off + op->len;

    if (op->kind == OP_TRUNCATE) {
        model_resize(m, op, op->off);
        return;
    }
    if (op_grows(op->kind) && end > m->size)
        model_resize(m, op, end);
    if (op_zeroes(op->kind) && op->off < m->size) {
        uint64_t stop = end < m->size ? end : m->size;

        memset(m->good + op->off, 0, stop - op->off);
        model_mark(m, op, op->off, stop);
    } else if (op_stores(op->kind)) {
        model_pattern(m, op->number, op->off, m->good + op->off, op->len);
        model_mark(m, op, op->off, end);
    }
}

bool model_compare(const struct model *m, uint64_t off, const uint8_t *found, size_t len,
                   struct model_diff *diff)
{
    if (memcmp(m->good + off, found, len) == 0)
        return true;
    *diff = (struct model_diff){.first = UINT64_MAX};
    for (size_t i = 0; i < len; i++) {
        if (m->good[off + i] == found[i])
            continue;
        if (diff->count++ == 0)
            diff->first = off + i;
        diff->last = off + i;
    }
    return false;
}
