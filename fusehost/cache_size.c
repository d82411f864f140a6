// SPDX-License-Identifier: BSD-2-Clause
/*
 * The operand of --cache-size, for all programs that start a kernel half. A function of its argument and of
 * the machine's memory; any thread.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fusehost/fusehost.h"

static uint64_t memory_size(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : UINT64_MAX;
}

bool fh_cache_size_read(const char *text, uint64_t *out)
{
    static const char units[] = "kmg";
    char *end;
    unsigned shift = 0;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || errno != 0)
        return false;
    if (*end != '\0') {
        const char *unit = strchr(units, *end | 0x20);

        if (!unit || end[1] != '\0')
            return false;
        shift = 10 * (unsigned)(unit - units + 1);
    }
    *out = (uint64_t)value << shift;
    return value <= UINT64_MAX >> shift && *out >= FH_CACHE_SIZE_MIN && *out <= memory_size();
}
