// SPDX-License-Identifier: BSD-2-Clause
/*
 * Sections that take memory become blocks; the others are looked at here for the last time.
 *
 * Owns: nothing. Locks: none. Callers: elf_parse.c.
 */
#include "kxld/elf/elf_internal.h"

#define NOTE_BUILD_ID 3u

/* Names of arrays of functions, and what their entries are. A number behind the name is a priority. */
static const struct array_name {
    const char *name;
    enum kxld_section_role role;
    bool is_reversed; /* the number counts down from 65535 */
} array_names[] = {
    {".preinit_array", KXLD_ROLE_PREINIT, false}, {".init_array", KXLD_ROLE_INIT, false},
    {".fini_array", KXLD_ROLE_FINI, false},       {".ctors", KXLD_ROLE_INIT_LAST, true},
    {".dtors", KXLD_ROLE_FINI_FIRST, true},
};

static void set_array_role(struct kxld_section *section)
{
    for (size_t i = 0; i < sizeof(array_names) / sizeof(array_names[0]); i++) {
        const struct array_name *array = &array_names[i];
        const char *rest;
        uint32_t priority;

        if (!kxld_string_has_prefix(section->name, array->name))
            continue;
        rest = section->name + kxld_string_length(array->name);
        if (*rest == '\0') {
            section->role = array->role;
        } else if (*rest == '.' && kxld_string_to_number(rest + 1, KXLD_PRIORITY_NONE - 1, &priority)) {
            section->role = array->role;
            section->priority = array->is_reversed ? KXLD_PRIORITY_NONE - 1 - priority : priority;
        }
    }
}

/* By the name, since the older arrays have no type of their own; else by the type. */
static void set_role(struct kxld_section *section, uint32_t type)
{
    if (kxld_string_equal(section->name, ".eh_frame"))
        section->role = KXLD_ROLE_EH_FRAME;
    set_array_role(section);
    if (section->role == KXLD_ROLE_PLAIN && type == ELF_SECTION_PREINIT_ARRAY)
        section->role = KXLD_ROLE_PREINIT;
    else if (section->role == KXLD_ROLE_PLAIN && type == ELF_SECTION_INIT_ARRAY)
        section->role = KXLD_ROLE_INIT;
    else if (section->role == KXLD_ROLE_PLAIN && type == ELF_SECTION_FINI_ARRAY)
        section->role = KXLD_ROLE_FINI;
    section->is_relro = section->role != KXLD_ROLE_PLAIN ||
                        kxld_string_has_prefix(section->name, ".data.rel.ro") ||
                        kxld_string_equal(section->name, ".got");
}

/* Takes a build id out of a section of notes; notes that break their own form are passed over. */
static void read_notes(struct elf_object *object, const struct elf_section *section)
{
    struct kxld_link *link = object->link;
    uint64_t at = 0;

    while (section->size - at >= 12) {
        const uint8_t *note = section->bytes + at;
        uint64_t name_size = kxld_load32(note), size = kxld_load32(note + 4);
        uint64_t desc_at = at + 12 + (name_size + 3) / 4 * 4;
        uint64_t next = desc_at + (size + 3) / 4 * 4;

        if (next > section->size)
            return;
        if (kxld_load32(note + 8) == NOTE_BUILD_ID && name_size == 4 && memcmp(note + 12, "GNU", 4) == 0 &&
            size >= sizeof(link->uuid) && !link->uuid_from_note) {
            memcpy(link->uuid, section->bytes + desc_at, sizeof(link->uuid));
            link->uuid_from_note = true;
        }
        at = next;
    }
}

static bool section_is_placed(struct elf_object *object, uint32_t index)
{
    const struct elf_section *section = &object->sections[index];

    if (!(section->flags & ELF_FLAG_ALLOC) || section->flags & ELF_FLAG_EXCLUDE || section->is_discarded)
        return false;
    /* Told to the linker, not to the program. */
    if (section->type == ELF_SECTION_NULL || kxld_string_equal(section->name, ".note.gnu.property"))
        return false;
    /* Reported by the symbols in it and the relocations to them, which say more. */
    return !(section->flags & ELF_FLAG_TLS);
}

static bool check_placed(struct elf_object *object, uint32_t index)
{
    const struct elf_section *section = &object->sections[index];

    switch (section->type) {
    case ELF_SECTION_PROGBITS:
    case ELF_SECTION_NOTE:
    case ELF_SECTION_NOBITS:
    case ELF_SECTION_INIT_ARRAY:
    case ELF_SECTION_FINI_ARRAY:
    case ELF_SECTION_PREINIT_ARRAY:
    case ELF_SECTION_X86_64_UNWIND:
        break;
    default:
        return kxld_problem_plain(object->link, KXLD_PROBLEM_UNSUPPORTED,
                                  "section %u (%s) is of type 0x%llx, which cannot be loaded", index,
                                  section->name, (unsigned long long)section->type);
    }
    if (section->flags & ELF_FLAG_COMPRESSED)
        return kxld_problem_plain(object->link, KXLD_PROBLEM_UNSUPPORTED,
                                  "section %u (%s) is compressed and has to be loaded", index, section->name);
    if (section->align > KXLD_MAX_ALIGN)
        return kxld_problem_plain(
            object->link, KXLD_PROBLEM_TOO_LARGE, "section %u (%s) is aligned to 0x%llx, more than 0x%llx",
            index, section->name, (unsigned long long)section->align, (unsigned long long)KXLD_MAX_ALIGN);
    if (section->size > KXLD_MAX_IMAGE)
        return kxld_problem_plain(object->link, KXLD_PROBLEM_TOO_LARGE,
                                  "section %u (%s) has %llu bytes, more than %u MiB", index, section->name,
                                  (unsigned long long)section->size, KXLD_MAX_IMAGE >> 20);
    return true;
}

static bool make_block(struct elf_object *object, struct elf_section *section)
{
    struct kxld_section *placed = kxld_graph_section(
        object->link, section->name, section->flags & ELF_FLAG_WRITE, section->flags & ELF_FLAG_EXECUTE);

    if (!placed)
        return false;
    if (!placed->first_block)
        set_role(placed, section->type);
    section->block = kxld_graph_block(object->link, placed, section->bytes, section->size, section->align);
    return section->block != NULL;
}

bool kxld_elf_make_blocks(struct elf_object *object)
{
    for (uint32_t i = 1; i < object->n_sections; i++) {
        struct elf_section *section = &object->sections[i];

        if (section->type == ELF_SECTION_NOTE && section->bytes)
            read_notes(object, section);
        if (!section_is_placed(object, i))
            continue;
        if (!check_placed(object, i) || !make_block(object, section))
            return false;
    }
    return true;
}
