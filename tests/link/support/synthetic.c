// SPDX-License-Identifier: BSD-2-Clause
/*
 * Objects made in memory, larger or stranger than an assembler would make them.
 *
 * Owns: nothing. Locks: none. Callers: tests/link.
 */
#include "tests/link/support/synthetic.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum {
    SECTION_NULL,
    SECTION_DATA,
    SECTION_RELA,
    SECTION_SYMTAB,
    SECTION_STRTAB,
    SECTION_SHNDX,
    N_SECTIONS,
};

static const char section_names[] = "\0.data\0.rela.data\0.symtab\0.strtab";

static void set_section(Elf64_Shdr *header, unsigned name, unsigned type, size_t offset, size_t size)
{
    header->sh_name = name;
    header->sh_type = type;
    header->sh_offset = offset;
    header->sh_size = size;
    header->sh_addralign = 8;
}

static size_t fill_symbols(const struct synthetic *what, Elf64_Sym *symbols, Elf64_Word *indices,
                           char *strings)
{
    size_t at = sizeof(section_names);

    for (size_t i = 0; i < what->n_symbols; i++) {
        Elf64_Sym *symbol = &symbols[i + 1];

        symbol->st_name = (Elf64_Word)at;
        symbol->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
        symbol->st_shndx = what->are_defined ? SECTION_DATA : SHN_UNDEF;
        if (what->is_extended) {
            indices[i + 1] = symbol->st_shndx;
            symbol->st_shndx = SHN_XINDEX;
        }
        symbol->st_value = what->are_defined ? 8 * i : 0;
        symbol->st_size = what->are_defined ? 8 : 0;
        what->name(i, strings + at);
        at += strlen(strings + at) + 1;
    }
    return at;
}

uint8_t *synthetic_make(const struct synthetic *what, size_t *size)
{
    size_t n_fields = what->n_relocations > what->n_symbols ? what->n_relocations : what->n_symbols;
    size_t data_at = sizeof(Elf64_Ehdr) + N_SECTIONS * sizeof(Elf64_Shdr);
    size_t rela_at = data_at + 8 * n_fields;
    size_t symtab_at = rela_at + what->n_relocations * sizeof(Elf64_Rela);
    size_t shndx_at = symtab_at + (what->n_symbols + 1) * sizeof(Elf64_Sym);
    size_t shndx_size = what->is_extended ? (what->n_symbols + 1) * sizeof(Elf64_Word) : 0;
    size_t strtab_at = shndx_at + shndx_size;
    uint8_t *object = calloc(1, strtab_at + sizeof(section_names) + what->n_symbols * 64);
    Elf64_Ehdr *header = (Elf64_Ehdr *)object;
    Elf64_Shdr *sections = (Elf64_Shdr *)(object + sizeof(*header));
    Elf64_Rela *relocations = (Elf64_Rela *)(object + rela_at);
    size_t strings;

    assert_non_null(object);
    memcpy(object + strtab_at, section_names, sizeof(section_names));
    strings = fill_symbols(what, (Elf64_Sym *)(object + symtab_at), (Elf64_Word *)(object + shndx_at),
                           (char *)object + strtab_at);
    memcpy(header->e_ident, ELFMAG, SELFMAG);
    header->e_ident[EI_CLASS] = ELFCLASS64;
    header->e_ident[EI_DATA] = ELFDATA2LSB;
    header->e_ident[EI_VERSION] = EV_CURRENT;
    header->e_type = ET_REL;
    header->e_machine = EM_X86_64;
    header->e_version = EV_CURRENT;
    header->e_shoff = sizeof(*header);
    header->e_shentsize = sizeof(Elf64_Shdr);
    header->e_shnum = N_SECTIONS;
    header->e_shstrndx = SECTION_STRTAB;
    set_section(&sections[SECTION_DATA], 1, SHT_PROGBITS, data_at, 8 * n_fields);
    sections[SECTION_DATA].sh_flags = SHF_ALLOC | SHF_WRITE;
    set_section(&sections[SECTION_RELA], 7, SHT_RELA, rela_at, what->n_relocations * sizeof(Elf64_Rela));
    sections[SECTION_RELA].sh_entsize = sizeof(Elf64_Rela);
    sections[SECTION_RELA].sh_link = SECTION_SYMTAB;
    sections[SECTION_RELA].sh_info = SECTION_DATA;
    set_section(&sections[SECTION_SYMTAB], 18, SHT_SYMTAB, symtab_at,
                (what->n_symbols + 1) * sizeof(Elf64_Sym));
    sections[SECTION_SYMTAB].sh_entsize = sizeof(Elf64_Sym);
    sections[SECTION_SYMTAB].sh_link = SECTION_STRTAB;
    sections[SECTION_SYMTAB].sh_info = 1;
    set_section(&sections[SECTION_STRTAB], 26, SHT_STRTAB, strtab_at, strings);
    if (what->is_extended) {
        set_section(&sections[SECTION_SHNDX], 0, SHT_SYMTAB_SHNDX, shndx_at, shndx_size);
        sections[SECTION_SHNDX].sh_link = SECTION_SYMTAB;
    }
    for (size_t i = 0; i < what->n_relocations; i++) {
        relocations[i].r_offset = 8 * i;
        relocations[i].r_info = ELF64_R_INFO(1 + i % what->n_symbols, what->type ? what->type : R_X86_64_64);
    }
    *size = strtab_at + strings;
    return object;
}
