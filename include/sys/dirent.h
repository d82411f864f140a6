// SPDX-License-Identifier: BSD-2-Clause
/*
 * Directory entries as VNOP_READDIR packs them: struct dirent, or struct direntry when the caller
 * asked for VNODE_READDIR_EXTENDED.
 */
#ifndef KPI_SYS_DIRENT_H
#define KPI_SYS_DIRENT_H

#include <sys/cdefs.h>
#include <sys/types.h>

#define __DARWIN_MAXNAMLEN  255
#define __DARWIN_MAXPATHLEN 1024
#define MAXNAMLEN           __DARWIN_MAXNAMLEN

struct dirent {
    ino_t d_ino;         /* 32 bits in the kernel's view; 0: entry is unused */
    __uint16_t d_reclen; /* bytes, a multiple of 4 */
    __uint8_t d_type;    /* DT_* */
    __uint8_t d_namlen;  /* bytes, without the NUL */
    char d_name[__DARWIN_MAXNAMLEN + 1];
};
#define d_fileno d_ino /* older name */

struct direntry {
    __uint64_t d_ino;
    __uint64_t d_seekoff; /* cookie of the entry after this one */
    __uint16_t d_reclen;  /* bytes, a multiple of 8 */
    __uint16_t d_namlen;
    __uint8_t d_type;
    char d_name[__DARWIN_MAXPATHLEN];
};

#define DT_UNKNOWN   0
#define DT_FIFO      1
#define DT_CHR       2
#define DT_DIR       4
#define DT_BLK       6
#define DT_REG       8
#define DT_LNK       10
#define DT_SOCK      12
#define DT_WHT       14
#define IFTODT(mode) (((mode)&0170000) >> 12)
#define DTTOIF(type) ((type) << 12)

#endif /* KPI_SYS_DIRENT_H */
