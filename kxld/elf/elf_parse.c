// SPDX-License-Identifier: BSD-2-Clause
/*
 * The parse pass for ELF: the order in which an object is read.
 *
 * Owns: nothing. Locks: none. Callers: kxld_link.c.
 */
#include "kxld/elf/elf_internal.h"

bool kxld_pass_parse(struct kxld_link *link)
{
    struct elf_object object = {
        .link = link,
        .bytes = link->request->object,
        .size = link->request->object_len,
    };

    return kxld_elf_read_header(&object) && kxld_elf_read_sections(&object) &&
           kxld_elf_read_groups(&object) && kxld_elf_make_blocks(&object) && kxld_elf_read_symbols(&object) &&
           kxld_graph_place_commons(link) && kxld_elf_read_relocations(&object);
}
