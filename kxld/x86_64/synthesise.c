// SPDX-License-Identifier: BSD-2-Clause
/*
 * The synthesise pass: what the object asks the linker to make. Slots of the global offset table, stubs for
 * functions out of reach of a direct call, and the end mark of call-frame information. Where the target turns
 * out to be near, the detour through the table is taken out of the code instead.
 *
 * It runs before the image has a place: "near" is therefore said of the whole range in which the client can
 * place one. Targets inside the image are always near, since KXLD_MAX_IMAGE is.
 *
 * Owns: nothing. Locks: none. Callers: kxld_link.c.
 */
#include "kxld/link_internal.h"
#include "kxld/text_internal.h"
#include "kxld/x86_64/x86_64_internal.h"

/* How far a 32-bit distance reaches, less room for an addend and an instruction. */
#define REACH ((1ull << 31) - (1ull << 16))

static bool address_is_near(const struct kxld_host *host, uint64_t address)
{
    uint64_t to_lo, to_hi;

    if (host->image_hi <= host->image_lo)
        return false;
    to_lo = address > host->image_lo ? address - host->image_lo : host->image_lo - address;
    to_hi = address > host->image_hi ? address - host->image_hi : host->image_hi - address;
    return to_lo < REACH && to_hi < REACH;
}

static bool symbol_is_near(const struct kxld_link *link, const struct kxld_symbol *symbol)
{
    if (symbol->kind == KXLD_KIND_EXTERNAL || symbol->kind == KXLD_KIND_NUMBER)
        return address_is_near(link->host, symbol->value);
    return true;
}

static bool symbol_needs_stub(const struct kxld_link *link, const struct kxld_symbol *symbol)
{
    return symbol->kind == KXLD_KIND_EXTERNAL && !symbol_is_near(link, symbol);
}

static void need_got(struct kxld_graph *graph, struct kxld_symbol *symbol)
{
    if (!symbol->got_index)
        symbol->got_index = ++graph->n_got;
}

static void need_stub(struct kxld_graph *graph, struct kxld_symbol *symbol)
{
    need_got(graph, symbol);
    if (!symbol->stub_index)
        symbol->stub_index = ++graph->n_stubs;
}

/*
 * The kind that reaches a near target without its slot, or @edge's own kind when the instruction is none of
 * those that can be rewritten. The addend of -4 says that the field ends its instruction.
 */
static uint8_t relaxed_kind(const struct kxld_block *block, const struct kxld_edge *edge)
{
    const uint8_t *op;

    if (edge->addend != -4 || edge->offset < 2)
        return edge->kind;
    op = block->content + edge->offset - 2;
    if (op[0] == 0x8b && (op[1] & 0xc7) == 0x05)
        return KXLD_EDGE_X86_64_LEA32;
    if (edge->kind == KXLD_EDGE_X86_64_GOT_DELTA32_RELAX && op[0] == 0xff && op[1] == 0x15)
        return KXLD_EDGE_X86_64_CALL32;
    if (edge->kind == KXLD_EDGE_X86_64_GOT_DELTA32_RELAX && op[0] == 0xff && op[1] == 0x25)
        return KXLD_EDGE_X86_64_JUMP32;
    return edge->kind;
}

/*
 * Whether the field is there to get at the function: the operand of a lea, a call or a jump, or no code at
 * all. Only then does a stub do as well; what reads or writes the place itself must not meet the stub's
 * bytes.
 */
static bool field_takes_function(const struct kxld_block *block, const struct kxld_edge *edge)
{
    const uint8_t *op;

    if (!block->section->is_executable)
        return true;
    if (edge->offset < 2)
        return false;
    op = block->content + edge->offset - 2;
    if (op[0] == 0x8d && (op[1] & 0xc7) == 0x05)
        return true;
    return op[1] == 0xe8 || op[1] == 0xe9 || (op[0] == 0x0f && (op[1] & 0xf0) == 0x80);
}

static void synthesise_edge(struct kxld_link *link, const struct kxld_block *block, struct kxld_edge *edge)
{
    struct kxld_graph *graph = &link->graph;
    struct kxld_symbol *target = edge->target;

    switch (edge->kind) {
    case KXLD_EDGE_X86_64_BRANCH32:
    case KXLD_EDGE_X86_64_STUB_FROM_GOT64:
        if (symbol_needs_stub(link, target))
            need_stub(graph, target);
        break;
    case KXLD_EDGE_X86_64_DELTA32:
        if (target->is_function && !target->is_weak_absent && symbol_needs_stub(link, target) &&
            field_takes_function(block, edge)) {
            need_stub(graph, target);
            edge->kind = KXLD_EDGE_X86_64_STUB_DELTA32;
        }
        break;
    case KXLD_EDGE_X86_64_GOT_DELTA32_RELAX:
    case KXLD_EDGE_X86_64_GOT_DELTA32_RELAX_REX:
        if (symbol_is_near(link, target))
            edge->kind = relaxed_kind(block, edge);
        if (edge->kind == KXLD_EDGE_X86_64_GOT_DELTA32_RELAX ||
            edge->kind == KXLD_EDGE_X86_64_GOT_DELTA32_RELAX_REX)
            need_got(graph, target);
        break;
    case KXLD_EDGE_X86_64_GOT_DELTA32:
    case KXLD_EDGE_X86_64_GOT_DELTA64:
    case KXLD_EDGE_X86_64_GOT_OFFSET32:
    case KXLD_EDGE_X86_64_GOT_OFFSET64:
        need_got(graph, target);
        break;
    default:
        break;
    }
}

