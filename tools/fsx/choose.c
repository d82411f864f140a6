// SPDX-License-Identifier: BSD-2-Clause
/*
 * Weights of the operation kinds, and the shapes of the ranges they work on. No locks (see choose.h).
 */
#include "tools/fsx/choose.h"

#include <string.h>

// Reads and writes lead; whatever changes the layout of the file comes often enough to meet them in every
// order.
static const uint8_t kind_weight[OP_KIND_COUNT] = {
    [OP_READ] = 20,     [OP_MAPREAD] = 14, [OP_WRITE] = 20,    [OP_MAPWRITE] = 14,  [OP_MAPWRITE_SYNC] = 1,
    [OP_TRUNCATE] = 10, [OP_PUNCH] = 8,    [OP_ALLOC] = 4,     [OP_ALLOC_KEEP] = 3, [OP_ZERO] = 3,
    [OP_ZERO_KEEP] = 3, [OP_FSYNC] = 1,    [OP_FDATASYNC] = 1,
};

void chooser_init(struct chooser *c, uint64_t seed, const struct fsx_options *options,
                  const struct fsx_caps *caps)
{
    *c = (struct chooser){.rng.state = seed, .options = options, .caps = caps};
    for (uint32_t kind = 0; kind < OP_KIND_COUNT; kind++)
        if (caps->allowed[kind])
            c->total += kind_weight[kind];
}

static uint32_t choose_kind(struct chooser *c)
{
    uint64_t ticket = rng_below(&c->rng, c->total);
    uint32_t kind = 0;

    for (; kind < OP_KIND_COUNT; kind++) {
        if (!c->caps->allowed[kind])
            continue;
        if (ticket < kind_weight[kind])
            break;
        ticket -= kind_weight[kind];
    }
    return kind;
}

// A length in [1, limit]: often short, sometimes exactly the limit.
static uint64_t choose_len(struct chooser *c, uint64_t limit)
{
    switch (rng_below(&c->rng, 8)) {
    case 0:
        return 1 + rng_below(&c->rng, limit < 16 ? limit : 16);
    case 1:
        return 1 + rng_below(&c->rng, limit < 4096 ? limit : 4096);
    case 2:
        return limit;
    default:
        return 1 + rng_below(&c->rng, limit);
    }
}

// A range inside [0, bound), bound > 0, that starts on a multiple of @boundary.
static void choose_range(struct chooser *c, uint64_t bound, uint64_t boundary, struct op *op)
{
    op->off = rng_below(&c->rng, bound);
    op->off -= op->off % boundary;
    uint64_t limit = bound - op->off;

    if (limit > c->options->max_op)
        limit = c->options->max_op;
    op->len = choose_len(c, limit);
}

static uint64_t choose_size(struct chooser *c, uint64_t size)
{
    uint64_t max = c->options->file_len;
    uint64_t target = rng_below(&c->rng, max + 1);

    // A quarter of the truncations stay near the present end, inside one page or across its edge.
    if (rng_below(&c->rng, 4) == 0) {
        uint64_t step = rng_below(&c->rng, 8192);

        target = size + step >= 4096 ? size + step - 4096 : 0;
        if (target > max)
            target = max;
    }
    return target - target % c->options->trunc_bdy;
}

void chooser_next(struct chooser *c, uint64_t size, struct op *op)
{
    const struct fsx_options *o = c->options;

    memset(op, 0, sizeof(*op));
    if (o->close_chance != 0 && rng_below(&c->rng, o->close_chance) == 0) {
        op->kind = OP_CLOSEOPEN;
        return;
    }
    op->kind = choose_kind(c);
    if (op->kind == OP_MAPREAD && size == 0)
        op->kind = OP_READ;
    if (op->kind == OP_READ) {
        // One read in eight may reach past the end of file.
        bool inside = size != 0 && rng_below(&c->rng, 8) != 0;

        choose_range(c, inside ? size : o->file_len, o->read_bdy, op);
    } else if (op->kind == OP_MAPREAD) {
        choose_range(c, size, o->read_bdy, op);
    } else if (op->kind == OP_TRUNCATE) {
        op->off = choose_size(c, size);
    } else if (op_has_range(op->kind)) {
        choose_range(c, o->file_len, o->write_bdy, op);
    }
}
