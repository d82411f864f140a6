// SPDX-License-Identifier: BSD-2-Clause
/*
 * A stable sort by a number: merges of neighbouring runs, from the bottom up, so without recursion.
 *
 * Owns: nothing. Locks: none. Callers: image_tables.c, constructors.c, elf/elf_sections.c.
 */
#include "kxld/sort_internal.h"
#include "kxld/text_internal.h"

/* Merges the runs [lo, mid) and [mid, hi) of @from into @to. */
static void merge_runs(const struct kxld_sort_key *from, struct kxld_sort_key *to, size_t lo, size_t mid,
                       size_t hi)
{
    size_t left = lo, right = mid;

    for (size_t at = lo; at < hi; at++) {
        if (left < mid && (right >= hi || from[left].key <= from[right].key))
            to[at] = from[left++];
        else
            to[at] = from[right++];
    }
}

void kxld_sort(struct kxld_sort_key *keys, struct kxld_sort_key *spare, size_t n)
{
    struct kxld_sort_key *from = keys, *to = spare;

    for (size_t run = 1; run < n; run *= 2) {
        struct kxld_sort_key *swap;

        for (size_t lo = 0; lo < n; lo += 2 * run) {
            size_t mid = lo + run < n ? lo + run : n;
            size_t hi = mid + run < n ? mid + run : n;

            merge_runs(from, to, lo, mid, hi);
        }
        swap = from;
        from = to;
        to = swap;
    }
    if (from != keys)
        memcpy(keys, from, n * sizeof(*keys));
}
