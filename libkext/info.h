// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a kext says about itself: the properties of its Info.plist that matter for loading, checked and copied
 * out. Read from a bundle on disk (bundle.c) and from an archive that somebody sent (archive.c) by the same
 * rules. Plain data, no locks.
 */
#ifndef KEXTBED_LIBKEXT_INFO_H
#define KEXTBED_LIBKEXT_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libkext/diag.h"
#include "libkext/wire.h"

struct kext_library {
    char id[KEXT_WIRE_MAX_ID + 1];
    char version_text[KEXT_WIRE_MAX_VERSION + 1];
    uint64_t version; /* the one that the kext was written for */
};

struct kext_info {
    char id[KEXT_WIRE_MAX_ID + 1];
    char version_text[KEXT_WIRE_MAX_VERSION + 1];
    uint64_t version;
    uint64_t compatible;  /* 0: it is no library */
    char executable[256]; /* file name in the bundle; "" for a kext without code */
    struct kext_library *libraries;
    size_t nlibraries;
    bool evolving; /* KextbedEvolvingInterfaces: it may use symbols that can still change */
};

/** kext_info_parse - read and check an Info.plist.
 *  @bytes, @len  the XML; not kept.  @file  its name for diagnostics, may be NULL.
 *  @info         out  filled in on success; end with kext_info_free.
 *  @diags        gets all problems, not just the first.
 *  Returns: true on success. */
bool kext_info_parse(const void *bytes, size_t len, const char *file, struct kext_info *info,
                     struct kext_diags *diags);
void kext_info_free(struct kext_info *info);

/** kext_id_valid - whether a string can be a bundle identifier: 1-63 bytes of letters, digits, '.', '-' and
 * '_'. */
bool kext_id_valid(const char *id);

/** kext_interface_named - whether @id is one of the interface kexts that are part of the kernel process. */
bool kext_interface_named(const char *id);

#endif
