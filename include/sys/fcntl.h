// SPDX-License-Identifier: BSD-2-Clause
/*
 * Open flags, fcntl commands and the structures that they take.
 */
#ifndef KPI_SYS_FCNTL_H
#define KPI_SYS_FCNTL_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_types/_timespec.h>
#include <sys/_types/_s_ifmt.h>
#include <sys/_types/_seek_set.h>
#include <sys/_types/_o_sync.h>
#include <sys/_types/_o_dsync.h>

/* Flags of open. */
#define O_RDONLY               0x0
#define O_WRONLY               0x1
#define O_RDWR                 0x2
#define O_ACCMODE              0x3
#define O_NONBLOCK             0x4
#define O_NDELAY               0x4
#define O_APPEND               0x8
#define O_SHLOCK               0x10
#define O_EXLOCK               0x20
#define O_ASYNC                0x40
#define O_FSYNC                0x80
#define O_ALERT                0x20000000
#define O_CLOEXEC              0x1000000
#define O_CLOFORK              0x8000000
#define O_CREAT                0x200
#define O_DIRECTORY            0x100000
#define O_DP_AUTHENTICATE      0x4
#define O_DP_GETRAWENCRYPTED   0x1
#define O_DP_GETRAWUNENCRYPTED 0x2
#define O_EXCL                 0x800
#define O_EXEC                 0x40000000
#define O_NOCTTY               0x20000
#define O_NOFOLLOW             0x100
#define O_NOFOLLOW_ANY         0x20000000
#define O_EVTONLY              0x8000 /* open for events only: unmount is not held up */
#define O_POPUP                0x80000000
#define O_RESOLVE_BENEATH      0x1000
#define O_SEARCH               0x40100000
#define O_SYMLINK              0x200000
#define O_TRUNC                0x400

/* What VNOP_OPEN and friends are given: FREAD and FWRITE are O_* plus one. */
#define FREAD          0x1
#define FWRITE         0x2
#define FAPPEND        0x8
#define FASYNC         0x40
#define FFSYNC         0x80
#define FFDSYNC        0x400000
#define FNONBLOCK      0x4
#define FNDELAY        0x4
#define FMARK          0x1000
#define FDEFER         0x2000
#define FHASLOCK       0x4000
#define FWASLOCKED     0x4000
#define FWASWRITTEN    0x10000
#define FNOCACHE       0x40000
#define FNORDAHEAD     0x80000
#define FNODIRECT      0x800000
#define FENCRYPTED     0x2000000
#define FSINGLE_WRITER 0x4000000
#define FUNENCRYPTED   0x10000000
#define FEXEC          0x40000000
#define FSEARCH        0x40000000
#define FMASK          0x404000cf
#define FCNTLFLAGS     0x4000cc

#define AT_EACCESS              0x10
#define AT_FDCWD                (-2)
#define AT_FDONLY               0x400
#define AT_REALDEV              0x200
#define AT_REMOVEDIR            0x80
#define AT_SYMLINK_FOLLOW       0x40
#define AT_SYMLINK_NOFOLLOW     0x20
#define AT_SYMLINK_NOFOLLOW_ANY 0x800
#define CPF_IGNORE_MODE         0x2
#define CPF_MASK                0x3
#define CPF_OVERWRITE           0x1

/* Commands of fcntl. */
#define F_DUPFD                    0
#define F_GETFD                    1
#define F_SETFD                    2
#define F_GETFL                    3
#define F_SETFL                    4
#define F_GETOWN                   5
#define F_SETOWN                   6
#define F_GETLK                    7
#define F_SETLK                    8
#define F_SETLKW                   9
#define F_SETLKWTIMEOUT            10
#define F_FLUSH_DATA               40
#define F_CHKCLEAN                 41
#define F_PREALLOCATE              42
#define F_SETSIZE                  43
#define F_RDADVISE                 44
#define F_RDAHEAD                  45
#define F_NOCACHE                  48
#define F_LOG2PHYS                 49
#define F_GETPATH                  50
#define F_FULLFSYNC                51
#define F_PATHPKG_CHECK            52
#define F_FREEZE_FS                53
#define F_THAW_FS                  54
#define F_GLOBAL_NOCACHE           55
#define F_ADDSIGS                  59
#define F_ADDFILESIGS              61
#define F_NODIRECT                 62
#define F_GETPROTECTIONCLASS       63
#define F_SETPROTECTIONCLASS       64
#define F_LOG2PHYS_EXT             65
#define F_GETLKPID                 66
#define F_DUPFD_CLOEXEC            67
#define F_SETBACKINGSTORE          70
#define F_GETPATH_MTMINFO          71
#define F_GETCODEDIR               72
#define F_SETNOSIGPIPE             73
#define F_GETNOSIGPIPE             74
#define F_TRANSCODEKEY             75
#define F_SINGLE_WRITER            76
#define F_GETPROTECTIONLEVEL       77
#define F_FINDSIGS                 78
#define F_ADDFILESIGS_FOR_DYLD_SIM 83
#define F_BARRIERFSYNC             85
#define F_OFD_SETLK                90
#define F_OFD_SETLKW               91
#define F_OFD_GETLK                92
#define F_OFD_SETLKWTIMEOUT        93
#define F_ADDFILESIGS_RETURN       97
#define F_CHECK_LV                 98
#define F_PUNCHHOLE                99
#define F_TRIM_ACTIVE_FILE         100
#define F_SPECULATIVE_READ         101
#define F_GETPATH_NOFIRMLINK       102
#define F_ADDFILESIGS_INFO         103
#define F_ADDFILESUPPL             104
#define F_GETSIGSINFO              105
#define F_SETLEASE                 106
#define F_GETLEASE                 107
#define F_TRANSFEREXTENTS          110
#define F_ATTRIBUTION_TAG          111
#define F_ADDSIGS_MAIN_BINARY      113

