// SPDX-License-Identifier: BSD-2-Clause
/*
 * Section groups. Of several groups with one signature that may stand for each other the first is kept; the
 * sections of the others are left out, and what they defined becomes references to the copy that is kept.
 *
 * Owns: nothing. Locks: none. Callers: elf_parse.c.
 */
#include "kxld/elf/elf_internal.h"

/* The name that says which groups are the same. */
static bool group_signature(struct elf_object *object, uint32_t index, const char **name, uint32_t *len)
{
    const struct elf_section *group = &object->sections[index];
    struct elf_symbol symbol;

    if (!object->symtab || group->link != (uint32_t)(object->symtab - object->sections) ||
        group->info >= object->n_symbols)
        return kxld_elf_malformed(object, "the group in section %u has no signature", index);
    if (!kxld_elf_symbol_at(object, group->info, &symbol))
        return false;
    *name = symbol.name;
    *len = symbol.name_len;
    if (symbol.type == ELF_SYMBOL_SECTION && !symbol.is_reserved_section) {
        *name = object->sections[symbol.section].name;
        *len = (uint32_t)kxld_string_length(*name);
    }
    return true;
}

static bool discard_members(struct elf_object *object, const struct elf_section *group)
{
    for (uint64_t at = 4; at < group->size; at += 4)
        object->sections[kxld_load32(group->bytes + at)].is_discarded = true;
    return true;
}

static bool check_group(struct elf_object *object, uint32_t index)
{
    const struct elf_section *group = &object->sections[index];

    if (!group->bytes || group->size % 4)
        return kxld_elf_malformed(object, "the group in section %u does not hold whole indices", index);
    for (uint64_t at = 4; at < group->size; at += 4) {
        uint32_t member = kxld_load32(group->bytes + at);

        if (member == 0 || member >= object->n_sections || object->sections[member].type == ELF_SECTION_GROUP)
            return kxld_elf_malformed(object, "the group in section %u lists section %u", index, member);
    }
    return true;
}

static bool read_group(struct elf_object *object, struct kxld_name_table *signatures, uint32_t index)
{
    struct elf_section *group = &object->sections[index];
    struct kxld_name_slot *slot;
    const char *name = "";
    uint32_t len = 0;

    if (!check_group(object, index) || !group_signature(object, index, &name, &len))
        return false;
    if (!(kxld_load32(group->bytes) & ELF_GROUP_COMDAT))
        return true;
    switch (kxld_name_table_enter(signatures, name, len, &slot)) {
    case KXLD_NAME_FOUND:
        return discard_members(object, group);
    case KXLD_NAME_NEW:
        slot->value = group;
        return true;
    case KXLD_NAME_NO_MEMORY:
        return kxld_problem_plain(object->link, KXLD_PROBLEM_NO_MEMORY, "no memory for the table of groups");
    default:
        return kxld_problem_plain(object->link, KXLD_PROBLEM_TOO_LARGE,
                                  "too many groups share one hash value; they seem to be made to");
    }
}

bool kxld_elf_read_groups(struct elf_object *object)
{
    struct kxld_name_table signatures;

    kxld_name_table_init(&signatures, &object->link->pool);
    for (uint32_t i = 1; i < object->n_sections; i++)
        if (object->sections[i].type == ELF_SECTION_GROUP && !read_group(object, &signatures, i))
            return false;
    return true;
}
