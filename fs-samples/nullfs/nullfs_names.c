// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on names, passed on to the directories below. What comes back from there as a vnode is answered
 * with ours for it.
 *
 * No lock is held over any call of the lower file system.
 */
#include "nullfs.h"

/* `lower`, with the iocount that an operation below gave, becomes *vpp with one of ours. */
static int answer(vnode_t dvp, vnode_t lower, struct componentname *cnp, vnode_t *vpp)
{
    boolean_t named = cnp && !(cnp->cn_flags & ISDOTDOT);
    int error = nullfs_node_vnode(nullfs_mount_of(dvp), lower, named ? dvp : NULLVP, named ? cnp : NULL, vpp);

    vnode_put(lower);
    return error;
}

int nullfs_vnop_lookup(struct vnop_lookup_args *ap)
{
    vnode_t dvp = ap->a_dvp, lower_dvp, lower;
    struct componentname *cnp = ap->a_cnp;

    *ap->a_vpp = NULLVP;
    if (cnp->cn_namelen == 1 && cnp->cn_nameptr[0] == '.') {
        int error = vnode_get(dvp);
        if (!error)
            *ap->a_vpp = dvp;
        return error;
    }
    int error = nullfs_lower_get(dvp, &lower_dvp);
    if (error)
        return error;
    error = VNOP_LOOKUP(lower_dvp, &lower, cnp, ap->a_context);
    if (!error)
        error = answer(dvp, lower, cnp, ap->a_vpp);
    vnode_put(lower_dvp);
    return error;
}

/* ---- making -------------------------------------------------------------------------------------------- */

int nullfs_vnop_create(struct vnop_create_args *ap)
{
    vnode_t lower_dvp, lower;
    int error = nullfs_lower_get(ap->a_dvp, &lower_dvp);

    if (error)
        return error;
    error = VNOP_CREATE(lower_dvp, &lower, ap->a_cnp, ap->a_vap, ap->a_context);
    if (!error)
        error = answer(ap->a_dvp, lower, ap->a_cnp, ap->a_vpp);
    vnode_put(lower_dvp);
    return error;
}

int nullfs_vnop_mknod(struct vnop_mknod_args *ap)
{
    vnode_t lower_dvp, lower;
    int error = nullfs_lower_get(ap->a_dvp, &lower_dvp);

    if (error)
        return error;
    error = VNOP_MKNOD(lower_dvp, &lower, ap->a_cnp, ap->a_vap, ap->a_context);
    if (!error)
        error = answer(ap->a_dvp, lower, ap->a_cnp, ap->a_vpp);
    vnode_put(lower_dvp);
    return error;
}

int nullfs_vnop_mkdir(struct vnop_mkdir_args *ap)
{
    vnode_t lower_dvp, lower;
    int error = nullfs_lower_get(ap->a_dvp, &lower_dvp);

    if (error)
        return error;
    error = VNOP_MKDIR(lower_dvp, &lower, ap->a_cnp, ap->a_vap, ap->a_context);
    if (!error)
        error = answer(ap->a_dvp, lower, ap->a_cnp, ap->a_vpp);
    vnode_put(lower_dvp);
    return error;
}

int nullfs_vnop_symlink(struct vnop_symlink_args *ap)
{
    vnode_t lower_dvp, lower;
    int error = nullfs_lower_get(ap->a_dvp, &lower_dvp);

    if (error)
        return error;
    error = VNOP_SYMLINK(lower_dvp, &lower, ap->a_cnp, ap->a_vap, ap->a_target, ap->a_context);
    if (!error)
        error = answer(ap->a_dvp, lower, ap->a_cnp, ap->a_vpp);
    vnode_put(lower_dvp);
    return error;
}

/* ---- two files ----------------------------------------------------------------------------------------- */

/* Iocounts on the vnodes below both; b may be NULL. */
static int lower_get_two(vnode_t a, vnode_t b, vnode_t *lower_a, vnode_t *lower_b)
{
    *lower_b = NULLVP;
    int error = nullfs_lower_get(a, lower_a);
    if (!error && b) {
        error = nullfs_lower_get(b, lower_b);
        if (error)
            vnode_put(*lower_a);
    }
    return error;
}

static void lower_put_two(vnode_t lower_a, vnode_t lower_b)
{
    if (lower_b)
        vnode_put(lower_b);
    vnode_put(lower_a);
}

