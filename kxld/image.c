// SPDX-License-Identifier: BSD-2-Clause
/*
 * Questions to a finished image, and its end.
 *
 * Owns: nothing beside the image it is given. Locks: none; an image is read-only. Callers: kext/, the panic
 * path.
 */
#include "kxld/image_internal.h"
#include "kxld/text_internal.h"

void kxld_image_free(const struct kxld_host *host, struct kxld_image *image)
{
    struct kxld_image_whole *whole = (struct kxld_image_whole *)image;

    if (!image)
        return;
    kxld_linkstate_free(host, whole->private_data.linkstate);
    kxld_pool_free(&whole->private_data.pool);
    if (image->size && image->is_dry_run)
        host->free(host->ctx, image->contents, (size_t)image->size);
    else if (image->size)
        host->image_release(host->ctx, image->base, (size_t)image->size);
    host->free(host->ctx, whole, sizeof(*whole));
}

static void fill_info(const struct kxld_image_private *private_data, const struct kxld_image_symbol *symbol,
                      struct kxld_symbol_info *info)
{
    info->name = private_data->strings + symbol->name;
    info->addr = symbol->addr;
    info->size = symbol->size;
    info->flags = symbol->flags & ~KXLD_SYMBOL_INSIDE;
}

bool kxld_image_find(const struct kxld_image *image, const char *name, struct kxld_symbol_info *info)
{
    const struct kxld_image_private *private_data = image->private_data;
    const struct kxld_image_symbol *found = NULL;
    uint32_t hash = kxld_name_hash(name, kxld_string_length(name));

    for (size_t i = 0; i < private_data->n_symbols; i++) {
        const struct kxld_image_symbol *symbol = &private_data->symbols[i];

        if (symbol->hash != hash || !kxld_string_equal(private_data->strings + symbol->name, name))
            continue;
        if (!found || !(symbol->flags & KXLD_SYMBOL_LOCAL))
            found = symbol;
        if (!(found->flags & KXLD_SYMBOL_LOCAL))
            break;
    }
    if (!found)
        return false;
    fill_info(private_data, found, info);
    return true;
}

static const struct kxld_segment *segment_of(const struct kxld_image *image, uint64_t address)
{
    for (size_t i = 0; i < image->n_segments; i++)
        if (address - image->segments[i].addr < image->segments[i].size)
            return &image->segments[i];
    return NULL;
}

/* Number of placed symbols at or below @address. */
static size_t count_below(const struct kxld_image_private *private_data, uint64_t address)
{
    size_t lo = 0, hi = private_data->n_placed;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (private_data->symbols[mid].addr <= address)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool kxld_image_symbol_at(const struct kxld_image *image, uint64_t pc, struct kxld_symbol_info *info)
{
    const struct kxld_image_private *private_data = image->private_data;
    const struct kxld_segment *segment = segment_of(image, pc);
    size_t at;

    if (!segment)
        return false;
    at = count_below(private_data, pc);
    while (at > 0 && private_data->symbols[at - 1].flags & KXLD_SYMBOL_INSIDE)
        at--;
    if (at == 0 || private_data->symbols[at - 1].addr < segment->addr)
        return false;
    fill_info(private_data, &private_data->symbols[at - 1], info);
    return true;
}
