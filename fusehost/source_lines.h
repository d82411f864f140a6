// SPDX-License-Identifier: BSD-2-Clause
/*
 * Source lines of code in kexts, for the validator's reports, and as the last part of a panic's. It reads
 * debug information with a library, in a panic on a heap that may be broken: so it comes when all else was
 * said and gets three seconds, and a fault in it only ends the process a little earlier.
 */
#ifndef KEXTBED_FUSEHOST_SOURCE_LINES_H
#define KEXTBED_FUSEHOST_SOURCE_LINES_H

/** fh_source_lines_prepare - have it done in a panic, and for other reports when they are asked for. Once. */
void fh_source_lines_prepare(void);

#endif
