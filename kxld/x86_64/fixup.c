// SPDX-License-Identifier: BSD-2-Clause
/*
 * Applying edges on x86-64. The table below is the code's half of the contract that stands beside each kind
 * in x86_64_internal.h.
 *
 * Owns: nothing. Locks: none. Callers: place.c, check.c.
 */
#include "kxld/link_internal.h"
#include "kxld/text_internal.h"
#include "kxld/x86_64/x86_64_internal.h"

enum field_value {
    VALUE_S,
    VALUE_S_P,
    VALUE_G_P,
    VALUE_G_GOT,
    VALUE_S_GOT,
    VALUE_GOT_P,
    VALUE_L_P,
    VALUE_L_GOT,
    VALUE_Z,
};

enum field_range {
    RANGE_ANY,
    RANGE_UNSIGNED,
    RANGE_SIGNED,
    RANGE_EITHER,
};

struct edge_rule {
    uint8_t width; /* bytes */
    uint8_t value;
    uint8_t range;
};

static const struct edge_rule rules[KXLD_N_EDGES_X86_64] = {
    [KXLD_EDGE_X86_64_ABS64] = {8, VALUE_S, RANGE_ANY},
    [KXLD_EDGE_X86_64_ABS32] = {4, VALUE_S, RANGE_UNSIGNED},
    [KXLD_EDGE_X86_64_ABS32_SIGNED] = {4, VALUE_S, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_ABS16] = {2, VALUE_S, RANGE_EITHER},
    [KXLD_EDGE_X86_64_ABS8] = {1, VALUE_S, RANGE_EITHER},
    [KXLD_EDGE_X86_64_DELTA64] = {8, VALUE_S_P, RANGE_ANY},
    [KXLD_EDGE_X86_64_DELTA32] = {4, VALUE_S_P, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_DELTA16] = {2, VALUE_S_P, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_DELTA8] = {1, VALUE_S_P, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_BRANCH32] = {4, VALUE_L_P, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_SIZE64] = {8, VALUE_Z, RANGE_ANY},
    [KXLD_EDGE_X86_64_SIZE32] = {4, VALUE_Z, RANGE_UNSIGNED},
    [KXLD_EDGE_X86_64_GOT_DELTA32] = {4, VALUE_G_P, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_GOT_DELTA32_RELAX] = {4, VALUE_G_P, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_GOT_DELTA32_RELAX_REX] = {4, VALUE_G_P, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_GOT_DELTA64] = {8, VALUE_G_P, RANGE_ANY},
    [KXLD_EDGE_X86_64_GOT_OFFSET32] = {4, VALUE_G_GOT, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_GOT_OFFSET64] = {8, VALUE_G_GOT, RANGE_ANY},
    [KXLD_EDGE_X86_64_FROM_GOT64] = {8, VALUE_S_GOT, RANGE_ANY},
    [KXLD_EDGE_X86_64_STUB_FROM_GOT64] = {8, VALUE_L_GOT, RANGE_ANY},
    [KXLD_EDGE_X86_64_GOT_BASE_DELTA32] = {4, VALUE_GOT_P, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_GOT_BASE_DELTA64] = {8, VALUE_GOT_P, RANGE_ANY},
    [KXLD_EDGE_X86_64_STUB_DELTA32] = {4, VALUE_L_P, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_LEA32] = {4, VALUE_S_P, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_CALL32] = {4, VALUE_S_P, RANGE_SIGNED},
    [KXLD_EDGE_X86_64_JUMP32] = {4, VALUE_S_P, RANGE_SIGNED},
};

unsigned kxld_edge_width(uint8_t kind)
{
    return rules[kind].width;
}

static uint64_t got_base(const struct kxld_link *link)
{
    return link->base + link->graph.got->offset;
}

static uint64_t got_slot(const struct kxld_link *link, const struct kxld_symbol *symbol)
{
    return got_base(link) + (uint64_t)(symbol->got_index - 1) * KXLD_X86_64_GOT_SLOT;
}

static uint64_t stub_or_target(const struct kxld_link *link, const struct kxld_symbol *symbol)
{
    if (!symbol->stub_index)
        return symbol->address;
    return link->base + link->graph.stubs->offset + (uint64_t)(symbol->stub_index - 1) * KXLD_X86_64_STUB;
}

