// SPDX-License-Identifier: BSD-2-Clause
/*
 * The first pass over a property list: an expat walk that accepts exactly the documents that make sense as an
 * Info.plist and says where any other goes wrong. It exists because the tree builder reports no positions,
 * drops a key without a value in silence, turns a reference into an empty string, and recurses as deep as the
 * input asks it to.
 *
 * Owns the walk's state, on the caller's stack. Called by plist.c alone.
 */
#include "libkext/plist_internal.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "libkext/plist.h"

enum element { EL_PLIST, EL_DICT, EL_ARRAY, EL_KEY, EL_SCALAR };

static const struct {
    const char *name;
    enum element kind;
} elements[] = {
    {"plist", EL_PLIST},   {"dict", EL_DICT},      {"array", EL_ARRAY}, {"key", EL_KEY},
    {"string", EL_SCALAR}, {"integer", EL_SCALAR}, {"real", EL_SCALAR}, {"true", EL_SCALAR},
    {"false", EL_SCALAR},  {"date", EL_SCALAR},    {"data", EL_SCALAR},
};

struct level {
    enum element kind;
    bool want_value; /* in a dictionary: a key has been read and its value has not */
    unsigned children;
};

struct walk {
    XML_Parser parser;
    const char *file;
    struct kext_diags *diags;
    struct plist_places *places;
    struct level level[KEXT_PLIST_MAX_DEPTH + 3]; /* plist, containers, one scalar, one to spare */
    unsigned depth;
    unsigned nodes;
    bool failed;
    char key[256]; /* text of the key being read */
    size_t key_len;
};

