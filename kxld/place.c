// SPDX-License-Identifier: BSD-2-Clause
/*
 * Placing the image: allocate, fix up, protect. What allocate took is in flight until finalise hands it to
 * the image; a link that ends before gives it back by kxld_place_abandon.
 *
 * Owns: the reservation of the link in flight. Locks: none. Callers: kxld_link.c.
 */
#include "kxld/link_internal.h"
#include "kxld/text_internal.h"

static bool place_image(struct kxld_link *link)
{
    const struct kxld_host *host = link->host;
    uint64_t mask = link->image_align - 1;

    if (link->request->flags & KXLD_LINK_DRY_RUN) {
        link->base = (link->request->dry_run_base + mask) & ~mask;
        link->contents = host->alloc(host->ctx, (size_t)link->image_size);
        if (!link->contents)
            return kxld_problem_plain(link, KXLD_PROBLEM_NO_MEMORY, "no memory for a dry run of %llu bytes",
                                      (unsigned long long)link->image_size);
        memset(link->contents, 0, (size_t)link->image_size);
    } else {
        if (host->image_reserve(host->ctx, (size_t)link->image_size, (size_t)link->image_align,
                                &link->base) != 0)
            return kxld_problem_plain(link, KXLD_PROBLEM_NO_MEMORY, "no room for an image of %llu bytes",
                                      (unsigned long long)link->image_size);
        link->contents = (uint8_t *)(uintptr_t)link->base;
    }
    link->is_placed = true;
    return true;
}

static uint64_t symbol_address(const struct kxld_link *link, const struct kxld_symbol *symbol)
{
    switch (symbol->kind) {
    case KXLD_KIND_DEFINED:
        return link->base + symbol->block->offset + symbol->value;
    case KXLD_KIND_SECTION_START:
        return link->base + symbol->section->offset;
    case KXLD_KIND_SECTION_STOP:
        return link->base + symbol->section->offset + symbol->section->size;
    case KXLD_KIND_IMAGE_BASE:
        return link->base;
    default:
        return symbol->value;
    }
}

bool kxld_pass_allocate(struct kxld_link *link)
{
    if (link->image_size && !place_image(link))
        return false;
    for (struct kxld_symbol *symbol = link->graph.first_symbol; symbol; symbol = symbol->next)
        symbol->address = symbol_address(link, symbol);
    return true;
}

void kxld_place_abandon(struct kxld_link *link)
{
    const struct kxld_host *host = link->host;

    if (!link->is_placed)
        return;
    link->is_placed = false;
    if (link->request->flags & KXLD_LINK_DRY_RUN)
        host->free(host->ctx, link->contents, (size_t)link->image_size);
    else
        host->image_release(host->ctx, link->base, (size_t)link->image_size);
}

/* @block is not empty. Its bytes are zero already, but in text. */
static void fixup_bytes(struct kxld_link *link, const struct kxld_block *block)
{
    uint8_t *bytes = link->contents + block->offset;

    if (block->content)
        memcpy(bytes, block->content, (size_t)block->size);
    else if (block->section->is_executable)
        memset(bytes, 0, (size_t)block->size);
    kxld_fixup_block(link, block, bytes);
}

bool kxld_pass_fixup(struct kxld_link *link)
{
    const struct kxld_segment *text = &link->segments[KXLD_SEGMENT_TEXT];

    /* Whoever jumps between two functions shall trap at once. */
    if (text->size)
        memset(link->contents + text->addr, 0xcc, (size_t)text->size);
    for (const struct kxld_section *section = link->graph.first_section; section; section = section->next)
        for (const struct kxld_block *block = section->first_block; block; block = block->next)
            if (block->size)
                fixup_bytes(link, block);
    return !kxld_link_has_errors(link);
}

bool kxld_pass_protect(struct kxld_link *link)
{
    const struct kxld_host *host = link->host;
    const struct kxld_image *image = link->image;

    if (image->is_dry_run)
        return true;
    for (size_t i = 0; i < image->n_segments; i++) {
        const struct kxld_segment *segment = &image->segments[i];

        if (host->image_protect(host->ctx, segment->addr, (size_t)segment->size, segment->prot) != 0)
            return kxld_problem_plain(link, KXLD_PROBLEM_PROTECT, "the %s segment could not be protected",
                                      segment->name);
    }
    return true;
}
