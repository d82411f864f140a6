// SPDX-License-Identifier: BSD-2-Clause
/*
 * File handles: a name for a file that stays valid when its vnode is recycled and nobody remembers how it was
 * found, for servers of files. A type makes its own (VFS_VPTOFH, VFS_FHTOVP); for one that finds files by
 * number (VFS_VGET) and tells a generation VFS makes them.
 *
 * A handle begins with the mount's file-system id, so that one of another file system is stale and not
 * another file. No lock. Called by kexts (KPI), the system-call layer.
 */
#include <sys/errno.h>
#include <sys/vfs_handle.h>
#include <string.h>

#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"

#define KIND_TYPE   1u /* the type's own bytes follow */
#define KIND_NUMBER 2u /* a struct numbered follows */

struct head {
    fsid_t fsid;
    uint32_t kind;
};
struct numbered {
    uint64_t ino;
    uint32_t generation;
};
#define ROOM (NFS_MAX_FH_SIZE - sizeof(struct head))

/* Number and generation, where the file system tells both. */
static int number_of(vnode_t vp, struct numbered *number, vfs_context_t ctx)
{
    struct vnode_attr va;
    VATTR_INIT(&va);
    VATTR_WANTED(&va, va_fileid);
    VATTR_WANTED(&va, va_gen);
    int error = vnode_getattr(vp, &va, ctx);
    if (!error && (!VATTR_IS_SUPPORTED(&va, va_fileid) || !VATTR_IS_SUPPORTED(&va, va_gen)))
        error = ENOTSUP;
    if (!error) {
        memset(number, 0, sizeof(*number));
        number->ino = va.va_fileid;
        number->generation = va.va_gen;
    }
    return error;
}

errno_t vfs_vptofh(vnode_t vp, fhandle_t *fhp, vfs_context_t ctx)
{
    mount_t mp = vnode_mount(vp);
    struct head head = {.fsid = vfs_statfs(mp)->f_fsid, .kind = KIND_TYPE};
    unsigned char *bytes = fhp->fh_data + sizeof(head);
    struct numbered number;
    int len = (int)ROOM;

    int error = VFS_VPTOFH(vp, &len, bytes, ctx);
    if (!error && (len < 0 || (size_t)len > ROOM))
        error = EOVERFLOW;
    if (error == ENOTSUP && mp->mnt_op->vfs_vget) {
        error = number_of(vp, &number, ctx);
        head.kind = KIND_NUMBER;
        len = (int)sizeof(number);
        if (!error)
            memcpy(bytes, &number, sizeof(number));
    }
    if (error)
        return error;
    memcpy(fhp->fh_data, &head, sizeof(head));
    fhp->fh_len = (unsigned)(sizeof(head) + (size_t)len);
    return 0;
}

static int find_numbered(mount_t mp, const unsigned char *bytes, size_t len, vnode_t *vpp, vfs_context_t ctx)
{
    struct numbered wanted, found;
    if (len != sizeof(wanted))
        return ESTALE;
    memcpy(&wanted, bytes, sizeof(wanted));
    int error = VFS_VGET(mp, wanted.ino, vpp, ctx);
    if (error)
        return error == ENOENT ? ESTALE : error;
    error = number_of(*vpp, &found, ctx);
    if (!error && (found.ino != wanted.ino || found.generation != wanted.generation))
        error = ESTALE;
    if (error) {
        vnode_put(*vpp);
        *vpp = NULLVP;
    }
    return error;
}

errno_t vfs_fhtovp(mount_t mp, const fhandle_t *fhp, vnode_t *vpp, vfs_context_t ctx)
{
    struct head head;
    const fsid_t *fsid = &vfs_statfs(mp)->f_fsid;
    unsigned char bytes[ROOM];

    *vpp = NULLVP;
    if (fhp->fh_len < sizeof(head) || fhp->fh_len > NFS_MAX_FH_SIZE)
        return ESTALE;
    memcpy(&head, fhp->fh_data, sizeof(head));
    if (head.fsid.val[0] != fsid->val[0] || head.fsid.val[1] != fsid->val[1])
        return ESTALE;
    size_t len = fhp->fh_len - sizeof(head);
    memcpy(bytes, fhp->fh_data + sizeof(head), len);
    if (head.kind == KIND_NUMBER)
        return find_numbered(mp, bytes, len, vpp, ctx);
    if (head.kind != KIND_TYPE)
        return ESTALE;
    int error = VFS_FHTOVP(mp, (int)len, bytes, vpp, ctx);
    return error == ENOENT || error == ENOTSUP ? ESTALE : error;
}
