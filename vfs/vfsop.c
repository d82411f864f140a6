// SPDX-License-Identifier: BSD-2-Clause
/*
 * VFS operations that are described by descriptor and vector: their descriptors, the vector of a type, and
 * the calls. An operation is added by a descriptor, a place in the enumeration and a call below; what a type
 * that does not know it answers is decided in the call.
 *
 * Takes no lock. Called by vfs_register.c, mount_life.c, suspend_run.c, the system-call layer.
 */
#include <sys/errno.h>
#include <sys/syslog.h>
#include <sys/vfs_operation.h>

#include "vfs/mount_internal.h"

/* Places in a vector. New ones go to the end. */
enum {
    VFSOP_DEFAULT,
    VFSOP_INIT,
    VFSOP_UNINIT,
    VFSOP_EXTEND,
    VFSOP_TRUNCATE,
    VFSOP_UPDATE,
    VFSOP_RELOAD,
    VFSOP_SUSPEND,
    VFSOP_RESUME,
    VFSOP_COUNT
};

struct vfsop_desc {
    unsigned vod_offset;
};
struct vfsop_desc vfsop_default_desc = {VFSOP_DEFAULT};
struct vfsop_desc vfsop_init_desc = {VFSOP_INIT};
struct vfsop_desc vfsop_uninit_desc = {VFSOP_UNINIT};
struct vfsop_desc vfsop_extend_desc = {VFSOP_EXTEND};
struct vfsop_desc vfsop_truncate_desc = {VFSOP_TRUNCATE};
struct vfsop_desc vfsop_update_desc = {VFSOP_UPDATE};
struct vfsop_desc vfsop_reload_desc = {VFSOP_RELOAD};
struct vfsop_desc vfsop_suspend_desc = {VFSOP_SUSPEND};
struct vfsop_desc vfsop_resume_desc = {VFSOP_RESUME};

static struct vfsop_desc *const descs[VFSOP_COUNT] = {
    &vfsop_default_desc, &vfsop_init_desc,   &vfsop_uninit_desc,  &vfsop_extend_desc, &vfsop_truncate_desc,
    &vfsop_update_desc,  &vfsop_reload_desc, &vfsop_suspend_desc, &vfsop_resume_desc,
};

/* ---- vectors ------------------------------------------------------------------------------------------- */

static bool desc_exists(const struct vfsop_desc *desc)
{
    for (unsigned i = 0; i < VFSOP_COUNT; i++) {
        if (descs[i] == desc)
            return true;
    }
    return false;
}

int vfsop_vector_build(const struct vfs_fsentry *entry, vfsop_vector_t *vector)
{
    *vector = NULL;
    if (!(entry->vfe_flags & VFS_TBLVFSOPV))
        return 0;
    const struct vfsopv_desc *desc = entry->vfe_reserv[0];
    if (!desc || !desc->opv_desc_ops) {
        kern_log(LOG_ERR, "vfs_fsadd: %s: VFS_TBLVFSOPV without a vector of VFS operations\n",
                 entry->vfe_fsname);
        return EINVAL;
    }
    vfsop_vector_t ops = kern_alloc(VFSOP_COUNT * sizeof(*ops), "vfsop vector");
    for (const struct vfsopv_entry_desc *op = desc->opv_desc_ops; op->opve_op; op++) {
        if (!desc_exists(op->opve_op)) {
            kern_log(LOG_ERR, "vfs_fsadd: %s: entry %d of the VFS operations names one that does not exist\n",
                     entry->vfe_fsname, (int)(op - desc->opv_desc_ops));
            vfsop_vector_free(ops);
            return EINVAL;
        }
        ops[op->opve_op->vod_offset] = op->opve_impl;
    }
    *vector = ops;
    return 0;
}

void vfsop_vector_free(vfsop_vector_t vector)
{
    if (vector)
        kern_free(vector, VFSOP_COUNT * sizeof(*vector));
}

