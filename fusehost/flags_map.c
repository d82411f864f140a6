// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tables behind flags_map.h. Values of both systems are spelled by name on either side of each row.
 */
#define FUSE_USE_VERSION 312
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <linux/falloc.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "fusehost/flags_map.h"

#define LEN(table) (sizeof(table) / sizeof((table)[0]))

#define DARWIN_MINOR_BITS 24
#define FUSE_MINOR_MAX    0xfffffu

/* Linux's own mark of an open that execve() makes: FUSE passes it on, no header of user space has it, and no
 * program can set it. */
#define HOST_FMODE_EXEC 0x20

struct flag_row {
    unsigned host;
    uint32_t darwin;
};

static const struct flag_row open_rows[] = {
    {O_NONBLOCK, SYS_O_NONBLOCK},  {O_NOFOLLOW, SYS_O_NOFOLLOW}, {O_CREAT, SYS_O_CREAT},
    {O_TRUNC, SYS_O_TRUNC},        {O_EXCL, SYS_O_EXCL},         {O_DIRECTORY, SYS_O_DIRECTORY},
    {HOST_FMODE_EXEC, SYS_O_EXEC},
};

static const struct flag_row setattr_rows[] = {
    {FUSE_SET_ATTR_MODE, SYS_ATTR_MODE},   {FUSE_SET_ATTR_UID, SYS_ATTR_UID},
    {FUSE_SET_ATTR_GID, SYS_ATTR_GID},     {FUSE_SET_ATTR_SIZE, SYS_ATTR_SIZE},
    {FUSE_SET_ATTR_CTIME, SYS_ATTR_CTIME},
};

static const struct {
    mode_t mode;
    uint32_t vtype;
} type_rows[] = {
    {S_IFREG, SYS_VREG}, {S_IFDIR, SYS_VDIR},   {S_IFLNK, SYS_VLNK},  {S_IFCHR, SYS_VCHR},
    {S_IFBLK, SYS_VBLK}, {S_IFSOCK, SYS_VSOCK}, {S_IFIFO, SYS_VFIFO},
};

uint32_t fh_oflags(int host)
{
    uint32_t out;

    switch (host & O_ACCMODE) {
    case O_WRONLY:
        out = SYS_O_WRONLY;
        break;
    case O_RDWR:
        out = SYS_O_RDWR;
        break;
    default:
        out = SYS_O_RDONLY;
    }
    for (size_t i = 0; i < LEN(open_rows); i++)
        if ((unsigned)host & open_rows[i].host)
            out |= open_rows[i].darwin;
    if ((host & O_SYNC) == O_SYNC || (host & O_DSYNC))
        out |= SYS_O_SYNC;
    return out;
}

uint32_t fh_vtype(mode_t mode)
{
    for (size_t i = 0; i < LEN(type_rows); i++)
        if ((mode & S_IFMT) == type_rows[i].mode)
            return type_rows[i].vtype;
    return SYS_VNON;
}

mode_t fh_mode_type(uint32_t vtype)
{
    for (size_t i = 0; i < LEN(type_rows); i++)
        if (vtype == type_rows[i].vtype)
            return type_rows[i].mode;
    return 0;
}

bool fh_rdev_to_darwin(dev_t host, uint32_t *darwin)
{
    if (major(host) > 0xff || minor(host) >= 1u << DARWIN_MINOR_BITS)
        return false;
    *darwin = major(host) << DARWIN_MINOR_BITS | minor(host);
    return true;
}

dev_t fh_rdev_to_host(uint32_t darwin)
{
    return makedev(darwin >> DARWIN_MINOR_BITS, darwin & FUSE_MINOR_MAX);
}

bool fh_rename_flags(unsigned host, uint32_t *out)
{
    *out = (host & RENAME_NOREPLACE ? SYS_RENAME_EXCL : 0) | (host & RENAME_EXCHANGE ? SYS_RENAME_SWAP : 0);
    return (host & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE)) == 0;
}

bool fh_xattr_flags(int host, uint32_t *out)
{
    *out = (host & XATTR_CREATE ? SYS_XATTR_CREATE : 0) | (host & XATTR_REPLACE ? SYS_XATTR_REPLACE : 0);
    return (host & ~(XATTR_CREATE | XATTR_REPLACE)) == 0;
}

enum fh_fallocate fh_fallocate_mode(int host, bool *keep_size)
{
    *keep_size = host & FALLOC_FL_KEEP_SIZE;
    switch (host & ~FALLOC_FL_KEEP_SIZE) {
    case 0:
        return FH_FALLOCATE_RESERVE;
    case FALLOC_FL_PUNCH_HOLE:
        return *keep_size ? FH_FALLOCATE_PUNCH : FH_FALLOCATE_REFUSED;
    case FALLOC_FL_ZERO_RANGE:
        return FH_FALLOCATE_ZERO;
    default:
        return FH_FALLOCATE_REFUSED;
    }
}

/* The host sets the bit of a time as well when it means the present one. */
uint32_t fh_setattr_mask(int to_set)
{
    uint32_t out = 0;

    for (size_t i = 0; i < LEN(setattr_rows); i++)
        if ((unsigned)to_set & setattr_rows[i].host)
            out |= setattr_rows[i].darwin;
    if (to_set & FUSE_SET_ATTR_ATIME_NOW)
        out |= SYS_ATTR_ATIME_NOW;
    else if (to_set & FUSE_SET_ATTR_ATIME)
        out |= SYS_ATTR_ATIME;
    if (to_set & FUSE_SET_ATTR_MTIME_NOW)
        out |= SYS_ATTR_MTIME_NOW;
    else if (to_set & FUSE_SET_ATTR_MTIME)
        out |= SYS_ATTR_MTIME;
    return out;
}

void fh_stat(const struct sys_attr *attr, struct stat *st)
{
    memset(st, 0, sizeof(*st));
    st->st_ino = attr->fileid;
    st->st_mode = fh_mode_type(attr->type) | (attr->mode & 07777);
    st->st_nlink = attr->nlink;
    st->st_uid = attr->uid;
    st->st_gid = attr->gid;
    st->st_rdev = attr->type == SYS_VBLK || attr->type == SYS_VCHR ? fh_rdev_to_host(attr->rdev) : 0;
    st->st_size = (off_t)attr->size;
    st->st_blocks = (blkcnt_t)((attr->alloc + 511) / 512);
    st->st_blksize = attr->blksize >= 512 && attr->blksize <= 1u << 20 ? (blksize_t)attr->blksize : 4096;
    st->st_atim = (struct timespec){attr->atime.sec, attr->atime.nsec};
    st->st_mtim = (struct timespec){attr->mtime.sec, attr->mtime.nsec};
    st->st_ctim = (struct timespec){attr->ctime.sec, attr->ctime.nsec};
}
