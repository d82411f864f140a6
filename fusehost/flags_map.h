// SPDX-License-Identifier: BSD-2-Clause
/*
 * Flags, modes, types and device numbers between the host and Darwin. Pure functions, any thread.
 */
#ifndef KEXTBED_FUSEHOST_FLAGS_MAP_H
#define KEXTBED_FUSEHOST_FLAGS_MAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "vfs/syscalls.h"

/** fh_oflags - SYS_O_* for the host's open(2) flags. O_APPEND is left out: the host works out where an append
 * goes, and its write-back of a mapped page through the same descriptor must not move. */
uint32_t fh_oflags(int host);
/** fh_vtype - enum sys_vtype of a host mode's type bits; SYS_VNON for an unknown type. */
uint32_t fh_vtype(mode_t mode);
/** fh_mode_type - the type bits (S_IFMT) for an enum sys_vtype; 0 for none. */
mode_t fh_mode_type(uint32_t vtype);

/** fh_rdev_to_darwin - false: the number does not fit Darwin's 8 + 24 bits. */
bool fh_rdev_to_darwin(dev_t host, uint32_t *darwin);
/** fh_rdev_to_host - a minor beyond FUSE's 20 bits is cut. */
dev_t fh_rdev_to_host(uint32_t darwin);

/** fh_rename_flags - SYS_RENAME_* for renameat2(2) flags; false: one that Darwin lacks. */
bool fh_rename_flags(unsigned host, uint32_t *out);
/** fh_xattr_flags - SYS_XATTR_* for setxattr(2) flags; false: an unknown one. */
bool fh_xattr_flags(int host, uint32_t *out);

/* What fallocate(2) was asked to do. */
enum fh_fallocate { FH_FALLOCATE_REFUSED, FH_FALLOCATE_RESERVE, FH_FALLOCATE_PUNCH, FH_FALLOCATE_ZERO };
enum fh_fallocate fh_fallocate_mode(int host, bool *keep_size);

/** fh_setattr_mask - SYS_ATTR_* for FUSE's to_set bits; bits that say why, not what, are dropped. */
uint32_t fh_setattr_mask(int to_set);
/** fh_stat - a host stat for the file system's attributes. */
void fh_stat(const struct sys_attr *attr, struct stat *st);

#endif
