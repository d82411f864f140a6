// SPDX-License-Identifier: BSD-2-Clause
/*
 * The progress line and the wish to stop, shared by all threads of a run through atomics. No locks.
 */
#ifndef FSX_PROGRESS_H
#define FSX_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/fsx/options.h"

/** progress_start - begins to count towards @total operations (0 = endless) and takes over SIGINT and
 * SIGTERM. */
void progress_start(const struct fsx_options *options, uint64_t total);

/** progress_tick - one more operation is done, by any thread. Prints on stderr now and then, after two
 * seconds. */
void progress_tick(void);

/** progress_stop - asks every thread to stop before its next operation; one of them found a mismatch. */
void progress_stop(void);

/** progress_stopped - whether to stop: after progress_stop or a signal. */
bool progress_stopped(void);

/** progress_signal - the signal that asked to stop, or 0. */
int progress_signal(void);

/** progress_done - operations done so far. */
uint64_t progress_done(void);

/** progress_seconds - time since progress_start. */
double progress_seconds(void);

#endif
