// SPDX-License-Identifier: BSD-2-Clause
/*
 * The link graph: making nodes, and the rules by which global symbols of one name become one.
 *
 * Owns: the nodes, in the pool of the link. Locks: none. Callers: the format readers, x86_64/synthesise.c.
 */
#include "kxld/graph_internal.h"
#include "kxld/link_internal.h"
#include "kxld/text_internal.h"

/* The slot of @name in @table; false after having recorded why there is none. */
static bool graph_enter(struct kxld_link *link, struct kxld_name_table *table, const char *name, size_t len,
                        struct kxld_name_slot **slot)
{
    if (!table->pool)
        kxld_name_table_init(table, &link->pool);
    switch (kxld_name_table_enter(table, name, len, slot)) {
    case KXLD_NAME_NO_MEMORY:
        return kxld_problem_plain(link, KXLD_PROBLEM_NO_MEMORY, "no memory for a table of names");
    case KXLD_NAME_COLLIDING:
        return kxld_problem_plain(link, KXLD_PROBLEM_TOO_LARGE,
                                  "too many names share one hash value; they seem to be made to");
    default:
        return true;
    }
}

static struct kxld_section *section_append(struct kxld_link *link, const char *name)
{
    struct kxld_graph *graph = &link->graph;
    struct kxld_section *section = kxld_link_alloc(link, 1, sizeof(*section));

    if (!section)
        return NULL;
    section->name = name;
    section->priority = KXLD_PRIORITY_NONE;
    if (graph->last_section)
        graph->last_section->next = section;
    else
        graph->first_section = section;
    graph->last_section = section;
    return section;
}

struct kxld_section *kxld_graph_section(struct kxld_link *link, const char *name, bool is_writable,
                                        bool is_executable)
{
    struct kxld_name_slot *slot;
    struct kxld_section *section;

    if (!graph_enter(link, &link->graph.sections, name, kxld_string_length(name), &slot))
        return NULL;
    section = slot->value;
    if (!section) {
        section = section_append(link, name);
        if (!section)
            return NULL;
        slot->value = section;
    }
    section->is_writable |= is_writable;
    section->is_executable |= is_executable;
    return section;
}

struct kxld_section *kxld_graph_own_section(struct kxld_link *link, const char *name,
                                            enum kxld_section_role role)
{
    struct kxld_section *section = section_append(link, name);

    if (!section)
        return NULL;
    section->role = role;
    section->is_executable = role == KXLD_ROLE_STUBS;
    section->is_writable = section->is_relro = role == KXLD_ROLE_GOT;
    return section;
}

struct kxld_section *kxld_graph_got(struct kxld_link *link)
{
    if (!link->graph.got)
        link->graph.got = kxld_graph_own_section(link, ".kxld.got", KXLD_ROLE_GOT);
    return link->graph.got;
}

struct kxld_block *kxld_graph_block(struct kxld_link *link, struct kxld_section *section,
                                    const uint8_t *content, uint64_t size, uint64_t align)
{
    struct kxld_block *block = kxld_link_alloc(link, 1, sizeof(*block));

    if (!block)
        return NULL;
    block->section = section;
    block->content = content;
    block->size = size;
    block->align = align ? align : 1;
    if (content)
        section->has_content = true;
    if (section->last_block)
        section->last_block->next = block;
    else
        section->first_block = block;
    section->last_block = block;
    return block;
}

static void graph_append(struct kxld_graph *graph, struct kxld_symbol *symbol)
{
    if (graph->last_symbol)
        graph->last_symbol->next = symbol;
    else
        graph->first_symbol = symbol;
    graph->last_symbol = symbol;
    graph->n_symbols++;
}

struct kxld_symbol *kxld_graph_local(struct kxld_link *link, const char *name)
{
    struct kxld_symbol *symbol = kxld_link_alloc(link, 1, sizeof(*symbol));

    if (!symbol)
        return NULL;
    symbol->name = name;
    symbol->name_len = (uint32_t)kxld_string_length(name);
    graph_append(&link->graph, symbol);
    return symbol;
}

