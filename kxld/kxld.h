// SPDX-License-Identifier: BSD-2-Clause
/*
 * kxld: the kernel linker. The bytes of one relocatable object and the things it may link against go in; a
 * relocated, protected image and its link state come out. This header is the whole contract.
 *
 * Owns:    the links in flight, the images and link states it hands out. No global state of any kind.
 * Locks:   none. Any number of links may run at once on any threads. The caller keeps providers and the
 *          object's bytes unchanged during a link, and serialises kxld_image_free with users of that image.
 * Callers: kext/ (the manager), tests/link, tests/fuzz.
 *
 * kxld reads nothing outside itself: memory and placement come from struct kxld_host, symbols from struct
 * kxld_provider. No string it was given is kept after kxld_link returns; images and reports hold copies.
 */
#ifndef KXLD_KXLD_H
#define KXLD_KXLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits. An object that passes any of them is refused with a problem that names the limit. */
#define KXLD_MAX_OBJECT     (256u << 20) /* bytes of object */
#define KXLD_MAX_IMAGE      (512u << 20) /* bytes of image, zero-filled parts included */
#define KXLD_MAX_SECTIONS   65536u       /* section headers */
#define KXLD_MAX_SYMBOLS    (1u << 20)   /* symbol table entries */
#define KXLD_MAX_NAME       4096u        /* bytes of one symbol's name */
#define KXLD_MAX_NAME_BYTES (64u << 20)  /* bytes of all names together */
#define KXLD_MAX_ALIGN      (2u << 20)   /* strictest alignment of a section */
#define KXLD_MAX_PROBLEMS   1000u        /* problems listed in one report; more are counted */
#define KXLD_PAGE_SIZE      4096u        /* segments begin and end on it */

/* ---------------------------------------------------------------- what the client supplies -------------- */

enum kxld_prot {
    KXLD_PROT_READ = 1,
    KXLD_PROT_WRITE = 2,
    KXLD_PROT_EXEC = 4,
};

enum kxld_log_level {
    KXLD_LOG_ERROR,
    KXLD_LOG_WARNING,
    KXLD_LOG_NOTE,
    KXLD_LOG_DEBUG, /* one line per pass, only with KXLD_LINK_TRACE */
};

/*
 * The client's callbacks. Every one may be called on the linking thread only, with no kxld state locked, and
 * may block. Those that return int return 0 or any other value for failure.
 */
struct kxld_host {
    void *ctx; /* first argument of every callback */

    /* Ordinary memory, aligned to 16 bytes, contents undefined. NULL: no memory. Sizes are never 0. */
    void *(*alloc)(void *ctx, size_t size);
    /* Returns @p of alloc; @size is what was asked for. @p is never NULL. */
    void (*free)(void *ctx, void *p, size_t size);

    /*
     * Image memory. @size is a multiple of KXLD_PAGE_SIZE, @align a power of two >= KXLD_PAGE_SIZE. On
     * success the memory at *@addr is readable, writable, not executable and zero-filled. Not called in a
     * dry run.
     */
    int (*image_reserve)(void *ctx, size_t size, size_t align, uint64_t *addr);
    /* Sets the protection (enum kxld_prot bits) of whole pages of a reservation. Never W and X together. */
    int (*image_protect)(void *ctx, uint64_t addr, size_t size, unsigned prot);
    /* Gives a whole reservation back, whatever its protection is now. */
    void (*image_release)(void *ctx, uint64_t addr, size_t size);

    /*
     * Every address that image_reserve can return lies in [image_lo, image_hi). Both 0: not known; every
     * function outside the object then gets a stub, since nobody can say whether a direct call would reach
     * it.
     */
    uint64_t image_lo;
    uint64_t image_hi;

    /* One line of text without a newline. May be NULL. */
    void (*log)(void *ctx, enum kxld_log_level level, const char *text);
};

enum kxld_export_flags {
    KXLD_EXPORT_FUNC = 1, /* may be reached through a stub when it is out of reach of a direct call */
    KXLD_EXPORT_DATA = 2,
    KXLD_EXPORT_WEAK = 4,
};

/* What a set promises about a symbol. */
enum kxld_state {
    KXLD_STATE_STABLE,        /* silent */
    KXLD_STATE_COMPATIBILITY, /* a note */
    KXLD_STATE_DEPRECATED,    /* a warning */
    KXLD_STATE_EVOLVING,      /* a note with KXLD_LINK_ALLOW_EVOLVING, else an error */
};

struct kxld_export {
    const char *name; /* NUL-terminated; may be the caller's @name of lookup */
    uint64_t address;
    unsigned flags; /* enum kxld_export_flags; 0 counts as data */
    enum kxld_state state;
    const char *instead; /* name to use in place of this one, for the report; may be NULL */
};

