// SPDX-License-Identifier: BSD-2-Clause
/*
 * The symbol table of an object becomes symbols of the graph.
 *
 * Owns: nothing. Locks: none. Callers: elf_parse.c, elf_groups.c.
 */
#include "kxld/elf/elf_internal.h"

/* Offsets of fields. */
enum {
    SYMBOL_NAME = 0,
    SYMBOL_INFO = 4,
    SYMBOL_OTHER = 5,
    SYMBOL_SECTION = 6,
    SYMBOL_VALUE = 8,
    SYMBOL_SIZE = 16,
};

/* Compilers leave this name in objects that hold their inner language in place of code. */
static const char slim_lto[] = "__gnu_lto_slim";

static bool symbol_section(struct elf_object *object, uint32_t index, const uint8_t *entry,
                           struct elf_symbol *symbol)
{
    symbol->section = kxld_load16(entry + SYMBOL_SECTION);
    symbol->is_reserved_section = false;
    if (symbol->section == ELF_INDEX_EXTENDED) {
        if (!object->shndx)
            return kxld_elf_malformed(object, "symbol %u has its section in a table that is missing", index);
        symbol->section = kxld_load32(object->shndx->bytes + (uint64_t)index * 4);
    } else if (symbol->section >= ELF_INDEX_RESERVED) {
        symbol->is_reserved_section = true;
        return true;
    }
    if (symbol->section >= object->n_sections)
        return kxld_elf_malformed(object, "symbol %u (%s) is in section %u of %u", index, symbol->name,
                                  symbol->section, object->n_sections);
    return true;
}

bool kxld_elf_symbol_at(struct elf_object *object, uint32_t index, struct elf_symbol *symbol)
{
    const uint8_t *entry = object->symtab->bytes + (uint64_t)index * ELF_SYMBOL_SIZE;
    uint32_t name = kxld_load32(entry + SYMBOL_NAME);
    size_t len;

    if (name >= object->strtab->size)
        return kxld_elf_malformed(object, "the name of symbol %u lies outside the table of names", index);
    symbol->name = (const char *)object->strtab->bytes + name;
    len = kxld_string_length_within(symbol->name, KXLD_MAX_NAME);
    if (len > KXLD_MAX_NAME)
        return kxld_problem_plain(object->link, KXLD_PROBLEM_TOO_LARGE,
                                  "the name of symbol %u has more than %u bytes", index, KXLD_MAX_NAME);
    symbol->name_len = (uint32_t)len;
    symbol->value = kxld_load64(entry + SYMBOL_VALUE);
    symbol->size = kxld_load64(entry + SYMBOL_SIZE);
    symbol->binding = entry[SYMBOL_INFO] >> 4;
    symbol->type = entry[SYMBOL_INFO] & 0xf;
    symbol->visibility = entry[SYMBOL_OTHER] & 0x3;
    return symbol_section(object, index, entry, symbol);
}

static bool check_symbol(struct elf_object *object, uint32_t index, const struct elf_symbol *symbol)
{
    switch (symbol->binding) {
    case ELF_BINDING_LOCAL:
    case ELF_BINDING_GLOBAL:
    case ELF_BINDING_WEAK:
    case ELF_BINDING_GNU_UNIQUE:
        break;
    default:
        return kxld_elf_malformed(object, "symbol %u (%s) has binding %u", index, symbol->name,
                                  symbol->binding);
    }
    if (symbol->binding != ELF_BINDING_LOCAL && symbol->name_len == 0)
        return kxld_elf_malformed(object, "symbol %u is global and has no name", index);
    if (symbol->type == ELF_SYMBOL_GNU_IFUNC)
        return kxld_problem_plain(
            object->link, KXLD_PROBLEM_UNSUPPORTED,
            "%s is chosen at load time by a function of its own, which a kext cannot have", symbol->name);
    if (kxld_string_equal(symbol->name, slim_lto))
        return kxld_problem_plain(object->link, KXLD_PROBLEM_UNSUPPORTED,
                                  "it holds no code: compile it without link-time optimisation (-fno-lto)");
    return true;
}

/* A symbol in an ordinary section. */
static bool define_in_section(struct elf_object *object, uint32_t index, const struct elf_symbol *from,
                              struct kxld_symbol *to)
{
    const struct elf_section *section = &object->sections[from->section];

    if (from->value > section->size)
        return kxld_elf_malformed(object, "symbol %u (%s) lies at 0x%llx in section %u, which ends at 0x%llx",
                                  index, from->name, (unsigned long long)from->value, from->section,
                                  (unsigned long long)section->size);
    if (section->is_discarded || !section->block) {
        /* Without a block: not loaded. Debug sections refer to such symbols, loaded ones must not. */
        to->kind = KXLD_KIND_DISCARDED;
        return true;
    }
    to->kind = KXLD_KIND_DEFINED;
    to->block = section->block;
    to->value = from->value;
    to->size = from->size < section->size - from->value ? from->size : section->size - from->value;
    return true;
}

