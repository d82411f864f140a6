// SPDX-License-Identifier: BSD-2-Clause
/*
 * How long the kernel process waits for whoever may never answer: file systems that end, the host's mounts.
 * One number scales all of these bounds, for machines that are very slow and for tests of what hangs.
 */
#ifndef KEXTBED_FUSEHOST_PATIENCE_H
#define KEXTBED_FUSEHOST_PATIENCE_H

#include <stddef.h>
#include <time.h>

/** fh_patience_check - is $KEXTBED_PATIENCE, where it is set, a number from 1 to 10000? Returns 0; EINVAL
 * with a sentence in @err. */
int fh_patience_check(char *err, size_t errlen);

/** fh_patience_ms - a bound in milliseconds, scaled by $KEXTBED_PATIENCE: percent, 100 unless set. */
int fh_patience_ms(int ms);

/** fh_patience_end - when a wait that begins now and has the bound @ms, before scaling, is over by @clock. */
struct timespec fh_patience_end(clockid_t clock, int ms);

#endif
