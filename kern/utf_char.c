// SPDX-License-Identifier: BSD-2-Clause
/*
 * utf_char.c: one character at a time: coding, decomposition, composition, combining class. No locks, no
 * state.
 */
#include <sys/utfconv.h>

#include "kern/utf_internal.h"

/* Hangul syllables are made of jamo by arithmetic. */
#define HANGUL_FIRST 0xac00u
#define HANGUL_COUNT 11172u
#define JAMO_L       0x1100u
#define JAMO_V       0x1161u
#define JAMO_T       0x11a7u
#define N_L          19u
#define N_V          21u
#define N_T          28u

static const struct utf_decomposition *find_decomposition(uint16_t code)
{
    unsigned low = 0, high = utf_n_decompositions;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (utf_decompositions[middle].code == code)
            return &utf_decompositions[middle];
        if (utf_decompositions[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static unsigned decompose_hangul(unsigned index, uint16_t *out)
{
    out[0] = (uint16_t)(JAMO_L + index / (N_V * N_T));
    out[1] = (uint16_t)(JAMO_V + index % (N_V * N_T) / N_T);
    if (index % N_T == 0)
        return 2;
    out[2] = (uint16_t)(JAMO_T + index % N_T);
    return 3;
}

unsigned utf_decompose(uint16_t code, uint16_t out[UTF_DECOMPOSED_MAX])
{
    uint16_t marks[UTF_DECOMPOSED_MAX];
    const struct utf_decomposition *step;
    unsigned n_marks = 0, n = 0;

    if (code - HANGUL_FIRST < HANGUL_COUNT)
        return decompose_hangul(code - HANGUL_FIRST, out);
    /* Only the first part of a pair decomposes further; the marks come out last to first. */
    while ((step = find_decomposition(code)) && n_marks < UTF_DECOMPOSED_MAX - 1) {
        if (step->second)
            marks[n_marks++] = step->second;
        code = step->first;
    }
    out[n++] = code;
    while (n_marks)
        out[n++] = marks[--n_marks];
    return n;
}

static uint16_t compose_hangul(uint16_t first, uint16_t second)
{
    if (first - JAMO_L < N_L && second - JAMO_V < N_V)
        return (uint16_t)(HANGUL_FIRST + ((first - JAMO_L) * N_V + (second - JAMO_V)) * N_T);
    if (first - HANGUL_FIRST < HANGUL_COUNT && (first - HANGUL_FIRST) % N_T == 0 && second > JAMO_T &&
        second < JAMO_T + N_T)
        return (uint16_t)(first + (second - JAMO_T));
    return 0;
}

uint16_t utf_compose(uint16_t first, uint16_t second)
{
    unsigned low = 0, high = utf_n_compositions;
    uint32_t wanted = (uint32_t)first << 16 | second;

    while (low < high) {
        unsigned middle = (low + high) / 2;
        const struct utf_decomposition *at = &utf_decompositions[utf_compositions[middle]];
        uint32_t here = (uint32_t)at->first << 16 | at->second;

        if (here == wanted)
            return at->code;
        if (here < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return compose_hangul(first, second);
}

unsigned utf_combining_class(uint16_t code)
{
    unsigned low = 0, high = utf_n_class_runs;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (code < utf_class_runs[middle].first)
            high = middle;
        else if (code > utf_class_runs[middle].last)
            low = middle + 1;
        else
            return utf_class_runs[middle].combining_class;
    }
    return 0;
}

int unicode_combinable(u_int16_t character)
{
    return utf_combining_class(character) != 0;
}

int unicode_decomposeable(u_int16_t character)
{
    return character - HANGUL_FIRST < HANGUL_COUNT || find_decomposition(character) != NULL;
}

uint32_t utf_take_utf8(const uint8_t **at, const uint8_t *end)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t *from = (*at)++;
    uint32_t code = from[0];
    unsigned n = code < 0x80 ? 1 : code >= 0xc2 && code < 0xe0 ? 2 : code >= 0xe0 && code < 0xf0 ? 3 : 4;

    if (n == 1)
        return code;
    if (code < 0xc2 || code > 0xf4 || (size_t)(end - from) < n)
        return UTF_BAD;
    code &= 0xffu >> (n + 1);
    for (unsigned i = 1; i < n; i++) {
        if ((from[i] & 0xc0) != 0x80)
            return UTF_BAD;
        code = code << 6 | (from[i] & 0x3fu);
    }
    if (code < smallest[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return UTF_BAD;
    *at = from + n;
    return code;
}

unsigned utf_put_utf8(uint32_t code, uint8_t out[4])
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xc0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (code & 0x3f));
    return 4;
}
