// SPDX-License-Identifier: BSD-2-Clause
/*
 * Relocations become edges. The table below says which kind of edge each relocation of the x86-64 ABI is;
 * what the kinds mean stands in x86_64/x86_64_internal.h.
 *
 * Owns: nothing. Locks: none. Callers: elf_parse.c.
 */
#include "kxld/elf/elf_internal.h"
#include "kxld/x86_64/x86_64_internal.h"

/* Offsets of fields. */
enum {
    RELA_OFFSET = 0,
    RELA_TYPE = 8,
    RELA_SYMBOL = 12,
    RELA_ADDEND = 16,
};

enum relocation_use {
    USE_UNKNOWN, /* no such relocation */
    USE_NOTHING, /* nothing to be done */
    USE_EDGE,
    USE_THREAD_LOCAL,
    USE_DYNAMIC, /* for finished programs, never in an object */
};

static const struct relocation_rule {
    const char *name;
    uint8_t use;
    uint8_t edge;
} rules[] = {
    [0] = {"R_X86_64_NONE", USE_NOTHING, 0},
    [1] = {"R_X86_64_64", USE_EDGE, KXLD_EDGE_X86_64_ABS64},
    [2] = {"R_X86_64_PC32", USE_EDGE, KXLD_EDGE_X86_64_DELTA32},
    [3] = {"R_X86_64_GOT32", USE_EDGE, KXLD_EDGE_X86_64_GOT_OFFSET32},
    [4] = {"R_X86_64_PLT32", USE_EDGE, KXLD_EDGE_X86_64_BRANCH32},
    [5] = {"R_X86_64_COPY", USE_DYNAMIC, 0},
    [6] = {"R_X86_64_GLOB_DAT", USE_DYNAMIC, 0},
    [7] = {"R_X86_64_JUMP_SLOT", USE_DYNAMIC, 0},
    [8] = {"R_X86_64_RELATIVE", USE_DYNAMIC, 0},
    [9] = {"R_X86_64_GOTPCREL", USE_EDGE, KXLD_EDGE_X86_64_GOT_DELTA32},
    [10] = {"R_X86_64_32", USE_EDGE, KXLD_EDGE_X86_64_ABS32},
    [11] = {"R_X86_64_32S", USE_EDGE, KXLD_EDGE_X86_64_ABS32_SIGNED},
    [12] = {"R_X86_64_16", USE_EDGE, KXLD_EDGE_X86_64_ABS16},
    [13] = {"R_X86_64_PC16", USE_EDGE, KXLD_EDGE_X86_64_DELTA16},
    [14] = {"R_X86_64_8", USE_EDGE, KXLD_EDGE_X86_64_ABS8},
    [15] = {"R_X86_64_PC8", USE_EDGE, KXLD_EDGE_X86_64_DELTA8},
    [16] = {"R_X86_64_DTPMOD64", USE_THREAD_LOCAL, 0},
    [17] = {"R_X86_64_DTPOFF64", USE_THREAD_LOCAL, 0},
    [18] = {"R_X86_64_TPOFF64", USE_THREAD_LOCAL, 0},
    [19] = {"R_X86_64_TLSGD", USE_THREAD_LOCAL, 0},
    [20] = {"R_X86_64_TLSLD", USE_THREAD_LOCAL, 0},
    [21] = {"R_X86_64_DTPOFF32", USE_THREAD_LOCAL, 0},
    [22] = {"R_X86_64_GOTTPOFF", USE_THREAD_LOCAL, 0},
    [23] = {"R_X86_64_TPOFF32", USE_THREAD_LOCAL, 0},
    [24] = {"R_X86_64_PC64", USE_EDGE, KXLD_EDGE_X86_64_DELTA64},
    [25] = {"R_X86_64_GOTOFF64", USE_EDGE, KXLD_EDGE_X86_64_FROM_GOT64},
    [26] = {"R_X86_64_GOTPC32", USE_EDGE, KXLD_EDGE_X86_64_GOT_BASE_DELTA32},
    [27] = {"R_X86_64_GOT64", USE_EDGE, KXLD_EDGE_X86_64_GOT_OFFSET64},
    [28] = {"R_X86_64_GOTPCREL64", USE_EDGE, KXLD_EDGE_X86_64_GOT_DELTA64},
    [29] = {"R_X86_64_GOTPC64", USE_EDGE, KXLD_EDGE_X86_64_GOT_BASE_DELTA64},
    [30] = {"R_X86_64_GOTPLT64", USE_EDGE, KXLD_EDGE_X86_64_GOT_OFFSET64},
    [31] = {"R_X86_64_PLTOFF64", USE_EDGE, KXLD_EDGE_X86_64_STUB_FROM_GOT64},
    [32] = {"R_X86_64_SIZE32", USE_EDGE, KXLD_EDGE_X86_64_SIZE32},
    [33] = {"R_X86_64_SIZE64", USE_EDGE, KXLD_EDGE_X86_64_SIZE64},
    [34] = {"R_X86_64_GOTPC32_TLSDESC", USE_THREAD_LOCAL, 0},
    [35] = {"R_X86_64_TLSDESC_CALL", USE_THREAD_LOCAL, 0},
    [36] = {"R_X86_64_TLSDESC", USE_THREAD_LOCAL, 0},
    [37] = {"R_X86_64_IRELATIVE", USE_DYNAMIC, 0},
    [41] = {"R_X86_64_GOTPCRELX", USE_EDGE, KXLD_EDGE_X86_64_GOT_DELTA32_RELAX},
    [42] = {"R_X86_64_REX_GOTPCRELX", USE_EDGE, KXLD_EDGE_X86_64_GOT_DELTA32_RELAX_REX},
};

