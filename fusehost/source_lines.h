// SPDX-License-Identifier: BSD-2-Clause
/*
 * The last part of a panic's report: source lines of the frames in kexts. It reads debug information with a
 * library, on a heap that may be broken, so it comes when all else was said and gets three seconds; a fault
 * in it only ends the process a little earlier.
 */
#ifndef KEXTBED_FUSEHOST_SOURCE_LINES_H
#define KEXTBED_FUSEHOST_SOURCE_LINES_H

/** fh_source_lines_prepare - have it done in a panic. Once. */
void fh_source_lines_prepare(void);

#endif
