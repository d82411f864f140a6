// SPDX-License-Identifier: BSD-2-Clause
/*
 * The distance between two identifiers, in slips; see nearest.h. No state, no locks.
 */
#include "libkext/nearest.h"

#include <stdbool.h>
#include <string.h>

#include "libkext/wire.h"

#define SLIPS_MAX 3u

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Letters inserted, left out, changed, or swapped with their neighbour. */
static unsigned distance_of(const char *a, const char *b)
{
    unsigned rows[3][KEXT_WIRE_MAX_ID + 2];
    size_t la = strlen(a), lb = strlen(b);

    if (la > KEXT_WIRE_MAX_ID || lb > KEXT_WIRE_MAX_ID) {
        return SLIPS_MAX + 1;
    }
    for (size_t j = 0; j <= lb; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= la; i++) {
        unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= lb; j++) {
            bool same = lower(a[i - 1]) == lower(b[j - 1]);

            now[j] = smaller(before[j - 1] + !same, smaller(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
                now[j] = smaller(now[j], earlier[j - 2] + 1);
            }
        }
    }
    return rows[la % 3][lb];
}

void kext_nearest_try(struct kext_nearest *nearest, const char *candidate)
{
    unsigned distance = distance_of(nearest->wanted, candidate);
    bool near = distance <= SLIPS_MAX && 3 * distance <= strlen(nearest->wanted);

    if (near && (nearest->best == NULL || distance < nearest->distance)) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}
