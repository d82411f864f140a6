// SPDX-License-Identifier: BSD-2-Clause
/*
 * The finalise pass: the image as the client sees it. Segments, placed sections, symbols for backtraces,
 * constructors, call-frame information, identifier and link state. From its end on the image owns its memory.
 *
 * Owns: the image until kxld_link hands it out. Locks: none. Callers: kxld_link.c.
 */
#include "kxld/image_internal.h"
#include "kxld/sort_internal.h"
#include "kxld/text_internal.h"

static bool no_memory(struct kxld_link *link)
{
    return kxld_problem_plain(link, KXLD_PROBLEM_NO_MEMORY, "no memory for the tables of the image");
}

/* Compilers' labels and sections' own symbols say nothing to a person. */
static bool symbol_is_listed(const struct kxld_symbol *symbol)
{
    if (symbol->is_section || symbol->name_len == 0)
        return false;
    if (symbol->kind != KXLD_KIND_DEFINED && symbol->kind != KXLD_KIND_NUMBER)
        return false;
    return symbol->is_global || !kxld_string_has_prefix(symbol->name, ".L");
}

/* By address; of several at one address the one that a person knows best comes last. */
static uint64_t symbol_key(const struct kxld_link *link, const struct kxld_symbol *symbol)
{
    if (symbol->kind == KXLD_KIND_NUMBER)
        return UINT64_MAX;
    return (symbol->address - link->base) << 2 | (uint64_t)symbol->is_function << 1 | symbol->is_global;
}

static struct kxld_sort_key *sort_symbols(struct kxld_link *link, size_t *n, size_t *string_size)
{
    struct kxld_sort_key *keys = kxld_link_alloc(link, link->graph.n_symbols * 2, sizeof(*keys));

    *n = 0;
    *string_size = 1;
    if (!keys)
        return NULL;
    for (struct kxld_symbol *symbol = link->graph.first_symbol; symbol; symbol = symbol->next) {
        if (!symbol_is_listed(symbol))
            continue;
        keys[*n].key = symbol_key(link, symbol);
        keys[*n].value = symbol;
        (*n)++;
        *string_size += symbol->name_len + 1;
    }
    kxld_sort(keys, keys + link->graph.n_symbols, *n);
    return keys;
}

static uint32_t symbol_flags(const struct kxld_symbol *symbol)
{
    return (symbol->is_function ? KXLD_SYMBOL_FUNC : 0u) |
           (kxld_symbol_is_exported(symbol) ? KXLD_SYMBOL_EXPORTED : 0u) |
           (symbol->is_global ? 0u : KXLD_SYMBOL_LOCAL) |
           (symbol->kind == KXLD_KIND_NUMBER ? KXLD_SYMBOL_ABSOLUTE : 0u);
}

/* Labels within a function must not take its place in a backtrace. */
static void mark_inside(struct kxld_image_private *private_data)
{
    uint64_t end = 0;

    for (size_t i = 0; i < private_data->n_placed; i++) {
        struct kxld_image_symbol *symbol = &private_data->symbols[i];

        if (symbol->flags & KXLD_SYMBOL_FUNC)
            end = symbol->addr + symbol->size;
        else if (symbol->addr < end)
            symbol->flags |= KXLD_SYMBOL_INSIDE;
    }
}

static bool list_symbols(struct kxld_link *link, struct kxld_image_private *private_data)
{
    size_t n, string_size;
    struct kxld_sort_key *keys = sort_symbols(link, &n, &string_size);
    size_t at = 1;

    if (!keys)
        return false;
    private_data->symbols = kxld_pool_array(&private_data->pool, n, sizeof(*private_data->symbols));
    private_data->strings = kxld_pool_alloc(&private_data->pool, string_size);
    if (!private_data->symbols || !private_data->strings)
        return no_memory(link);
    for (size_t i = 0; i < n; i++) {
        const struct kxld_symbol *from = keys[i].value;
        struct kxld_image_symbol *to = &private_data->symbols[i];

        to->addr = from->address;
        to->size = (uint32_t)from->size;
        to->name = (uint32_t)at;
        to->hash = kxld_name_hash(from->name, from->name_len);
        to->flags = symbol_flags(from);
        memcpy(private_data->strings + at, from->name, from->name_len);
        at += from->name_len + 1;
        if (from->kind != KXLD_KIND_NUMBER)
            private_data->n_placed++;
    }
    private_data->n_symbols = n;
    mark_inside(private_data);
    return true;
}

