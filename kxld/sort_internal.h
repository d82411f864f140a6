// SPDX-License-Identifier: BSD-2-Clause
/*
 * A stable sort by a number, in time n log n whatever the input is.
 *
 * Owns: nothing. Locks: none. Callers: image_tables.c, constructors.c, elf/elf_sections.c.
 */
#ifndef KXLD_SORT_INTERNAL_H
#define KXLD_SORT_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

struct kxld_sort_key {
    uint64_t key;
    void *value;
};

/* Sorts @keys by key, smallest first; @spare has room for as many. */
void kxld_sort(struct kxld_sort_key *keys, struct kxld_sort_key *spare, size_t n);

#endif