/*
 * One thing that a kext may link against: an interface set, a loaded kext's link state, a sanitizer's
 * run-time library, the compiler's helpers. The client fills it in; kxld never writes to it.
 */
struct kxld_provider {
    const char *name;    /* bundle or set identifier, such as com.apple.kpi.bsd */
    const char *version; /* as a person writes it; NULL or "" when there is none */
    const void *data;    /* the client's own */

    /*
     * Finds @name (@len bytes, NUL-terminated as well). True: *@export is filled in, its strings live as long
     * as the provider or as long as @name. Must be fast: called for every undefined symbol of every link.
     */
    bool (*lookup)(const struct kxld_provider *provider, const char *name, size_t len,
                   struct kxld_export *export);

    /* Calls @visit for each exported name until it returns false. Used only to suggest names. May be NULL. */
    void (*iterate)(const struct kxld_provider *provider,
                    bool (*visit)(void *arg, const char *name, size_t len), void *arg);
};

enum kxld_link_flags {
    KXLD_LINK_DRY_RUN = 1,        /* place nothing: link into ordinary memory as if at dry_run_base */
    KXLD_LINK_ALLOW_EVOLVING = 2, /* the kext opted in to interfaces that may still change */
    KXLD_LINK_TRACE = 4,          /* log a line per pass at KXLD_LOG_DEBUG */
};

struct kxld_request {
    const char *bundle_id;
    const char *bundle_version; /* recorded in the link state; may be NULL */

    const void *object; /* need not be aligned */
    size_t object_len;

    /*
     * What the kext declared (OSBundleLibraries), plus whatever the client gives to every kext. Searched in
     * this order; the first that exports a name wins.
     */
    const struct kxld_provider *const *declared;
    size_t n_declared;

    /* Everything else that exists. Never linked against: only for reports ("that symbol is exported by ...").
     */
    const struct kxld_provider *const *known;
    size_t n_known;

    unsigned flags; /* enum kxld_link_flags */

    /* Where a dry run pretends to place the image; page-aligned, usually the start of the client's arena. */
    uint64_t dry_run_base;

    /* The address that a weak reference gets when nothing declared exports it. 0 as ELF has it, or the value
     * that kexts compare with (gOSKextUnresolved). */
    uint64_t weak_absent_address;
};

/* ---------------------------------------------------------------- the image ----------------------------- */

/* Segments in order of address; a segment that would be empty is left out. */
enum kxld_segment_kind {
    KXLD_SEGMENT_TEXT,  /* R-X: code and stubs */
    KXLD_SEGMENT_CONST, /* R--: constants, .eh_frame */
    KXLD_SEGMENT_RELRO, /* R--: constant once relocated: pointer tables, GOT, constructor arrays */
    KXLD_SEGMENT_DATA,  /* RW-: data, zero-filled data last */
    KXLD_N_SEGMENTS,
};

struct kxld_segment {
    const char *name; /* "text", "const", "relro", "data" */
    enum kxld_segment_kind kind;
    unsigned prot; /* final protection */
    uint64_t addr; /* page-aligned */
    uint64_t size; /* whole pages */
};

/* A named section of the object as it was placed; for debuggers. */
struct kxld_placed_section {
    const char *name;
    uint64_t addr;
    uint64_t size;
};

enum kxld_symbol_flags {
    KXLD_SYMBOL_FUNC = 1,
    KXLD_SYMBOL_EXPORTED = 2, /* in the link state */
    KXLD_SYMBOL_LOCAL = 4,    /* static in its source file */
    KXLD_SYMBOL_ABSOLUTE = 8, /* a number, not a place in the image */
};

struct kxld_symbol_info {
    const char *name; /* lives as long as the image */
    uint64_t addr;
    uint64_t size; /* 0: not recorded */
    unsigned flags;
};

struct kxld_linkstate;
struct kxld_image_private;

/* A linked image. Read-only for the client; freed by kxld_image_free. */
struct kxld_image {
    const char *bundle_id;
    uint64_t base;   /* lowest address; 0 when the object had nothing to place */
    uint64_t size;   /* bytes from base, whole pages */
    void *contents;  /* the bytes; the image itself, or ordinary memory after a dry run */
    bool is_dry_run; /* nothing was placed: addresses are made up */

    struct kxld_segment segments[KXLD_N_SEGMENTS];
    size_t n_segments;

    const struct kxld_placed_section *sections;
    size_t n_sections;

    /* Functions void (*)(void), in the order in which they are to be called. All lie in the text segment. */
    const uint64_t *constructors;
    size_t n_constructors;
    const uint64_t *destructors;
    size_t n_destructors;

