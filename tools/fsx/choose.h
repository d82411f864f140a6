// SPDX-License-Identifier: BSD-2-Clause
/*
 * Choosing random operations for one file. A struct chooser belongs to one thread. No locks.
 */
#ifndef FSX_CHOOSE_H
#define FSX_CHOOSE_H

#include <stdint.h>

#include "tools/fsx/op.h"
#include "tools/fsx/rng.h"
#include "tools/fsx/subject.h"

struct chooser {
    struct rng rng;
    const struct fsx_options *options;
    const struct fsx_caps *caps;
    uint32_t total; // sum of the weights of the kinds in use
};

/** chooser_init - a chooser whose operations follow from @seed, @options and @caps alone. */
void chooser_init(struct chooser *c, uint64_t seed, const struct fsx_options *options,
                  const struct fsx_caps *caps);

/** chooser_next - a random operation that is possible (op_possible) on a file of @size bytes; number is left
 * 0. */
void chooser_next(struct chooser *c, uint64_t size, struct op *op);

#endif
