// SPDX-License-Identifier: BSD-2-Clause
/*
 * The attributes of an attribute list: bit, room, what the file system is asked for and where the value comes
 * from, in the order in which they are packed. Constant. Read by attr_pack.c.
 */
#include "vfs/attr_internal.h"

#define ASK(field) ((uint64_t)VNODE_ATTR_BIT(field))
/* A field of vnode_attr, or its low bytes. */
#define FIELD(bit, bytes, field)                                                                             \
    {                                                                                                        \
        bit, bytes, false, offsetof(struct vnode_attr, field), ASK(field), NULL                              \
    }
#define MADE(bit, bytes, asks, value)                                                                        \
    {                                                                                                        \
        bit, bytes, false, 0, asks, value                                                                    \
    }
#define VARIABLE(bit, asks, value)                                                                           \
    {                                                                                                        \
        bit, sizeof(attrreference_t), true, 0, asks, value                                                   \
    }
#define TIME sizeof(struct timespec)

static const struct attr_row common[] = {
    MADE(ATTR_CMN_ERROR, 4, 0, attr_value_error),
    VARIABLE(ATTR_CMN_NAME, ASK(va_name), attr_value_name),
    MADE(ATTR_CMN_DEVID, 4, ASK(va_fsid) | ASK(va_devid), attr_value_devid),
    MADE(ATTR_CMN_FSID, 8, ASK(va_fsid64), attr_value_fsid),
    MADE(ATTR_CMN_OBJTYPE, 4, ASK(va_objtype), attr_value_objtype),
    MADE(ATTR_CMN_OBJTAG, 4, ASK(va_objtag), attr_value_objtag),
    MADE(ATTR_CMN_OBJID, 8, ASK(va_fileid) | ASK(va_linkid), attr_value_objid),
    MADE(ATTR_CMN_OBJPERMANENTID, 8, ASK(va_fileid) | ASK(va_linkid), attr_value_objid),
    MADE(ATTR_CMN_PAROBJID, 8, ASK(va_parentid), attr_value_parobjid),
    MADE(ATTR_CMN_SCRIPT, 4, ASK(va_encoding), attr_value_script),
    FIELD(ATTR_CMN_CRTIME, TIME, va_create_time),
    FIELD(ATTR_CMN_MODTIME, TIME, va_modify_time),
    FIELD(ATTR_CMN_CHGTIME, TIME, va_change_time),
    FIELD(ATTR_CMN_ACCTIME, TIME, va_access_time),
    FIELD(ATTR_CMN_BKUPTIME, TIME, va_backup_time),
    FIELD(ATTR_CMN_FNDRINFO, 32, va_finderinfo),
    MADE(ATTR_CMN_OWNERID, 4, ASK(va_uid), attr_value_owner),
    MADE(ATTR_CMN_GRPID, 4, ASK(va_gid), attr_value_group),
    MADE(ATTR_CMN_ACCESSMASK, 4, ASK(va_mode), attr_value_mode),
    FIELD(ATTR_CMN_FLAGS, 4, va_flags),
    FIELD(ATTR_CMN_GEN_COUNT, 4, va_write_gencount),
    FIELD(ATTR_CMN_DOCUMENT_ID, 4, va_document_id),
    FIELD(ATTR_CMN_USERACCESS, 4, va_user_access),
    VARIABLE(ATTR_CMN_EXTENDED_SECURITY, ASK(va_acl), attr_value_acl),
    FIELD(ATTR_CMN_UUID, sizeof(guid_t), va_uuuid),
    FIELD(ATTR_CMN_GRPUUID, sizeof(guid_t), va_guuid),
    FIELD(ATTR_CMN_FILEID, 8, va_fileid),
    FIELD(ATTR_CMN_PARENTID, 8, va_parentid),
    VARIABLE(ATTR_CMN_FULLPATH, 0, attr_value_fullpath),
    FIELD(ATTR_CMN_ADDEDTIME, TIME, va_addedtime),
    FIELD(ATTR_CMN_DATA_PROTECT_FLAGS, 4, va_dataprotect_class),
    {0},
};

