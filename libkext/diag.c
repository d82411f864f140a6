// SPDX-License-Identifier: BSD-2-Clause
/*
 * The list of diagnostics: growth, printing, words for the kinds. Owns the strings of its entries. Called by
 * everything in libkext and by the tools.
 */
#include "libkext/diag.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[KEXT_DIAG_KINDS] = {
    [KEXT_DIAG_NOTE] = "note",
    [KEXT_DIAG_WARNING] = "warning",
    [KEXT_DIAG_VALIDATION] = "validation",
    [KEXT_DIAG_DEPENDENCY] = "dependency",
    [KEXT_DIAG_LINK] = "link",
    [KEXT_DIAG_LOAD] = "load",
    [KEXT_DIAG_REQUEST] = "request",
};

static struct kext_diag *diag_grow(struct kext_diags *diags)
{
    if (diags->count == diags->room) {
        size_t room = diags->room != 0 ? diags->room * 2 : 8;
        struct kext_diag *list = reallocarray(diags->list, room, sizeof(*list));

        if (list == NULL) {
            diags->lost = true;
            return NULL;
        }
        diags->list = list;
        diags->room = room;
    }
    struct kext_diag *diag = &diags->list[diags->count++];
    memset(diag, 0, sizeof(*diag));
    return diag;
}

static char *text_copy(struct kext_diags *diags, const char *text)
{
    char *copy = text != NULL ? strdup(text) : NULL;

    diags->lost |= text != NULL && copy == NULL;
    return copy;
}

static char *text_format(struct kext_diags *diags, const char *format, va_list args)
{
    char *text = NULL;

    if (vasprintf(&text, format, args) < 0) {
        diags->lost = true;
        return NULL;
    }
    return text;
}

void kext_diag_add(struct kext_diags *diags, enum kext_diag_kind kind, const char *file, const char *kext,
                   const char *format, ...)
{
    struct kext_diag *diag = diag_grow(diags);
    va_list args;

    diags->errors += kind > KEXT_DIAG_WARNING;
    if (diag == NULL) {
        return;
    }
    diag->kind = kind;
    diag->file = text_copy(diags, file);
    diag->kext = text_copy(diags, kext);
    va_start(args, format);
    diag->text = text_format(diags, format, args);
    va_end(args);
}

void kext_diag_at(struct kext_diags *diags, unsigned line, unsigned column)
{
    if (diags->count != 0) {
        diags->list[diags->count - 1].line = line;
        diags->list[diags->count - 1].column = column;
    }
}

void kext_diag_mend(struct kext_diags *diags, const char *format, ...)
{
    va_list args;

    if (diags->count == 0) {
        return;
    }
    struct kext_diag *diag = &diags->list[diags->count - 1];
    free(diag->mend);
    va_start(args, format);
    diag->mend = text_format(diags, format, args);
    va_end(args);
}

static void diag_clear(struct kext_diag *diag)
{
    free(diag->file);
    free(diag->kext);
    free(diag->text);
    free(diag->mend);
}

void kext_diags_append(struct kext_diags *to, struct kext_diags *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct kext_diag *diag = diag_grow(to);

        if (diag != NULL) {
            *diag = from->list[i];
        } else {
            diag_clear(&from->list[i]);
        }
    }
    to->errors += from->errors;
    to->lost |= from->lost;
    free(from->list);
    *from = KEXT_DIAGS_INIT;
}

void kext_diags_free(struct kext_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        diag_clear(&diags->list[i]);
    }
    free(diags->list);
    *diags = KEXT_DIAGS_INIT;
}

/* Continuation lines of one text are indented below the first, so that a block reads as one. */
static void lines_print(FILE *out, const char *text, const char *indent)
{
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");

        fprintf(out, "%s%.*s\n", line == text ? "" : indent, (int)len, line);
        line += len;
        line += *line == '\n';
    }
}

void kext_diags_print(const struct kext_diags *diags, FILE *out, const char *prefix, bool warnings)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct kext_diag *diag = &diags->list[i];

        if (diag->kind <= KEXT_DIAG_WARNING && !warnings) {
            continue;
        }
        fprintf(out, "%s: ", prefix);
        if (diag->file != NULL) {
            fprintf(out, "%s:", diag->file);
            if (diag->line != 0) {
                fprintf(out, "%u:%u:", diag->line, diag->column);
            }
            fputc(' ', out);
        }
        if (diag->kind <= KEXT_DIAG_WARNING) {
            fprintf(out, "%s: ", kind_names[diag->kind]);
        }
        if (diag->kext != NULL) {
            fprintf(out, "%s: ", diag->kext);
        }
        lines_print(out, diag->text != NULL ? diag->text : "(no memory for the text)", "");
        if (diag->mend != NULL) {
            fputs("    ", out);
            lines_print(out, diag->mend, "    ");
        }
    }
    if (diags->lost) {
        fprintf(out, "%s: out of memory: some diagnostics are missing\n", prefix);
    }
}

const char *kext_diag_kind_name(enum kext_diag_kind kind)
{
    return kind < KEXT_DIAG_KINDS ? kind_names[kind] : "request";
}

enum kext_diag_kind kext_diag_kind_parse(const char *name)
{
    for (unsigned i = 0; i < KEXT_DIAG_KINDS; i++) {
        if (strcmp(kind_names[i], name) == 0) {
            return (enum kext_diag_kind)i;
        }
    }
    return KEXT_DIAG_REQUEST;
}
