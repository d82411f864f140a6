// SPDX-License-Identifier: BSD-2-Clause
/*
 * Symbol files for debuggers: a copy of a kext's object whose section headers say where each section was
 * placed. gdb takes it by add-symbol-file without being told any address. No state, no locks.
 */
#ifndef KEXTBED_LIBKEXT_SYMFILE_H
#define KEXTBED_LIBKEXT_SYMFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libkext/bundle.h"

struct kext_section {
    const char *name;
    uint64_t address;
};

/** kext_symfile_place - write into an object's own bytes where its sections were placed.
 *  @bytes  the object; changed. Need not be aligned.
 *  @sections  in the order of the object's section headers.
 *  Returns: false where the bytes are no object; then nothing has been changed. */
bool kext_symfile_place(uint8_t *bytes, size_t len, const struct kext_section *sections, size_t nsections);

/** kext_symfile_write - write DIR/<bundle id>.sym for a bundle whose executable has been read.
 *  @sections  where they were placed, in the order of the object's section headers.
 *  Returns: true, or false with an error added; then no file is left. */
bool kext_symfile_write(const struct kext_bundle *bundle, const struct kext_section *sections,
                        size_t nsections, const char *dir, struct kext_diags *diags);

#endif
