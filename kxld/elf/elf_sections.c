// SPDX-License-Identifier: BSD-2-Clause
/*
 * The header of an object and its section headers: what the file claims to hold, checked against what it does
 * hold.
 *
 * Owns: nothing. Locks: none. Callers: elf_parse.c.
 */
#include "kxld/elf/elf_internal.h"
#include "kxld/sort_internal.h"

/* Offsets of fields. */
enum {
    HEADER_CLASS = 4,
    HEADER_DATA = 5,
    HEADER_IDENT_VERSION = 6,
    HEADER_TYPE = 16,
    HEADER_MACHINE = 18,
    HEADER_VERSION = 20,
    HEADER_SECTIONS_AT = 40,
    HEADER_SECTION_SIZE = 58,
    HEADER_N_SECTIONS = 60,
    HEADER_STRING_INDEX = 62,

    SECTION_NAME = 0,
    SECTION_TYPE = 4,
    SECTION_FLAGS = 8,
    SECTION_OFFSET = 24,
    SECTION_SIZE = 32,
    SECTION_LINK = 40,
    SECTION_INFO = 44,
    SECTION_ALIGN = 48,
    SECTION_ENTRY_SIZE = 56,
};

/* What people take for a kext's executable, besides objects that are damaged. */
static bool refuse_format(struct elf_object *object)
{
    static const struct {
        uint8_t magic[4];
        const char *what;
    } formats[] = {
        {{0xcf, 0xfa, 0xed, 0xfe}, "it is a Mach-O file, built for Darwin; build the kext from its sources"},
        {{0xce, 0xfa, 0xed, 0xfe}, "it is a Mach-O file, built for Darwin; build the kext from its sources"},
        {{0xca, 0xfe, 0xba, 0xbe}, "it is a Mach-O file, built for Darwin; build the kext from its sources"},
        {{'B', 'C', 0xc0, 0xde}, "it holds no code: compile it without link-time optimisation (-fno-lto)"},
        {{'!', '<', 'a', 'r'}, "it is an archive; a kext is one object, as ld -r makes it"},
    };

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (object->size >= 4 && memcmp(object->bytes, formats[i].magic, 4) == 0)
            return kxld_problem_plain(object->link, KXLD_PROBLEM_UNSUPPORTED, "%s", formats[i].what);
    return kxld_elf_malformed(object, "it does not begin like an ELF object");
}

static bool check_type(struct elf_object *object)
{
    switch (kxld_load16(object->bytes + HEADER_TYPE)) {
    case ELF_TYPE_RELOCATABLE:
        return true;
    case ELF_TYPE_SHARED:
        return kxld_problem_plain(object->link, KXLD_PROBLEM_UNSUPPORTED,
                                  "it is a shared object; a kext is a relocatable object, as ld -r makes it");
    case ELF_TYPE_EXECUTABLE:
        return kxld_problem_plain(object->link, KXLD_PROBLEM_UNSUPPORTED,
                                  "it is a program; a kext is a relocatable object, as ld -r makes it");
    default:
        return kxld_problem_plain(object->link, KXLD_PROBLEM_UNSUPPORTED,
                                  "it is of ELF type %u; a kext is a relocatable object",
                                  kxld_load16(object->bytes + HEADER_TYPE));
    }
}

bool kxld_elf_read_header(struct elf_object *object)
{
    static const uint8_t magic[4] = {0x7f, 'E', 'L', 'F'};
    const uint8_t *bytes = object->bytes;

    if (object->size > KXLD_MAX_OBJECT)
        return kxld_problem_plain(object->link, KXLD_PROBLEM_TOO_LARGE, "it has %llu bytes, more than %u MiB",
                                  (unsigned long long)object->size, KXLD_MAX_OBJECT >> 20);
    if (object->size < sizeof(magic) || memcmp(bytes, magic, sizeof(magic)) != 0)
        return refuse_format(object);
    if (object->size < ELF_HEADER_SIZE)
        return kxld_elf_malformed(object, "it ends within its header");
    if (bytes[HEADER_CLASS] != ELF_CLASS_64 || bytes[HEADER_DATA] != ELF_DATA_LITTLE)
        return kxld_problem_plain(object->link, KXLD_PROBLEM_UNSUPPORTED,
                                  "it is not an object of 64 bits, lowest byte first");
    if (bytes[HEADER_IDENT_VERSION] != ELF_VERSION_CURRENT ||
        kxld_load32(bytes + HEADER_VERSION) != ELF_VERSION_CURRENT)
        return kxld_elf_malformed(object, "its ELF version is not 1");
    if (kxld_load16(bytes + HEADER_MACHINE) != ELF_MACHINE_X86_64)
        return kxld_problem_plain(object->link, KXLD_PROBLEM_UNSUPPORTED,
                                  "it is for ELF machine %u, not for x86-64",
                                  kxld_load16(bytes + HEADER_MACHINE));
    return check_type(object);
}

