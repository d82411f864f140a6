// SPDX-License-Identifier: BSD-2-Clause
/*
 * Darwin's error numbers in the host's. One table (errno_map.c); no locks, any thread.
 */
#ifndef KEXTBED_FUSEHOST_ERRNO_MAP_H
#define KEXTBED_FUSEHOST_ERRNO_MAP_H

/** fh_errno_to_host - the host's errno for a Darwin one, 0 for 0. A value that Darwin does not define, a
 * negative pseudo-error among them, becomes EIO, and is logged the first time. Darwin's ENOSYS becomes
 * EOPNOTSUPP: from a FUSE server the host takes ENOSYS as "never ask again". */
int fh_errno_to_host(int darwin);

/** fh_errno_name - Darwin's name of a Darwin errno ("ENOTSUP"), "?" for an unknown one. */
const char *fh_errno_name(int darwin);

#endif
