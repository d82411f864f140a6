// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct vnode_attr and the macros that ask for, set and answer its fields: the part of <sys/vnode.h> that is
 * about attributes. Include that one; a kext never names this file.
 */
#ifndef KPI_SYS__VNODE_ATTR_H
#define KPI_SYS__VNODE_ATTR_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_vnode_types.h>
#include <sys/_types/_timespec.h>
#include <sys/_types/_fsid_t.h>
#include <sys/_types/_guid_t.h>

struct kauth_acl;

/* Attributes of a file. va_active: asked for or to be set; va_supported: answered or applied. Only the VATTR_
 * macros should touch the two. */
struct vnode_attr {
    uint64_t va_supported;
    uint64_t va_active;
    int va_vaflags; /* VA_* */
    dev_t va_rdev;
    uint64_t va_nlink;
    uint64_t va_total_size; /* all forks, bytes */
    uint64_t va_total_alloc;
    uint64_t va_data_size; /* data fork, bytes */
    uint64_t va_data_alloc;
    uint32_t va_iosize; /* preferred transfer, bytes */
    uid_t va_uid;
    gid_t va_gid;
    mode_t va_mode;    /* permissions and type */
    uint32_t va_flags; /* UF_*, SF_* */
    struct kauth_acl *va_acl;
    struct timespec va_create_time;
    struct timespec va_access_time;
    struct timespec va_modify_time;
    struct timespec va_change_time;
    struct timespec va_backup_time;
    uint64_t va_fileid;
    uint64_t va_linkid;
    uint64_t va_parentid;
    uint32_t va_fsid;
    uint64_t va_filerev;
    uint32_t va_gen;
    uint32_t va_encoding;
    enum vtype va_type;
    char *va_name; /* buffer of MAXPATHLEN bytes, given by the caller */
    guid_t va_uuuid;
    guid_t va_guuid;
    uint64_t va_nchildren;
    uint64_t va_dirlinkcount;
    void *va_reserved1;
    struct timespec va_addedtime;
    uint32_t va_dataprotect_class;
    uint32_t va_dataprotect_flags;
    uint32_t va_document_id;
    uint32_t va_devid;
    uint32_t va_objtype;
    uint32_t va_objtag;
    uint32_t va_user_access;
    uint8_t va_finderinfo[32];
    uint64_t va_rsrc_length;
    uint64_t va_rsrc_alloc;
    fsid_t va_fsid64;
    uint32_t va_write_gencount;
    uint64_t va_private_size;
    uint64_t va_clone_id;
    uint64_t va_extflags;
    uint64_t va_recursive_gencount;
    uint64_t va_attribution_tag;
    uint32_t va_clone_refcnt;
};

/* One bit for each field above. */
#define VNODE_ATTR_va_rdev               (1ll << 0)
#define VNODE_ATTR_va_nlink              (1ll << 1)
#define VNODE_ATTR_va_total_size         (1ll << 2)
#define VNODE_ATTR_va_total_alloc        (1ll << 3)
#define VNODE_ATTR_va_data_size          (1ll << 4)
#define VNODE_ATTR_va_data_alloc         (1ll << 5)
#define VNODE_ATTR_va_iosize             (1ll << 6)
#define VNODE_ATTR_va_uid                (1ll << 7)
#define VNODE_ATTR_va_gid                (1ll << 8)
#define VNODE_ATTR_va_mode               (1ll << 9)
#define VNODE_ATTR_va_flags              (1ll << 10)
#define VNODE_ATTR_va_acl                (1ll << 11)
#define VNODE_ATTR_va_create_time        (1ll << 12)
#define VNODE_ATTR_va_access_time        (1ll << 13)
#define VNODE_ATTR_va_modify_time        (1ll << 14)
#define VNODE_ATTR_va_change_time        (1ll << 15)
#define VNODE_ATTR_va_backup_time        (1ll << 16)
#define VNODE_ATTR_va_fileid             (1ll << 17)
#define VNODE_ATTR_va_linkid             (1ll << 18)
#define VNODE_ATTR_va_parentid           (1ll << 19)
#define VNODE_ATTR_va_fsid               (1ll << 20)
#define VNODE_ATTR_va_filerev            (1ll << 21)
#define VNODE_ATTR_va_gen                (1ll << 22)
#define VNODE_ATTR_va_encoding           (1ll << 23)
#define VNODE_ATTR_va_type               (1ll << 24)
#define VNODE_ATTR_va_name               (1ll << 25)
#define VNODE_ATTR_va_uuuid              (1ll << 26)
#define VNODE_ATTR_va_guuid              (1ll << 27)
#define VNODE_ATTR_va_nchildren          (1ll << 28)
#define VNODE_ATTR_va_dirlinkcount       (1ll << 29)
#define VNODE_ATTR_va_addedtime          (1ll << 30)
#define VNODE_ATTR_va_dataprotect_class  (1ll << 31)
#define VNODE_ATTR_va_dataprotect_flags  (1ll << 32)
#define VNODE_ATTR_va_document_id        (1ll << 33)
#define VNODE_ATTR_va_devid              (1ll << 34)
#define VNODE_ATTR_va_objtype            (1ll << 35)
#define VNODE_ATTR_va_objtag             (1ll << 36)
#define VNODE_ATTR_va_user_access        (1ll << 37)
#define VNODE_ATTR_va_finderinfo         (1ll << 38)
#define VNODE_ATTR_va_rsrc_length        (1ll << 39)
#define VNODE_ATTR_va_rsrc_alloc         (1ll << 40)
#define VNODE_ATTR_va_fsid64             (1ll << 41)
#define VNODE_ATTR_va_write_gencount     (1ll << 42)
#define VNODE_ATTR_va_private_size       (1ll << 43)
#define VNODE_ATTR_va_clone_id           (1ll << 44)
#define VNODE_ATTR_va_extflags           (1ll << 45)
#define VNODE_ATTR_va_recursive_gencount (1ll << 46)
#define VNODE_ATTR_va_attribution_tag    (1ll << 47)
#define VNODE_ATTR_va_clone_refcnt       (1ll << 48)
#define VNODE_ATTR_BIT(field)            (VNODE_ATTR_##field)

