// SPDX-License-Identifier: BSD-2-Clause
/*
 * differences.h: where a kext's file system rightly answers otherwise than the host's own. Each is one row of
 * one table (differences.c) with its reason; a case asks for the answer that is right where it runs. A row
 * that no case of a whole run asked for fails the run, and so does a row without a difference.
 */
#ifndef KEXTBED_TESTS_CONFORM_DIFFERENCES_H
#define KEXTBED_TESTS_CONFORM_DIFFERENCES_H

#include <stdbool.h>

/* Ways to a file system. */
enum world { WORLD_HOST, WORLD_FUSE_FAST, WORLD_FUSE_EXACT, WORLD_INPROC, WORLD_COUNT };

enum difference { DIFF_PATH_MAX, DIFF_LINK_TARGET_MAX, DIFF_LINKS_MAX, DIFF_RENAME_DOT, DIFF_COUNT };

/* The answer that is right in the world of this run. */
int difference(enum difference which);
/* How many rows of the table are wrong or were not asked for; says which. */
unsigned differences_unused(void);

#endif