/* Number of section headers and index of their names, which overflow into the first header. */
static bool count_sections(struct elf_object *object, uint64_t at, uint64_t *n)
{
    const uint8_t *first = object->bytes + at;
    uint32_t strings = kxld_load16(object->bytes + HEADER_STRING_INDEX);

    *n = kxld_load16(object->bytes + HEADER_N_SECTIONS);
    if (*n == 0)
        *n = kxld_load64(first + SECTION_SIZE);
    if (strings == ELF_INDEX_EXTENDED)
        strings = kxld_load32(first + SECTION_LINK);
    if (*n > KXLD_MAX_SECTIONS)
        return kxld_problem_plain(object->link, KXLD_PROBLEM_TOO_LARGE, "it has %llu sections, more than %u",
                                  (unsigned long long)*n, KXLD_MAX_SECTIONS);
    if (*n == 0 || *n > (object->size - at) / ELF_SECTION_HEADER_SIZE)
        return kxld_elf_malformed(object, "%llu section headers do not fit into it", (unsigned long long)*n);
    if (strings >= *n)
        return kxld_elf_malformed(object, "the section of names has index %u of %llu", strings,
                                  (unsigned long long)*n);
    object->string_index = strings;
    return true;
}

static bool section_has_bytes(const struct elf_section *section)
{
    return section->type != ELF_SECTION_NULL && section->type != ELF_SECTION_NOBITS && section->size > 0;
}

static bool read_section(struct elf_object *object, const uint8_t *header, uint32_t index)
{
    struct elf_section *section = &object->sections[index];

    section->name = "";
    section->type = kxld_load32(header + SECTION_TYPE);
    section->flags = kxld_load64(header + SECTION_FLAGS);
    section->offset = kxld_load64(header + SECTION_OFFSET);
    section->size = kxld_load64(header + SECTION_SIZE);
    section->link = kxld_load32(header + SECTION_LINK);
    section->info = kxld_load32(header + SECTION_INFO);
    section->align = kxld_load64(header + SECTION_ALIGN);
    section->entry_size = kxld_load64(header + SECTION_ENTRY_SIZE);
    if (section->align == 0)
        section->align = 1;
    if (section->type == ELF_SECTION_NULL)
        return true;
    if (section->align & (section->align - 1))
        return kxld_elf_malformed(object, "section %u is aligned to %llu, no power of two", index,
                                  (unsigned long long)section->align);
    if (!section_has_bytes(section))
        return true;
    if (section->offset > object->size || section->size > object->size - section->offset)
        return kxld_elf_malformed(object, "section %u (0x%llx bytes at 0x%llx) runs past the end", index,
                                  (unsigned long long)section->size, (unsigned long long)section->offset);
    section->bytes = object->bytes + section->offset;
    return true;
}

/* A table of strings that ends with a NUL, so that any offset in it begins a string. */
static bool check_strings(struct elf_object *object, uint32_t index)
{
    const struct elf_section *section = &object->sections[index];

    if (section->type != ELF_SECTION_STRTAB)
        return kxld_elf_malformed(object, "section %u should be a table of strings and is of type %u", index,
                                  section->type);
    if (!section->bytes || section->bytes[section->size - 1] != 0)
        return kxld_elf_malformed(object, "the table of strings in section %u does not end with a NUL",
                                  index);
    return true;
}

static bool name_sections(struct elf_object *object, uint64_t headers_at)
{
    const struct elf_section *strings = &object->sections[object->string_index];

    if (!check_strings(object, object->string_index))
        return false;
    for (uint32_t i = 1; i < object->n_sections; i++) {
        const uint8_t *header = object->bytes + headers_at + (uint64_t)i * ELF_SECTION_HEADER_SIZE;
        uint32_t name = kxld_load32(header + SECTION_NAME);

        if (name >= strings->size)
            return kxld_elf_malformed(object, "the name of section %u lies outside the table of names", i);
        object->sections[i].name = (const char *)strings->bytes + name;
        if (kxld_string_length_within(object->sections[i].name, KXLD_MAX_NAME) > KXLD_MAX_NAME)
            return kxld_problem_plain(object->link, KXLD_PROBLEM_TOO_LARGE,
                                      "the name of section %u is too long", i);
    }
    return true;
}

