// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where the values of an attribute list come from: mostly a field that the file system answered, else what
 * VFS knows of the vnode and its mount, or a value that follows from another one.
 *
 * Takes no lock; building a path takes the vnodes' briefly. Called by attr_pack.c.
 */
#include <sys/kauth.h>
#include <sys/stat.h>
#include <string.h>

#include "vfs/attr_internal.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"

#define NOBODY_ID     99u   /* stands for "whoever asks" on volumes whose owners are not known */
#define ENCODING_UTF8 0x7eu /* names are Unicode */

#define SUPPORTED(pack, field) VATTR_IS_SUPPORTED((pack)->va, field)

static enum attr_known give(struct attr_value *out, const void *value, size_t size)
{
    memcpy(out->fixed, value, size);
    return ATTR_PRESENT;
}

static enum attr_known give32(struct attr_value *out, uint32_t value)
{
    return give(out, &value, sizeof(value));
}

static enum attr_known give64(struct attr_value *out, uint64_t value)
{
    return give(out, &value, sizeof(value));
}

static enum attr_known give_string(struct attr_value *out, const char *string)
{
    out->data = string;
    out->len = strlen(string) + 1;
    return ATTR_PRESENT;
}

enum attr_known attr_value_get(struct attr_pack *pack, const struct attr_row *row, struct attr_value *out)
{
    *out = (struct attr_value){.data = NULL};
    if (row->value)
        return row->value(pack, row, out);
    if (row->asks & ~pack->va->va_supported)
        return ATTR_ABSENT;
    return give(out, (const char *)pack->va + row->offset, row->size);
}

/* ---- names and paths ----------------------------------------------------------------------------------- */

static const char *last_component(const char *path)
{
    const char *last = path;
    for (; *path; path++) {
        if (path[0] == '/' && path[1])
            last = path + 1;
    }
    return last;
}

void attr_value_begin(struct attr_pack *pack)
{
    if (pack->vp && !vnode_isvroot(pack->vp))
        pack->name = vnode_getname(pack->vp);
}

void attr_value_end(struct attr_pack *pack)
{
    vnode_putname(pack->name);
    for (unsigned i = 0; i < 2; i++)
        kern_free(pack->paths[i], MAXPATHLEN);
}

ATTR_VALUE_FN(attr_value_name)
{
    (void)row;
    if (SUPPORTED(pack, va_name) && pack->va->va_name)
        return give_string(out, pack->va->va_name);
    if (pack->vp && vnode_isvroot(pack->vp))
        return give_string(out, last_component(vfs_statfs(vnode_mount(pack->vp))->f_mntonname));
    return give_string(out, pack->name ? pack->name : "");
}

static enum attr_known give_path(struct attr_pack *pack, struct attr_value *out, bool in_volume)
{
    int len = MAXPATHLEN;
    if (!pack->vp)
        return ATTR_ABSENT;
    char **path = &pack->paths[in_volume];
    if (!*path) {
        *path = kern_alloc(MAXPATHLEN, "attr path");
        if (vnode_path(pack->vp, *path, &len, in_volume))
            **path = '\0';
    }
    return **path ? give_string(out, *path) : ATTR_ABSENT;
}

ATTR_VALUE_FN(attr_value_fullpath)
{
    (void)row;
    return give_path(pack, out, false);
}

ATTR_VALUE_FN(attr_value_relpath)
{
    (void)row;
    return give_path(pack, out, true);
}

/* ---- the object and its volume ------------------------------------------------------------------------- */

/* The mount whose numbers are the object's. */
static mount_t mount_of(const struct attr_pack *pack)
{
    return pack->mp ? pack->mp : pack->vp ? vnode_mount(pack->vp) : NULL;
}

ATTR_VALUE_FN(attr_value_error)
{
    (void)row;
    return !pack->returned || pack->pack_empty ? give32(out, 0) : ATTR_ABSENT;
}

ATTR_VALUE_FN(attr_value_devid)
{
    mount_t mp = mount_of(pack);
    if (row->bit == ATTR_CMN_DEVID && !pack->mp && SUPPORTED(pack, va_fsid))
        return give32(out, pack->va->va_fsid);
    if (mp)
        return give32(out, (uint32_t)vfs_statfs(mp)->f_fsid.val[0]);
    return SUPPORTED(pack, va_devid) ? give32(out, pack->va->va_devid) : ATTR_ABSENT;
}

ATTR_VALUE_FN(attr_value_fsid)
{
    mount_t mp = mount_of(pack);
    if (row->bit == ATTR_CMN_FSID && !pack->mp && SUPPORTED(pack, va_fsid64))
        return give(out, &pack->va->va_fsid64, sizeof(fsid_t));
    if (mp)
        return give(out, &vfs_statfs(mp)->f_fsid, sizeof(fsid_t));
    return SUPPORTED(pack, va_fsid64) ? give(out, &pack->va->va_fsid64, sizeof(fsid_t)) : ATTR_EMPTY;
}

ATTR_VALUE_FN(attr_value_objtype)
{
    (void)row;
    if (pack->vp)
        return give32(out, pack->type);
    return SUPPORTED(pack, va_objtype) ? give32(out, pack->va->va_objtype) : ATTR_ABSENT;
}

ATTR_VALUE_FN(attr_value_objtag)
{
    (void)row;
    if (pack->vp)
        return give32(out, (uint32_t)vnode_tag(pack->vp));
    return SUPPORTED(pack, va_objtag) ? give32(out, pack->va->va_objtag) : ATTR_ABSENT;
}

