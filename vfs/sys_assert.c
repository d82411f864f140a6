// SPDX-License-Identifier: BSD-2-Clause
/*
 * Proof that the numbers of vfs/syscalls.h, which the host side sees, are those of the KPI. No code, no
 * state.
 */
#include <stddef.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/syslimits.h>
#include <sys/vnode.h>
#include <sys/xattr.h>

#include "vfs/syscalls.h"

#define SAME(name) _Static_assert((SYS_##name) == (name), "SYS_" #name " differs from " #name)

/* errno */
SAME(EPERM);
SAME(ENOENT);
SAME(ESRCH);
SAME(EINTR);
SAME(EIO);
SAME(ENXIO);
SAME(E2BIG);
SAME(ENOEXEC);
SAME(EBADF);
SAME(ECHILD);
SAME(EDEADLK);
SAME(ENOMEM);
SAME(EACCES);
SAME(EFAULT);
SAME(ENOTBLK);
SAME(EBUSY);
SAME(EEXIST);
SAME(EXDEV);
SAME(ENODEV);
SAME(ENOTDIR);
SAME(EISDIR);
SAME(EINVAL);
SAME(ENFILE);
SAME(EMFILE);
SAME(ENOTTY);
SAME(ETXTBSY);
SAME(EFBIG);
SAME(ENOSPC);
SAME(ESPIPE);
SAME(EROFS);
SAME(EMLINK);
SAME(EPIPE);
SAME(ERANGE);
SAME(EAGAIN);
SAME(ENOTSUP);
SAME(ETIMEDOUT);
SAME(ELOOP);
SAME(ENAMETOOLONG);
SAME(ENOTEMPTY);
SAME(EDQUOT);
SAME(ESTALE);
SAME(ENOLCK);
SAME(ENOSYS);
SAME(EOVERFLOW);
SAME(ECANCELED);
SAME(ENOATTR);

/* open */
SAME(O_RDONLY);
SAME(O_WRONLY);
SAME(O_RDWR);
SAME(O_ACCMODE);
SAME(O_NONBLOCK);
SAME(O_APPEND);
_Static_assert(SYS_O_SYNC == O_FSYNC, "SYS_O_SYNC differs from O_FSYNC");
SAME(O_NOFOLLOW);
SAME(O_CREAT);
SAME(O_TRUNC);
SAME(O_EXCL);
SAME(O_DIRECTORY);
SAME(O_EXEC);
/* bits that the layer itself keeps beside the KPI's must be free there */
_Static_assert((SYS_O_WIDEN & (FREAD | FWRITE | FMASK | O_CREAT | O_TRUNC | O_EXCL | O_DIRECTORY)) == 0,
               "SYS_O_WIDEN is taken");

/* mounts */
SAME(MNT_RDONLY);
SAME(MNT_SYNCHRONOUS);
SAME(MNT_NOEXEC);
SAME(MNT_NOSUID);
SAME(MNT_NODEV);
SAME(MNT_UNION);
SAME(MNT_LOCAL);
SAME(MNT_UPDATE);
SAME(MNT_RELOAD);
SAME(MNT_FORCE);
SAME(MNT_NOATIME);
_Static_assert(SYS_FSTYPE_MAX == MFSTYPENAMELEN, "length of a type's name");

/* extended attributes */
SAME(XATTR_CREATE);
SAME(XATTR_REPLACE);

/* types of vnodes */
_Static_assert((int)SYS_VNON == (int)VNON, "SYS_VNON differs from VNON");
_Static_assert((int)SYS_VREG == (int)VREG, "SYS_VREG differs from VREG");
_Static_assert((int)SYS_VDIR == (int)VDIR, "SYS_VDIR differs from VDIR");
_Static_assert((int)SYS_VBLK == (int)VBLK, "SYS_VBLK differs from VBLK");
_Static_assert((int)SYS_VCHR == (int)VCHR, "SYS_VCHR differs from VCHR");
_Static_assert((int)SYS_VLNK == (int)VLNK, "SYS_VLNK differs from VLNK");
_Static_assert((int)SYS_VSOCK == (int)VSOCK, "SYS_VSOCK differs from VSOCK");
_Static_assert((int)SYS_VFIFO == (int)VFIFO, "SYS_VFIFO differs from VFIFO");

/* limits */
_Static_assert(SYS_NAME_MAX == NAME_MAX, "length of a name");
_Static_assert(SYS_PATH_MAX == MAXPATHLEN, "length of a path");
