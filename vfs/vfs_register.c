// SPDX-License-Identifier: BSD-2-Clause
/*
 * Registered types of file system: vfs_fsadd() and vfs_fsremove(), and the operation vectors built for them.
 *
 * A vector has one function for each operation there is; what the type does not name gets the vector's
 * default. Mistakes that make a vector unusable (no default, an operation that does not exist) are refused
 * with EINVAL and a line in the log, before anything is stored where the type could see it.
 *
 * Locks: the mount list lock (rank 100) for the list of types. Init and uninit are called without it.
 * Called by kexts (KPI), the root file system, mount_life.c.
 */
#include <sys/syslog.h>
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "vfs/device_internal.h"
#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_internal.h"
#include "vfs/vnode_special_internal.h"

#define FIRST_FREE_TYPENUM 40 /* below are the numbers that historic types have */
#define VECTORS_MAX        8

static TAILQ_HEAD(, vfstable) types = TAILQ_HEAD_INITIALIZER(types); /* list lock */

/* ---- vectors ------------------------------------------------------------------------------------------- */

static bool op_exists(const struct vnodeop_desc *desc)
{
    for (unsigned i = 0; i < vnop_desc_count; i++) {
        if (vnop_descs[i] == desc)
            return true;
    }
    return false;
}

size_t vnode_vector_size(void)
{
    return vnop_desc_count * sizeof(int (*)(void *));
}

int vnode_vector_build(const struct vnodeopv_desc *desc, const char *owner, vnode_vector_t *vector)
{
    vnode_vector_t ops = kern_alloc(vnode_vector_size(), "vnode vector");
    int error = EINVAL;
    for (const struct vnodeopv_entry_desc *entry = desc->opv_desc_ops; entry->opve_op; entry++) {
        if (!op_exists(entry->opve_op)) {
            kern_log(LOG_ERR, "vfs_fsadd: %s: entry %d of a vector names an operation that does not exist\n",
                     owner, (int)(entry - desc->opv_desc_ops));
            goto out;
        }
        ops[entry->opve_op->vdesc_offset] = entry->opve_impl;
    }
    if (!ops[vnop_default_desc.vdesc_offset]) {
        kern_log(LOG_ERR, "vfs_fsadd: %s: a vector has no vnop_default_desc entry\n", owner);
        goto out;
    }
    for (unsigned i = 0; i < vnop_desc_count; i++) {
        if (!ops[i])
            ops[i] = ops[0];
    }
    *vector = ops;
    ops = NULL;
    error = 0;
out:
    kern_free(ops, vnode_vector_size());
    return error;
}

static bool vectors_have(const struct vfstable *type, const struct vnodeop_desc *desc)
{
    for (int i = 0; i < type->vfc_vector_count; i++) {
        vnode_vector_t ops = type->vfc_vectors[i].vv_ops;
        int (*op)(void *) = ops[desc->vdesc_offset];
        if (op != ops[0] && !vnode_op_is_stock(desc, op))
            return true;
    }
    return false;
}

/* ---- registration -------------------------------------------------------------------------------------- */

static int entry_check(const struct vfs_fsentry *entry)
{
    const char *why = NULL;
    if (!entry->vfe_vfsops)
        why = "no VFS operations";
    else if (!entry->vfe_opvdescs || entry->vfe_vopcnt < 1 || entry->vfe_vopcnt > VECTORS_MAX)
        why = "the number of operation vectors is not 1 to 8";
    else if (!entry->vfe_fsname[0] ||
             strnlen(entry->vfe_fsname, sizeof(entry->vfe_fsname)) == sizeof(entry->vfe_fsname))
        why = "the name is empty or not terminated";
    else if (!(entry->vfe_flags & (VFS_TBLTHREADSAFE | VFS_TBLFSNODELOCK)))
        why = "neither VFS_TBLTHREADSAFE nor VFS_TBLFSNODELOCK is set; VFS serialises nothing";
    if (why)
        kern_log(LOG_ERR, "vfs_fsadd: %.*s: %s\n", (int)sizeof(entry->vfe_fsname), entry->vfe_fsname, why);
    return why ? EINVAL : 0;
}

static void vectors_free(struct vfstable *type)
{
    for (int i = 0; i < type->vfc_vector_count; i++)
        kern_free(type->vfc_vectors[i].vv_ops, vnode_vector_size());
    type->vfc_vector_count = 0;
}

