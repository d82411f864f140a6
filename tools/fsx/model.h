// SPDX-License-Identifier: BSD-2-Clause
/*
 * The good copy: what the file must contain, and which operation gave each byte its value.
 * One struct model belongs to one struct subject, hence to one thread. No locks.
 * Invariant: bytes of @good at and beyond @size are zero.
 */
#ifndef FSX_MODEL_H
#define FSX_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/fsx/op.h"

struct model {
    uint8_t *good;    // [capacity] expected contents
    uint32_t *writer; // [capacity] number of the operation that last set the byte, 0 = none
    uint64_t size;    // bytes: expected file size
    uint64_t capacity;
    uint64_t seed; // chooses the contents that operations write
};

// Where an expected and a found piece of the file differ.
struct model_diff {
    uint64_t first; // file offset of the first wrong byte
    uint64_t last;  // file offset of the last wrong byte
    uint64_t count; // wrong bytes
};

/** model_init - an empty file that may grow to @capacity bytes. Returns 0 or ENOMEM. */
int model_init(struct model *m, uint64_t capacity, uint64_t seed);

/** model_free - gives back the memory of @m. Also right for a zeroed or half made model. */
void model_free(struct model *m);

/** model_pattern - the @len bytes that operation @number stores at @off. Never a zero byte. */
void model_pattern(const struct model *m, uint64_t number, uint64_t off, uint8_t *out, size_t len);

/** model_apply - changes the good copy as @op must change the file. @op is possible (op_possible). */
void model_apply(struct model *m, const struct op *op);

/** model_compare - checks @len bytes found at @off. Returns true when equal, else false and @diff filled. */
bool model_compare(const struct model *m, uint64_t off, const uint8_t *found, size_t len,
                   struct model_diff *diff);

#endif