static const struct relocation_rule *find_rule(uint32_t type)
{
    static const struct relocation_rule unknown = {NULL, USE_UNKNOWN, 0};

    return type < sizeof(rules) / sizeof(rules[0]) ? &rules[type] : &unknown;
}

static void report_thread_local(struct kxld_link *link, struct kxld_symbol *symbol,
                                const struct kxld_block *block, uint64_t offset)
{
    kxld_problem_add(link, KXLD_PROBLEM_THREAD_LOCAL, KXLD_SEVERITY_ERROR, symbol, block, offset);
}

static void report_unusable(struct kxld_link *link, struct kxld_symbol *symbol,
                            const struct kxld_block *block, uint64_t offset, uint32_t type)
{
    const char *name = find_rule(type)->name;
    struct kxld_problem *problem =
        kxld_problem_add(link, KXLD_PROBLEM_RELOCATION, KXLD_SEVERITY_ERROR, symbol, block, offset);

    if (name)
        kxld_problem_detail(link, problem, "%s belongs into finished programs only", name);
    else
        kxld_problem_detail(link, problem, "relocation type %u is not known", type);
}

/* One relocation; makes an edge or a problem or nothing. */
static bool read_relocation(struct elf_object *object, struct kxld_block *block, const uint8_t *entry)
{
    struct kxld_link *link = object->link;
    uint64_t offset = kxld_load64(entry + RELA_OFFSET);
    uint32_t type = kxld_load32(entry + RELA_TYPE);
    uint32_t index = kxld_load32(entry + RELA_SYMBOL);
    const struct relocation_rule *rule = find_rule(type);
    struct kxld_symbol *symbol;
    struct kxld_edge *edge;

    if (rule->use == USE_NOTHING)
        return true;
    if (offset >= block->size)
        return kxld_elf_malformed(
            object, "a relocation of section %s lies at 0x%llx, behind its end at 0x%llx",
            block->section->name, (unsigned long long)offset, (unsigned long long)block->size);
    if (index >= object->n_symbols || !object->symbols[index])
        return kxld_elf_malformed(object, "the relocation at 0x%llx of section %s names symbol %u of %u",
                                  (unsigned long long)offset, block->section->name, index, object->n_symbols);
    symbol = object->symbols[index];
    if (rule->use == USE_THREAD_LOCAL || symbol->kind == KXLD_KIND_THREAD_LOCAL) {
        report_thread_local(link, symbol, block, offset);
        return true;
    }
    if (rule->use != USE_EDGE) {
        report_unusable(link, symbol, block, offset, type);
        return true;
    }
    edge = &block->edges[block->n_edges++];
    edge->target = symbol;
    edge->addend = (int64_t)kxld_load64(entry + RELA_ADDEND);
    edge->offset = (uint32_t)offset;
    edge->kind = rule->edge;
    kxld_graph_refer(symbol, block, edge->offset);
    return true;
}

static bool check_relocations(struct elf_object *object, uint32_t index)
{
    const struct elf_section *section = &object->sections[index];

    if (section->type == ELF_SECTION_REL)
        return kxld_problem_plain(object->link, KXLD_PROBLEM_UNSUPPORTED,
                                  "section %u holds relocations without addends, which x86-64 does not have",
                                  index);
    if (section->entry_size != ELF_RELA_SIZE || section->size % ELF_RELA_SIZE)
        return kxld_elf_malformed(object, "section %u (%s) does not hold whole relocations", index,
                                  section->name);
    if (!object->symtab || section->link != (uint32_t)(object->symtab - object->sections))
        return kxld_elf_malformed(object, "the relocations in section %u (%s) have no symbol table", index,
                                  section->name);
    if (object->sections[section->info].has_relocations)
        return kxld_elf_malformed(object, "two sections hold relocations for section %u (%s)", section->info,
                                  object->sections[section->info].name);
    object->sections[section->info].has_relocations = true;
    return true;
}

static bool read_section_relocations(struct elf_object *object, uint32_t index)
{
    const struct elf_section *section = &object->sections[index];
    struct kxld_block *block;
    size_t n;

    if (section->info == 0 || section->info >= object->n_sections)
        return kxld_elf_malformed(object, "the relocations in section %u (%s) are for section %u of %u",
                                  index, section->name, section->info, object->n_sections);
    block = object->sections[section->info].block;
    if (!block || !section->bytes)
        return true;
    if (!check_relocations(object, index))
        return false;
    n = (size_t)(section->size / ELF_RELA_SIZE);
    block->edges = kxld_link_alloc(object->link, n, sizeof(*block->edges));
    if (!block->edges)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!read_relocation(object, block, section->bytes + i * ELF_RELA_SIZE))
            return false;
    return true;
}

bool kxld_elf_read_relocations(struct elf_object *object)
{
    for (uint32_t i = 1; i < object->n_sections; i++) {
        uint32_t type = object->sections[i].type;

        if ((type == ELF_SECTION_RELA || type == ELF_SECTION_REL) && !read_section_relocations(object, i))
            return false;
    }
    /* Variables that nothing refers to are refused all the same. */
    for (struct kxld_symbol *symbol = object->link->graph.first_symbol; symbol; symbol = symbol->next)
        if (symbol->kind == KXLD_KIND_THREAD_LOCAL && !symbol->problem)
            report_thread_local(object->link, symbol, NULL, 0);
    return true;
}