static const struct attr_row dir[] = {
    MADE(ATTR_DIR_LINKCOUNT, 4, ASK(va_dirlinkcount), attr_value_dirlinks),
    FIELD(ATTR_DIR_ENTRYCOUNT, 4, va_nchildren),
    MADE(ATTR_DIR_MOUNTSTATUS, 4, 0, attr_value_mountstatus),
    MADE(ATTR_DIR_ALLOCSIZE, 8, ASK(va_total_alloc) | ASK(va_total_size), attr_value_alloc),
    FIELD(ATTR_DIR_IOBLOCKSIZE, 4, va_iosize),
    MADE(ATTR_DIR_DATALENGTH, 8, ASK(va_total_size) | ASK(va_data_size), attr_value_length),
    {0},
};

static const struct attr_row file[] = {
    FIELD(ATTR_FILE_LINKCOUNT, 4, va_nlink),
    FIELD(ATTR_FILE_TOTALSIZE, 8, va_total_size),
    MADE(ATTR_FILE_ALLOCSIZE, 8, ASK(va_total_alloc) | ASK(va_total_size), attr_value_total_alloc),
    FIELD(ATTR_FILE_IOBLOCKSIZE, 4, va_iosize),
    MADE(ATTR_FILE_CLUMPSIZE, 4, 0, attr_value_clump),
    MADE(ATTR_FILE_DEVTYPE, 4, ASK(va_rdev), attr_value_devtype),
    MADE(ATTR_FILE_DATALENGTH, 8, ASK(va_total_size) | ASK(va_data_size), attr_value_length),
    MADE(ATTR_FILE_DATAALLOCSIZE, 8, ASK(va_total_alloc) | ASK(va_data_alloc), attr_value_alloc),
    FIELD(ATTR_FILE_RSRCLENGTH, 8, va_rsrc_length),
    FIELD(ATTR_FILE_RSRCALLOCSIZE, 8, va_rsrc_alloc),
    {0},
};

static const struct attr_row extended[] = {
    VARIABLE(ATTR_CMNEXT_RELPATH, 0, attr_value_relpath),
    FIELD(ATTR_CMNEXT_PRIVATESIZE, 8, va_private_size),
    MADE(ATTR_CMNEXT_LINKID, 8, ASK(va_fileid) | ASK(va_linkid), attr_value_linkid),
    VARIABLE(ATTR_CMNEXT_NOFIRMLINKPATH, 0, attr_value_fullpath),
    MADE(ATTR_CMNEXT_REALDEVID, 4, ASK(va_devid), attr_value_devid),
    MADE(ATTR_CMNEXT_REALFSID, 8, ASK(va_fsid64), attr_value_fsid),
    FIELD(ATTR_CMNEXT_CLONEID, 8, va_clone_id),
    FIELD(ATTR_CMNEXT_EXT_FLAGS, 8, va_extflags),
    FIELD(ATTR_CMNEXT_RECURSIVE_GENCOUNT, 8, va_recursive_gencount),
    FIELD(ATTR_CMNEXT_ATTRIBUTION_TAG, 8, va_attribution_tag),
    FIELD(ATTR_CMNEXT_CLONE_REFCNT, 4, va_clone_refcnt),
    {0},
};

const struct attr_row *attr_table(enum attr_group group)
{
    static const struct attr_row *const tables[ATTR_GROUPS] = {
        [ATTR_COMMON] = common, [ATTR_DIR] = dir, [ATTR_FILE] = file, [ATTR_EXTENDED] = extended};
    return tables[group];
}

attrgroup_t attr_wanted(const struct attrlist *list, enum attr_group group, enum vtype type,
                        bool with_extended)
{
    switch (group) {
    case ATTR_COMMON:
        return list->commonattr & ~ATTR_CMN_RETURNED_ATTRS;
    case ATTR_DIR:
        return type == VDIR || type == VNON ? list->dirattr : 0;
    case ATTR_FILE:
        return type != VDIR ? list->fileattr : 0;
    default:
        return with_extended ? list->forkattr : 0;
    }
}
