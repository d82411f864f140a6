// SPDX-License-Identifier: BSD-2-Clause
/*
 * The layout pass: every section gets a segment by what may be done with it, every segment whole pages of its
 * own, so that each can have its own protection. Sections keep the object's order within a segment;
 * zero-filled ones come last of all and cost no page until they are written to.
 *
 * Owns: nothing. Locks: none. Callers: kxld_link.c.
 */
#include "kxld/link_internal.h"

static const struct kxld_segment kinds[KXLD_N_SEGMENTS] = {
    [KXLD_SEGMENT_TEXT] = {"text", KXLD_SEGMENT_TEXT, KXLD_PROT_READ | KXLD_PROT_EXEC, 0, 0},
    [KXLD_SEGMENT_CONST] = {"const", KXLD_SEGMENT_CONST, KXLD_PROT_READ, 0, 0},
    [KXLD_SEGMENT_RELRO] = {"relro", KXLD_SEGMENT_RELRO, KXLD_PROT_READ, 0, 0},
    [KXLD_SEGMENT_DATA] = {"data", KXLD_SEGMENT_DATA, KXLD_PROT_READ | KXLD_PROT_WRITE, 0, 0},
};

static enum kxld_segment_kind section_segment(const struct kxld_section *section)
{
    if (section->is_executable)
        return KXLD_SEGMENT_TEXT;
    if (!section->is_writable)
        return KXLD_SEGMENT_CONST;
    return section->is_relro ? KXLD_SEGMENT_RELRO : KXLD_SEGMENT_DATA;
}

static uint64_t round_up(uint64_t n, uint64_t align)
{
    return (n + align - 1) & ~(align - 1);
}

static bool layout_section(struct kxld_link *link, struct kxld_section *section)
{
    bool is_first = true;

    for (struct kxld_block *block = section->first_block; block; block = block->next) {
        uint64_t offset = round_up(link->image_size, block->align);

        /* Both sides of the sum are below 2^63: no image, no object and no alignment is as large. */
        if (block->size > KXLD_MAX_IMAGE || offset + block->size > KXLD_MAX_IMAGE)
            return kxld_problem_plain(link, KXLD_PROBLEM_TOO_LARGE,
                                      "the image needs more than %u MiB; section %s does not fit any more",
                                      KXLD_MAX_IMAGE >> 20, section->name);
        block->offset = offset;
        if (is_first)
            section->offset = offset;
        is_first = false;
        link->image_size = offset + block->size;
        if (block->align > link->image_align)
            link->image_align = block->align;
    }
    if (is_first)
        section->offset = link->image_size;
    section->size = link->image_size - section->offset;
    return true;
}

static bool layout_sections(struct kxld_link *link, enum kxld_segment_kind kind, bool has_content)
{
    for (struct kxld_section *section = link->graph.first_section; section; section = section->next)
        if (section_segment(section) == kind && section->has_content == has_content) {
            section->segment = kind;
            if (!layout_section(link, section))
                return false;
        }
    return true;
}

static bool layout_segment(struct kxld_link *link, enum kxld_segment_kind kind)
{
    struct kxld_segment *segment = &link->segments[kind];

    link->image_size = round_up(link->image_size, KXLD_PAGE_SIZE);
    *segment = kinds[kind];
    segment->addr = link->image_size;
    if (!layout_sections(link, kind, true) || !layout_sections(link, kind, false))
        return false;
    link->image_size = round_up(link->image_size, KXLD_PAGE_SIZE);
    segment->size = link->image_size - segment->addr;
    return true;
}

bool kxld_pass_layout(struct kxld_link *link)
{
    link->image_size = 0;
    link->image_align = KXLD_PAGE_SIZE;
    for (int kind = 0; kind < KXLD_N_SEGMENTS; kind++)
        if (!layout_segment(link, (enum kxld_segment_kind)kind))
            return false;
    return true;
}
