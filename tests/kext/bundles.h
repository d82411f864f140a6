// SPDX-License-Identifier: BSD-2-Clause
/* Bundles made on the spot in a temporary folder, for the tests of libkext. */
#ifndef KEXTBED_TESTS_KEXT_BUNDLES_H
#define KEXTBED_TESTS_KEXT_BUNDLES_H

#include <stdbool.h>
#include <stddef.h>

struct folder {
    char path[64];
};

/** folder_make, folder_remove - a fresh folder under /tmp, and its end with all that is in it. */
void folder_make(struct folder *folder);
void folder_remove(struct folder *folder);

/** file_make - write a file, folders included; @name is relative to the folder. */
void file_make(const struct folder *folder, const char *name, const void *bytes, size_t len);

struct bundle_spec {
    const char *name;                      /* Name.kext, may have folders before it */
    const char *id, *version, *compatible; /* compatible may be NULL */
    const char *libraries;                 /* "id=version id=version", NULL: no code either */
    const char *extra;                     /* further XML in the dictionary, may be NULL */
    bool flat;
};
/** bundle_make - a whole bundle with an object file that has nothing in it. @path: where it is. */
void bundle_make(const struct folder *folder, const struct bundle_spec *spec, char path[256]);

/** object_bytes - the smallest thing that passes for an x86-64 relocatable object. */
const void *object_bytes(size_t *len);

#endif