static int vectors_make(struct vfstable *type, const struct vfs_fsentry *entry)
{
    for (int i = 0; i < entry->vfe_vopcnt; i++) {
        const struct vnodeopv_desc *desc = entry->vfe_opvdescs[i];
        int error = vnode_vector_build(desc, type->vfc_name, &type->vfc_vectors[i].vv_ops);
        if (error) {
            vectors_free(type);
            return error;
        }
        type->vfc_vectors[i].vv_desc = desc;
        type->vfc_vector_count++;
    }
    return 0;
}

/* List lock held. */
static struct vfstable *find_type(const char *name, int typenum)
{
    struct vfstable *type;
    TAILQ_FOREACH(type, &types, vfc_list)
    {
        if (name ? strcmp(type->vfc_name, name) == 0 : type->vfc_typenum == typenum)
            return type;
    }
    return NULL;
}

/* Give @type its number and its place in the list. */
static int type_enter(struct vfstable *type, const struct vfs_fsentry *entry)
{
    int error = 0;
    mount_list_lock();
    if (find_type(type->vfc_name, 0)) {
        kern_log(LOG_ERR, "vfs_fsadd: %s: the name is taken\n", type->vfc_name);
        error = EEXIST;
    } else {
        type->vfc_typenum = entry->vfe_fstypenum;
        if (entry->vfe_flags & VFS_TBLNOTYPENUM) {
            type->vfc_typenum = FIRST_FREE_TYPENUM;
            while (find_type(NULL, type->vfc_typenum))
                type->vfc_typenum++;
        }
        TAILQ_INSERT_TAIL(&types, type, vfc_list);
    }
    mount_list_unlock();
    return error;
}

static struct vfsconf type_conf(const struct vfstable *type)
{
    struct vfsconf conf = {.vfc_typenum = type->vfc_typenum};
    if (type->vfc_flags & VFS_TBLLOCALVOL)
        conf.vfc_flags = MNT_LOCAL;
    strlcpy(conf.vfc_name, type->vfc_name, sizeof(conf.vfc_name));
    return conf;
}

static int type_init(struct vfstable *type)
{
    struct vfsconf conf = type_conf(type);
    int error = type->vfc_ops->vfs_init ? type->vfc_ops->vfs_init(&conf) : 0;
    if (!error)
        error = VFS_INIT(type, &conf);
    if (error)
        kern_log(LOG_ERR, "vfs_fsadd: %s: vfs_init failed with error %d\n", type->vfc_name, error);
    return error;
}

static void type_leave(struct vfstable *type)
{
    mount_list_lock();
    TAILQ_REMOVE(&types, type, vfc_list);
    mount_list_unlock();
    vectors_free(type);
    vfsop_vector_free(type->vfc_vfsops);
    kern_free(type, sizeof(*type));
}

static int type_add(struct vfs_fsentry *entry, bool internal, vfstable_t *handle)
{
    if (!entry || !handle || entry_check(entry))
        return EINVAL;
    struct vfstable *type = kern_alloc(sizeof(*type), "vfstable");
    type->vfc_ops = entry->vfe_vfsops;
    type->vfc_flags = entry->vfe_flags;
    type->vfc_internal = internal;
    type->vfc_leaving = true; /* until it is complete, nothing mounts it */
    strlcpy(type->vfc_name, entry->vfe_fsname, sizeof(type->vfc_name));
    int error = vfsop_vector_build(entry, &type->vfc_vfsops);
    if (!error)
        error = vectors_make(type, entry);
    if (error)
        goto free_type;
    type->vfc_has_open = vectors_have(type, &vnop_open_desc);
    type->vfc_has_close = vectors_have(type, &vnop_close_desc);
    type->vfc_has_xattr = (entry->vfe_flags & VFS_TBLNATIVEXATTR) || vectors_have(type, &vnop_getxattr_desc);
    error = type_enter(type, entry);
    if (error)
        goto free_vectors;

    for (int i = 0; i < type->vfc_vector_count; i++)
        *type->vfc_vectors[i].vv_desc->opv_desc_vector_p = type->vfc_vectors[i].vv_ops;
    error = type_init(type);
    if (error) {
        for (int i = 0; i < type->vfc_vector_count; i++)
            *type->vfc_vectors[i].vv_desc->opv_desc_vector_p = NULL;
        type_leave(type);
        return error;
    }
    vfs_type_sysctl_add(type);
    mount_list_lock();
    type->vfc_leaving = false;
    mount_list_unlock();
    *handle = type;
    return 0;

free_vectors:
    vectors_free(type);
free_type:
    vfsop_vector_free(type->vfc_vfsops);
    kern_free(type, sizeof(*type));
    return error;
}

