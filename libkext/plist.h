// SPDX-License-Identifier: BSD-2-Clause
/*
 * Property lists, XML form, as a kext's Info.plist has them. The bytes may be hostile: they are checked for
 * shape, depth and size first (plist_check.c, with line and column in every complaint) and only then given to
 * the library that builds the tree. Nothing outside plist.c sees that library.
 *
 * A list belongs to one thread at a time. Strings handed out live as long as the list.
 */
#ifndef KEXTBED_LIBKEXT_PLIST_H
#define KEXTBED_LIBKEXT_PLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libkext/diag.h"

#define KEXT_PLIST_MAX_SIZE  (1u << 20) /* bytes of XML */
#define KEXT_PLIST_MAX_DEPTH 32u        /* dictionaries and arrays within each other */
#define KEXT_PLIST_MAX_NODES 65536u     /* elements in all */

/* The architecture whose suffixed properties are read. */
#define KEXT_PLIST_ARCH "x86_64"

struct kext_plist;

/** kext_plist_parse - read a property list whose root is a dictionary.
 *  @bytes, @len  the XML; not kept.
 *  @file         its name for diagnostics; copied. May be NULL.
 *  @diags        gets every problem found.
 *  Returns: the list, to be ended with kext_plist_free, or NULL with at least one error added. */
struct kext_plist *kext_plist_parse(const void *bytes, size_t len, const char *file,
                                    struct kext_diags *diags);
void kext_plist_free(struct kext_plist *plist);

/** kext_plist_line - where the value of a top-level property stands. 0 where there is no such property. */
unsigned kext_plist_line(const struct kext_plist *plist, const char *key, unsigned *column);

/* How a look-up went. */
enum kext_plist_result {
    KEXT_PLIST_OK,
    KEXT_PLIST_ABSENT,
    KEXT_PLIST_WRONG_TYPE, /* an error was added that names key, line and the type wanted */
};

/* Reading top-level properties. A key followed by "_" and the architecture takes precedence over the plain
 * key, except for the CFBundle* keys and OSKernelResource, which have no suffixed form. @value is set on
 * KEXT_PLIST_OK alone. */
enum kext_plist_result kext_plist_string(const struct kext_plist *plist, const char *key, const char **value,
                                         struct kext_diags *diags);
enum kext_plist_result kext_plist_bool(const struct kext_plist *plist, const char *key, bool *value,
                                       struct kext_diags *diags);

/** kext_plist_strings - walk a dictionary property whose values are all strings, in the file's order.
 *  @visit  called for each pair; return false to stop.
 *  Returns: as above; a value that is no string is KEXT_PLIST_WRONG_TYPE. */
enum kext_plist_result kext_plist_strings(const struct kext_plist *plist, const char *key,
                                          bool (*visit)(void *arg, const char *key, const char *value),
                                          void *arg, struct kext_diags *diags);

/** kext_plist_effective_key - the key that a look-up of @key really uses.
 *  @buf  room for the suffixed key. Returns @buf or @key. */
const char *kext_plist_effective_key(const struct kext_plist *plist, const char *key, char *buf, size_t size);

#endif
