// SPDX-License-Identifier: BSD-2-Clause
/*
 * getattrlist and setattrlist: attribute sets and the values that volumes and files report in them.
 */
#ifndef KPI_SYS_ATTR_H
#define KPI_SYS_ATTR_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/ucred.h>
#include <sys/time.h>
#include <sys/_types/_fsobj_id_t.h>
#include <sys/appleapiopts.h>

/* Options of the calls. */
#define FSOPT_NOFOLLOW           0x1
#define FSOPT_NOFOLLOW_ANY       0x800
#define FSOPT_NOINMEMUPDATE      0x2
#define FSOPT_PACK_INVAL_ATTRS   0x8
#define FSOPT_ATTR_CMN_EXTENDED  0x20
#define FSOPT_REPORT_FULLSIZE    0x4
#define FSOPT_RETURN_REALDEV     0x200
#define ATTR_MAX_BUFFER          8192
#define ATTR_BIT_MAP_COUNT       5
#define SEARCHFS_MAX_SEARCHPARMS 4096
#define FST_EOF                  (-1)
#define DIR_MNTSTATUS_MNTPOINT   0x1
#define DIR_MNTSTATUS_TRIGGER    0x2

typedef u_int32_t text_encoding_t;
typedef u_int32_t fsobj_type_t;
typedef u_int32_t fsobj_tag_t;
typedef u_int32_t fsfile_type_t;
typedef u_int32_t fsvolid_t;
typedef u_int32_t attrgroup_t;

struct attrlist {
    u_short bitmapcount; /* ATTR_BIT_MAP_COUNT */
    u_int16_t reserved;
    attrgroup_t commonattr;
    attrgroup_t volattr;
    attrgroup_t dirattr;
    attrgroup_t fileattr;
    attrgroup_t forkattr;
};
typedef struct attribute_set {
    attrgroup_t commonattr;
    attrgroup_t volattr;
    attrgroup_t dirattr;
    attrgroup_t fileattr;
    attrgroup_t forkattr;
} attribute_set_t;
typedef struct attrreference {
    int32_t attr_dataoffset; /* bytes from this structure */
    u_int32_t attr_length;
} attrreference_t;
struct diskextent {
    u_int32_t startblock;
    u_int32_t blockcount;
};
typedef struct diskextent extentrecord[8];

/* What a volume can do: capability bits, and which of them it has an opinion on. */
#define VOL_CAPABILITIES_FORMAT     0
#define VOL_CAPABILITIES_INTERFACES 1
#define VOL_CAPABILITIES_RESERVED1  2
#define VOL_CAPABILITIES_RESERVED2  3
typedef u_int32_t vol_capabilities_set_t[4];
typedef struct vol_capabilities_attr {
    vol_capabilities_set_t capabilities;
    vol_capabilities_set_t valid;
} vol_capabilities_attr_t;
typedef struct vol_attributes_attr {
    attribute_set_t validattr;
    attribute_set_t nativeattr;
} vol_attributes_attr_t;
#define VOL_ATTRIBUTES_ATTR_SIZE sizeof(vol_attributes_attr_t)

/* Format capabilities. */
#define VOL_CAP_FMT_PERSISTENTOBJECTIDS    0x00000001
#define VOL_CAP_FMT_SYMBOLICLINKS          0x00000002
#define VOL_CAP_FMT_HARDLINKS              0x00000004
#define VOL_CAP_FMT_JOURNAL                0x00000008
#define VOL_CAP_FMT_JOURNAL_ACTIVE         0x00000010
#define VOL_CAP_FMT_NO_ROOT_TIMES          0x00000020
#define VOL_CAP_FMT_SPARSE_FILES           0x00000040
#define VOL_CAP_FMT_ZERO_RUNS              0x00000080
#define VOL_CAP_FMT_CASE_SENSITIVE         0x00000100
#define VOL_CAP_FMT_CASE_PRESERVING        0x00000200
#define VOL_CAP_FMT_FAST_STATFS            0x00000400
#define VOL_CAP_FMT_2TB_FILESIZE           0x00000800
#define VOL_CAP_FMT_OPENDENYMODES          0x00001000
#define VOL_CAP_FMT_HIDDEN_FILES           0x00002000
#define VOL_CAP_FMT_PATH_FROM_ID           0x00004000
#define VOL_CAP_FMT_NO_VOLUME_SIZES        0x00008000
#define VOL_CAP_FMT_DECMPFS_COMPRESSION    0x00010000
#define VOL_CAP_FMT_64BIT_OBJECT_IDS       0x00020000
#define VOL_CAP_FMT_DIR_HARDLINKS          0x00040000
#define VOL_CAP_FMT_DOCUMENT_ID            0x00080000
#define VOL_CAP_FMT_WRITE_GENERATION_COUNT 0x00100000
#define VOL_CAP_FMT_NO_IMMUTABLE_FILES     0x00200000
#define VOL_CAP_FMT_NO_PERMISSIONS         0x00400000
#define VOL_CAP_FMT_SHARED_SPACE           0x00800000
#define VOL_CAP_FMT_VOL_GROUPS             0x01000000
#define VOL_CAP_FMT_SEALED                 0x02000000
#define VOL_CAP_FMT_CLONE_MAPPING          0x04000000

