// SPDX-License-Identifier: BSD-2-Clause
/*
 * The link graph: what every object format is turned into and every later pass works on.
 *
 *      section --< block --< edge >-- symbol
 *                    ^------------------'
 *
 * A section is a name and a protection; blocks of one section are placed one behind the other. A block is a
 * run of bytes that moves as a whole. An edge is a field of a block that depends on a symbol's final address.
 * A symbol is a place in a block, a number, or something outside. Nothing in here knows of ELF.
 *
 * Owns: all four kinds of node, in the pool of the link. Locks: none; a graph belongs to one link.
 * Callers: the format readers build it; check, resolve, synthesise, layout, place and image use it in this
 * order.
 */
#ifndef KXLD_GRAPH_INTERNAL_H
#define KXLD_GRAPH_INTERNAL_H

#include "kxld/kxld.h"
#include "kxld/memory_internal.h"
#include "kxld/name_table_internal.h"

struct kxld_block;
struct kxld_section;
struct kxld_symbol;

/* What a section is to the linker besides bytes. */
enum kxld_section_role {
    KXLD_ROLE_PLAIN,
    KXLD_ROLE_PREINIT,    /* function pointers, called first */
    KXLD_ROLE_INIT,       /* function pointers, called in order of priority, then of address */
    KXLD_ROLE_INIT_LAST,  /* the same, but the last entry of equal priority comes first (.ctors) */
    KXLD_ROLE_FINI,       /* called in the reverse order of INIT */
    KXLD_ROLE_FINI_FIRST, /* called in the reverse order of INIT_LAST (.dtors) */
    KXLD_ROLE_EH_FRAME,
    KXLD_ROLE_STUBS, /* made by the linker */
    KXLD_ROLE_GOT,   /* made by the linker */
};

#define KXLD_PRIORITY_NONE 65536u /* comes after every written priority, 0 to 65535 */

struct kxld_section {
    struct kxld_section *next; /* in the graph, in order of appearance */
    const char *name;
    struct kxld_block *first_block;
    struct kxld_block *last_block;
    uint64_t offset; /* from the image's base; set by layout */
    uint64_t size;   /* set by layout */
    enum kxld_section_role role;
    enum kxld_segment_kind segment;
    uint32_t priority; /* INIT and FINI roles */
    bool is_writable;
    bool is_executable;
    bool has_content; /* some block brings bytes */
    bool is_relro;    /* writable only until it is relocated */
};

struct kxld_block {
    struct kxld_block *next; /* in its section */
    struct kxld_section *section;
    const uint8_t *content; /* NULL: zeros */
    uint64_t size;
    uint64_t align;  /* power of two */
    uint64_t offset; /* from the image's base; set by layout */
    struct kxld_edge *edges;
    size_t n_edges;
};

/* Edge kinds belong to an architecture: see x86_64/x86_64_internal.h. */
struct kxld_edge {
    struct kxld_symbol *target;
    int64_t addend;
    uint32_t offset; /* in the block */
    uint8_t kind;
};

enum kxld_symbol_kind {
    KXLD_KIND_UNDEFINED,     /* not after resolve */
    KXLD_KIND_DEFINED,       /* block + value */
    KXLD_KIND_COMMON,        /* size, value = alignment; not after parse */
    KXLD_KIND_NUMBER,        /* value */
    KXLD_KIND_EXTERNAL,      /* value: an address outside the image */
    KXLD_KIND_SECTION_START, /* first byte of section */
    KXLD_KIND_SECTION_STOP,  /* behind the last byte of section */
    KXLD_KIND_IMAGE_BASE,
    KXLD_KIND_DISCARDED,    /* was in a group of which another copy is kept */
    KXLD_KIND_THREAD_LOCAL, /* always an error, kept for the report */
};

struct kxld_symbol {
    struct kxld_symbol *next; /* in the graph, in order of appearance */
    const char *name;         /* "" for a section's own symbol without a section */
    struct kxld_block *block;
    struct kxld_section *section; /* SECTION_START, SECTION_STOP */
    uint64_t value;
    uint64_t size;
    uint64_t address; /* set by layout and place: what edges use */
    const struct kxld_block *first_ref;
    uint32_t first_ref_offset;
    uint32_t n_refs;
    uint32_t problem;    /* 1 + index of the latest problem about it, or 0 */
    uint32_t got_index;  /* 1 + index, or 0 */
    uint32_t stub_index; /* 1 + index, or 0 */
    uint32_t name_len;
    enum kxld_symbol_kind kind;
    bool is_global;
    bool is_weak;
    bool is_hidden;
    bool is_function;
    bool is_section; /* stands for a section; in no table of names */
    bool is_weak_absent;
};

struct kxld_graph {
    struct kxld_section *first_section;
    struct kxld_section *last_section;
    struct kxld_symbol *first_symbol;
    struct kxld_symbol *last_symbol;
    struct kxld_name_table sections;
    struct kxld_name_table globals;
    struct kxld_section *got; /* NULL until something needs it */
    struct kxld_section *stubs;
    size_t n_symbols;
    uint64_t name_bytes;
    uint32_t n_got;
    uint32_t n_stubs;
};

struct kxld_link;

/*
 * Makers of nodes. All return NULL when there is no memory (or, for names, when a limit is passed), after
 * having recorded the problem in the link.
 */

/* The section of that name; made if need be. Flags of several calls add up. */
struct kxld_section *kxld_graph_section(struct kxld_link *link, const char *name, bool is_writable,
                                        bool is_executable);
/* A section of the linker's own, that no name in an object can mean. */
struct kxld_section *kxld_graph_own_section(struct kxld_link *link, const char *name,
                                            enum kxld_section_role role);
/* The section of the global offset table; made if need be. */
struct kxld_section *kxld_graph_got(struct kxld_link *link);
struct kxld_block *kxld_graph_block(struct kxld_link *link, struct kxld_section *section,
                                    const uint8_t *content, uint64_t size, uint64_t align);

/* A symbol of its own, in no table. */
struct kxld_symbol *kxld_graph_local(struct kxld_link *link, const char *name);

/*
 * Enters a global symbol: @incoming is a description on the caller's stack, and the one symbol of that name
 * is returned, which is now whichever of the two counts. Two strong definitions are recorded as a problem.
 */
struct kxld_symbol *kxld_graph_global(struct kxld_link *link, const struct kxld_symbol *incoming);

/* Whether later kexts may link against it: a global, visible definition. */
bool kxld_symbol_is_exported(const struct kxld_symbol *symbol);

/* Gives every common symbol a zero-filled block of its own. */
bool kxld_graph_place_commons(struct kxld_link *link);

/* Notes that @block has an edge to @symbol at @offset. */
void kxld_graph_refer(struct kxld_symbol *symbol, const struct kxld_block *block, uint32_t offset);

#endif
