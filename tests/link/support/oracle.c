// SPDX-License-Identifier: BSD-2-Clause
/*
 * A second opinion on relocated bytes, by libelf and the ABI's formulas.
 *
 * Owns: nothing. Locks: none. Callers: tests/link.
 */
#include "tests/link/support/oracle.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <elf.h>
#include <gelf.h>
#include <libelf.h>
#include <string.h>

#ifndef R_X86_64_GOTPCRELX
#define R_X86_64_GOTPCRELX     41
#define R_X86_64_REX_GOTPCRELX 42
#endif

struct oracle {
    const struct kxld_image *image;
    oracle_resolve resolve;
    Elf *elf;
    size_t names; /* index of the section of names */
    Elf_Data *symbols;
    size_t symbol_names;
};

/* One field. */
struct field {
    const uint8_t *at;
    uint64_t place;  /* P */
    uint64_t target; /* S */
    uint64_t size;   /* Z */
    int64_t addend;  /* A */
    const char *name;
};

static const struct kxld_placed_section *placed(const struct kxld_image *image, const char *name)
{
    for (size_t i = 0; i < image->n_sections; i++)
        if (strcmp(image->sections[i].name, name) == 0)
            return &image->sections[i];
    return NULL;
}

static const char *section_name(const struct oracle *o, size_t index)
{
    GElf_Shdr header;

    assert_non_null(gelf_getshdr(elf_getscn(o->elf, index), &header));
    return elf_strptr(o->elf, o->names, header.sh_name);
}

static uint64_t section_address(const struct oracle *o, size_t index)
{
    const struct kxld_placed_section *section = placed(o->image, section_name(o, index));

    return section ? section->addr : 0;
}

static uint64_t got_address(const struct oracle *o)
{
    const struct kxld_placed_section *got = placed(o->image, ".kxld.got");

    assert_non_null(got);
    return got->addr;
}

static uint64_t undefined_address(const struct oracle *o, const char *name)
{
    const struct kxld_placed_section *section;
    uint64_t address;

    if (strcmp(name, "_GLOBAL_OFFSET_TABLE_") == 0)
        return got_address(o);
    if (strncmp(name, "__start_", 8) == 0 && (section = placed(o->image, name + 8)))
        return section->addr;
    if (strncmp(name, "__stop_", 7) == 0 && (section = placed(o->image, name + 7)))
        return section->addr + section->size;
    if (!o->resolve(name, &address))
        address = 0;
    return address;
}

static void read_symbol(const struct oracle *o, size_t index, struct field *field)
{
    struct kxld_symbol_info info;
    GElf_Sym symbol;

    assert_non_null(gelf_getsym(o->symbols, (int)index, &symbol));
    field->name = elf_strptr(o->elf, o->symbol_names, symbol.st_name);
    field->size = symbol.st_size;
    switch (symbol.st_shndx) {
    case SHN_UNDEF:
        field->target = index ? undefined_address(o, field->name) : 0;
        break;
    case SHN_ABS:
        field->target = symbol.st_value;
        break;
    case SHN_COMMON:
        assert_true(kxld_image_find(o->image, field->name, &info));
        field->target = info.addr;
        break;
    default:
        field->target = section_address(o, symbol.st_shndx) + symbol.st_value;
        break;
    }
}

static const uint8_t *bytes_at(const struct oracle *o, uint64_t address)
{
    assert_true(address - o->image->base < o->image->size);
    return (const uint8_t *)o->image->contents + (address - o->image->base);
}

static uint64_t load(const uint8_t *at, unsigned width)
{
    uint64_t value = 0;

    memcpy(&value, at, width);
    return value;
}

static int64_t load_signed(const uint8_t *at, unsigned width)
{
    unsigned shift = 64 - 8 * width;

    return (int64_t)(load(at, width) << shift) >> shift;
}

