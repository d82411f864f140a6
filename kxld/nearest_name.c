// SPDX-License-Identifier: BSD-2-Clause
/*
 * The exported name that looks most like a missing one: a slip of the keys, a Mach-O underscore too many.
 *
 * Owns: nothing. Locks: none. Callers: resolve.c, for the first few missing symbols only.
 */
#include "kxld/link_internal.h"
#include "kxld/text_internal.h"

#define NEAREST_MAX_LEN 64u /* longer names are not looked at */
#define NEAREST_FAR     4u  /* this many slips are no likeness */

struct search {
    const char *name;
    size_t len;
    unsigned best; /* slips of the best so far; only fewer are better */
    char found[NEAREST_MAX_LEN + 1];
    const struct kxld_provider *current;
    const struct kxld_provider *owner;
};

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

/*
 * Insertions, deletions, replacements and swaps of neighbours that turn @a into @b, or @limit when there are
 * that many or more. Three rows of the usual table are kept.
 */
static unsigned count_slips(const char *a, size_t a_len, const char *b, size_t b_len, unsigned limit)
{
    unsigned rows[3][NEAREST_MAX_LEN + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= b_len; j++)
        above[j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        unsigned *spare;
        unsigned least = row[0] = (unsigned)i;

        for (size_t j = 1; j <= b_len; j++) {
            unsigned cost = a[i - 1] != b[j - 1];

            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
            if (row[j] < least)
                least = row[j];
        }
        if (least >= limit)
            return limit;
        spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b_len] < limit ? above[b_len] : limit;
}

static bool search_visit(void *arg, const char *name, size_t len)
{
    struct search *search = arg;
    size_t apart = len > search->len ? len - search->len : search->len - len;
    unsigned slips;

    if (len == 0 || len > NEAREST_MAX_LEN || apart >= search->best)
        return true;
    slips = count_slips(search->name, search->len, name, len, search->best);
    if (slips < search->best) {
        search->best = slips;
        search->owner = search->current;
        memcpy(search->found, name, len);
        search->found[len] = '\0';
    }
    return true;
}

static void search_providers(struct search *search, const struct kxld_provider *const *providers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        search->current = providers[i];
        if (providers[i]->iterate)
            providers[i]->iterate(providers[i], search_visit, search);
    }
}

const char *kxld_nearest_name(const struct kxld_request *request, struct kxld_pool *pool, const char *name,
                              const struct kxld_provider **provider)
{
    struct search search = {.name = name, .len = kxld_string_length(name), .best = NEAREST_FAR};

    *provider = NULL;
    if (search.len < 3 || search.len > NEAREST_MAX_LEN)
        return NULL;
    /* A short name has few letters to be alike in. */
    if (search.len / 3 + 1 < search.best)
        search.best = (unsigned)(search.len / 3 + 1);
    search_providers(&search, request->declared, request->n_declared);
    search_providers(&search, request->known, request->n_known);
    if (!search.owner)
        return NULL;
    *provider = search.owner;
    return kxld_pool_copy(pool, search.found, kxld_string_length(search.found));
}