int vfs_fsadd(struct vfs_fsentry *vfe, vfstable_t *handle)
{
    return type_add(vfe, false, handle);
}

int vfs_fsadd_internal(struct vfs_fsentry *entry, vfstable_t *handle)
{
    return type_add(entry, true, handle);
}

int vfs_fsremove(vfstable_t handle)
{
    mount_list_lock();
    struct vfstable *type;
    TAILQ_FOREACH(type, &types, vfc_list)
    {
        if (type == handle)
            break;
    }
    int error = !type ? EINVAL : type->vfc_mounts || type->vfc_leaving ? EBUSY : 0;
    if (!error)
        type->vfc_leaving = true;
    mount_list_unlock();
    if (error)
        return error;
    struct vfsconf conf = type_conf(type);
    error = VFS_UNINIT(type, &conf);
    if (!error) {
        vfs_type_sysctl_remove(type);
        type_leave(type);
        return 0;
    }
    kern_log(LOG_ERR, "vfs_fsremove: %s: its uninit failed with error %d\n", type->vfc_name, error);
    mount_list_lock();
    type->vfc_leaving = false;
    mount_list_unlock();
    return error;
}

struct vfstable *vfs_type_hold(const char *name)
{
    mount_list_lock();
    struct vfstable *type = find_type(name, 0);
    if (type && type->vfc_leaving)
        type = NULL;
    if (type)
        type->vfc_mounts++;
    mount_list_unlock();
    return type;
}

void vfs_type_drop(struct vfstable *type)
{
    mount_list_lock();
    KASSERT(type->vfc_mounts > 0, "type %s: released more often than held", type->vfc_name);
    type->vfc_mounts--;
    mount_list_unlock();
}

uint64_t vfs_register_count(bool internal)
{
    uint64_t n = 0;
    struct vfstable *type;
    mount_list_lock();
    TAILQ_FOREACH(type, &types, vfc_list)
    n += internal || !type->vfc_internal;
    mount_list_unlock();
    return n;
}

/* ---- who uses this code -------------------------------------------------------------------------------- */

static bool in_range(const void *p, const void *start, const void *end)
{
    return (uintptr_t)p >= (uintptr_t)start && (uintptr_t)p < (uintptr_t)end;
}

static bool type_in_range(const struct vfstable *type, const void *start, const void *end)
{
    if (in_range(type->vfc_ops, start, end) || vfsop_vector_in_range(type->vfc_vfsops, start, end))
        return true;
    for (int i = 0; i < type->vfc_vector_count; i++) {
        if (in_range(type->vfc_vectors[i].vv_desc, start, end))
            return true;
        for (unsigned op = 0; op < vnop_desc_count; op++) {
            if (in_range((const void *)(uintptr_t)type->vfc_vectors[i].vv_ops[op], start, end))
                return true;
        }
    }
    return false;
}

/* One sentence about @type and its mounts. List lock held. */
static void type_tell(const struct vfstable *type, char *why, size_t size)
{
    unsigned mounts = 0;
    uint64_t vnodes = 0;
    const char *where = "";
    struct mount *mp;
    TAILQ_FOREACH(mp, &mount_list, mnt_list)
    {
        if (mp->mnt_type != type)
            continue;
        if (mounts++ == 0)
            where = mp->mnt_vfsstat.f_mntonname;
        vnodes += vfs_mount_vnodes(mp);
    }
    if (mounts == 0)
        snprintf(why, size, "file system %s is registered", type->vfc_name);
    else
        snprintf(why, size, "file system %s is registered, %u mount%s (%s%s), %llu vnode%s", type->vfc_name,
                 mounts, mounts == 1 ? "" : "s", where, mounts == 1 ? "" : ", ...",
                 (unsigned long long)vnodes, vnodes == 1 ? "" : "s");
}

bool vfs_range_in_use(const void *start, const void *end, char *why, size_t why_size)
{
    struct vfstable *type;
    mount_list_lock();
    TAILQ_FOREACH(type, &types, vfc_list)
    {
        if (!type_in_range(type, start, end))
            continue;
        if (why)
            type_tell(type, why, why_size);
        break;
    }
    mount_list_unlock();
    return type || device_range_in_use(start, end, why, why_size);
}

bool vfs_range_mounted(const void *start, const void *end)
{
    struct mount *mp;
    mount_list_lock();
    TAILQ_FOREACH(mp, &mount_list, mnt_list)
    {
        if (type_in_range(mp->mnt_type, start, end))
            break;
    }
    mount_list_unlock();
    return mp != NULL;
}
