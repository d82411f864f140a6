// SPDX-License-Identifier: BSD-2-Clause
/*
 * Access modes, pathconf names and seek aliases.
 */
#ifndef KPI_SYS_UNISTD_H
#define KPI_SYS_UNISTD_H

#include <sys/cdefs.h>
#include <sys/_types.h>
#include <sys/_types/_seek_set.h>

#define F_OK      0x0
#define X_OK      0x1
#define W_OK      0x2
#define R_OK      0x4
#define _READ_OK  0x200
#define _WRITE_OK 0x400
#define L_SET     SEEK_SET
#define L_INCR    SEEK_CUR
#define L_XTND    SEEK_END

/* Names that VNOP_PATHCONF is asked for. */
#define _PC_LINK_MAX             1
#define _PC_MAX_CANON            2
#define _PC_MAX_INPUT            3
#define _PC_NAME_MAX             4
#define _PC_PATH_MAX             5
#define _PC_PIPE_BUF             6
#define _PC_CHOWN_RESTRICTED     7
#define _PC_NO_TRUNC             8
#define _PC_VDISABLE             9
#define _PC_NAME_CHARS_MAX       10
#define _PC_CASE_SENSITIVE       11
#define _PC_CASE_PRESERVING      12
#define _PC_EXTENDED_SECURITY_NP 13
#define _PC_AUTH_OPAQUE_NP       14
#define _PC_2_SYMLINKS           15
#define _PC_ALLOC_SIZE_MIN       16
#define _PC_ASYNC_IO             17
#define _PC_FILESIZEBITS         18
#define _PC_PRIO_IO              19
#define _PC_REC_INCR_XFER_SIZE   20
#define _PC_REC_MAX_XFER_SIZE    21
#define _PC_REC_MIN_XFER_SIZE    22
#define _PC_REC_XFER_ALIGN       23
#define _PC_SYMLINK_MAX          24
#define _PC_SYNC_IO              25
#define _PC_XATTR_SIZE_BITS      26
#define _PC_MIN_HOLE_SIZE        27
#define _POSIX_VDISABLE          ((unsigned char)'\377')

struct accessx_descriptor {
    unsigned int ad_name_offset;
    int ad_flags; /* F_OK and friends */
    int ad_pad[2];
};
#define ACCESSX_MAX_DESCRIPTORS 100
#define ACCESSX_MAX_TABLESIZE   16384

#endif /* KPI_SYS_UNISTD_H */