static void walk_fail(struct walk *walk, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void walk_fail(struct walk *walk, const char *format, ...)
{
    char text[512];
    va_list args;

    if (walk->failed) {
        return;
    }
    walk->failed = true;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    kext_diag_add(walk->diags, KEXT_DIAG_VALIDATION, walk->file, NULL, "%s", text);
    kext_diag_at(walk->diags, (unsigned)XML_GetCurrentLineNumber(walk->parser),
                 (unsigned)XML_GetCurrentColumnNumber(walk->parser) + 1);
    XML_StopParser(walk->parser, XML_FALSE);
}

/* Where may this element stand? Each complaint names what was expected instead. */
static bool element_fits(struct walk *walk, const char *name, enum element kind)
{
    if (walk->depth == 0) {
        if (kind != EL_PLIST) {
            walk_fail(walk, "<%s> is not the root of a property list; <plist> is", name);
        }
        return !walk->failed;
    }
    struct level *parent = &walk->level[walk->depth - 1];
    if (kind == EL_PLIST) {
        walk_fail(walk, "<plist> inside another element");
    } else if (parent->kind == EL_KEY || parent->kind == EL_SCALAR) {
        walk_fail(walk, "<%s> where only text may stand", name);
    } else if (parent->kind == EL_PLIST && parent->children != 0) {
        walk_fail(walk, "a second value in <plist>: <%s>", name);
    } else if (parent->kind == EL_PLIST && kind != EL_DICT) {
        walk_fail(walk, "the root is <%s>; it has to be a <dict>", name);
    } else if (parent->kind == EL_DICT && kind == EL_KEY && parent->want_value) {
        walk_fail(walk, "a <key> follows another without a value between them");
    } else if (parent->kind == EL_DICT && kind != EL_KEY && !parent->want_value) {
        walk_fail(walk, "<%s> without a <key> before it", name);
    } else if (parent->kind == EL_ARRAY && kind == EL_KEY) {
        walk_fail(walk, "<key> in an <array>");
    } else if (walk->depth > KEXT_PLIST_MAX_DEPTH && kind != EL_KEY && kind != EL_SCALAR) {
        walk_fail(walk, "more than %u containers within each other", KEXT_PLIST_MAX_DEPTH);
    } else if (++walk->nodes > KEXT_PLIST_MAX_NODES) {
        walk_fail(walk, "more than %u elements", KEXT_PLIST_MAX_NODES);
    }
    return !walk->failed;
}

static void element_begin(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct walk *walk = arg;
    size_t i = 0;

    while (i < sizeof(elements) / sizeof(elements[0]) && strcmp(elements[i].name, name) != 0) {
        i++;
    }
    if (i == sizeof(elements) / sizeof(elements[0])) {
        walk_fail(walk, "<%s> is not an element of a property list", name);
        return;
    }
    for (; attributes[0] != NULL; attributes += 2) {
        if (strcmp(attributes[0], "IDREF") == 0) {
            walk_fail(walk, "IDREF: references between values are not part of an Info.plist");
            return;
        }
    }
    enum element kind = elements[i].kind;
    if (!element_fits(walk, name, kind)) {
        return;
    }
    if (walk->depth != 0) {
        struct level *parent = &walk->level[walk->depth - 1];
        parent->children++;
        parent->want_value = kind == EL_KEY;
    }
    walk->level[walk->depth++] = (struct level){.kind = kind};
    walk->key_len = 0;
}

static void key_record(struct walk *walk)
{
    struct plist_places *places = walk->places;
    struct plist_place *place;
    unsigned line = (unsigned)XML_GetCurrentLineNumber(walk->parser);
    unsigned column = (unsigned)XML_GetCurrentColumnNumber(walk->parser) + 1;

    for (size_t i = 0; i < places->count; i++) {
        if (strcmp(places->list[i].key, walk->key) == 0) {
            kext_diag_add(walk->diags, KEXT_DIAG_WARNING, walk->file, NULL,
                          "%s stands here again (first in line %u); the last one counts", walk->key,
                          places->list[i].line);
            kext_diag_at(walk->diags, line, column);
            places->list[i].line = line;
            places->list[i].column = column;
            return;
        }
    }
    if (places->count == places->room) {
        size_t room = places->room != 0 ? places->room * 2 : 16;
        place = reallocarray(places->list, room, sizeof(*place));
        if (place == NULL) {
            walk_fail(walk, "out of memory");
            return;
        }
        places->list = place;
        places->room = room;
    }
    place = &places->list[places->count];
    *place = (struct plist_place){.key = strdup(walk->key), .line = line, .column = column};
    if (place->key == NULL) {
        walk_fail(walk, "out of memory");
        return;
    }
    places->count++;
}

static void element_end(void *arg, const XML_Char *name)
{
    struct walk *walk = arg;

    (void)name;
    if (walk->failed) {
        return;
    }
    struct level *level = &walk->level[--walk->depth];
    if (level->kind == EL_DICT && level->want_value) {
        walk_fail(walk, "the last <key> of a <dict> has no value");
    } else if (level->kind == EL_PLIST && level->children == 0) {
        walk_fail(walk, "<plist> is empty");
    } else if (level->kind == EL_KEY) {
        walk->key[walk->key_len] = '\0';
        if (walk->key_len == 0) {
            walk_fail(walk, "an empty <key>");
        } else if (walk->depth == 2) {
            key_record(walk);
        }
    }
}

static void text_read(void *arg, const XML_Char *text, int len)
{
    struct walk *walk = arg;
    enum element kind = walk->depth != 0 ? walk->level[walk->depth - 1].kind : EL_PLIST;

    if (walk->failed) {
        return;
    }
    if (kind == EL_KEY) {
        if (walk->key_len + (size_t)len >= sizeof(walk->key)) {
            walk_fail(walk, "a <key> of more than %zu bytes", sizeof(walk->key) - 1);
            return;
        }
        memcpy(walk->key + walk->key_len, text, (size_t)len);
        walk->key_len += (size_t)len;
    } else if (kind != EL_SCALAR) {
        for (int i = 0; i < len; i++) {
            if (strchr(" \t\r\n", text[i]) == NULL) {
                walk_fail(walk, "text outside of any value");
                return;
            }
        }
    }
}

/* Declared entities can blow a short text up without bound; a property list has no use for them. */
static void doctype_begin(void *arg, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid,
                          int internal)
{
    (void)name;
    (void)sysid;
    (void)pubid;
    if (internal != 0) {
        walk_fail(
            arg,
            "the DOCTYPE declares something of its own; only the plain property-list DOCTYPE is accepted");
    }
}

bool plist_check(const void *bytes, size_t len, const char *file, struct plist_places *places,
                 struct kext_diags *diags)
{
    struct walk walk = {.file = file, .diags = diags, .places = places};

    if (len > KEXT_PLIST_MAX_SIZE) {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, file, NULL,
                      "property list of %zu bytes; at most %u are read", len, KEXT_PLIST_MAX_SIZE);
        return false;
    }
    if (len >= 6 && memcmp(bytes, "bplist", 6) == 0) {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, file, NULL,
                      "this is a binary property list; XML is needed");
        kext_diag_mend(diags, "Convert it: plistutil -f xml -i Info.plist -o Info.xml.plist");
        return false;
    }
    walk.parser = XML_ParserCreate("UTF-8");
    if (walk.parser == NULL) {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, file, NULL, "out of memory");
        return false;
    }
    XML_SetUserData(walk.parser, &walk);
    XML_SetElementHandler(walk.parser, element_begin, element_end);
    XML_SetCharacterDataHandler(walk.parser, text_read);
    XML_SetStartDoctypeDeclHandler(walk.parser, doctype_begin);
    if (XML_Parse(walk.parser, bytes, (int)len, XML_TRUE) != XML_STATUS_OK) {
        walk_fail(&walk, "not well-formed XML: %s", XML_ErrorString(XML_GetErrorCode(walk.parser)));
    }
    XML_ParserFree(walk.parser);
    return !walk.failed;
}

void plist_places_free(struct plist_places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        free(places->list[i].key);
    }
    free(places->list);
    *places = (struct plist_places){0};
}