/* Whether the field is measured from the table, which must then exist even if it stays empty. */
static bool edge_uses_got_base(const struct kxld_edge *edge)
{
    return edge->kind >= KXLD_EDGE_X86_64_GOT_OFFSET32 && edge->kind <= KXLD_EDGE_X86_64_GOT_BASE_DELTA64;
}

static bool synthesise_blocks(struct kxld_link *link)
{
    for (struct kxld_section *section = link->graph.first_section; section; section = section->next) {
        for (struct kxld_block *block = section->first_block; block; block = block->next) {
            for (size_t i = 0; i < block->n_edges; i++) {
                synthesise_edge(link, block, &block->edges[i]);
                if (edge_uses_got_base(&block->edges[i]) && !kxld_graph_got(link))
                    return false;
            }
        }
    }
    return true;
}

static void set_edge(struct kxld_edge *edge, uint8_t kind, uint32_t offset, struct kxld_symbol *target,
                     int64_t addend)
{
    edge->kind = kind;
    edge->offset = offset;
    edge->target = target;
    edge->addend = addend;
}

static bool make_got(struct kxld_link *link)
{
    struct kxld_graph *graph = &link->graph;
    struct kxld_block *block;

    if (!graph->n_got && !graph->got)
        return true;
    if (!kxld_graph_got(link))
        return false;
    block = kxld_graph_block(link, graph->got, NULL, (uint64_t)graph->n_got * KXLD_X86_64_GOT_SLOT,
                             KXLD_X86_64_GOT_SLOT);
    if (!block)
        return false;
    graph->got->has_content = true;
    block->edges = kxld_link_alloc(link, graph->n_got, sizeof(*block->edges));
    if (!block->edges)
        return false;
    block->n_edges = graph->n_got;
    for (struct kxld_symbol *symbol = graph->first_symbol; symbol; symbol = symbol->next)
        if (symbol->got_index) {
            uint32_t i = symbol->got_index - 1;

            set_edge(&block->edges[i], KXLD_EDGE_X86_64_ABS64, i * KXLD_X86_64_GOT_SLOT, symbol, 0);
        }
    return true;
}

/* jmp *slot(%rip); the rest traps. */
static const uint8_t stub_code[KXLD_X86_64_STUB] = {0xff, 0x25, 0, 0, 0, 0, 0xcc, 0xcc};

static bool make_stubs(struct kxld_link *link)
{
    struct kxld_graph *graph = &link->graph;
    struct kxld_block *block;
    uint8_t *code;

    if (!graph->n_stubs)
        return true;
    graph->stubs = kxld_graph_own_section(link, ".kxld.stubs", KXLD_ROLE_STUBS);
    code = kxld_link_alloc(link, graph->n_stubs, KXLD_X86_64_STUB);
    if (!graph->stubs || !code)
        return false;
    block = kxld_graph_block(link, graph->stubs, code, (uint64_t)graph->n_stubs * KXLD_X86_64_STUB,
                             KXLD_X86_64_STUB);
    if (!block)
        return false;
    block->edges = kxld_link_alloc(link, graph->n_stubs, sizeof(*block->edges));
    if (!block->edges)
        return false;
    block->n_edges = graph->n_stubs;
    for (struct kxld_symbol *symbol = graph->first_symbol; symbol; symbol = symbol->next)
        if (symbol->stub_index) {
            uint32_t at = (symbol->stub_index - 1) * KXLD_X86_64_STUB;

            memcpy(code + at, stub_code, sizeof(stub_code));
            set_edge(&block->edges[symbol->stub_index - 1], KXLD_EDGE_X86_64_GOT_DELTA32, at + 2, symbol, -4);
        }
    return true;
}

/*
 * Unwinders read call-frame information until a zero word, and take the gap that an alignment leaves for one:
 * so later blocks stand flush, and a zero word ends the last.
 */
static bool end_frames(struct kxld_link *link)
{
    for (struct kxld_section *section = link->graph.first_section; section; section = section->next) {
        if (section->role != KXLD_ROLE_EH_FRAME || !section->has_content)
            continue;
        for (struct kxld_block *block = section->first_block->next; block; block = block->next)
            block->align = 1;
        if (!kxld_graph_block(link, section, NULL, 4, 1))
            return false;
    }
    return true;
}

bool kxld_pass_synthesise(struct kxld_link *link)
{
    return synthesise_blocks(link) && make_got(link) && make_stubs(link) && end_frames(link);
}
