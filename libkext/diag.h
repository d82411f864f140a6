// SPDX-License-Identifier: BSD-2-Clause
/*
 * Diagnostics as data: what went wrong, with which file and where, and how it is mended. Every function of
 * libkext that can fail adds to a list of the caller's; the tools print the list, the control server sends it
 * as JSON. All problems of a request are collected, not just the first.
 *
 * A list belongs to one thread. Running out of memory while adding is remembered and shown as one last line.
 */
#ifndef KEXTBED_LIBKEXT_DIAG_H
#define KEXTBED_LIBKEXT_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum kext_diag_kind {
    KEXT_DIAG_NOTE,       /* said because somebody asked for everything */
    KEXT_DIAG_WARNING,    /* worth knowing; nothing fails because of it */
    KEXT_DIAG_VALIDATION, /* a bundle, property list or executable is wrong in itself */
    KEXT_DIAG_DEPENDENCY, /* what it needs is missing, too old, too new or circular */
    KEXT_DIAG_LINK,       /* the linker refused the object */
    KEXT_DIAG_LOAD,       /* the kernel process refused: not permitted, in use, start routine failed */
    KEXT_DIAG_REQUEST,    /* the request itself makes no sense, or did not arrive */
    KEXT_DIAG_KINDS
};

struct kext_diag {
    enum kext_diag_kind kind;
    char *file;            /* path, or NULL */
    unsigned line, column; /* 1-based; 0 unknown */
    char *kext;            /* bundle identifier, or NULL */
    char *text;            /* what is wrong; may have several lines */
    char *mend;            /* what to do about it, or NULL */
};

struct kext_diags {
    struct kext_diag *list;
    size_t count, room;
    size_t errors; /* entries that are neither notes nor warnings */
    bool lost;     /* an entry could not be kept for lack of memory */
};
#define KEXT_DIAGS_INIT ((struct kext_diags){0})

/** kext_diag_add - append a problem. The entry takes copies of everything.
 *  @file, @kext  may be NULL. */
void kext_diag_add(struct kext_diags *diags, enum kext_diag_kind kind, const char *file, const char *kext,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));
/** kext_diag_at - give the entry added last a place in its file. @line, @column 1-based. */
void kext_diag_at(struct kext_diags *diags, unsigned line, unsigned column);
/** kext_diag_mend - say how the entry added last is mended. */
void kext_diag_mend(struct kext_diags *diags, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** kext_diags_append - move all entries of @from to the end of @to; @from is empty afterwards. */
void kext_diags_append(struct kext_diags *to, struct kext_diags *from);
/** kext_diags_free - drop all entries; the list may be used again. */
void kext_diags_free(struct kext_diags *diags);

/** kext_diags_print - one block a problem: "tool: file:line:column: text (identifier)" and an indented mend.
 *  @prefix    the tool's name. @warnings  whether to show warnings too. */
void kext_diags_print(const struct kext_diags *diags, FILE *out, const char *prefix, bool warnings);

/** kext_diag_kind_name - "warning", "validation", ...: stable words, used in JSON too. */
const char *kext_diag_kind_name(enum kext_diag_kind kind);
/** kext_diag_kind_parse - the reverse; KEXT_DIAG_REQUEST for an unknown word. */
enum kext_diag_kind kext_diag_kind_parse(const char *name);

#endif