/* Record locks: kind of lock, and a_flags of VNOP_ADVLOCK. */
#define F_RDLCK      1
#define F_UNLCK      2
#define F_WRLCK      3
#define F_WAIT       0x10
#define F_FLOCK      0x20
#define F_POSIX      0x40
#define F_PROV       0x80
#define F_WAKE1_SAFE 0x100
#define F_ABORT      0x200
#define F_OFD_LOCK   0x400
#define F_TRANSFER   0x800
#define F_CONFINED   0x1000
#define LOCK_SH      1
#define LOCK_EX      2
#define LOCK_NB      4
#define LOCK_UN      8

/* F_PREALLOCATE: how to allocate, and from where to count. */
#define F_ALLOCATECONTIG            0x2
#define F_ALLOCATEALL               0x4
#define F_ALLOCATEPERSIST           0x8
#define F_PEOFPOSMODE               3
#define F_VOLPOSMODE                4
#define F_CREATE_TAG                0x1
#define F_DELETE_TAG                0x2
#define F_QUERY_TAG                 0x4
#define FD_CLOEXEC                  1
#define GETSIGSINFO_PLATFORM_BINARY 1
#define ATTRIBUTION_NAME_MAX        255
#define USER_FSIGNATURES_CDHASH_LEN 20
#define AUTH_OPEN_NOAUTHFD          (-1)

struct flock {
    off_t l_start;
    off_t l_len; /* 0: to the end of the file */
    pid_t l_pid;
    short l_type; /* F_RDLCK, F_UNLCK, F_WRLCK */
    short l_whence;
};
struct flocktimeout {
    struct flock fl;
    struct timespec timeout;
};
struct radvisory {
    off_t ra_offset;
    int ra_count;
} __attribute__((__packed__, __aligned__(4)));
typedef struct fstore {
    unsigned int fst_flags; /* F_ALLOCATE* */
    int fst_posmode;
    off_t fst_offset;
    off_t fst_length;
    off_t fst_bytesalloc;
} fstore_t;
typedef struct fpunchhole {
    unsigned int fp_flags;
    unsigned int reserved;
    off_t fp_offset;
    off_t fp_length;
} fpunchhole_t;
typedef struct ftrimactivefile {
    off_t fta_offset;
    off_t fta_length;
} ftrimactivefile_t;
typedef struct fspecread {
    unsigned int fsr_flags;
    unsigned int reserved;
    off_t fsr_offset;
    off_t fsr_length;
} fspecread_t;
typedef struct fattributiontag {
    unsigned int ft_flags; /* F_*_TAG */
    unsigned long long ft_hash;
    char ft_attribution_name[ATTRIBUTION_NAME_MAX];
} fattributiontag_t;
struct log2phys {
    unsigned int l2p_flags;
    off_t l2p_contigbytes;
    off_t l2p_devoffset;
} __attribute__((__packed__, __aligned__(4)));

typedef struct fsignatures {
    off_t fs_file_start;
    void *fs_blob_start;
    size_t fs_blob_size;
    size_t fs_fsignatures_size;
    char fs_cdhash[USER_FSIGNATURES_CDHASH_LEN];
    int fs_hash_type;
} fsignatures_t;
typedef struct user32_fsignatures {
    off_t fs_file_start;
    user32_addr_t fs_blob_start;
    user32_size_t fs_blob_size;
} user32_fsignatures_t;
typedef struct user_fsignatures {
    off_t fs_file_start;
    user_addr_t fs_blob_start;
    user_size_t fs_blob_size;
    user_size_t fs_fsignatures_size;
    char fs_cdhash[USER_FSIGNATURES_CDHASH_LEN];
    int fs_hash_type;
} user_fsignatures_t;
typedef struct fsupplement {
    off_t fs_file_start;
    off_t fs_blob_start;
    size_t fs_blob_size;
    int fs_orig_fd;
} fsupplement_t;
typedef struct user_fsupplement {
    off_t fs_file_start;
    off_t fs_blob_start;
    user_size_t fs_blob_size;
    int fs_orig_fd;
} user_fsupplement_t;
typedef struct fchecklv {
    off_t lv_file_start;
    size_t lv_error_message_size;
    void *lv_error_message;
} fchecklv_t;
typedef struct user32_fchecklv {
    user32_off_t lv_file_start;
    user32_size_t lv_error_message_size;
    user32_addr_t lv_error_message;
} user32_fchecklv_t;
typedef struct user_fchecklv {
    off_t lv_file_start;
    user_size_t lv_error_message_size;
    user_addr_t lv_error_message;
} user_fchecklv_t;
typedef struct fgetsigsinfo {
    off_t fg_file_start;
    int fg_info_request;
    int fg_sig_is_platform;
} fgetsigsinfo_t;

/* Open flags to the kernel's F flags and back. */
#define FFLAGS(oflags)         (((oflags)&O_EVTONLY) ? (oflags) : ((oflags) + 1))
#define OFLAGS(fflags)         (((fflags)&O_EVTONLY) ? (fflags) : ((fflags)-1))
#define FCNTL_FS_SPECIFIC_BASE 0x10000

#endif /* KPI_SYS_FCNTL_H */
