// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on the file under test. Each returns true when the file did what the good copy says; else false
 * with the reason in the subject's report. Called by the thread that owns the subject; no locks. All may
 * block in the file system.
 */
#ifndef FSX_OPERATIONS_H
#define FSX_OPERATIONS_H

#include <stdbool.h>

#include "tools/fsx/subject.h"

/** subject_do - does @op on the file. The good copy has been changed already (model_apply). */
bool subject_do(struct subject *s, const struct op *op);

/** subject_check_size - compares the file's size, as fstat and as lseek tell it, with the good copy's. */
bool subject_check_size(struct subject *s);

/** subject_check_all - closes and opens the file, then reads all of it, by read and through a mapping. */
bool subject_check_all(struct subject *s);

/** subject_write_image - makes the file equal to the good copy, after operations that only the copy has seen.
 */
bool subject_write_image(struct subject *s);

/** subject_inject - corrupts one byte that @op wrote, through a descriptor of its own. For testing fsx
 * itself. */
bool subject_inject(struct subject *s, const struct op *op);

#endif
