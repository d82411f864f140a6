// SPDX-License-Identifier: BSD-2-Clause
/*
 * Finding a name. VFS asks the name cache before it asks here.
 */
#include "ext2fs.h"

static int ino_by_name(struct ext2_inode *dir, struct componentname *cnp, uint32_t *ino)
{
    struct ext2_name name = {0};
    int error;

    lck_rw_lock_shared(dir->i_lock);
    if (cnp->cn_flags & ISDOTDOT)
        error = ext2_dir_parent(dir, &name.ino);
    else
        error = ext2_dir_find(dir, cnp->cn_nameptr, (size_t)cnp->cn_namelen, &name);
    lck_rw_unlock_shared(dir->i_lock);
    *ino = name.ino;
    return error;
}

int ext2_vnop_lookup(struct vnop_lookup_args *ap)
{
    vnode_t dvp = ap->a_dvp;
    struct componentname *cnp = ap->a_cnp;
    boolean_t dotdot = (cnp->cn_flags & ISDOTDOT) != 0;
    struct ext2_inode *dir = vtoi(dvp);
    uint32_t ino;

    *ap->a_vpp = NULLVP;
    if (!vnode_isdir(dvp))
        return ENOTDIR;
    if ((uint32_t)cnp->cn_namelen > E2_NAME_MAX)
        return ENAMETOOLONG;
    if (cnp->cn_namelen == 1 && cnp->cn_nameptr[0] == '.') {
        int error = vnode_get(dvp);
        *ap->a_vpp = error ? NULLVP : dvp;
        return error;
    }
    int error = ino_by_name(dir, cnp, &ino);
    if (error == ENOENT && (cnp->cn_flags & ISLASTCN) &&
        (cnp->cn_nameiop == CREATE || cnp->cn_nameiop == RENAME))
        return dir->i_mount->m_rdonly ? EROFS : EJUSTRETURN;
    if (error == ENOENT && (cnp->cn_flags & MAKEENTRY) && cnp->cn_nameiop == LOOKUP && dir->i_mount->m_rdonly)
        cache_enter(dvp, NULLVP, cnp);
    if (error)
        return error;
    error = ext2_inode_get(dir->i_mount, ino, dotdot ? NULLVP : dvp, dotdot ? NULL : cnp, ap->a_vpp);
    if (error == ESTALE)
        error = ext2_damaged(dir->i_mount, "directory %u: a name leads to file %u, which is not in use",
                             dir->i_ino, ino);
    if (!error && dotdot && !vnode_isdir(*ap->a_vpp)) {
        vnode_put(*ap->a_vpp);
        *ap->a_vpp = NULLVP;
        error = ext2_damaged(dir->i_mount, "directory %u: \"..\" leads to file %u, which is no directory",
                             dir->i_ino, ino);
    }
    if (!error && !dotdot && (cnp->cn_flags & MAKEENTRY) && dir->i_mount->m_rdonly)
        cache_enter(dvp, *ap->a_vpp, cnp);
    return error;
}
