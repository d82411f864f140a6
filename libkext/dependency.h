// SPDX-License-Identifier: BSD-2-Clause
/*
 * The dependency graph of a load: from the kexts asked for to a list in load order, or to every reason why
 * there is none. Belongs to one thread.
 */
#ifndef KEXTBED_LIBKEXT_DEPENDENCY_H
#define KEXTBED_LIBKEXT_DEPENDENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libkext/repository.h"

/* A kext that is in the kernel process already. Interface kexts are, always. */
enum kext_loaded_state {
    KEXT_LOADED_STARTED,
    KEXT_LOADED_UNSTARTED, /* its start routine has not run, or has failed */
    KEXT_LOADED_STOPPED,   /* it was stopped, but something points into its code: of no use to anybody */
};

struct kext_loaded {
    char id[KEXT_WIRE_MAX_ID + 1];
    char version_text[KEXT_WIRE_MAX_VERSION + 1];
    uint64_t version, compatible;
    enum kext_loaded_state state;
};

struct kext_plan {
    struct kext_bundle
        *order[KEXT_WIRE_MAX_ENTRIES]; /* each after all that it needs; borrowed from the repository */
    size_t count;
};

/** kext_interfaces_loaded - the interface kexts as a list of loaded ones.
 *  @count  out  how many. Returns: static storage. */
const struct kext_loaded *kext_interfaces_loaded(size_t *count);

/** kext_plan_make - settle what has to be loaded, and in which order, for @target.
 *  @loaded  what need not be loaded any more, interface kexts included.
 *  @plan    out  valid on success.
 *  @diags   gets all that is missing, too old, too new or circular.
 *  Returns: true on success. */
bool kext_plan_make(const struct kext_repository *repo, struct kext_bundle *target,
                    const struct kext_loaded *loaded, size_t nloaded, struct kext_plan *plan,
                    struct kext_diags *diags);

#endif
