// SPDX-License-Identifier: BSD-2-Clause
/*
 * The check pass: what must hold of any graph, whatever format it came from. After it every edge lies within
 * bytes of its block, no section is writable and executable, arrays of function pointers hold whole pointers,
 * and call-frame information can be walked to its end.
 *
 * Owns: nothing. Locks: none. Callers: kxld_link.c.
 */
#include "kxld/link_internal.h"
#include "kxld/text_internal.h"

#define POINTER_SIZE 8u

/*
 * A group of which another copy is kept leaves holes. Only call-frame information may still speak of them
 * (its records are then void); a global name is bound to the copy that is kept.
 */
static void check_discarded(struct kxld_link *link, const struct kxld_block *block,
                            const struct kxld_edge *edge)
{
    struct kxld_problem *problem;

    if (edge->target->kind != KXLD_KIND_DISCARDED || edge->target->is_global ||
        block->section->role == KXLD_ROLE_EH_FRAME)
        return;
    problem = kxld_problem_add(link, KXLD_PROBLEM_MALFORMED, KXLD_SEVERITY_ERROR, edge->target, block,
                               edge->offset);
    kxld_problem_detail(link, problem, "refers into a group of sections of which another copy is kept");
}

static void check_edges(struct kxld_link *link, const struct kxld_block *block)
{
    for (size_t i = 0; i < block->n_edges; i++) {
        const struct kxld_edge *edge = &block->edges[i];
        unsigned width = kxld_edge_width(edge->kind);
        struct kxld_problem *problem;

        check_discarded(link, block, edge);
        if (block->content && width <= block->size && edge->offset <= block->size - width)
            continue;
        problem = kxld_problem_add(link, KXLD_PROBLEM_MALFORMED, KXLD_SEVERITY_ERROR, edge->target, block,
                                   edge->offset);
        kxld_problem_detail(link, problem,
                            block->content ? "a relocation of %u bytes lies outside its section"
                                           : "a relocation of %u bytes lies in a section without contents",
                            width);
    }
}

static bool role_is_pointers(enum kxld_section_role role)
{
    return role >= KXLD_ROLE_PREINIT && role <= KXLD_ROLE_FINI_FIRST;
}

/*
 * One record of call-frame information at @at. Returns the offset behind it, @block's size at the end mark,
 * or 0 for a record that breaks the rules.
 */
static uint64_t check_frame_record(const struct kxld_block *block, uint64_t at)
{
    uint64_t left = block->size - at;
    uint64_t length, head = 4;
    uint32_t id;

    if (left < 4)
        return 0;
    length = kxld_load32(block->content + at);
    if (length == 0)
        return block->size;
    if (length == 0xffffffffu) {
        if (left < 12)
            return 0;
        length = kxld_load64(block->content + at + 4);
        head = 12;
    }
    if (length < 4 || length > left - head)
        return 0;
    /* A frame names its common record by the distance back from here; 0 is a common record itself. */
    id = kxld_load32(block->content + at + head);
    if (id > at + head)
        return 0;
    return at + head + length;
}

static void check_frames(struct kxld_link *link, const struct kxld_block *block)
{
    uint64_t at = 0;

    while (block->content && at < block->size) {
        uint64_t next = check_frame_record(block, at);

        if (!next) {
            struct kxld_problem *problem =
                kxld_problem_add(link, KXLD_PROBLEM_MALFORMED, KXLD_SEVERITY_ERROR, NULL, block, at);

            kxld_problem_detail(link, problem, "a record of call-frame information runs past its bounds");
            return;
        }
        at = next;
    }
}

static void check_section(struct kxld_link *link, const struct kxld_section *section)
{
    if (section->is_writable && section->is_executable)
        kxld_problem_plain(link, KXLD_PROBLEM_UNSUPPORTED,
                           "section %s is both writable and executable; a kext's memory is one or the other",
                           section->name);
    for (const struct kxld_block *block = section->first_block; block; block = block->next) {
        check_edges(link, block);
        if (role_is_pointers(section->role) && block->size % POINTER_SIZE)
            kxld_problem_plain(link, KXLD_PROBLEM_MALFORMED,
                               "section %s holds %llu bytes, not whole pointers", section->name,
                               (unsigned long long)block->size);
        if (section->role == KXLD_ROLE_EH_FRAME)
            check_frames(link, block);
    }
}

bool kxld_pass_check(struct kxld_link *link)
{
    for (const struct kxld_section *section = link->graph.first_section; section; section = section->next)
        check_section(link, section);
    return true;
}
