// SPDX-License-Identifier: BSD-2-Clause
/*
 * Between the two passes over a property list: the check records where top-level keys stand, the tree's
 * wrapper uses it.
 */
#ifndef KEXTBED_LIBKEXT_PLIST_INTERNAL_H
#define KEXTBED_LIBKEXT_PLIST_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "libkext/diag.h"

struct plist_place {
    char *key;
    unsigned line, column;
};

struct plist_places {
    struct plist_place *list;
    size_t count, room;
};

/** plist_check - first pass: well-formed, a property list, within the limits of plist.h.
 *  @places  out  top-level keys in the file's order; end with plist_places_free, also after an error.
 *  Returns: true when the list may be built; else errors were added. */
bool plist_check(const void *bytes, size_t len, const char *file, struct plist_places *places,
                 struct kext_diags *diags);
void plist_places_free(struct plist_places *places);

#endif
