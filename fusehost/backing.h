// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a special of the host really is. Any thread.
 */
#ifndef KEXTBED_FUSEHOST_BACKING_H
#define KEXTBED_FUSEHOST_BACKING_H

#include "vfs/syscalls.h"

/** fh_backing_of - the file or device behind @special; SYS_BACKING_NONE for what is no path to either. Blocks
 * as stat(2) does. */
struct sys_backing fh_backing_of(const char *special);

#endif