static bool symbol_is_reference(const struct kxld_symbol *symbol)
{
    return symbol->kind == KXLD_KIND_UNDEFINED || symbol->kind == KXLD_KIND_DISCARDED;
}

/* Larger beats smaller: a reference, a weak definition, a common symbol, a strong definition. */
static int symbol_rank(const struct kxld_symbol *symbol)
{
    if (symbol_is_reference(symbol))
        return 0;
    if (symbol->kind == KXLD_KIND_COMMON)
        return 2;
    return symbol->is_weak ? 1 : 3;
}

static void symbol_take_definition(struct kxld_symbol *symbol, const struct kxld_symbol *from)
{
    symbol->kind = from->kind;
    symbol->block = from->block;
    symbol->value = from->value;
    symbol->size = from->size;
    symbol->is_weak = from->is_weak;
    symbol->is_function = from->is_function;
}

static void symbol_merge(struct kxld_link *link, struct kxld_symbol *symbol,
                         const struct kxld_symbol *incoming)
{
    int have = symbol_rank(symbol);
    int come = symbol_rank(incoming);

    /* The narrowest visibility counts, wherever it was said. */
    symbol->is_hidden |= incoming->is_hidden;
    if (have == 3 && come == 3) {
        struct kxld_problem *problem =
            kxld_problem_add(link, KXLD_PROBLEM_DUPLICATE, KXLD_SEVERITY_ERROR, symbol, NULL, 0);

        kxld_problem_detail(link, problem, "defined in %s and again in %s",
                            symbol->block ? symbol->block->section->name : "no section",
                            incoming->block ? incoming->block->section->name : "no section");
    } else if (have == 2 && come == 2) {
        if (incoming->size > symbol->size)
            symbol->size = incoming->size;
        if (incoming->value > symbol->value)
            symbol->value = incoming->value;
    } else if (come > have) {
        symbol_take_definition(symbol, incoming);
    } else if (have == 0 && come == 0) {
        /* One strong reference makes the symbol needed. */
        symbol->is_weak &= incoming->is_weak;
    }
}

struct kxld_symbol *kxld_graph_global(struct kxld_link *link, const struct kxld_symbol *incoming)
{
    struct kxld_name_slot *slot;
    struct kxld_symbol *symbol;

    if (!graph_enter(link, &link->graph.globals, incoming->name, incoming->name_len, &slot))
        return NULL;
    symbol = slot->value;
    if (symbol) {
        symbol_merge(link, symbol, incoming);
        return symbol;
    }
    symbol = kxld_link_alloc(link, 1, sizeof(*symbol));
    if (!symbol)
        return NULL;
    *symbol = *incoming;
    symbol->is_global = true;
    slot->value = symbol;
    graph_append(&link->graph, symbol);
    return symbol;
}

bool kxld_symbol_is_exported(const struct kxld_symbol *symbol)
{
    if (!symbol->is_global || symbol->is_hidden)
        return false;
    if (symbol->kind != KXLD_KIND_DEFINED && symbol->kind != KXLD_KIND_NUMBER)
        return false;
    /* Every kext has this record of itself, and no kext wants another's. */
    return !kxld_string_equal(symbol->name, "kmod_info");
}

bool kxld_graph_place_commons(struct kxld_link *link)
{
    struct kxld_section *section = NULL;

    for (struct kxld_symbol *symbol = link->graph.first_symbol; symbol; symbol = symbol->next) {
        if (symbol->kind != KXLD_KIND_COMMON)
            continue;
        if (!section)
            section = kxld_graph_section(link, ".bss", true, false);
        if (!section)
            return false;
        symbol->block = kxld_graph_block(link, section, NULL, symbol->size, symbol->value);
        if (!symbol->block)
            return false;
        symbol->value = 0;
        symbol->kind = KXLD_KIND_DEFINED;
    }
    return true;
}

void kxld_graph_refer(struct kxld_symbol *symbol, const struct kxld_block *block, uint32_t offset)
{
    if (!symbol->first_ref) {
        symbol->first_ref = block;
        symbol->first_ref_offset = offset;
    }
    if (symbol->n_refs < UINT32_MAX)
        symbol->n_refs++;
}