/* Every attribute; those that cannot be set; those that make sense for a new object. */
#define VNODE_ATTR_ALL                                                                                       \
    (VNODE_ATTR_BIT(va_rdev) | VNODE_ATTR_BIT(va_nlink) | VNODE_ATTR_BIT(va_total_size) |                    \
     VNODE_ATTR_BIT(va_total_alloc) | VNODE_ATTR_BIT(va_data_size) | VNODE_ATTR_BIT(va_data_alloc) |         \
     VNODE_ATTR_BIT(va_iosize) | VNODE_ATTR_BIT(va_uid) | VNODE_ATTR_BIT(va_gid) | VNODE_ATTR_BIT(va_mode) | \
     VNODE_ATTR_BIT(va_flags) | VNODE_ATTR_BIT(va_acl) | VNODE_ATTR_BIT(va_create_time) |                    \
     VNODE_ATTR_BIT(va_access_time) | VNODE_ATTR_BIT(va_modify_time) | VNODE_ATTR_BIT(va_change_time) |      \
     VNODE_ATTR_BIT(va_backup_time) | VNODE_ATTR_BIT(va_fileid) | VNODE_ATTR_BIT(va_linkid) |                \
     VNODE_ATTR_BIT(va_parentid) | VNODE_ATTR_BIT(va_fsid) | VNODE_ATTR_BIT(va_filerev) |                    \
     VNODE_ATTR_BIT(va_gen) | VNODE_ATTR_BIT(va_encoding) | VNODE_ATTR_BIT(va_type) |                        \
     VNODE_ATTR_BIT(va_name) | VNODE_ATTR_BIT(va_uuuid) | VNODE_ATTR_BIT(va_guuid) |                         \
     VNODE_ATTR_BIT(va_nchildren) | VNODE_ATTR_BIT(va_dirlinkcount) | VNODE_ATTR_BIT(va_addedtime) |         \
     VNODE_ATTR_BIT(va_dataprotect_class) | VNODE_ATTR_BIT(va_dataprotect_flags) |                           \
     VNODE_ATTR_BIT(va_document_id) | VNODE_ATTR_BIT(va_devid) | VNODE_ATTR_BIT(va_objtype) |                \
     VNODE_ATTR_BIT(va_objtag) | VNODE_ATTR_BIT(va_user_access) | VNODE_ATTR_BIT(va_finderinfo) |            \
     VNODE_ATTR_BIT(va_rsrc_length) | VNODE_ATTR_BIT(va_rsrc_alloc) | VNODE_ATTR_BIT(va_fsid64) |            \
     VNODE_ATTR_BIT(va_write_gencount) | VNODE_ATTR_BIT(va_private_size) | VNODE_ATTR_BIT(va_clone_id) |     \
     VNODE_ATTR_BIT(va_extflags) | VNODE_ATTR_BIT(va_recursive_gencount) |                                   \
     VNODE_ATTR_BIT(va_attribution_tag) | VNODE_ATTR_BIT(va_clone_refcnt))
