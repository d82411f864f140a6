// SPDX-License-Identifier: BSD-2-Clause
/*
 * The bundles that a request may use: those named one by one and those found in folders. A folder is looked
 * at itself, not its sub-folders, but a bundle's own PlugIns count. Bundles in a folder that cannot be read
 * are skipped without a word (they are none of the caller's business) and only counted. Belongs to one
 * thread.
 */
#ifndef KEXTBED_LIBKEXT_REPOSITORY_H
#define KEXTBED_LIBKEXT_REPOSITORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libkext/bundle.h"

struct kext_repository {
    struct kext_bundle **bundles;
    bool *named; /* parallel: given one by one, goes before anything found in a folder */
    size_t count, room;
    size_t unreadable; /* bundles skipped */
};

/** kext_repository_add - read one bundle, and quietly those in its PlugIns.
 *  @bundle  out  may be NULL; belongs to the repository.
 *  Returns: true, or false with errors added. A bundle added twice (same path) is kept once. */
bool kext_repository_add(struct kext_repository *repo, const char *path, struct kext_bundle **bundle,
                         struct kext_diags *diags);

/** kext_repository_scan - read all bundles of a folder. Returns: false, with an error added, when the folder
 * itself cannot be read. */
bool kext_repository_scan(struct kext_repository *repo, const char *dir, struct kext_diags *diags);

/** kext_repository_find - the bundle with an identifier: one that was named goes first, then the highest
 * version.
 *  @wanted  0, or a version that the bundle has to serve as a library.
 *  Returns: NULL where there is none. */
struct kext_bundle *kext_repository_find(const struct kext_repository *repo, const char *id, uint64_t wanted);

/** kext_repository_system - the folder of extensions that belongs to the running program:
 * $KEXTBED_EXTENSIONS, else the one in the tree that the program lies in (libkext/place.h).
 *  Returns: to be ended with free(); NULL where none of them exists. */
char *kext_repository_system(void);

void kext_repository_free(struct kext_repository *repo);

#endif
