// SPDX-License-Identifier: BSD-2-Clause
/*
 * File status: struct stat in the kernel's three forms, mode bits, BSD file flags.
 */
#ifndef KPI_SYS_STAT_H
#define KPI_SYS_STAT_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_types/_timespec.h>
#include <sys/_types/_s_ifmt.h>
#include <sys/_types/_user64_timespec.h>
#include <sys/_types/_user32_timespec.h>

/* The classic layout, with a 32-bit inode number. */
struct stat {
    dev_t st_dev;
    ino_t st_ino;
    mode_t st_mode;
    nlink_t st_nlink;
    uid_t st_uid;
    gid_t st_gid;
    dev_t st_rdev;
    struct timespec st_atimespec;
    struct timespec st_mtimespec;
    struct timespec st_ctimespec;
    off_t st_size;        /* bytes */
    blkcnt_t st_blocks;   /* units of S_BLKSIZE */
    blksize_t st_blksize; /* preferred I/O size, bytes */
    __uint32_t st_flags;  /* UF_*, SF_* */
    __uint32_t st_gen;
    __int32_t st_lspare;
    __int64_t st_qspare[2];
};

/* The layout with a 64-bit inode number and a creation time. */
struct stat64 {
    dev_t st_dev;
    mode_t st_mode;
    nlink_t st_nlink;
    ino64_t st_ino;
    uid_t st_uid;
    gid_t st_gid;
    dev_t st_rdev;
    struct timespec st_atimespec;
    struct timespec st_mtimespec;
    struct timespec st_ctimespec;
    struct timespec st_birthtimespec;
    off_t st_size;
    blkcnt_t st_blocks;
    blksize_t st_blksize;
    __uint32_t st_flags;
    __uint32_t st_gen;
    __uint32_t st_lspare;
    __int64_t st_qspare[2];
};

/* The oldest layout: 16-bit device and owner, 32-bit size. */
struct ostat {
    __uint16_t st_dev;
    ino_t st_ino;
    mode_t st_mode;
    nlink_t st_nlink;
    __uint16_t st_uid;
    __uint16_t st_gid;
    __uint16_t st_rdev;
    __int32_t st_size;
    struct timespec st_atimespec;
    struct timespec st_mtimespec;
    struct timespec st_ctimespec;
    __int32_t st_blksize;
    __int32_t st_blocks;
    __uint32_t st_flags;
    __uint32_t st_gen;
};

#define st_atime     st_atimespec.tv_sec
#define st_mtime     st_mtimespec.tv_sec
#define st_ctime     st_ctimespec.tv_sec
#define st_birthtime st_birthtimespec.tv_sec

#define S_ISBLK(m)  (((m)&S_IFMT) == S_IFBLK)
#define S_ISCHR(m)  (((m)&S_IFMT) == S_IFCHR)
#define S_ISDIR(m)  (((m)&S_IFMT) == S_IFDIR)
#define S_ISFIFO(m) (((m)&S_IFMT) == S_IFIFO)
#define S_ISREG(m)  (((m)&S_IFMT) == S_IFREG)
#define S_ISLNK(m)  (((m)&S_IFMT) == S_IFLNK)
#define S_ISSOCK(m) (((m)&S_IFMT) == S_IFSOCK)
#define S_ISWHT(m)  (((m)&S_IFMT) == S_IFWHT)

#define ACCESSPERMS 0777
#define ALLPERMS    07777
#define DEFFILEMODE 0666
#define S_BLKSIZE   512

/* Flags that the owner may set. */
#define UF_SETTABLE   0xffff
#define UF_NODUMP     0x1
#define UF_IMMUTABLE  0x2
#define UF_APPEND     0x4
#define UF_OPAQUE     0x8
#define UF_COMPRESSED 0x20
#define UF_TRACKED    0x40
#define UF_DATAVAULT  0x80
#define UF_HIDDEN     0x8000

/* Flags that only the superuser may set. */
#define SF_SUPPORTED  0x9f0000
#define SF_SETTABLE   0x3fff0000
#define SF_SYNTHETIC  0xc0000000
#define SF_ARCHIVED   0x10000
#define SF_IMMUTABLE  0x20000
#define SF_APPEND     0x40000
#define SF_RESTRICTED 0x80000
#define SF_NOUNLINK   0x100000
#define SF_FIRMLINK   0x800000
#define SF_DATALESS   0x40000000

/* Either owner's or superuser's flag. */
#define OPAQUE    (UF_OPAQUE)
#define APPEND    (UF_APPEND | SF_APPEND)
#define IMMUTABLE (UF_IMMUTABLE | SF_IMMUTABLE)

/* Extended flags (va_extflags). */
#define EF_IS_PURGEABLE      0x8
#define EF_IS_SPARSE         0x10
#define EF_IS_SYNC_ROOT      0x4
#define EF_IS_SYNTHETIC      0x20
#define EF_MAY_SHARE_BLOCKS  0x1
#define EF_NO_XATTRS         0x2
#define EF_SHARES_ALL_BLOCKS 0x40

#endif /* KPI_SYS_STAT_H */