/* Interface capabilities. */
#define VOL_CAP_INT_SEARCHFS          0x00000001
#define VOL_CAP_INT_ATTRLIST          0x00000002
#define VOL_CAP_INT_NFSEXPORT         0x00000004
#define VOL_CAP_INT_READDIRATTR       0x00000008
#define VOL_CAP_INT_EXCHANGEDATA      0x00000010
#define VOL_CAP_INT_COPYFILE          0x00000020
#define VOL_CAP_INT_ALLOCATE          0x00000040
#define VOL_CAP_INT_VOL_RENAME        0x00000080
#define VOL_CAP_INT_ADVLOCK           0x00000100
#define VOL_CAP_INT_FLOCK             0x00000200
#define VOL_CAP_INT_EXTENDED_SECURITY 0x00000400
#define VOL_CAP_INT_USERACCESS        0x00000800
#define VOL_CAP_INT_MANLOCK           0x00001000
#define VOL_CAP_INT_NAMEDSTREAMS      0x00002000
#define VOL_CAP_INT_EXTENDED_ATTR     0x00004000
#define VOL_CAP_INT_CLONE             0x00010000
#define VOL_CAP_INT_SNAPSHOT          0x00020000
#define VOL_CAP_INT_RENAME_SWAP       0x00040000
#define VOL_CAP_INT_RENAME_EXCL       0x00080000
#define VOL_CAP_INT_RENAME_OPENFAIL   0x00100000
#define VOL_CAP_INT_RENAME_SECLUDE    0x00200000
#define VOL_CAP_INT_ATTRIBUTION_TAG   0x00400000
#define VOL_CAP_INT_PUNCHHOLE         0x00800000

/* Common attributes. */
#define ATTR_CMN_NAME               0x00000001
#define ATTR_CMN_DEVID              0x00000002
#define ATTR_CMN_FSID               0x00000004
#define ATTR_CMN_OBJTYPE            0x00000008
#define ATTR_CMN_OBJTAG             0x00000010
#define ATTR_CMN_OBJID              0x00000020
#define ATTR_CMN_OBJPERMANENTID     0x00000040
#define ATTR_CMN_PAROBJID           0x00000080
#define ATTR_CMN_SCRIPT             0x00000100
#define ATTR_CMN_CRTIME             0x00000200
#define ATTR_CMN_MODTIME            0x00000400
#define ATTR_CMN_CHGTIME            0x00000800
#define ATTR_CMN_ACCTIME            0x00001000
#define ATTR_CMN_BKUPTIME           0x00002000
#define ATTR_CMN_FNDRINFO           0x00004000
#define ATTR_CMN_OWNERID            0x00008000
#define ATTR_CMN_GRPID              0x00010000
#define ATTR_CMN_FLAGS              0x00040000
#define ATTR_CMN_GEN_COUNT          0x00080000
#define ATTR_CMN_NAMEDATTRCOUNT     0x00080000
#define ATTR_CMN_DOCUMENT_ID        0x00100000
#define ATTR_CMN_NAMEDATTRLIST      0x00100000
#define ATTR_CMN_USERACCESS         0x00200000
#define ATTR_CMN_EXTENDED_SECURITY  0x00400000
#define ATTR_CMN_UUID               0x00800000
#define ATTR_CMN_GRPUUID            0x01000000
#define ATTR_CMN_FILEID             0x02000000
#define ATTR_CMN_PARENTID           0x04000000
#define ATTR_CMN_FULLPATH           0x08000000
#define ATTR_CMN_ADDEDTIME          0x10000000
#define ATTR_CMN_ERROR              0x20000000
#define ATTR_CMN_DATA_PROTECT_FLAGS 0x40000000
#define ATTR_CMN_RETURNED_ATTRS     0x80000000
#define ATTR_CMN_ACCESSMASK         0x00020000
#define ATTR_CMN_SETMASK            0x51c7ff00
#define ATTR_CMN_VALIDMASK          0xffffffff
#define ATTR_CMN_VOLSETMASK         0x00006700