bool vfsop_vector_in_range(vfsop_vector_t vector, const void *start, const void *end)
{
    for (unsigned i = 0; vector && i < VFSOP_COUNT; i++) {
        uintptr_t op = (uintptr_t)vector[i];
        if (op >= (uintptr_t)start && op < (uintptr_t)end)
            return true;
    }
    return false;
}

/* What the type does for an operation; NULL: nothing of its own. */
static int (*op_of(const struct vfstable *type, unsigned offset))(void *)
{
    vfsop_vector_t ops = type->vfc_vfsops;
    return !ops ? NULL : ops[offset] ? ops[offset] : ops[VFSOP_DEFAULT];
}

static int call(const struct vfstable *type, unsigned offset, void *args, int without)
{
    int (*op)(void *) = op_of(type, offset);
    return op ? op(args) : without;
}

/* ---- the calls ----------------------------------------------------------------------------------------- */

int VFS_INIT(struct vfstable *type, struct vfsconf *conf)
{
    struct vfsop_init_args args = {.a_desc = &vfsop_init_desc, .a_conf = conf};
    /* A default is for what may be asked of a mount. */
    return type->vfc_vfsops && type->vfc_vfsops[VFSOP_INIT] ? type->vfc_vfsops[VFSOP_INIT](&args) : 0;
}

int VFS_UNINIT(struct vfstable *type, struct vfsconf *conf)
{
    struct vfsop_uninit_args args = {.a_desc = &vfsop_uninit_desc, .a_conf = conf};
    return type->vfc_vfsops && type->vfc_vfsops[VFSOP_UNINIT] ? type->vfc_vfsops[VFSOP_UNINIT](&args) : 0;
}

int VFS_EXTEND(mount_t mp, uint64_t bytes, vfs_context_t ctx)
{
    struct vfsop_extend_args args = {
        .a_desc = &vfsop_extend_desc, .a_mp = mp, .a_bytes = bytes, .a_context = ctx};
    return call(mp->mnt_type, VFSOP_EXTEND, &args, ENOTSUP);
}

int VFS_TRUNCATE(mount_t mp, uint64_t bytes, vfs_context_t ctx)
{
    struct vfsop_truncate_args args = {
        .a_desc = &vfsop_truncate_desc, .a_mp = mp, .a_bytes = bytes, .a_context = ctx};
    return call(mp->mnt_type, VFSOP_TRUNCATE, &args, ENOTSUP);
}

int VFS_UPDATE(mount_t mp, uint64_t flags, vnode_t devvp, user_addr_t data, vfs_context_t ctx)
{
    struct vfsop_update_args args = {.a_desc = &vfsop_update_desc,
                                     .a_mp = mp,
                                     .a_flags = flags,
                                     .a_devvp = devvp,
                                     .a_data = data,
                                     .a_context = ctx};
    return op_of(mp->mnt_type, VFSOP_UPDATE) ? call(mp->mnt_type, VFSOP_UPDATE, &args, 0)
                                             : VFS_MOUNT(mp, devvp, data, ctx);
}

int VFS_RELOAD(mount_t mp, vnode_t devvp, user_addr_t data, vfs_context_t ctx)
{
    struct vfsop_reload_args args = {
        .a_desc = &vfsop_reload_desc, .a_mp = mp, .a_devvp = devvp, .a_context = ctx};
    return op_of(mp->mnt_type, VFSOP_RELOAD) ? call(mp->mnt_type, VFSOP_RELOAD, &args, 0)
                                             : VFS_MOUNT(mp, devvp, data, ctx);
}

int VFS_SUSPEND(mount_t mp, vfs_context_t ctx)
{
    struct vfsop_suspend_args args = {.a_desc = &vfsop_suspend_desc, .a_mp = mp, .a_context = ctx};
    return call(mp->mnt_type, VFSOP_SUSPEND, &args, 0);
}

int VFS_RESUME(mount_t mp, vfs_context_t ctx)
{
    struct vfsop_resume_args args = {.a_desc = &vfsop_resume_desc, .a_mp = mp, .a_context = ctx};
    return call(mp->mnt_type, VFSOP_RESUME, &args, 0);
}