static bool define_common(struct elf_object *object, uint32_t index, const struct elf_symbol *from,
                          struct kxld_symbol *to)
{
    uint64_t align = from->value ? from->value : 1;

    if (align & (align - 1) || align > KXLD_MAX_ALIGN)
        return kxld_elf_malformed(object, "common symbol %u (%s) is aligned to 0x%llx", index, from->name,
                                  (unsigned long long)align);
    if (from->binding == ELF_BINDING_LOCAL)
        return kxld_elf_malformed(object, "common symbol %u (%s) is local", index, from->name);
    if (from->size > KXLD_MAX_IMAGE)
        return kxld_problem_plain(object->link, KXLD_PROBLEM_TOO_LARGE, "common symbol %s has %llu bytes",
                                  from->name, (unsigned long long)from->size);
    to->kind = KXLD_KIND_COMMON;
    to->value = align;
    to->size = from->size;
    return true;
}

/* What @from says, as a symbol of the graph that is in no graph yet. */
static bool describe(struct elf_object *object, uint32_t index, const struct elf_symbol *from,
                     struct kxld_symbol *to)
{
    memset(to, 0, sizeof(*to));
    to->name = from->name;
    to->name_len = from->name_len;
    to->is_weak = from->binding == ELF_BINDING_WEAK;
    to->is_hidden = from->visibility == ELF_VISIBILITY_HIDDEN || from->visibility == ELF_VISIBILITY_INTERNAL;
    to->is_function = from->type == ELF_SYMBOL_FUNCTION;
    to->is_section = from->type == ELF_SYMBOL_SECTION;
    if (from->type == ELF_SYMBOL_TLS) {
        to->kind = KXLD_KIND_THREAD_LOCAL;
        return true;
    }
    if (!from->is_reserved_section) {
        if (from->section != ELF_INDEX_UNDEFINED)
            return define_in_section(object, index, from, to);
        if (from->binding == ELF_BINDING_LOCAL && index != 0)
            return kxld_elf_malformed(object, "symbol %u (%s) is local and undefined", index, from->name);
        to->kind = index ? KXLD_KIND_UNDEFINED : KXLD_KIND_NUMBER;
        return true;
    }
    switch (from->section) {
    case ELF_INDEX_ABSOLUTE:
        to->kind = KXLD_KIND_NUMBER;
        to->value = from->value;
        to->size = from->size;
        return true;
    case ELF_INDEX_COMMON:
    case ELF_INDEX_X86_64_LARGE_COMMON:
        return define_common(object, index, from, to);
    default:
        return kxld_elf_malformed(object, "symbol %u (%s) is in reserved section 0x%llx", index, from->name,
                                  (unsigned long long)from->section);
    }
}

static struct kxld_symbol *enter_local(struct elf_object *object, const struct elf_symbol *from,
                                       const struct kxld_symbol *description)
{
    const char *name = description->name;
    struct kxld_symbol *symbol, *next;

    if (description->is_section && !from->is_reserved_section)
        name = object->sections[from->section].name;
    symbol = kxld_graph_local(object->link, name);
    if (!symbol)
        return NULL;
    next = symbol->next;
    *symbol = *description;
    symbol->next = next;
    symbol->name = name;
    symbol->name_len = (uint32_t)kxld_string_length(name);
    return symbol;
}

static bool read_symbol(struct elf_object *object, uint32_t index)
{
    struct kxld_link *link = object->link;
    struct kxld_symbol description;
    struct elf_symbol from = {0};

    if (!kxld_elf_symbol_at(object, index, &from))
        return false;
    link->graph.name_bytes += from.name_len;
    if (link->graph.name_bytes > KXLD_MAX_NAME_BYTES)
        return kxld_problem_plain(link, KXLD_PROBLEM_TOO_LARGE, "its names have more than %u MiB together",
                                  KXLD_MAX_NAME_BYTES >> 20);
    if (from.type == ELF_SYMBOL_FILE)
        return true;
    if (!check_symbol(object, index, &from) || !describe(object, index, &from, &description))
        return false;
    if (from.binding == ELF_BINDING_LOCAL)
        object->symbols[index] = enter_local(object, &from, &description);
    else
        object->symbols[index] = kxld_graph_global(link, &description);
    return object->symbols[index] != NULL;
}

bool kxld_elf_read_symbols(struct elf_object *object)
{
    object->symbols = kxld_link_alloc(object->link, object->n_symbols, sizeof(object->symbols[0]));
    if (!object->symbols)
        return false;
    for (uint32_t i = 0; i < object->n_symbols; i++)
        if (!read_symbol(object, i))
            return false;
    return true;
}
