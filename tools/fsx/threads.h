// SPDX-License-Identifier: BSD-2-Clause
/*
 * The run with many threads (-j).
 */
#ifndef FSX_THREADS_H
#define FSX_THREADS_H

#include "tools/fsx/subject.h"

/**
 * threads_run - N threads on FILE.shared and N threads on a file FILE.ownK each, all at the same time.
 * Files of a run without mismatch are removed. Returns an exit code.
 */
int threads_run(const struct fsx_options *options, const struct fsx_caps *caps);

#endif