int nullfs_vnop_link(struct vnop_link_args *ap)
{
    vnode_t lower, lower_dvp;
    int error = lower_get_two(ap->a_vp, ap->a_tdvp, &lower, &lower_dvp);

    if (error)
        return error;
    error = VNOP_LINK(lower, lower_dvp, ap->a_cnp, ap->a_context);
    lower_put_two(lower, lower_dvp);
    return error;
}

int nullfs_vnop_remove(struct vnop_remove_args *ap)
{
    vnode_t lower_dvp, lower;
    int error = lower_get_two(ap->a_dvp, ap->a_vp, &lower_dvp, &lower);

    if (error)
        return error;
    error = VNOP_REMOVE(lower_dvp, lower, ap->a_cnp, ap->a_flags, ap->a_context);
    if (!error)
        nullfs_node_nameless(ap->a_vp);
    lower_put_two(lower_dvp, lower);
    return error;
}

int nullfs_vnop_rmdir(struct vnop_rmdir_args *ap)
{
    vnode_t lower_dvp, lower;
    int error = lower_get_two(ap->a_dvp, ap->a_vp, &lower_dvp, &lower);

    if (error)
        return error;
    error = VNOP_RMDIR(lower_dvp, lower, ap->a_cnp, ap->a_context);
    if (!error)
        nullfs_node_nameless(ap->a_vp);
    lower_put_two(lower_dvp, lower);
    return error;
}

/* To the lower file system we are VFS, and VFS is who keeps vnodes' names and parents up to date. */
static void lower_renamed(vnode_t vp, vnode_t dvp, const struct componentname *cnp)
{
    vnode_update_identity(vp, dvp, cnp->cn_nameptr, cnp->cn_namelen, 0,
                          VNODE_UPDATE_NAME | VNODE_UPDATE_PARENT);
}

/* flags 0: a plain rename, which every file system has. */
static int rename_any(const struct vnop_renamex_args *ap, vfs_rename_flags_t flags)
{
    vnode_t lower_fdvp, lower_fvp, lower_tdvp, lower_tvp;
    int error = lower_get_two(ap->a_fdvp, ap->a_fvp, &lower_fdvp, &lower_fvp);

    if (error)
        return error;
    error = lower_get_two(ap->a_tdvp, ap->a_tvp, &lower_tdvp, &lower_tvp);
    if (error) {
        lower_put_two(lower_fdvp, lower_fvp);
        return error;
    }
    if (flags)
        error = VNOP_RENAMEX(lower_fdvp, lower_fvp, ap->a_fcnp, lower_tdvp, lower_tvp, ap->a_tcnp, ap->a_vap,
                             flags, ap->a_context);
    else
        error =
            VNOP_RENAME(lower_fdvp, lower_fvp, ap->a_fcnp, lower_tdvp, lower_tvp, ap->a_tcnp, ap->a_context);
    if (!error && lower_fvp != lower_tvp) {
        lower_renamed(lower_fvp, lower_tdvp, ap->a_tcnp);
        if (flags & VFS_RENAME_SWAP)
            lower_renamed(lower_tvp, lower_fdvp, ap->a_fcnp);
        else if (ap->a_tvp)
            nullfs_node_nameless(ap->a_tvp);
    }
    lower_put_two(lower_tdvp, lower_tvp);
    lower_put_two(lower_fdvp, lower_fvp);
    return error;
}

int nullfs_vnop_rename(struct vnop_rename_args *ap)
{
    struct vnop_renamex_args args = {
        .a_fdvp = ap->a_fdvp,
        .a_fvp = ap->a_fvp,
        .a_fcnp = ap->a_fcnp,
        .a_tdvp = ap->a_tdvp,
        .a_tvp = ap->a_tvp,
        .a_tcnp = ap->a_tcnp,
        .a_context = ap->a_context,
    };

    return rename_any(&args, 0);
}

int nullfs_vnop_renamex(struct vnop_renamex_args *ap)
{
    return rename_any(ap, ap->a_flags);
}

/* ---- contents of directories and links ----------------------------------------------------------------- */

int nullfs_vnop_readdir(struct vnop_readdir_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_READDIR(lower, ap->a_uio, ap->a_flags, ap->a_eofflag, ap->a_numdirent, ap->a_context);
    vnode_put(lower);
    return error;
}

int nullfs_vnop_readlink(struct vnop_readlink_args *ap)
{
    vnode_t lower;
    int error = nullfs_lower_get(ap->a_vp, &lower);

    if (error)
        return error;
    error = VNOP_READLINK(lower, ap->a_uio, ap->a_context);
    vnode_put(lower);
    return error;
}