static uint64_t field_value(const struct kxld_link *link, const struct kxld_edge *edge, uint64_t place)
{
    const struct kxld_symbol *target = edge->target;
    uint64_t addend = (uint64_t)edge->addend;

    switch ((enum field_value)rules[edge->kind].value) {
    case VALUE_S:
        return target->address + addend;
    case VALUE_S_P:
        return target->address + addend - place;
    case VALUE_G_P:
        return got_slot(link, target) + addend - place;
    case VALUE_G_GOT:
        return got_slot(link, target) + addend - got_base(link);
    case VALUE_S_GOT:
        return target->address + addend - got_base(link);
    case VALUE_GOT_P:
        return got_base(link) + addend - place;
    case VALUE_L_P:
        return stub_or_target(link, target) + addend - place;
    case VALUE_L_GOT:
        return stub_or_target(link, target) + addend - got_base(link);
    case VALUE_Z:
        return target->size + addend;
    }
    return 0;
}

/* @bits < 64 */
static bool value_fits(uint64_t value, unsigned bits, enum field_range range)
{
    uint64_t half = 1ull << (bits - 1);
    bool is_unsigned = value < half * 2;
    bool is_signed = value + half < half * 2;

    switch (range) {
    case RANGE_UNSIGNED:
        return is_unsigned;
    case RANGE_SIGNED:
        return is_signed;
    case RANGE_EITHER:
        return is_unsigned || is_signed;
    default:
        return true;
    }
}

static void report_range(struct kxld_link *link, const struct kxld_block *block, const struct kxld_edge *edge,
                         uint64_t value)
{
    const struct edge_rule *rule = &rules[edge->kind];
    struct kxld_problem *problem = kxld_problem_add(link, KXLD_PROBLEM_OUT_OF_RANGE, KXLD_SEVERITY_ERROR,
                                                    edge->target, block, edge->offset);
    bool is_negative = rule->range == RANGE_SIGNED && value >> 63;

    kxld_problem_detail(link, problem, "%s %s0x%llx does not fit into %u %s bits%s",
                        rule->value == VALUE_S   ? "address"
                        : rule->value == VALUE_Z ? "size"
                                                 : "distance",
                        is_negative ? "-" : "", (unsigned long long)(is_negative ? 0 - value : value),
                        rule->width * 8u, rule->range == RANGE_SIGNED ? "signed" : "unsigned",
                        edge->target->is_weak_absent ? " (a weak reference that found nothing)" : "");
}

/* The low @width bytes of @value. */
static void store_field(uint8_t *field, uint64_t value, unsigned width)
{
    switch (width) {
    case 8:
        kxld_store64(field, value);
        break;
    case 4:
        kxld_store32(field, (uint32_t)value);
        break;
    case 2:
        kxld_store16(field, (uint16_t)value);
        break;
    default:
        field[0] = (uint8_t)value;
        break;
    }
}

static void fixup_edge(struct kxld_link *link, const struct kxld_block *block, const struct kxld_edge *edge,
                       uint8_t *bytes)
{
    const struct edge_rule *rule = &rules[edge->kind];
    uint8_t *field = bytes + edge->offset;
    uint64_t value;

    if (edge->target->kind == KXLD_KIND_DISCARDED) {
        store_field(field, 0, rule->width);
        return;
    }
    value = field_value(link, edge, link->base + block->offset + edge->offset);
    if (edge->kind == KXLD_EDGE_X86_64_JUMP32)
        value++;
    if (rule->range != RANGE_ANY && !value_fits(value, rule->width * 8u, (enum field_range)rule->range)) {
        report_range(link, block, edge, value);
        return;
    }
    switch (edge->kind) {
    case KXLD_EDGE_X86_64_LEA32:
        field[-2] = 0x8d;
        break;
    case KXLD_EDGE_X86_64_CALL32:
        field[-2] = 0x67;
        field[-1] = 0xe8;
        break;
    case KXLD_EDGE_X86_64_JUMP32:
        field[-2] = 0xe9;
        field[3] = 0x90;
        field--;
        break;
    default:
        break;
    }
    store_field(field, value, rule->width);
}

void kxld_fixup_block(struct kxld_link *link, const struct kxld_block *block, uint8_t *bytes)
{
    for (size_t i = 0; i < block->n_edges; i++)
        fixup_edge(link, block, &block->edges[i], bytes);
}