/* Volume attributes. */
#define ATTR_VOL_FSTYPE          0x00000001
#define ATTR_VOL_SIGNATURE       0x00000002
#define ATTR_VOL_SIZE            0x00000004
#define ATTR_VOL_SPACEFREE       0x00000008
#define ATTR_VOL_SPACEAVAIL      0x00000010
#define ATTR_VOL_MINALLOCATION   0x00000020
#define ATTR_VOL_ALLOCATIONCLUMP 0x00000040
#define ATTR_VOL_IOBLOCKSIZE     0x00000080
#define ATTR_VOL_OBJCOUNT        0x00000100
#define ATTR_VOL_FILECOUNT       0x00000200
#define ATTR_VOL_DIRCOUNT        0x00000400
#define ATTR_VOL_MAXOBJCOUNT     0x00000800
#define ATTR_VOL_MOUNTPOINT      0x00001000
#define ATTR_VOL_NAME            0x00002000
#define ATTR_VOL_MOUNTFLAGS      0x00004000
#define ATTR_VOL_MOUNTEDDEVICE   0x00008000
#define ATTR_VOL_ENCODINGSUSED   0x00010000
#define ATTR_VOL_CAPABILITIES    0x00020000
#define ATTR_VOL_UUID            0x00040000
#define ATTR_VOL_MOUNTEXTFLAGS   0x00080000
#define ATTR_VOL_FSTYPENAME      0x00100000
#define ATTR_VOL_FSSUBTYPE       0x00200000
#define ATTR_VOL_OWNER           0x00400000
#define ATTR_VOL_SPACEUSED       0x00800000
#define ATTR_VOL_QUOTA_SIZE      0x10000000
#define ATTR_VOL_RESERVED_SIZE   0x20000000
#define ATTR_VOL_ATTRIBUTES      0x40000000
#define ATTR_VOL_INFO            0x80000000
#define ATTR_VOL_SETMASK         0x80002000
#define ATTR_VOL_VALIDMASK       0xf0ffffff

/* Directory attributes. */
#define ATTR_DIR_LINKCOUNT   0x00000001
#define ATTR_DIR_ENTRYCOUNT  0x00000002
#define ATTR_DIR_MOUNTSTATUS 0x00000004
#define ATTR_DIR_ALLOCSIZE   0x00000008
#define ATTR_DIR_IOBLOCKSIZE 0x00000010
#define ATTR_DIR_DATALENGTH  0x00000020
#define ATTR_DIR_SETMASK     0x00000000
#define ATTR_DIR_VALIDMASK   0x0000003f

/* File attributes. */
#define ATTR_FILE_LINKCOUNT     0x00000001
#define ATTR_FILE_TOTALSIZE     0x00000002
#define ATTR_FILE_ALLOCSIZE     0x00000004
#define ATTR_FILE_IOBLOCKSIZE   0x00000008
#define ATTR_FILE_CLUMPSIZE     0x00000010
#define ATTR_FILE_DEVTYPE       0x00000020
#define ATTR_FILE_FILETYPE      0x00000040
#define ATTR_FILE_FORKCOUNT     0x00000080
#define ATTR_FILE_FORKLIST      0x00000100
#define ATTR_FILE_DATALENGTH    0x00000200
#define ATTR_FILE_DATAALLOCSIZE 0x00000400
#define ATTR_FILE_DATAEXTENTS   0x00000800
#define ATTR_FILE_RSRCLENGTH    0x00001000
#define ATTR_FILE_RSRCALLOCSIZE 0x00002000
#define ATTR_FILE_RSRCEXTENTS   0x00004000
#define ATTR_FILE_SETMASK       0x00000020
#define ATTR_FILE_VALIDMASK     0x000037ff

