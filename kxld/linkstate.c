// SPDX-License-Identifier: BSD-2-Clause
/*
 * Link states: what a later kext needs in order to link against this one, in one block of memory without
 * pointers, so that it can be copied, paged out and written down. Linking a dependent never looks at the
 * library's file.
 *
 *      head | symbols, in order of address | buckets | strings
 *
 * A bucket holds 1 + the index of a symbol, or 0; a name is looked for from the bucket that its hash names
 * onwards.
 *
 * Owns: the block of each image. Locks: none; read-only once made. Callers: image_tables.c, kext/, resolve.c
 * by way of the provider.
 */
#include "kxld/image_internal.h"
#include "kxld/text_internal.h"

#define LINKSTATE_MAGIC   0x736c786bu /* "kxls" */
#define LINKSTATE_VERSION 1u

struct linkstate_symbol {
    uint64_t value; /* from base, or the number itself when absolute */
    uint32_t size;
    uint32_t name; /* offset in strings */
    uint32_t name_len;
    uint32_t hash;
    uint32_t flags; /* enum kxld_symbol_flags */
    uint32_t state; /* enum kxld_state */
};

struct kxld_linkstate {
    uint32_t magic;
    uint32_t version;
    uint64_t size; /* of the whole block */
    uint64_t base; /* of the image */
    uint8_t uuid[16];
    uint32_t n_symbols;
    uint32_t n_buckets; /* power of two */
    uint32_t bundle_version;
    uint32_t strings_size;
    uint64_t symbols_at; /* from the head's first byte, as the next two */
    uint64_t buckets_at;
    uint64_t strings_at;
};

static const struct linkstate_symbol *state_symbols(const struct kxld_linkstate *state)
{
    return (const struct linkstate_symbol *)((const uint8_t *)state + state->symbols_at);
}

static uint32_t *state_buckets(const struct kxld_linkstate *state)
{
    return (uint32_t *)((uint8_t *)(uintptr_t)state + state->buckets_at);
}

static const char *state_strings(const struct kxld_linkstate *state)
{
    return (const char *)state + state->strings_at;
}

/* Sets sizes and offsets for the exported symbols of @image and a version of @version_len bytes. */
static void measure(struct kxld_linkstate *head, const struct kxld_image *image, size_t version_len)
{
    const struct kxld_image_private *private_data = image->private_data;
    uint64_t strings = 1 + version_len + 1;

    memset(head, 0, sizeof(*head));
    for (size_t i = 0; i < private_data->n_symbols; i++) {
        const struct kxld_image_symbol *symbol = &private_data->symbols[i];

        if (!(symbol->flags & KXLD_SYMBOL_EXPORTED))
            continue;
        head->n_symbols++;
        strings += kxld_string_length(private_data->strings + symbol->name) + 1;
    }
    head->n_buckets = 4;
    while (head->n_buckets < head->n_symbols * 2)
        head->n_buckets *= 2;
    head->magic = LINKSTATE_MAGIC;
    head->version = LINKSTATE_VERSION;
    head->base = image->base;
    memcpy(head->uuid, image->uuid, sizeof(head->uuid));
    head->symbols_at = sizeof(*head);
    head->buckets_at = head->symbols_at + (uint64_t)head->n_symbols * sizeof(struct linkstate_symbol);
    head->strings_at = head->buckets_at + (uint64_t)head->n_buckets * sizeof(uint32_t);
    head->strings_size = (uint32_t)strings;
    head->size = head->strings_at + strings;
}

static bool enter_bucket(struct kxld_linkstate *state, uint32_t hash, uint32_t index)
{
    uint32_t *buckets = state_buckets(state);
    uint32_t at = hash & (state->n_buckets - 1);

    for (uint32_t step = 0; step < KXLD_NAME_TABLE_STEPS; step++) {
        if (!buckets[at]) {
            buckets[at] = index + 1;
            return true;
        }
        at = (at + 1) & (state->n_buckets - 1);
    }
    return false;
}