#define VNODE_ATTR_RDONLY                                                                                    \
    (VNODE_ATTR_BIT(va_rdev) | VNODE_ATTR_BIT(va_nlink) | VNODE_ATTR_BIT(va_total_size) |                    \
     VNODE_ATTR_BIT(va_total_alloc) | VNODE_ATTR_BIT(va_data_alloc) | VNODE_ATTR_BIT(va_iosize) |            \
     VNODE_ATTR_BIT(va_fileid) | VNODE_ATTR_BIT(va_linkid) | VNODE_ATTR_BIT(va_parentid) |                   \
     VNODE_ATTR_BIT(va_fsid) | VNODE_ATTR_BIT(va_filerev) | VNODE_ATTR_BIT(va_gen) |                         \
     VNODE_ATTR_BIT(va_type) | VNODE_ATTR_BIT(va_name) | VNODE_ATTR_BIT(va_nchildren) |                      \
     VNODE_ATTR_BIT(va_dirlinkcount) | VNODE_ATTR_BIT(va_devid) | VNODE_ATTR_BIT(va_objtype) |               \
     VNODE_ATTR_BIT(va_objtag) | VNODE_ATTR_BIT(va_user_access) | VNODE_ATTR_BIT(va_finderinfo) |            \
     VNODE_ATTR_BIT(va_rsrc_length) | VNODE_ATTR_BIT(va_rsrc_alloc) | VNODE_ATTR_BIT(va_fsid64) |            \
     VNODE_ATTR_BIT(va_write_gencount) | VNODE_ATTR_BIT(va_private_size) | VNODE_ATTR_BIT(va_clone_id) |     \
     VNODE_ATTR_BIT(va_extflags) | VNODE_ATTR_BIT(va_recursive_gencount) |                                   \
     VNODE_ATTR_BIT(va_attribution_tag) | VNODE_ATTR_BIT(va_clone_refcnt))
#define VNODE_ATTR_NEWOBJ                                                                                    \
    (VNODE_ATTR_BIT(va_rdev) | VNODE_ATTR_BIT(va_uid) | VNODE_ATTR_BIT(va_gid) | VNODE_ATTR_BIT(va_mode) |   \
     VNODE_ATTR_BIT(va_flags) | VNODE_ATTR_BIT(va_acl) | VNODE_ATTR_BIT(va_create_time) |                    \
     VNODE_ATTR_BIT(va_modify_time) | VNODE_ATTR_BIT(va_change_time) | VNODE_ATTR_BIT(va_encoding) |         \
     VNODE_ATTR_BIT(va_type) | VNODE_ATTR_BIT(va_uuuid) | VNODE_ATTR_BIT(va_guuid) |                         \
     VNODE_ATTR_BIT(va_dataprotect_class) | VNODE_ATTR_BIT(va_dataprotect_flags) |                           \
     VNODE_ATTR_BIT(va_document_id))

#define VATTR_INIT(v)                                                                                        \
    do {                                                                                                     \
        (v)->va_active = 0;                                                                                  \
        (v)->va_supported = 0;                                                                               \
        (v)->va_vaflags = 0;                                                                                 \
    } while (0)
#define VATTR_SET_ACTIVE(v, field)      ((v)->va_active |= VNODE_ATTR_##field)
#define VATTR_CLEAR_ACTIVE(v, field)    ((v)->va_active &= ~VNODE_ATTR_##field)
#define VATTR_IS_ACTIVE(v, field)       ((v)->va_active & VNODE_ATTR_##field)
#define VATTR_SET_SUPPORTED(v, field)   ((v)->va_supported |= VNODE_ATTR_##field)
#define VATTR_CLEAR_SUPPORTED(v, field) ((v)->va_supported &= ~VNODE_ATTR_##field)
#define VATTR_CLEAR_SUPPORTED_ALL(v)    ((v)->va_supported = 0)
#define VATTR_IS_SUPPORTED(v, field)    ((v)->va_supported & VNODE_ATTR_##field)
#define VATTR_ALL_SUPPORTED(v)          (((v)->va_active & ~(v)->va_supported) == 0)
/* Ask for less: what is supported already is no longer active. */
#define VATTR_INACTIVE_SUPPORTED(v)                                                                          \
    do {                                                                                                     \
        (v)->va_active &= ~(v)->va_supported;                                                                \
        (v)->va_supported = 0;                                                                               \
    } while (0)
/* The caller's side: set a field to a value; ask for a field. */
#define VATTR_SET(v, field, value)                                                                           \
    do {                                                                                                     \
        (v)->field = (value);                                                                                \
        VATTR_SET_ACTIVE(v, field);                                                                          \
    } while (0)
#define VATTR_WANTED(v, field) VATTR_SET_ACTIVE(v, field)
/* The file system's side: answer a field. */
#define VATTR_RETURN(v, field, value)                                                                        \
    do {                                                                                                     \
        (v)->field = (value);                                                                                \
        VATTR_SET_SUPPORTED(v, field);                                                                       \
    } while (0)
#define VATTR_NOT_RETURNED(v, field)  (VATTR_IS_ACTIVE(v, field) && !VATTR_IS_SUPPORTED(v, field))
#define VATTR_IS(v, field, value)     (VATTR_IS_SUPPORTED(v, field) && (v)->field == (value))
#define VATTR_IS_NOT(v, field, value) (VATTR_IS_SUPPORTED(v, field) && (v)->field != (value))

/* va_vaflags. */
#define VA_UTIMES_NULL 0x10000
#define VA_EXCLUSIVE   0x20000
#define VA_NOINHERIT   0x40000
#define VA_NOAUTH      0x80000
#define VA_64BITOBJIDS 0x100000
#define VA_REALFSID    0x200000
#define VA_USEFSID     0x400000
#define VA_FILESEC_ACL 0x800000

#endif /* KPI_SYS__VNODE_ATTR_H */
