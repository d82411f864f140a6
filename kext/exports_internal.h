// SPDX-License-Identifier: BSD-2-Clause
/*
 * The export table: every kernel symbol that a kext may see, the sets it belongs to, and where it is.
 * Generated at build time from kext/exports/ and what the kernel object really defines (tools/mkexports).
 * Constant; no locks.
 */
#ifndef KEXTBED_KEXT_EXPORTS_INTERNAL_H
#define KEXTBED_KEXT_EXPORTS_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "kxld/kxld.h"
#include "libkext/wire.h"

/* One bit a set, in the order of KEXT_INTERFACES. */
enum kext_set {
#define KEXT_SET_BIT(id, set) KEXT_SET_##set,
    KEXT_INTERFACES(KEXT_SET_BIT)
#undef KEXT_SET_BIT
        KEXT_N_SETS
};

struct kext_export {
    const char *name;
    const void *address;
    const void *checked; /* its checking variant; `address` where it has none */
    uint32_t flags;      /* enum kxld_export_flags */
    uint32_t state;      /* enum kxld_state */
    uint32_t sets;       /* 1 << enum kext_set */
};

/* A symbol of Darwin's sets that this kernel half does not have. */
struct kext_absent {
    const char *name;
    uint32_t sets;
};

/* What to use in place of a symbol that is not stable. */
struct kext_better {
    const char *name, *better;
};

/* All ordered by name, as bytes. */
extern const struct kext_better kext_better_table[];
extern const size_t kext_better_count;
extern const struct kext_export kext_export_table[];
extern const size_t kext_export_count;
extern const struct kext_absent kext_absent_table[];
extern const size_t kext_absent_count;

#endif