static bool list_sections(struct kxld_link *link, struct kxld_image *image)
{
    struct kxld_pool *pool = &image->private_data->pool;
    struct kxld_placed_section *placed;
    size_t n = 0;

    for (struct kxld_section *section = link->graph.first_section; section; section = section->next)
        n += section->size > 0;
    placed = kxld_pool_array(pool, n, sizeof(*placed));
    if (!placed)
        return no_memory(link);
    image->sections = placed;
    for (struct kxld_section *section = link->graph.first_section; section; section = section->next) {
        if (!section->size)
            continue;
        placed->name = kxld_pool_copy(pool, section->name, kxld_string_length(section->name));
        if (!placed->name)
            return no_memory(link);
        placed->addr = link->base + section->offset;
        placed->size = section->size;
        if (section->role == KXLD_ROLE_EH_FRAME && section->has_content) {
            image->eh_frame = placed->addr;
            image->eh_frame_size = placed->size;
        }
        placed++;
    }
    image->n_sections = n;
    return true;
}

static void list_segments(struct kxld_link *link, struct kxld_image *image)
{
    for (int kind = 0; kind < KXLD_N_SEGMENTS; kind++) {
        struct kxld_segment *segment = &link->segments[kind];

        if (!segment->size)
            continue;
        image->segments[image->n_segments] = *segment;
        image->segments[image->n_segments].addr += link->base;
        image->n_segments++;
    }
}

static void set_identity(struct kxld_link *link, struct kxld_image *image)
{
    image->uuid_from_note = link->uuid_from_note;
    if (link->uuid_from_note)
        memcpy(image->uuid, link->uuid, sizeof(image->uuid));
    else
        kxld_content_id(link->request->object, link->request->object_len, image->uuid);
}

static bool fill_image(struct kxld_link *link, struct kxld_image *image)
{
    struct kxld_image_private *private_data = image->private_data;

    image->bundle_id = kxld_pool_copy(&private_data->pool, link->report->report.bundle_id,
                                      kxld_string_length(link->report->report.bundle_id));
    if (!image->bundle_id)
        return no_memory(link);
    image->base = link->base;
    image->size = link->image_size;
    image->contents = link->contents;
    image->is_dry_run = link->request->flags & KXLD_LINK_DRY_RUN;
    set_identity(link, image);
    list_segments(link, image);
    if (!list_symbols(link, private_data) || !list_sections(link, image) ||
        !kxld_image_list_constructors(link, image))
        return false;
    private_data->linkstate = kxld_linkstate_make(link, image);
    image->linkstate = private_data->linkstate;
    return private_data->linkstate != NULL;
}

bool kxld_pass_finalise(struct kxld_link *link)
{
    const struct kxld_host *host = link->host;
    struct kxld_image_whole *whole = host->alloc(host->ctx, sizeof(*whole));

    if (!whole)
        return no_memory(link);
    memset(whole, 0, sizeof(*whole));
    whole->image.private_data = &whole->private_data;
    kxld_pool_init(&whole->private_data.pool, host);
    if (!fill_image(link, &whole->image)) {
        kxld_pool_free(&whole->private_data.pool);
        host->free(host->ctx, whole, sizeof(*whole));
        return false;
    }
    link->image = &whole->image;
    link->is_placed = false;
    return true;
}
