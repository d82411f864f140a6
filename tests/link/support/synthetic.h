// SPDX-License-Identifier: BSD-2-Clause
/*
 * Objects made in memory, larger or stranger than an assembler would make them: one section of data, one
 * 8-byte field and relocation for each of a list of symbols.
 *
 * Owns: nothing. Locks: none. Callers: tests/link.
 */
#ifndef TESTS_LINK_SYNTHETIC_H
#define TESTS_LINK_SYNTHETIC_H

#include <stddef.h>
#include <stdint.h>

struct synthetic {
    size_t n_symbols;
    /* Writes the NUL-terminated name of symbol @index (from 0), at most 64 bytes. */
    void (*name)(size_t index, char *name);
    int is_extended;      /* symbols name their section by a table of its own */
    int are_defined;      /* global definitions of their fields, else undefined */
    size_t n_relocations; /* n-th relocation is for symbol n % n_symbols */
    unsigned type;        /* of all relocations; R_X86_64_64 when 0 */
};

/* The object; freed by the caller. */
uint8_t *synthetic_make(const struct synthetic *what, size_t *size);

#endif
