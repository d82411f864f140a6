// SPDX-License-Identifier: BSD-2-Clause
/*
 * A run over one file that one thread has for itself: the whole of fsx without -j, and each own-file thread
 * of -j.
 */
#ifndef FSX_SINGLE_H
#define FSX_SINGLE_H

#include "tools/fsx/replay.h"
#include "tools/fsx/subject.h"

/**
 * single_run - exercises @path and, on a mismatch, reports it and leaves the files about it.
 * @seed    in  of operations and contents.
 * @replay  in  operations to run instead of random ones, or NULL.
 * @inject_op in  corrupt a byte after this operation, 0 = do not.
 * Locks: the report lock of this file while printing; none held while operations run.
 * Returns an exit code.
 */
int single_run(const char *path, uint64_t seed, const struct fsx_options *options,
               const struct fsx_caps *caps, const struct replay *replay, uint64_t inject_op);

/** single_report_lock - keeps the reports of several threads apart. Innermost lock; hold it only while
 * printing. */
void single_report_lock(void);

/** single_report_unlock - lets the next report be printed. */
void single_report_unlock(void);

#endif
