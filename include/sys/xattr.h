// SPDX-License-Identifier: BSD-2-Clause
/*
 * Extended attributes: option bits of the four operations, size limits, well-known names.
 */
#ifndef KPI_SYS_XATTR_H
#define KPI_SYS_XATTR_H

#include <sys/cdefs.h>
#include <sys/types.h>

#define XATTR_NOFOLLOW          0x1
#define XATTR_CREATE            0x2
#define XATTR_REPLACE           0x4
#define XATTR_NOSECURITY        0x8
#define XATTR_NODEFAULT         0x10
#define XATTR_SHOWCOMPRESSION   0x20
#define XATTR_NOFOLLOW_ANY      0x40
#define XATTR_MAXNAMELEN        127
#define XATTR_MAXSIZE           0x7fffffff
#define XATTR_FINDERINFO_NAME   "com.apple.FinderInfo"
#define XATTR_RESOURCEFORK_NAME "com.apple.ResourceFork"

__BEGIN_DECLS
/** xattr_protected - true if only the kernel may touch the attribute @attrname. */
int xattr_protected(const char *attrname);
/** xattr_validatename - 0 if @name is a legal attribute name: non-empty UTF-8 of at most
 *  XATTR_MAXNAMELEN bytes. EINVAL or ENAMETOOLONG otherwise. */
int xattr_validatename(const char *name);
__END_DECLS

#endif /* KPI_SYS_XATTR_H */
