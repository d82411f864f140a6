// SPDX-License-Identifier: BSD-2-Clause
/*
 * A kext bundle on disk. Two layouts are understood: Name.kext/Contents/{Info.plist,MacOS/executable,PlugIns}
 * and the flat one, Name.kext/{Info.plist,executable,PlugIns}. A bundle belongs to one thread.
 */
#ifndef KEXTBED_LIBKEXT_BUNDLE_H
#define KEXTBED_LIBKEXT_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libkext/diag.h"
#include "libkext/info.h"

struct kext_bundle {
    char *path; /* as given, without a trailing slash */
    char *info_path;
    char *exec_path;    /* NULL for a kext without code */
    char *plugins_path; /* may not exist */
    uint8_t *plist;     /* the bytes of Info.plist */
    size_t plist_len;
    uint8_t *exec; /* NULL until kext_bundle_load_executable */
    size_t exec_len;
    struct kext_info info;
};

/** kext_bundle_open - read a bundle's Info.plist and find its executable.
 *  @bundle  out  to be ended with kext_bundle_free; NULL on error.
 *  Returns: true, or false with errors added. */
bool kext_bundle_open(const char *path, struct kext_bundle **bundle, struct kext_diags *diags);
void kext_bundle_free(struct kext_bundle *bundle);

/** kext_bundle_load_executable - read the executable unless that has been done, and check that it looks like
 * an object that the linker takes. A kext without code: true. */
bool kext_bundle_load_executable(struct kext_bundle *bundle, struct kext_diags *diags);

/** kext_bundle_check_permissions - warn about files that somebody other than their owner and root may change.
 */
void kext_bundle_check_permissions(const struct kext_bundle *bundle, struct kext_diags *diags);

#endif
