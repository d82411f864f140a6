// SPDX-License-Identifier: BSD-2-Clause
/*
 * worlds.h: the ways to a file system that the suite and the stress know, and what can be asked of each.
 */
#ifndef KEXTBED_TESTS_CONFORM_WORLDS_H
#define KEXTBED_TESTS_CONFORM_WORLDS_H

#include <stdbool.h>

struct world_options {
    const char *world;  /* host, fuse-fast, fuse-exact, inproc */
    const char *fstype; /* "nullfs:memfs": the first stacked on the second */
    const char *dir;    /* not for inproc: a directory in it is made, and removed at the end */
    unsigned max_vnodes;
};

/* Sets fs, features and conform_world. False: such a world does not exist. Ends the program where it cannot
 * be entered, with status 77 if something is missing on this host. */
bool world_start(const struct world_options *options);
void world_end(void);
/* Why the lowest of these features is not there. */
const char *world_feature_reason(unsigned lacking);

#endif
