// SPDX-License-Identifier: BSD-2-Clause
/*
 * One link in flight, and the passes that it goes through.
 *
 * Owns: struct kxld_link, on the stack of kxld_link. Locks: none. Callers: all of kxld/.
 *
 * Every pass returns true to go on and false to stop at once; problems that need not stop it are recorded and
 * the link ends at the next point where kxld_link.c looks at the count of errors.
 */
#ifndef KXLD_LINK_INTERNAL_H
#define KXLD_LINK_INTERNAL_H

#include "kxld/graph_internal.h"
#include "kxld/kxld.h"
#include "kxld/memory_internal.h"

/* A report that can grow; the public part comes first and is what the client gets. */
struct kxld_report_builder {
    struct kxld_report report;
    struct kxld_pool pool;
    struct kxld_problem *problems;
    size_t capacity;
    size_t n_located; /* problems for which the function around them was looked for */
};

struct kxld_link {
    const struct kxld_host *host;
    const struct kxld_request *request;
    struct kxld_report_builder *report;
    struct kxld_pool pool; /* lives as long as the link */
    struct kxld_graph graph;

    uint8_t uuid[16];
    bool uuid_from_note;

    /* Set by layout. */
    uint64_t image_size;
    uint64_t image_align;
    struct kxld_segment segments[KXLD_N_SEGMENTS]; /* indexed by kind; addr is an offset until place */

    /* Set by place. */
    uint64_t base;
    uint8_t *contents;
    bool is_placed; /* contents must be given back unless the image takes it */

    struct kxld_image *image; /* set by finalise */
};

/* ---- passes, in order ---- */
bool kxld_pass_parse(struct kxld_link *link);   /* object bytes -> graph. elf/ */
bool kxld_pass_check(struct kxld_link *link);   /* what no format reader checks: edges, shapes. check.c */
bool kxld_pass_resolve(struct kxld_link *link); /* undefined symbols -> addresses, or problems. resolve.c */
bool kxld_pass_synthesise(
    struct kxld_link *link);                     /* GOT, stubs, end mark of .eh_frame. x86_64/synthesise.c */
bool kxld_pass_layout(struct kxld_link *link);   /* sections -> segments and offsets. layout.c */
bool kxld_pass_allocate(struct kxld_link *link); /* a place for the image; symbols get addresses. place.c */
bool kxld_pass_fixup(struct kxld_link *link);    /* copy blocks, apply edges. place.c, x86_64/fixup.c */
bool kxld_pass_finalise(struct kxld_link *link); /* image with its tables and link state. image_tables.c */
bool kxld_pass_protect(struct kxld_link *link);  /* final protections. place.c */

/* Gives back what allocate took. place.c */
void kxld_place_abandon(struct kxld_link *link);

/* Applies all edges of @block, whose bytes lie at @bytes. x86_64/fixup.c */
void kxld_fixup_block(struct kxld_link *link, const struct kxld_block *block, uint8_t *bytes);

/* Bytes of the field that an edge of @kind writes; 0 for a kind that writes nothing. x86_64/fixup.c */
unsigned kxld_edge_width(uint8_t kind);

/* Memory of the link; NULL after having recorded that there is none. kxld_link.c */
void *kxld_link_alloc(struct kxld_link *link, size_t n, size_t size);

/* ---- problems: report.c ---- */

/*
 * Records a problem. @symbol and @block may be NULL; with @block the place is @offset in it, else the
 * symbol's first reference. Returns the problem for detail to be added, or NULL when it was merged with an
 * earlier one about the same symbol or is not listed.
 */
struct kxld_problem *kxld_problem_add(struct kxld_link *link, enum kxld_problem_kind kind,
                                      enum kxld_severity severity, struct kxld_symbol *symbol,
                                      const struct kxld_block *block, uint64_t offset);
/* Sets the detail; @problem may be NULL. */
void kxld_problem_detail(struct kxld_link *link, struct kxld_problem *problem, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Copies of the strings; each may be NULL, and so may @problem. */
void kxld_problem_provider(struct kxld_link *link, struct kxld_problem *problem, const char *provider,
                           const char *version);
void kxld_problem_nearest(struct kxld_link *link, struct kxld_problem *problem, const char *name);

/* An error with nothing but a detail. Always returns false. */
bool kxld_problem_plain(struct kxld_link *link, enum kxld_problem_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

bool kxld_link_has_errors(const struct kxld_link *link);

/* Starts and ends a report. Begin returns NULL when there is no memory for it. */
struct kxld_report_builder *kxld_report_begin(const struct kxld_host *host, const char *bundle_id);
struct kxld_report *kxld_report_end(struct kxld_report_builder *builder);

/* ---- names that look alike: nearest_name.c ---- */

/*
 * The exported name most like @name, or NULL. @provider gets whose it is. The name lives as long as @pool.
 */
const char *kxld_nearest_name(const struct kxld_request *request, struct kxld_pool *pool, const char *name,
                              const struct kxld_provider **provider);

#endif