/* Fork attributes; the same word holds the extended common attributes when FSOPT_ATTR_CMN_EXTENDED is set. */
#define ATTR_FORK_TOTALSIZE 0x00000001
#define ATTR_FORK_ALLOCSIZE 0x00000002
#define ATTR_FORK_RESERVED  0xffffffff
#define ATTR_FORK_SETMASK   0x00000000
#define ATTR_FORK_VALIDMASK 0x00000003

/* Extended common attributes. */
#define ATTR_CMNEXT_RELPATH            0x00000004
#define ATTR_CMNEXT_PRIVATESIZE        0x00000008
#define ATTR_CMNEXT_LINKID             0x00000010
#define ATTR_CMNEXT_NOFIRMLINKPATH     0x00000020
#define ATTR_CMNEXT_REALDEVID          0x00000040
#define ATTR_CMNEXT_REALFSID           0x00000080
#define ATTR_CMNEXT_CLONEID            0x00000100
#define ATTR_CMNEXT_EXT_FLAGS          0x00000200
#define ATTR_CMNEXT_RECURSIVE_GENCOUNT 0x00000400
#define ATTR_CMNEXT_ATTRIBUTION_TAG    0x00000800
#define ATTR_CMNEXT_CLONE_REFCNT       0x00001000
#define ATTR_CMNEXT_SETMASK            0x00000000
#define ATTR_CMNEXT_VALIDMASK          0x00001ffc

/* Always asked for by getattrlistbulk. */
#define ATTR_BULK_REQUIRED (ATTR_CMN_NAME | ATTR_CMN_RETURNED_ATTRS)

/* Options of searchfs. */
#define SRCHFS_START             0x00000001
#define SRCHFS_MATCHPARTIALNAMES 0x00000002
#define SRCHFS_MATCHDIRS         0x00000004
#define SRCHFS_MATCHFILES        0x00000008
#define SRCHFS_SKIPLINKS         0x00000010
#define SRCHFS_SKIPINVISIBLE     0x00000020
#define SRCHFS_SKIPPACKAGES      0x00000040
#define SRCHFS_SKIPINAPPROPRIATE 0x00000080
#define SRCHFS_NEGATEPARAMS      0x80000000
#define SRCHFS_VALIDOPTIONSMASK  0x800000ff

struct fssearchblock {
    struct attrlist *returnattrs;
    void *returnbuffer;
    size_t returnbuffersize;
    u_long maxmatches;
    struct timeval timelimit;
    void *searchparams1;
    size_t sizeofsearchparams1;
    void *searchparams2;
    size_t sizeofsearchparams2;
    struct attrlist searchattrs;
};
struct user64_fssearchblock {
    user64_addr_t returnattrs;
    user64_addr_t returnbuffer;
    user64_size_t returnbuffersize;
    user64_ulong_t maxmatches;
    struct user64_timeval timelimit;
    user64_addr_t searchparams1;
    user64_size_t sizeofsearchparams1;
    user64_addr_t searchparams2;
    user64_size_t sizeofsearchparams2;
    struct attrlist searchattrs;
};
struct user32_fssearchblock {
    user32_addr_t returnattrs;
    user32_addr_t returnbuffer;
    user32_size_t returnbuffersize;
    user32_ulong_t maxmatches;
    struct user32_timeval timelimit;
    user32_addr_t searchparams1;
    user32_size_t sizeofsearchparams1;
    user32_addr_t searchparams2;
    user32_size_t sizeofsearchparams2;
    struct attrlist searchattrs;
};
struct searchstate {
    u_int32_t ss_union_flags;
    u_int32_t ss_union_layer;
    u_char ss_fsstate[548]; /* the file system's own */
} __attribute__((__packed__));

/* No attributes. */
#define ATTRIBUTE_SET_INIT(a)                                                                                \
    do {                                                                                                     \
        (a)->commonattr = (a)->volattr = (a)->dirattr = (a)->fileattr = (a)->forkattr = 0;                   \
    } while (0)

#endif /* KPI_SYS_ATTR_H */
