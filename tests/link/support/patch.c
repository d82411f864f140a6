// SPDX-License-Identifier: BSD-2-Clause
/*
 * Making good objects bad, from descriptions that a person can read.
 *
 * Owns: nothing. Locks: none. Callers: tests/link.
 */
#include "tests/link/support/patch.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdbool.h>
#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct field {
    const char *name;
    size_t offset;
    size_t width;
};

#define FIELD(type, member)                                                                                  \
    {                                                                                                        \
#member, offsetof(type, member), sizeof(((type *)0)->member)                                         \
    }

static const struct field header_fields[] = {
    {"ei_magic", 0, 4},
    {"ei_class", EI_CLASS, 1},
    {"ei_data", EI_DATA, 1},
    {"ei_version", EI_VERSION, 1},
    FIELD(Elf64_Ehdr, e_type),
    FIELD(Elf64_Ehdr, e_machine),
    FIELD(Elf64_Ehdr, e_version),
    FIELD(Elf64_Ehdr, e_shoff),
    FIELD(Elf64_Ehdr, e_shentsize),
    FIELD(Elf64_Ehdr, e_shnum),
    FIELD(Elf64_Ehdr, e_shstrndx),
    {NULL, 0, 0},
};

static const struct field section_fields[] = {
    FIELD(Elf64_Shdr, sh_name),    FIELD(Elf64_Shdr, sh_type),
    FIELD(Elf64_Shdr, sh_flags),   FIELD(Elf64_Shdr, sh_offset),
    FIELD(Elf64_Shdr, sh_size),    FIELD(Elf64_Shdr, sh_link),
    FIELD(Elf64_Shdr, sh_info),    FIELD(Elf64_Shdr, sh_addralign),
    FIELD(Elf64_Shdr, sh_entsize), {NULL, 0, 0},
};

static const struct field symbol_fields[] = {
    FIELD(Elf64_Sym, st_name),
    FIELD(Elf64_Sym, st_info),
    FIELD(Elf64_Sym, st_other),
    FIELD(Elf64_Sym, st_shndx),
    FIELD(Elf64_Sym, st_value),
    FIELD(Elf64_Sym, st_size),
    {NULL, 0, 0},
};

static const struct field rela_fields[] = {
    FIELD(Elf64_Rela, r_offset),
    {"r_type", offsetof(Elf64_Rela, r_info), 4},
    {"r_sym", offsetof(Elf64_Rela, r_info) + 4, 4},
    FIELD(Elf64_Rela, r_addend),
    {NULL, 0, 0},
};

static Elf64_Ehdr *header_of(uint8_t *object)
{
    return (Elf64_Ehdr *)object;
}

static Elf64_Shdr *section_at(uint8_t *object, uint64_t index)
{
    return (Elf64_Shdr *)(object + header_of(object)->e_shoff) + index;
}

static const char *section_name(uint8_t *object, uint64_t index)
{
    const Elf64_Shdr *names = section_at(object, header_of(object)->e_shstrndx);

    return (const char *)object + names->sh_offset + section_at(object, index)->sh_name;
}

uint64_t patch_section(uint8_t *object, size_t size, const char *name)
{
    char *end;
    uint64_t number = strtoull(name, &end, 10);

    (void)size;
    if (*end == '\0')
        return number;
    for (uint64_t i = 1; i < header_of(object)->e_shnum; i++)
        if (strcmp(section_name(object, i), name) == 0)
            return i;
    fail_msg("no section is called %s", name);
    return 0;
}

static uint8_t *symbol_entry(uint8_t *object, const char *name)
{
    char *end;
    uint64_t number = strtoull(name, &end, 10);

    for (uint64_t i = 1; i < header_of(object)->e_shnum; i++) {
        const Elf64_Shdr *table = section_at(object, i);
        Elf64_Sym *symbols = (Elf64_Sym *)(object + table->sh_offset);
        const char *names;

        if (table->sh_type != SHT_SYMTAB)
            continue;
        if (*end == '\0')
            return (uint8_t *)&symbols[number];
        names = (const char *)object + section_at(object, table->sh_link)->sh_offset;
        for (uint64_t j = 1; j < table->sh_size / sizeof(*symbols); j++)
            if (strcmp(names + symbols[j].st_name, name) == 0)
                return (uint8_t *)&symbols[j];
    }
    fail_msg("no symbol is called %s", name);
    return NULL;
}

static const struct field *find_field(const struct field *fields, const char *name)
{
    for (; fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return fields;
    fail_msg("no field is called %s", name);
    return NULL;
}

/* Where the described field is, and its width. */
static uint8_t *locate(uint8_t *object, size_t size, const char *where, size_t *width)
{
    char kind[16], name[64], third[32], fourth[32];
    int n = sscanf(where, "%15s %63s %31s %31s", kind, name, third, fourth);
    const struct field *field = NULL;
    uint8_t *base = object;

    if (n == 2 && strcmp(kind, "header") == 0) {
        field = find_field(header_fields, name);
    } else if (n == 3 && strcmp(kind, "section") == 0) {
        base = (uint8_t *)section_at(object, patch_section(object, size, name));
        field = find_field(section_fields, third);
    } else if (n == 3 && strcmp(kind, "symbol") == 0) {
        base = symbol_entry(object, name);
        field = find_field(symbol_fields, third);
    } else if (n == 4 && strcmp(kind, "rela") == 0) {
        base = object + section_at(object, patch_section(object, size, name))->sh_offset +
               strtoull(third, NULL, 10) * sizeof(Elf64_Rela);
        field = find_field(rela_fields, fourth);
    } else if (n == 3 && strcmp(kind, "word") == 0) {
        *width = 4;
        return object + section_at(object, patch_section(object, size, name))->sh_offset +
               4 * strtoull(third, NULL, 10);
    } else {
        fail_msg("'%s' describes no field", where);
    }
    *width = field->width;
    return base + field->offset;
}

void patch_set(uint8_t *object, size_t size, const char *where, uint64_t value)
{
    size_t width;
    uint8_t *at = locate(object, size, where, &width);

    assert_true(at >= object && (size_t)(at - object) + width <= size);
    memcpy(at, &value, width);
}

uint64_t patch_get(uint8_t *object, size_t size, const char *where)
{
    size_t width;
    const uint8_t *at = locate(object, size, where, &width);
    uint64_t value = 0;

    memcpy(&value, at, width);
    return value;
}

void patch_apply(uint8_t *object, size_t size, const char *list)
{
    char copy[256];
    char *entry;

    assert_true(strlen(list) < sizeof(copy));
    strcpy(copy, list);
    while ((entry = strrchr(copy, ';')) || *copy) {
        char *value;

        if (entry)
            *entry++ = '\0';
        else
            entry = copy;
        value = strstr(entry, " = ");
        assert_non_null(value);
        *value = '\0';
        value += 3;
        patch_set(object, size, entry,
                  *value == '@' ? patch_section(object, size, value + 1) : strtoull(value, NULL, 0));
        if (entry == copy)
            break;
    }
}
