// SPDX-License-Identifier: BSD-2-Clause
/*
 * The order in which constructors and destructors run.
 *
 * Constructors: those of .preinit_array, then by written priority, lowest first, those without one last;
 * within one priority in order of the array, the older .ctors backwards. Destructors: the exact reverse of
 * that rule applied to .fini_array and .dtors.
 *
 * Owns: nothing. Locks: none. Callers: image_tables.c.
 */
#include "kxld/image_internal.h"
#include "kxld/sort_internal.h"
#include "kxld/text_internal.h"

#define POINTER_SIZE 8u

/* One list in the making. */
struct call_list {
    uint64_t *calls;
    size_t n;
};

static void reverse(uint64_t *calls, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        uint64_t swap = calls[i];

        calls[i] = calls[n - 1 - i];
        calls[n - 1 - i] = swap;
    }
}

static bool section_is_listed(const struct kxld_section *section, bool is_init)
{
    switch (section->role) {
    case KXLD_ROLE_PREINIT:
    case KXLD_ROLE_INIT:
    case KXLD_ROLE_INIT_LAST:
        return is_init;
    case KXLD_ROLE_FINI:
    case KXLD_ROLE_FINI_FIRST:
        return !is_init;
    default:
        return false;
    }
}

static bool address_is_text(const struct kxld_link *link, uint64_t address)
{
    const struct kxld_segment *text = &link->segments[KXLD_SEGMENT_TEXT];

    return address - (link->base + text->addr) < text->size;
}

static bool list_block(struct kxld_link *link, const struct kxld_block *block, struct call_list *list)
{
    for (uint64_t at = 0; at < block->size; at += POINTER_SIZE) {
        uint64_t address = kxld_load64(link->contents + block->offset + at);

        /* Empty slots, and the marks that begin and end the older arrays. */
        if (address == 0 || address == UINT64_MAX)
            continue;
        if (!address_is_text(link, address))
            return kxld_problem_plain(
                link, KXLD_PROBLEM_UNSUPPORTED, "entry %llu of %s is no function of the kext: 0x%llx",
                (unsigned long long)(at / POINTER_SIZE), block->section->name, (unsigned long long)address);
        list->calls[list->n++] = address;
    }
    return true;
}

static bool list_section(struct kxld_link *link, const struct kxld_section *section, struct call_list *list)
{
    size_t first = list->n;

    for (const struct kxld_block *block = section->first_block; block; block = block->next)
        if (block->content && !list_block(link, block, list))
            return false;
    if (section->role == KXLD_ROLE_INIT_LAST || section->role == KXLD_ROLE_FINI_FIRST)
        reverse(list->calls + first, list->n - first);
    return true;
}

/* The sections that count, in their order; *@n_slots gets the number of entries in all of them. */
static struct kxld_sort_key *sort_sections(struct kxld_link *link, bool is_init, size_t *n, size_t *n_slots)
{
    struct kxld_sort_key *keys;
    size_t max = 0;

    for (struct kxld_section *section = link->graph.first_section; section; section = section->next)
        max += section_is_listed(section, is_init);
    keys = kxld_link_alloc(link, max * 2, sizeof(*keys));
    if (!keys)
        return NULL;
    *n = 0;
    *n_slots = 0;
    for (struct kxld_section *section = link->graph.first_section; section; section = section->next) {
        if (!section_is_listed(section, is_init))
            continue;
        keys[*n].key = section->role == KXLD_ROLE_PREINIT ? 0 : section->priority + 1;
        keys[*n].value = section;
        (*n)++;
        *n_slots += (size_t)(section->size / POINTER_SIZE);
    }
    kxld_sort(keys, keys + max, *n);
    return keys;
}

static bool list_calls(struct kxld_link *link, struct kxld_pool *pool, bool is_init, struct call_list *list)
{
    size_t n, n_slots;
    struct kxld_sort_key *keys = sort_sections(link, is_init, &n, &n_slots);

    list->n = 0;
    if (!keys)
        return false;
    list->calls = kxld_pool_array(pool, n_slots, sizeof(*list->calls));
    if (!list->calls)
        return kxld_problem_plain(link, KXLD_PROBLEM_NO_MEMORY, "no memory for the list of constructors");
    for (size_t i = 0; i < n; i++)
        if (!list_section(link, keys[i].value, list))
            return false;
    if (!is_init)
        reverse(list->calls, list->n);
    return true;
}

bool kxld_image_list_constructors(struct kxld_link *link, struct kxld_image *image)
{
    struct kxld_pool *pool = &image->private_data->pool;
    struct call_list init, fini;

    if (!list_calls(link, pool, true, &init) || !list_calls(link, pool, false, &fini))
        return false;
    image->constructors = init.calls;
    image->n_constructors = init.n;
    image->destructors = fini.calls;
    image->n_destructors = fini.n;
    return true;
}
