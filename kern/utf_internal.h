// SPDX-License-Identifier: BSD-2-Clause
/*
 * utf_internal.h: character data and the single-character steps under the utf8_* functions.
 */
#ifndef KEXTBED_KERN_UTF_INTERNAL_H
#define KEXTBED_KERN_UTF_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct utf_decomposition {
    uint16_t code, first, second; /* second 0: a single replacement */
};
struct utf_class_run {
    uint16_t first, last;
    uint8_t combining_class;
};

extern const struct utf_decomposition utf_decompositions[];
extern const unsigned utf_n_decompositions;
extern const uint16_t utf_compositions[];
extern const unsigned utf_n_compositions;
extern const struct utf_class_run utf_class_runs[];
extern const unsigned utf_n_class_runs;

#define UTF_DECOMPOSED_MAX 4 /* characters that one becomes at most */

/** utf_decompose - the full canonical decomposition of @code into @out. Returns the number of characters, 1
 * if there is none. */
unsigned utf_decompose(uint16_t code, uint16_t out[UTF_DECOMPOSED_MAX]);
/** utf_compose - the character that the two make, 0 if none. */
uint16_t utf_compose(uint16_t first, uint16_t second);
/** utf_combining_class - 0 for a character that does not combine with the one before. */
unsigned utf_combining_class(uint16_t code);

#define UTF_BAD UINT32_MAX
/** utf_take_utf8 - decode one character at *@at (before @end) and step over it. UTF_BAD: no well-formed
 * character; stepped over one byte. */
uint32_t utf_take_utf8(const uint8_t **at, const uint8_t *end);
/** utf_put_utf8 - encode @code; returns the number of bytes, 1 to 4. */
unsigned utf_put_utf8(uint32_t code, uint8_t out[4]);

#endif