static void expect(const struct field *field, unsigned width, uint64_t value)
{
    uint64_t mask = width == 8 ? UINT64_MAX : (1ull << (8 * width)) - 1;

    if (load(field->at, width) != (value & mask))
        fail_msg("field at 0x%llx for %s holds 0x%llx, should hold 0x%llx", (unsigned long long)field->place,
                 field->name, (unsigned long long)load(field->at, width), (unsigned long long)(value & mask));
}

/* The field leads to a slot that holds the target. */
static void expect_slot(const struct oracle *o, const struct field *field, uint64_t slot)
{
    const struct kxld_placed_section *got = placed(o->image, ".kxld.got");

    assert_non_null(got);
    assert_true(slot - got->addr < got->size && (slot - got->addr) % 8 == 0);
    if (load(bytes_at(o, slot), 8) != field->target)
        fail_msg("the slot of %s holds 0x%llx, should hold 0x%llx", field->name,
                 (unsigned long long)load(bytes_at(o, slot), 8), (unsigned long long)field->target);
}

/* A branch reaches the target itself, or a stub that jumps through a slot that holds it. */
static void expect_branch(const struct oracle *o, const struct field *field, uint64_t reached)
{
    const struct kxld_placed_section *stubs = placed(o->image, ".kxld.stubs");
    const uint8_t *code;

    if (reached == field->target)
        return;
    if (!stubs || reached - stubs->addr >= stubs->size)
        fail_msg("the branch at 0x%llx reaches 0x%llx instead of %s at 0x%llx",
                 (unsigned long long)field->place, (unsigned long long)reached, field->name,
                 (unsigned long long)field->target);
    code = bytes_at(o, reached);
    assert_int_equal(code[0], 0xff);
    assert_int_equal(code[1], 0x25);
    expect_slot(o, field, reached + 6 + (uint64_t)load_signed(code + 2, 4));
}

/* An operand of the table: the instruction before is as it was, or is one that does without. */
static void expect_operand(const struct oracle *o, const struct field *field, const uint8_t *was)
{
    const uint8_t *at = field->at;
    uint64_t value = field->target + (uint64_t)field->addend - field->place;

    if (memcmp(at - 2, was - 2, 2) == 0) {
        expect_slot(o, field, field->place + (uint64_t)load_signed(at, 4) - (uint64_t)field->addend);
    } else if (was[-2] == 0x8b) {
        assert_int_equal(at[-2], 0x8d);
        assert_int_equal(at[-1], was[-1]);
        expect(field, 4, value);
    } else if (was[-2] == 0xff && was[-1] == 0x15) {
        assert_int_equal(at[-2], 0x67);
        assert_int_equal(at[-1], 0xe8);
        expect(field, 4, value);
    } else {
        assert_int_equal(was[-2], 0xff);
        assert_int_equal(was[-1], 0x25);
        assert_int_equal(at[-2], 0xe9);
        assert_int_equal(at[3], 0x90);
        assert_true((uint64_t)load_signed(at - 1, 4) == value + 1);
    }
}

static void check_table_field(const struct oracle *o, const struct field *field, unsigned type,
                              const uint8_t *was)
{
    uint64_t a = (uint64_t)field->addend, p = field->place;

    switch (type) {
    case R_X86_64_GOTPCREL:
        assert_memory_equal(field->at - 2, was - 2, 2);
        expect_slot(o, field, p + (uint64_t)load_signed(field->at, 4) - a);
        break;
    case R_X86_64_GOTPCRELX:
    case R_X86_64_REX_GOTPCRELX:
        expect_operand(o, field, was);
        break;
    case R_X86_64_GOTPCREL64:
        expect_slot(o, field, p + load(field->at, 8) - a);
        break;
    case R_X86_64_GOT32:
        expect_slot(o, field, got_address(o) + (uint64_t)load_signed(field->at, 4) - a);
        break;
    case R_X86_64_GOT64:
    case R_X86_64_GOTPLT64:
        expect_slot(o, field, got_address(o) + load(field->at, 8) - a);
        break;
    case R_X86_64_GOTOFF64:
        expect(field, 8, field->target + a - got_address(o));
        break;
    case R_X86_64_GOTPC32:
        expect(field, 4, got_address(o) + a - p);
        break;
    case R_X86_64_GOTPC64:
        expect(field, 8, got_address(o) + a - p);
        break;
    case R_X86_64_PLTOFF64:
        expect_branch(o, field, got_address(o) + load(field->at, 8) - a);
        break;
    default:
        fail_msg("relocation type %u is unknown to the oracle", type);
    }
}