    /* Call-frame information, its end marked by a zero word, ready to be registered. Size 0: none. */
    uint64_t eh_frame;
    uint64_t eh_frame_size; /* end mark included */

    uint8_t uuid[16];    /* first 16 bytes of the build id, or made from the object's contents */
    bool uuid_from_note; /* the former */

    const struct kxld_linkstate *linkstate;

    struct kxld_image_private *private_data;
};

/* ---------------------------------------------------------------- the report ---------------------------- */

enum kxld_result {
    KXLD_OK,
    KXLD_ERR_NO_MEMORY,   /* a callback had none: alloc, image_reserve */
    KXLD_ERR_MALFORMED,   /* not an object, or one that contradicts itself */
    KXLD_ERR_UNSUPPORTED, /* well formed, but of a kind that cannot become a kext */
    KXLD_ERR_UNRESOLVED,  /* symbols missing, not declared, or defined twice */
    KXLD_ERR_RANGE,       /* a relocated value does not fit its field */
    KXLD_ERR_PROTECT,     /* image_protect failed */
};

enum kxld_severity {
    KXLD_SEVERITY_NOTE,
    KXLD_SEVERITY_WARNING,
    KXLD_SEVERITY_ERROR,
};

enum kxld_problem_kind {
    KXLD_PROBLEM_MALFORMED,    /* error: detail says what */
    KXLD_PROBLEM_UNSUPPORTED,  /* error: detail says what */
    KXLD_PROBLEM_TOO_LARGE,    /* error: a limit of this header */
    KXLD_PROBLEM_RELOCATION,   /* error: a relocation of an unknown or unusable kind */
    KXLD_PROBLEM_THREAD_LOCAL, /* error: thread-local variables are not possible in a kext */
    KXLD_PROBLEM_MISSING,      /* error: nobody exports the symbol; nearest may be set */
    KXLD_PROBLEM_WRONG_SET,    /* error: provider exports it but is not declared */
    KXLD_PROBLEM_DUPLICATE,    /* error: two definitions of one name */
    KXLD_PROBLEM_OUT_OF_RANGE, /* error: the value does not fit */
    KXLD_PROBLEM_EVOLVING,     /* error; note where the kext opted in */
    KXLD_PROBLEM_DEPRECATED,   /* warning */
    KXLD_PROBLEM_COMPATIBLE,   /* note */
    KXLD_PROBLEM_WEAK_ABSENT,  /* note: a weak reference that found nothing */
    KXLD_PROBLEM_SHADOWED,     /* note: the kext defines and exports what a declared provider has too */
    KXLD_PROBLEM_NO_MEMORY,    /* error */
    KXLD_PROBLEM_PROTECT,      /* error */
    KXLD_N_PROBLEMS,
};

/* Strings live as long as the report. NULL: not applicable. */
struct kxld_problem {
    enum kxld_problem_kind kind;
    enum kxld_severity severity;
    const char *symbol;
    const char *section;  /* first reference: the section, the offset in it, and the function around it */
    uint64_t offset;      /* bytes */
    const char *function; /* may be NULL */
    uint64_t more;        /* further references to the same symbol with the same problem */
    const char *provider; /* the set or kext that has it */
    const char *provider_version;
    const char *nearest; /* a name that does exist and looks alike, or the name to use instead */
    const char *detail;  /* one clause, no full stop */
};

/* Everything that one link had to say. */
struct kxld_report {
    const char *bundle_id;
    enum kxld_result result;
    const struct kxld_problem *problems; /* in the order found */
    size_t n_problems;
    size_t n_errors; /* of all problems, listed or not */
    size_t n_unlisted;
};

/* ---------------------------------------------------------------- calls --------------------------------- */

/** kxld_link - link one object against what it declared.
 *  @host     in   callbacks; must outlive the image and the report.
 *  @request  in   the object and its providers; not kept.
 *  @image    out  the linked image on KXLD_OK, else NULL. End with kxld_image_free. In a dry run its
 *                 addresses are made up and contents is ordinary memory.
 *  @report   out  may be NULL. All problems, also the notes of a link that succeeded. NULL when there was no
 *                 memory for it. End with kxld_report_free.
 *  Refs:   none taken on providers; the caller keeps kexts loaded that the image was bound to.
 *  Locks:  none.    Blocks: only in callbacks.
 *  Errno:  an enum kxld_result. After any error nothing stays allocated or reserved but *@report.   KPI: none
 */
enum kxld_result kxld_link(const struct kxld_host *host, const struct kxld_request *request,
                           struct kxld_image **image, struct kxld_report **report);