/* No byte of the object may be two things at once. */
static bool check_overlap(struct elf_object *object)
{
    struct kxld_sort_key *keys = kxld_link_alloc(object->link, (size_t)object->n_sections * 2, sizeof(*keys));
    size_t n = 0;

    if (!keys)
        return false;
    for (uint32_t i = 1; i < object->n_sections; i++)
        if (section_has_bytes(&object->sections[i])) {
            keys[n].key = object->sections[i].offset;
            keys[n++].value = &object->sections[i];
        }
    kxld_sort(keys, keys + object->n_sections, n);
    for (size_t i = 1; i < n; i++) {
        const struct elf_section *before = keys[i - 1].value;
        const struct elf_section *section = keys[i].value;

        if (before->offset + before->size > section->offset)
            return kxld_elf_malformed(object, "sections %u (%s) and %u (%s) overlap",
                                      (unsigned)(before - object->sections), before->name,
                                      (unsigned)(section - object->sections), section->name);
    }
    return true;
}

static bool find_symbols(struct elf_object *object, uint32_t index)
{
    const struct elf_section *section = &object->sections[index];

    if (object->symtab)
        return kxld_elf_malformed(object, "it has two symbol tables, in sections %u and %u",
                                  (unsigned)(object->symtab - object->sections), index);
    if (section->entry_size != ELF_SYMBOL_SIZE || section->size % ELF_SYMBOL_SIZE)
        return kxld_elf_malformed(object, "the symbol table in section %u does not hold whole symbols",
                                  index);
    if (section->size / ELF_SYMBOL_SIZE > KXLD_MAX_SYMBOLS)
        return kxld_problem_plain(object->link, KXLD_PROBLEM_TOO_LARGE, "it has %llu symbols, more than %u",
                                  (unsigned long long)(section->size / ELF_SYMBOL_SIZE), KXLD_MAX_SYMBOLS);
    if (section->link == 0 || section->link >= object->n_sections)
        return kxld_elf_malformed(object, "the symbol table in section %u has no table of names", index);
    if (!check_strings(object, section->link))
        return false;
    object->symtab = section;
    object->strtab = &object->sections[section->link];
    object->n_symbols = (uint32_t)(section->size / ELF_SYMBOL_SIZE);
    return true;
}

static bool find_tables(struct elf_object *object)
{
    for (uint32_t i = 1; i < object->n_sections; i++)
        if (object->sections[i].type == ELF_SECTION_SYMTAB && !find_symbols(object, i))
            return false;
    for (uint32_t i = 1; i < object->n_sections; i++) {
        const struct elf_section *section = &object->sections[i];

        if (section->type != ELF_SECTION_SYMTAB_SHNDX)
            continue;
        if (!object->symtab || section->link != (uint32_t)(object->symtab - object->sections) ||
            section->size != (uint64_t)object->n_symbols * 4)
            return kxld_elf_malformed(
                object, "the table of section indices in section %u does not fit the symbols", i);
        object->shndx = section;
    }
    return true;
}

bool kxld_elf_read_sections(struct elf_object *object)
{
    uint64_t at = kxld_load64(object->bytes + HEADER_SECTIONS_AT);
    uint64_t n;

    if (kxld_load16(object->bytes + HEADER_SECTION_SIZE) != ELF_SECTION_HEADER_SIZE)
        return kxld_elf_malformed(object, "its section headers have %u bytes, not %u",
                                  kxld_load16(object->bytes + HEADER_SECTION_SIZE), ELF_SECTION_HEADER_SIZE);
    if (at == 0 || at > object->size || object->size - at < ELF_SECTION_HEADER_SIZE)
        return kxld_elf_malformed(object, "its section headers lie at 0x%llx, outside it",
                                  (unsigned long long)at);
    if (!count_sections(object, at, &n))
        return false;
    object->sections = kxld_link_alloc(object->link, (size_t)n, sizeof(*object->sections));
    if (!object->sections)
        return false;
    object->n_sections = (uint32_t)n;
    for (uint32_t i = 0; i < object->n_sections; i++)
        if (!read_section(object, object->bytes + at + (uint64_t)i * ELF_SECTION_HEADER_SIZE, i))
            return false;
    return name_sections(object, at) && check_overlap(object) && find_tables(object);
}
