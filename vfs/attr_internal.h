// SPDX-License-Identifier: BSD-2-Clause
/*
 * attr_internal.h: attribute lists (getattrlist's packed form): the table of attributes, where the value of
 * each comes from, and one packing under way. Shared by attr_table.c, attr_value.c and attr_pack.c.
 */
#ifndef KEXTBED_VFS_ATTR_INTERNAL_H
#define KEXTBED_VFS_ATTR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/attr.h>
#include <sys/mount.h>
#include <sys/vnode.h>

enum attr_group { ATTR_COMMON, ATTR_DIR, ATTR_FILE, ATTR_EXTENDED, ATTR_GROUPS };

/* What is known of an attribute. Absent: nobody can say. Empty: there is none, which is no error. */
enum attr_known { ATTR_ABSENT, ATTR_EMPTY, ATTR_PRESENT };

/* The bytes of one attribute: in `fixed`, or for one of variable size the two pieces one after the other. */
struct attr_value {
    uint8_t fixed[32];
    const void *data, *more;
    size_t len, more_len;
};

/* One packing under way, on the stack of its call. */
struct attr_pack {
    mount_t mp; /* given by the caller, or NULL */
    vnode_t vp; /* with the caller's iocount, or NULL */
    const struct attrlist *list;
    const struct vnode_attr *va; /* what the file system answered */
    vfs_context_t ctx;
    enum vtype type;
    bool extended;   /* forkattr holds extended common attributes */
    bool returned;   /* the set of attributes that follow is wanted: what is absent is left out */
    bool pack_empty; /* ...but its room is not */
    const char *name;
    char *paths[2]; /* whole, in the volume; MAXPATHLEN bytes each, NULL until they are needed */
};

struct attr_row {
    attrgroup_t bit;
    uint8_t size;    /* bytes in the fixed part */
    bool variable;   /* the fixed part is an attrreference */
    uint16_t offset; /* in struct vnode_attr, of a plain field */
    uint64_t asks;   /* VNODE_ATTR_* bits that the file system is asked for */
    /* NULL: the plain field. @row is this row. */
    enum attr_known (*value)(struct attr_pack *pack, const struct attr_row *row, struct attr_value *out);
};

/** attr_table - the rows of a group in the order of packing; ends with bit 0. */
const struct attr_row *attr_table(enum attr_group group);
/** attr_wanted - the attributes of @group that @list asks for, for an object of @type (VNON: not known). */
attrgroup_t attr_wanted(const struct attrlist *list, enum attr_group group, enum vtype type, bool extended);

/* attr_value.c */
enum attr_known attr_value_get(struct attr_pack *pack, const struct attr_row *row, struct attr_value *out);
/** attr_value_begin, _end - name and paths of the object. The second frees what the values point to. */
void attr_value_begin(struct attr_pack *pack);
void attr_value_end(struct attr_pack *pack);
#define ATTR_VALUE_FN(name)                                                                                  \
    enum attr_known name(struct attr_pack *pack, const struct attr_row *row, struct attr_value *out)
ATTR_VALUE_FN(attr_value_error);
ATTR_VALUE_FN(attr_value_name);
ATTR_VALUE_FN(attr_value_devid);
ATTR_VALUE_FN(attr_value_fsid);
ATTR_VALUE_FN(attr_value_objtype);
ATTR_VALUE_FN(attr_value_objtag);
ATTR_VALUE_FN(attr_value_objid);
ATTR_VALUE_FN(attr_value_parobjid);
ATTR_VALUE_FN(attr_value_script);
ATTR_VALUE_FN(attr_value_owner);
ATTR_VALUE_FN(attr_value_group);
ATTR_VALUE_FN(attr_value_mode);
ATTR_VALUE_FN(attr_value_acl);
ATTR_VALUE_FN(attr_value_fullpath);
ATTR_VALUE_FN(attr_value_dirlinks);
ATTR_VALUE_FN(attr_value_mountstatus);
ATTR_VALUE_FN(attr_value_alloc);
ATTR_VALUE_FN(attr_value_total_alloc);
ATTR_VALUE_FN(attr_value_length);
ATTR_VALUE_FN(attr_value_clump);
ATTR_VALUE_FN(attr_value_devtype);
ATTR_VALUE_FN(attr_value_relpath);
ATTR_VALUE_FN(attr_value_linkid);

#endif