static bool fill(struct kxld_linkstate *state, const struct kxld_image *image)
{
    const struct kxld_image_private *private_data = image->private_data;
    struct linkstate_symbol *to = (struct linkstate_symbol *)((uint8_t *)state + state->symbols_at);
    char *strings = (char *)state + state->strings_at;
    uint32_t at = state->bundle_version + (uint32_t)kxld_string_length(strings + state->bundle_version) + 1;
    uint32_t index = 0;

    for (size_t i = 0; i < private_data->n_symbols; i++) {
        const struct kxld_image_symbol *from = &private_data->symbols[i];
        const char *name = private_data->strings + from->name;

        if (!(from->flags & KXLD_SYMBOL_EXPORTED))
            continue;
        to[index].value = from->flags & KXLD_SYMBOL_ABSOLUTE ? from->addr : from->addr - image->base;
        to[index].size = from->size;
        to[index].name = at;
        to[index].name_len = (uint32_t)kxld_string_length(name);
        to[index].hash = from->hash;
        to[index].flags = from->flags & ~KXLD_SYMBOL_INSIDE;
        to[index].state = KXLD_STATE_STABLE;
        memcpy(strings + at, name, to[index].name_len + 1);
        at += to[index].name_len + 1;
        if (!enter_bucket(state, from->hash, index))
            return false;
        index++;
    }
    return true;
}

struct kxld_linkstate *kxld_linkstate_make(struct kxld_link *link, const struct kxld_image *image)
{
    const struct kxld_host *host = link->host;
    const char *version = link->request->bundle_version ? link->request->bundle_version : "";
    size_t version_len = kxld_string_length(version);
    struct kxld_linkstate head, *state;

    measure(&head, image, version_len);
    state = host->alloc(host->ctx, (size_t)head.size);
    if (!state) {
        kxld_problem_plain(link, KXLD_PROBLEM_NO_MEMORY, "no memory for the link state");
        return NULL;
    }
    memset(state, 0, (size_t)head.size);
    *state = head;
    state->bundle_version = 1;
    memcpy((char *)state + state->strings_at + state->bundle_version, version, version_len);
    if (!fill(state, image)) {
        kxld_linkstate_free(host, state);
        kxld_problem_plain(link, KXLD_PROBLEM_TOO_LARGE,
                           "too many exported names share one hash value; they seem to be made to");
        return NULL;
    }
    return state;
}

void kxld_linkstate_free(const struct kxld_host *host, struct kxld_linkstate *linkstate)
{
    if (linkstate)
        host->free(host->ctx, linkstate, (size_t)linkstate->size);
}

size_t kxld_linkstate_count(const struct kxld_linkstate *linkstate)
{
    return linkstate->n_symbols;
}

size_t kxld_linkstate_size(const struct kxld_linkstate *linkstate)
{
    return (size_t)linkstate->size;
}

bool kxld_linkstate_get(const struct kxld_linkstate *linkstate, size_t index, struct kxld_export *export)
{
    const struct linkstate_symbol *symbol;

    if (index >= linkstate->n_symbols)
        return false;
    symbol = &state_symbols(linkstate)[index];
    export->name = state_strings(linkstate) + symbol->name;
    export->address = symbol->flags & KXLD_SYMBOL_ABSOLUTE ? symbol->value : linkstate->base + symbol->value;
    export->flags = symbol->flags & KXLD_SYMBOL_FUNC ? KXLD_EXPORT_FUNC : KXLD_EXPORT_DATA;
    export->state = (enum kxld_state)symbol->state;
    export->instead = NULL;
    return true;
}

static bool state_lookup(const struct kxld_provider *provider, const char *name, size_t len,
                         struct kxld_export *export)
{
    const struct kxld_linkstate *state = provider->data;
    const uint32_t *buckets = state_buckets(state);
    uint32_t hash = kxld_name_hash(name, len);
    uint32_t at = hash & (state->n_buckets - 1);

    for (; buckets[at]; at = (at + 1) & (state->n_buckets - 1)) {
        const struct linkstate_symbol *symbol = &state_symbols(state)[buckets[at] - 1];

        if (symbol->hash == hash && symbol->name_len == len &&
            memcmp(state_strings(state) + symbol->name, name, len) == 0)
            return kxld_linkstate_get(state, buckets[at] - 1, export);
    }
    return false;
}

static void state_iterate(const struct kxld_provider *provider,
                          bool (*visit)(void *arg, const char *name, size_t len), void *arg)
{
    const struct kxld_linkstate *state = provider->data;

    for (uint32_t i = 0; i < state->n_symbols; i++) {
        const struct linkstate_symbol *symbol = &state_symbols(state)[i];

        if (!visit(arg, state_strings(state) + symbol->name, symbol->name_len))
            return;
    }
}

void kxld_linkstate_provider(const struct kxld_linkstate *linkstate, const char *name, const char *version,
                             struct kxld_provider *provider)
{
    provider->name = name;
    provider->version = version ? version : state_strings(linkstate) + linkstate->bundle_version;
    provider->data = linkstate;
    provider->lookup = state_lookup;
    provider->iterate = state_iterate;
}