static void check_field(const struct oracle *o, const struct field *field, unsigned type, const uint8_t *was)
{
    uint64_t sum = field->target + (uint64_t)field->addend;
    uint64_t distance = sum - field->place;

    switch (type) {
    case R_X86_64_NONE:
        break;
    case R_X86_64_64:
        expect(field, 8, sum);
        break;
    case R_X86_64_32:
    case R_X86_64_32S:
        expect(field, 4, sum);
        break;
    case R_X86_64_16:
        expect(field, 2, sum);
        break;
    case R_X86_64_8:
        expect(field, 1, sum);
        break;
    case R_X86_64_PC64:
        expect(field, 8, distance);
        break;
    case R_X86_64_PC16:
        expect(field, 2, distance);
        break;
    case R_X86_64_PC8:
        expect(field, 1, distance);
        break;
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
        expect_branch(o, field, field->place + (uint64_t)load_signed(field->at, 4) - (uint64_t)field->addend);
        break;
    case R_X86_64_SIZE32:
        expect(field, 4, field->size + (uint64_t)field->addend);
        break;
    case R_X86_64_SIZE64:
        expect(field, 8, field->size + (uint64_t)field->addend);
        break;
    default:
        check_table_field(o, field, type, was);
    }
}

static size_t check_section(const struct oracle *o, Elf_Scn *relocations, const GElf_Shdr *header)
{
    Elf_Scn *target = elf_getscn(o->elf, header->sh_info);
    Elf_Data *data = elf_getdata(relocations, NULL);
    Elf_Data *was;
    GElf_Shdr target_header;
    uint64_t base = section_address(o, header->sh_info);
    size_t n = header->sh_size / header->sh_entsize;

    assert_non_null(gelf_getshdr(target, &target_header));
    if (!(target_header.sh_flags & SHF_ALLOC) || !base)
        return 0;
    was = elf_rawdata(target, NULL);
    for (size_t i = 0; i < n; i++) {
        struct field field;
        GElf_Rela rela;

        assert_non_null(gelf_getrela(data, (int)i, &rela));
        field.place = base + rela.r_offset;
        field.at = bytes_at(o, field.place);
        field.addend = rela.r_addend;
        read_symbol(o, GELF_R_SYM(rela.r_info), &field);
        check_field(o, &field, (unsigned)GELF_R_TYPE(rela.r_info),
                    (const uint8_t *)was->d_buf + rela.r_offset);
    }
    return n;
}

size_t oracle_check(const struct kxld_image *image, const void *object, size_t size, oracle_resolve resolve)
{
    struct oracle o = {.image = image, .resolve = resolve};
    GElf_Shdr header;
    size_t n = 0;

    assert_int_not_equal(elf_version(EV_CURRENT), EV_NONE);
    o.elf = elf_memory((char *)(uintptr_t)object, size);
    assert_non_null(o.elf);
    assert_int_equal(elf_getshdrstrndx(o.elf, &o.names), 0);
    for (Elf_Scn *s = elf_nextscn(o.elf, NULL); s; s = elf_nextscn(o.elf, s)) {
        assert_non_null(gelf_getshdr(s, &header));
        if (header.sh_type != SHT_SYMTAB)
            continue;
        o.symbols = elf_getdata(s, NULL);
        o.symbol_names = header.sh_link;
    }
    for (Elf_Scn *s = elf_nextscn(o.elf, NULL); s; s = elf_nextscn(o.elf, s)) {
        assert_non_null(gelf_getshdr(s, &header));
        if (header.sh_type == SHT_RELA)
            n += check_section(&o, s, &header);
    }
    elf_end(o.elf);
    return n;
}
