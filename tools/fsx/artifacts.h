// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a mismatch leaves behind: FILE.fsxlog, FILE.fsxgood, FILE.fsxops and the command that runs it again.
 * Called after the run has stopped, or by the thread that owns the subject; no locks.
 */
#ifndef FSX_ARTIFACTS_H
#define FSX_ARTIFACTS_H

#include <stdio.h>

#include "tools/fsx/subject.h"

/** artifacts_path - the path of @path's companion with @suffix, in the directory of -P. Free it. NULL: no
 * memory. */
char *artifacts_path(const struct fsx_options *options, const char *path, const char *suffix);

/** artifacts_open - creates that companion for writing; complains on stderr and returns NULL if it cannot. */
FILE *artifacts_open(const struct fsx_options *options, const char *path, const char *suffix);

/** artifacts_close - closes a file of artifacts_open; complains about @suffix if it did not reach the disk.
 */
void artifacts_close(FILE *out, const char *suffix);

/** artifacts_print_path - prints the companion's path on stderr, behind @label. */
void artifacts_print_path(const struct fsx_options *options, const char *path, const char *suffix,
                          const char *label);

/** artifacts_save - leaves the three files of @s. */
void artifacts_save(const struct subject *s);

/** artifacts_print_replay - prints on stderr the command that runs @s again: from FILE.fsxops, or from the
 * seed. */
void artifacts_print_replay(const struct subject *s);

/** artifacts_print_rerun - prints on stderr the command of the whole run with its seed, for a run of many
 * threads. */
void artifacts_print_rerun(const struct fsx_options *options);

#endif