/* An object number: 64 bits where the file system says that it means them, else 32 and no generation. */
static enum attr_known give_id(const struct attr_pack *pack, struct attr_value *out, uint64_t number)
{
    if (pack->va->va_vaflags & VA_64BITOBJIDS)
        return give64(out, number);
    return give(out, &(fsobj_id_t){.fid_objno = (uint32_t)number}, sizeof(fsobj_id_t));
}

ATTR_VALUE_FN(attr_value_objid)
{
    (void)row;
    if (SUPPORTED(pack, va_linkid))
        return give_id(pack, out, pack->va->va_linkid);
    return SUPPORTED(pack, va_fileid) ? give_id(pack, out, pack->va->va_fileid) : ATTR_ABSENT;
}

ATTR_VALUE_FN(attr_value_parobjid)
{
    (void)row;
    return SUPPORTED(pack, va_parentid) ? give_id(pack, out, pack->va->va_parentid) : ATTR_ABSENT;
}

ATTR_VALUE_FN(attr_value_linkid)
{
    (void)row;
    if (SUPPORTED(pack, va_linkid))
        return give64(out, pack->va->va_linkid);
    return SUPPORTED(pack, va_fileid) ? give64(out, pack->va->va_fileid) : ATTR_ABSENT;
}

ATTR_VALUE_FN(attr_value_script)
{
    (void)row;
    if (SUPPORTED(pack, va_encoding))
        return give32(out, pack->va->va_encoding);
    return pack->returned ? ATTR_ABSENT : give32(out, ENCODING_UTF8);
}

/* ---- access -------------------------------------------------------------------------------------------- */

static bool owners_unknown(const struct attr_pack *pack)
{
    return pack->mp && (vfs_flags(pack->mp) & MNT_IGNORE_OWNERSHIP);
}

ATTR_VALUE_FN(attr_value_owner)
{
    (void)row;
    if (!SUPPORTED(pack, va_uid))
        return ATTR_ABSENT;
    if (pack->va->va_uid == NOBODY_ID && owners_unknown(pack))
        return give32(out, kauth_cred_getuid(vfs_context_ucred(pack->ctx)));
    return give32(out, pack->va->va_uid);
}

ATTR_VALUE_FN(attr_value_group)
{
    (void)row;
    if (!SUPPORTED(pack, va_gid))
        return ATTR_ABSENT;
    if (pack->va->va_gid == NOBODY_ID && owners_unknown(pack))
        return give32(out, kauth_cred_getgid(vfs_context_ucred(pack->ctx)));
    return give32(out, pack->va->va_gid);
}

ATTR_VALUE_FN(attr_value_mode)
{
    (void)row;
    if (!SUPPORTED(pack, va_mode))
        return ATTR_ABSENT;
    return give32(out, pack->va->va_mode | (pack->vp ? (uint32_t)VTTOIF(pack->type) : 0));
}

/* Packed as a filesec: a header without owners, then the list. */
ATTR_VALUE_FN(attr_value_acl)
{
    static const struct kauth_filesec header = {.fsec_magic = KAUTH_FILESEC_MAGIC};
    const struct kauth_acl *acl = pack->va->va_acl;
    (void)row;
    if (!SUPPORTED(pack, va_acl))
        return ATTR_ABSENT;
    if (!acl)
        return ATTR_EMPTY;
    out->data = &header;
    out->len = offsetof(struct kauth_filesec, fsec_acl);
    out->more = acl;
    out->more_len = KAUTH_ACL_COPYSIZE(acl);
    return ATTR_PRESENT;
}

/* ---- directories and files ----------------------------------------------------------------------------- */

ATTR_VALUE_FN(attr_value_dirlinks)
{
    (void)row;
    return give32(out, SUPPORTED(pack, va_dirlinkcount) ? (uint32_t)pack->va->va_dirlinkcount : 1);
}

ATTR_VALUE_FN(attr_value_mountstatus)
{
    (void)row;
    bool is_mount_point = pack->vp && (vnode_isvroot(pack->vp) || vnode_mountedhere(pack->vp));
    return give32(out, is_mount_point ? DIR_MNTSTATUS_MNTPOINT : 0);
}

/* A file system that does not tell its forks apart has the data fork alone. */
ATTR_VALUE_FN(attr_value_alloc)
{
    (void)row;
    if (SUPPORTED(pack, va_data_alloc))
        return give64(out, pack->va->va_data_alloc);
    return SUPPORTED(pack, va_total_alloc) ? give64(out, pack->va->va_total_alloc) : ATTR_ABSENT;
}

ATTR_VALUE_FN(attr_value_total_alloc)
{
    (void)row;
    return SUPPORTED(pack, va_total_alloc) ? give64(out, pack->va->va_total_alloc) : ATTR_ABSENT;
}

ATTR_VALUE_FN(attr_value_length)
{
    (void)row;
    if (SUPPORTED(pack, va_data_size))
        return give64(out, pack->va->va_data_size);
    return SUPPORTED(pack, va_total_size) ? give64(out, pack->va->va_total_size) : ATTR_ABSENT;
}

/* A file has none any more. */
ATTR_VALUE_FN(attr_value_clump)
{
    (void)row;
    return !pack->returned || pack->pack_empty ? give32(out, 0) : ATTR_ABSENT;
}

ATTR_VALUE_FN(attr_value_devtype)
{
    (void)row;
    if (pack->vp && (pack->type == VCHR || pack->type == VBLK))
        return give32(out, (uint32_t)vnode_specrdev(pack->vp));
    if (pack->vp)
        return give32(out, 0);
    return SUPPORTED(pack, va_rdev) ? give32(out, (uint32_t)pack->va->va_rdev) : ATTR_ABSENT;
}
