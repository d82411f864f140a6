// SPDX-License-Identifier: BSD-2-Clause
/*
 * Names that may have been meant where a bundle identifier is unknown. No state, no locks.
 */
#ifndef KEXTBED_LIBKEXT_NEAREST_H
#define KEXTBED_LIBKEXT_NEAREST_H

/* The best guess so far, and how far it is from what was written. */
struct kext_nearest {
    const char *wanted;
    const char *best; /* NULL: nothing is near; borrowed */
    unsigned distance;
};

/** kext_nearest_try - look at one more candidate, which has to outlive the guess. Near is what a slip makes:
 * at most three letters more, less, changed or in another order, and at most a third of the name. */
void kext_nearest_try(struct kext_nearest *nearest, const char *candidate);

#endif
