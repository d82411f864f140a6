// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading ELF relocatable objects (64 bits, little-endian, x86-64) into a link graph. The numbers are those
 * of the System V ABI and its x86-64 supplement.
 *
 * The object is hostile until proven otherwise. Every table is bounds-checked once, when its section header
 * is read (elf_sections.c); from then on elf_section.bytes and .size may be trusted. Indices and offsets
 * inside tables are checked where they are used. Fields are read byte by byte, so nothing need be aligned.
 *
 * Owns: struct elf_object, for one parse pass. Locks: none. Callers: elf/ only.
 */
#ifndef KXLD_ELF_INTERNAL_H
#define KXLD_ELF_INTERNAL_H

#include "kxld/link_internal.h"
#include "kxld/text_internal.h"

#define ELF_HEADER_SIZE         64u
#define ELF_SECTION_HEADER_SIZE 64u
#define ELF_SYMBOL_SIZE         24u
#define ELF_RELA_SIZE           24u

enum elf_file {
    ELF_CLASS_64 = 2,
    ELF_DATA_LITTLE = 1,
    ELF_VERSION_CURRENT = 1,
    ELF_TYPE_RELOCATABLE = 1,
    ELF_TYPE_EXECUTABLE = 2,
    ELF_TYPE_SHARED = 3,
    ELF_MACHINE_X86_64 = 62,
};

enum elf_section_type {
    ELF_SECTION_NULL = 0,
    ELF_SECTION_PROGBITS = 1,
    ELF_SECTION_SYMTAB = 2,
    ELF_SECTION_STRTAB = 3,
    ELF_SECTION_RELA = 4,
    ELF_SECTION_NOTE = 7,
    ELF_SECTION_NOBITS = 8,
    ELF_SECTION_REL = 9,
    ELF_SECTION_INIT_ARRAY = 14,
    ELF_SECTION_FINI_ARRAY = 15,
    ELF_SECTION_PREINIT_ARRAY = 16,
    ELF_SECTION_GROUP = 17,
    ELF_SECTION_SYMTAB_SHNDX = 18,
    ELF_SECTION_X86_64_UNWIND = 0x70000001,
};

#define ELF_FLAG_WRITE      0x1ull
#define ELF_FLAG_ALLOC      0x2ull
#define ELF_FLAG_EXECUTE    0x4ull
#define ELF_FLAG_TLS        0x400ull
#define ELF_FLAG_COMPRESSED 0x800ull
#define ELF_FLAG_EXCLUDE    0x80000000ull

enum elf_section_index {
    ELF_INDEX_UNDEFINED = 0,
    ELF_INDEX_RESERVED = 0xff00, /* this and above are no indices */
    ELF_INDEX_X86_64_LARGE_COMMON = 0xff02,
    ELF_INDEX_ABSOLUTE = 0xfff1,
    ELF_INDEX_COMMON = 0xfff2,
    ELF_INDEX_EXTENDED = 0xffff,
};

enum elf_binding {
    ELF_BINDING_LOCAL = 0,
    ELF_BINDING_GLOBAL = 1,
    ELF_BINDING_WEAK = 2,
    ELF_BINDING_GNU_UNIQUE = 10,
};

enum elf_symbol_type {
    ELF_SYMBOL_NOTYPE = 0,
    ELF_SYMBOL_OBJECT = 1,
    ELF_SYMBOL_FUNCTION = 2,
    ELF_SYMBOL_SECTION = 3,
    ELF_SYMBOL_FILE = 4,
    ELF_SYMBOL_COMMON = 5,
    ELF_SYMBOL_TLS = 6,
    ELF_SYMBOL_GNU_IFUNC = 10,
};

enum elf_visibility {
    ELF_VISIBILITY_DEFAULT = 0,
    ELF_VISIBILITY_INTERNAL = 1,
    ELF_VISIBILITY_HIDDEN = 2,
    ELF_VISIBILITY_PROTECTED = 3,
};

#define ELF_GROUP_COMDAT 1u

struct elf_section {
    const char *name;     /* NUL-terminated, in the object */
    const uint8_t *bytes; /* NULL for a section without bytes in the file */
    uint64_t flags;
    uint64_t offset; /* of bytes, in the object */
    uint64_t size;
    uint64_t align; /* power of two */
    uint64_t entry_size;
    uint32_t type;
    uint32_t link;
    uint32_t info;
    bool is_discarded;        /* member of a group of which another copy is kept */
    bool has_relocations;     /* some RELA section speaks of it */
    struct kxld_block *block; /* NULL: not placed */
};

struct elf_object {
    struct kxld_link *link;
    const uint8_t *bytes;
    uint64_t size;

    struct elf_section *sections;
    uint32_t n_sections;
    uint32_t string_index; /* section of section names */

    const struct elf_section *symtab; /* NULL: none */
    const struct elf_section *strtab;
    const struct elf_section *shndx; /* NULL: none */
    uint32_t n_symbols;
    struct kxld_symbol **symbols; /* by index in symtab; NULL for those that no edge can mean */
};

/* One entry of the symbol table, as it stands. */
struct elf_symbol {
    uint64_t value;
    uint64_t size;
    const char *name;
    uint32_t name_len;
    uint32_t section; /* an index, extended where need be, or a reserved one */
    uint8_t binding;
    uint8_t type;
    uint8_t visibility;
    bool is_reserved_section; /* section is one of the reserved indices */
};

/* Steps of the parse pass, in order. False: the object cannot be read on. */
bool kxld_elf_read_header(struct elf_object *object);      /* elf_sections.c */
bool kxld_elf_read_sections(struct elf_object *object);    /* elf_sections.c */
bool kxld_elf_read_groups(struct elf_object *object);      /* elf_groups.c */
bool kxld_elf_make_blocks(struct elf_object *object);      /* elf_blocks.c */
bool kxld_elf_read_symbols(struct elf_object *object);     /* elf_symbols.c */
bool kxld_elf_read_relocations(struct elf_object *object); /* elf_relocations.c */

/* Reads entry @index of the symbol table. False after having recorded what is wrong with it. elf_symbols.c */
bool kxld_elf_symbol_at(struct elf_object *object, uint32_t index, struct elf_symbol *symbol);

/* An error about the object's form; always false. */
#define kxld_elf_malformed(object, ...)                                                                      \
    kxld_problem_plain((object)->link, KXLD_PROBLEM_MALFORMED, __VA_ARGS__)

#endif