/** kxld_image_free - release an image: its pages, its link state and all that it lists.
 *  @host   in  the callbacks that it was linked with.
 *  @image  in  may be NULL. Nothing may run in it, and no provider made from its link state may be in use.
 *  Refs:   ends the image.    Locks: none.    Blocks: only in callbacks.    Errno: none.    KPI: none
 */
void kxld_image_free(const struct kxld_host *host, struct kxld_image *image);

/** kxld_image_find - find a symbol that the object defines, exported or not.
 *  @image  in   the image.
 *  @name   in   NUL-terminated name. Of several local symbols with one name the first in address order
 *               is found; a global one is preferred.
 *  @info   out  filled in on success.
 *  Refs:   none.    Locks: none.    Blocks: no.    Errno: true when found.    KPI: none
 */
bool kxld_image_find(const struct kxld_image *image, const char *name, struct kxld_symbol_info *info);

/** kxld_image_symbol_at - name the code or data at an address, for backtraces.
 *  @image  in   the image.
 *  @pc     in   any address.
 *  @info   out  the nearest symbol at or below @pc in the same segment, functions preferred in text; @pc -
 *               info->addr is the offset in it.
 *  Refs:   none.    Locks: none; safe in a signal handler.    Blocks: no.
 *  Errno:  true when found; false outside the image or before its first symbol.    KPI: none
 */
bool kxld_image_symbol_at(const struct kxld_image *image, uint64_t pc, struct kxld_symbol_info *info);

/** kxld_linkstate_provider - look at a link state as a thing to link against.
 *  @linkstate  in   of an image; must outlive @provider.
 *  @name       in   bundle identifier; must outlive @provider.
 *  @version    in   as in struct kxld_provider; NULL for the version recorded at the link.
 *  @provider   out  filled in; nothing is allocated.
 *  Refs:   none.    Locks: none.    Blocks: no.    Errno: none.    KPI: none
 */
void kxld_linkstate_provider(const struct kxld_linkstate *linkstate, const char *name, const char *version,
                             struct kxld_provider *provider);

/** kxld_linkstate_count - number of symbols that a link state exports. KPI: none */
size_t kxld_linkstate_count(const struct kxld_linkstate *linkstate);

/** kxld_linkstate_get - one exported symbol by its index, in order of address.
 *  @linkstate  in   of an image.
 *  @index      in   below kxld_linkstate_count.
 *  @export     out  filled in; strings live as long as the link state.
 *  Refs: none.    Locks: none.    Blocks: no.    Errno: false when @index is too large.    KPI: none
 */
bool kxld_linkstate_get(const struct kxld_linkstate *linkstate, size_t index, struct kxld_export *export);

/** kxld_linkstate_size - bytes of a link state, which is one block of pageable memory. KPI: none */
size_t kxld_linkstate_size(const struct kxld_linkstate *linkstate);

/** kxld_report_format - a report as text for people. Each group of problems begins with `kxld[<bundle-id>]:`
 *  and has one tab-indented symbol a line; what to do about it comes last. Empty when there is no problem.
 *  @report  in   the report.
 *  @buf     out  gets at most @size - 1 bytes and a NUL; may be NULL when @size is 0.
 *  @size    in   bytes of @buf.
 *  Refs: none.    Locks: none.    Blocks: no.    Errno: none; returns the whole text's length.    KPI: none
 */
size_t kxld_report_format(const struct kxld_report *report, char *buf, size_t size);

/** kxld_report_log - the same text, line by line to host->log, each at the level of its problem.
 *  @report  in  the report; may be NULL.
 *  @host    in  the callbacks.
 *  Refs: none.    Locks: none.    Blocks: only in the callback.    Errno: none.    KPI: none
 */
void kxld_report_log(const struct kxld_report *report, const struct kxld_host *host);

/** kxld_report_free - release a report.
 *  @host    in  the callbacks that it was made with.
 *  @report  in  may be NULL.
 *  Refs: ends the report.    Locks: none.    Blocks: only in the callback.    Errno: none.    KPI: none
 */
void kxld_report_free(const struct kxld_host *host, struct kxld_report *report);

/** kxld_instrumentation - the kind of instrumentation that calls a symbol unasked, such as
 * "AddressSanitizer".
 *  @symbol  in  its name; may be NULL.
 *  Refs: none.    Locks: none.    Blocks: no.    Errno: none; NULL it belongs to none.    KPI: none
 */
const char *kxld_instrumentation(const char *symbol);

/** kxld_result_text - a result as a clause, such as "symbols are missing". Never NULL. KPI: none */
const char *kxld_result_text(enum kxld_result result);

#endif
