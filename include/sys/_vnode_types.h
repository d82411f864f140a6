// SPDX-License-Identifier: BSD-2-Clause
/*
 * Types of files and tags of file systems: the part of <sys/vnode.h> that other headers need too. A kext
 * includes that one and never names this file.
 */
#ifndef KPI_SYS__VNODE_TYPES_H
#define KPI_SYS__VNODE_TYPES_H

enum vtype { VNON, VREG, VDIR, VBLK, VCHR, VLNK, VSOCK, VFIFO, VBAD, VSTR, VCPLX };

/* Which file system a vnode belongs to, for reports only. */
enum vtagtype {
    VT_NON,
    VT_UFS,
    VT_NFS,
    VT_MFS,
    VT_MSDOSFS,
    VT_LFS,
    VT_LOFS,
    VT_FDESC,
    VT_PORTAL,
    VT_NULL,
    VT_UMAP,
    VT_KERNFS,
    VT_PROCFS,
    VT_AFS,
    VT_ISOFS,
    VT_MOCKFS,
    VT_HFS,
    VT_ZFS,
    VT_DEVFS,
    VT_WEBDAV,
    VT_UDF,
    VT_AFP,
    VT_CDDA,
    VT_CIFS,
    VT_OTHER,
    VT_APFS,
    VT_LOCKERFS,
    VT_BINDFS
};
#define HAVE_VT_LOCKERFS    1
#define FS_PRIVATE_TAG_APFS 1

#endif /* KPI_SYS__VNODE_TYPES_H */
