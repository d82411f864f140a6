// SPDX-License-Identifier: BSD-2-Clause
/*
 * Linking without loading: the kexts of a plan are linked by the kernel's own linker inside the tool, at
 * made-up addresses, against the names that the kernel process exports and against each other. For -no-load
 * and for symbol files. Belongs to the tool's only thread.
 */
#ifndef KEXTBED_TOOLS_KEXTUTIL_TRYLINK_H
#define KEXTBED_TOOLS_KEXTUTIL_TRYLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libkext/dependency.h"
#include "libkext/symfile.h"

/* Where made-up addresses begin. */
#define TRYLINK_BASE 0x500000000000ull

struct trylink;

/** trylink_run - link all kexts of a plan, in its order.
 *  @bases  parallel to the plan: where each is to lie, 0 for a made-up address.
 *  @notes  tell of symbols too that are kept for compatibility alone, and of weak ones that found nothing.
 *  @out    out  on success; end with trylink_free.
 *  Returns: true, or false with everything that the linker said as errors. */
bool trylink_run(const struct kext_plan *plan, const uint64_t *bases, bool notes, struct trylink **out,
                 struct kext_diags *diags);
void trylink_free(struct trylink *link);

/** trylink_sections - where the sections of one of the plan's kexts lie. Storage lives as long as @link. */
size_t trylink_sections(const struct trylink *link, const struct kext_bundle *bundle,
                        const struct kext_section **sections);

#endif
