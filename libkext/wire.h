// SPDX-License-Identifier: BSD-2-Clause
/*
 * The flat load message: what the host side hands to the kernel half to have kexts loaded. One block of
 * memory, native byte order (both ends are one process), every reference an offset from its start, every
 * length explicit. The host decodes bundles, archives and property lists into it (libkext/message.c); the
 * kernel half trusts nothing in it and checks it again (kext/message.c) before it looks at a single entry.
 *
 * Rules that a message obeys:
 *   - `size` is the number of bytes of the whole message; every range lies inside it and does not wrap.
 *   - Entries stand in dependency order: a kext comes after everything that it needs from the same message.
 *   - A string is followed by a NUL that its length does not count, and contains none.
 *   - Versions travel twice, as text to show and as a number to compare (kext_wire_version()).
 *
 * Included by both sides, hence only freestanding headers. Raise KEXT_WIRE_VERSION when a layout below
 * changes.
 */
#ifndef KEXTBED_LIBKEXT_WIRE_H
#define KEXTBED_LIBKEXT_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define KEXT_WIRE_MAGIC   0x444c584bu /* "KXLD" in memory */
#define KEXT_WIRE_VERSION 1u

/* Limits of one message; a message past one of them is refused, not cut. */
#define KEXT_WIRE_MAX_SIZE    (256ull << 20)
#define KEXT_WIRE_MAX_ENTRIES 64u
#define KEXT_WIRE_MAX_LIBS    32u
#define KEXT_WIRE_MAX_ID      63u /* kmod_info has room for 64 with the NUL */
#define KEXT_WIRE_MAX_VERSION 31u
#define KEXT_WIRE_MAX_PATH    1023u

struct kext_wire_str {
    uint32_t off; /* from the start of the message */
    uint32_t len; /* bytes, without the NUL that follows */
};

struct kext_wire_header {
    uint32_t magic;
    uint32_t version;
    uint64_t size; /* of the whole message, bytes */
    uint32_t entries_off;
    uint32_t nentries;
    uint32_t flags;    /* KEXT_WIRE_LOAD_* */
    uint32_t reserved; /* 0 */
};
#define KEXT_WIRE_LOAD_CHECK                                                                                 \
    0x1u /* do everything up to the start routines, then undo it: nothing stays loaded */

/* One row of OSBundleLibraries. */
struct kext_wire_lib {
    struct kext_wire_str id;
    uint64_t min_version; /* the version that the kext was written for */
};

struct kext_wire_entry {
    struct kext_wire_str id;
    struct kext_wire_str version_text;
    struct kext_wire_str path; /* of the executable on the host, for reports and debuggers; may be empty */
    uint64_t version;
    uint64_t compatible;         /* oldest version that this kext can stand in for; 0: it is no library */
    uint64_t exec_off, exec_len; /* the object file; exec_len 0: a kext without code */
    uint32_t libs_off, nlibs;    /* array of kext_wire_lib */
    uint32_t flags;              /* KEXT_WIRE_ENTRY_* */
    uint32_t reserved;           /* 0 */
};
#define KEXT_WIRE_ENTRY_NOSTART  0x1u /* load and link, but leave its start routine for later */
#define KEXT_WIRE_ENTRY_EVOLVING 0x2u /* it may use symbols that can still change */

/* ---- versions ---------------------------------------------------------------------------------- */

/* Stages in order of age. A release has no level. */
enum kext_wire_stage {
    KEXT_STAGE_DEVELOPMENT = 1,
    KEXT_STAGE_ALPHA = 3,
    KEXT_STAGE_BETA = 5,
    KEXT_STAGE_CANDIDATE = 7,
    KEXT_STAGE_RELEASE = 9
};

/* The number that orders versions: major up to 9999, minor and revision up to 99, level up to 255. */
#define KEXT_VERSION_NUMBER(major, minor, revision, stage, level)                                            \
    ((uint64_t)(major)*100000000ull + (uint64_t)(minor)*1000000ull + (uint64_t)(revision)*10000ull +         \
     (uint64_t)(stage)*1000ull + (uint64_t)(level))
#define KEXT_VERSION_RELEASE(major, minor, revision)                                                         \
    KEXT_VERSION_NUMBER(major, minor, revision, KEXT_STAGE_RELEASE, 0)

/* ---- interface kexts --------------------------------------------------------------------------- */

/* What is part of the kernel process itself and always loaded. Each names one set of exported kernel symbols.
 * X(identifier, set) */
#define KEXT_INTERFACES(X)                                                                                   \
    X("com.apple.kpi.bsd", BSD)                                                                              \
    X("com.apple.kpi.iokit", IOKIT)                                                                          \
    X("com.apple.kpi.libkern", LIBKERN)                                                                      \
    X("com.apple.kpi.mach", MACH)                                                                            \
    X("com.apple.kpi.private", PRIVATE)                                                                      \
    X("com.apple.kpi.unsupported", UNSUPPORTED)

/* The Darwin release whose interfaces these are, and the oldest that they still serve. */
#define KEXT_INTERFACE_VERSION_TEXT    "24.4.0"
#define KEXT_INTERFACE_VERSION         KEXT_VERSION_RELEASE(24, 4, 0)
#define KEXT_INTERFACE_COMPATIBLE_TEXT "8.0.0"
#define KEXT_INTERFACE_COMPATIBLE      KEXT_VERSION_RELEASE(8, 0, 0)

#endif
