// SPDX-License-Identifier: BSD-2-Clause
/*
 * Renaming. What can be decided from the four vnodes is decided here: types that do not fit, mount points,
 * other file systems, the same file under both names. What needs the tree to stand still (a directory moved
 * below itself) is the file system's to check, since no lock of VFS's is held over a vnode operation.
 *
 * Order of the answers where several would be right: what is named wrongly, EXDEV, the flags, the types,
 * permission. No lock. Called by the host and the tests.
 */
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/unistd.h>
#include <sys/vnode_if.h>
#include <string.h>

#include "vfs/mount_internal.h"
#include "vfs/sys_internal.h"
#include "vfs/vnop_iface.h"

static bool same_name(const struct lookup *from, const struct lookup *to)
{
    const struct componentname *a = &from->lk_cn, *b = &to->lk_cn;
    return from->lk_dvp == to->lk_dvp && a->cn_namelen == b->cn_namelen &&
           memcmp(a->cn_nameptr, b->cn_nameptr, (size_t)a->cn_namelen) == 0;
}

/* Both names lead to one file. Nothing is to be done, unless the file system ignores case and the case is to
 * change. */
static bool is_no_op(const struct sys_call *call, const struct lookup *from, const struct lookup *to)
{
    if (from->lk_vp != to->lk_vp)
        return false;
    if (same_name(from, to))
        return true;
    int32_t sensitive = 1;
    int error = call_pathconf(from->lk_vp, _PC_CASE_SENSITIVE, &sensitive, call->c_ctx);
    return error || sensitive;
}

static int names_fit(const struct lookup *from, const struct lookup *to)
{
    if (from->lk_last == LOOKUP_LAST_NONE || to->lk_last == LOOKUP_LAST_NONE)
        return EBUSY;
    if (from->lk_last != LOOKUP_LAST_NAME || to->lk_last != LOOKUP_LAST_NAME)
        return EINVAL;
    if (to->lk_slash && !vnode_isdir(from->lk_vp))
        return ENOTDIR;
    if (vnode_mount(from->lk_dvp) != vnode_mount(to->lk_dvp) ||
        vnode_mount(from->lk_vp) != vnode_mount(to->lk_dvp))
        return EXDEV;
    return 0;
}

static int types_fit(const struct lookup *from, const struct lookup *to, uint32_t flags)
{
    vnode_t fvp = from->lk_vp, tvp = to->lk_vp;
    if ((flags & SYS_RENAME_EXCL) && tvp)
        return EEXIST;
    if ((flags & SYS_RENAME_SWAP) && !tvp)
        return ENOENT;
    if (call_is_mount_point(fvp) || (tvp && call_is_mount_point(tvp)))
        return EBUSY;
    if (fvp == to->lk_dvp)
        return EINVAL;
    if (tvp && tvp == from->lk_dvp)
        return flags & SYS_RENAME_SWAP ? EINVAL : ENOTEMPTY;
    if (!tvp || (flags & SYS_RENAME_SWAP))
        return 0;
    if (vnode_isdir(fvp) && !vnode_isdir(tvp))
        return ENOTDIR;
    if (!vnode_isdir(fvp) && vnode_isdir(tvp))
        return EISDIR;
    return 0;
}

static kauth_action_t right_to_add(vnode_t vp)
{
    return vnode_isdir(vp) ? KAUTH_VNODE_ADD_SUBDIRECTORY : KAUTH_VNODE_ADD_FILE;
}

/* The two paths, for who listens; both NULL where nobody does. */
struct rename_paths {
    char *from, *to;
};

static struct rename_paths paths_make(const struct lookup *from, const struct lookup *to)
{
    if (!fileop_is_heard())
        return (struct rename_paths){NULL, NULL};
    return (struct rename_paths){fileop_path(from->lk_dvp, &from->lk_cn),
                                 fileop_path(to->lk_dvp, &to->lk_cn)};
}

static void paths_free(struct rename_paths *paths)
{
    fileop_path_free(paths->from);
    fileop_path_free(paths->to);
}

/* Whoever decides on the right to delete may want to know that it is for a rename, so each file that moves
 * is announced right before that question, which always follows. */
static int permitted(const struct sys_call *call, const struct lookup *from, const struct lookup *to,
                     uint32_t flags, const struct rename_paths *paths)
{
    struct authorize_attr dir;
    bool moves = from->lk_dvp != to->lk_dvp;
    kauth_cred_t cred = vfs_context_ucred(call->c_ctx);
    fileop_tell_will_rename(from->lk_vp, paths->from, paths->to, cred);
    int error = call_permit_delete(call, from->lk_dvp, from->lk_vp);
    if (!error)
        error = call_permit_dir(call, to->lk_dvp, right_to_add(from->lk_vp), &dir);
    /* A directory that moves gets another "..". */
    if (!error && moves && vnode_isdir(from->lk_vp))
        error = call_permit(call, from->lk_vp, KAUTH_VNODE_ADD_SUBDIRECTORY);
    if (!error && (flags & SYS_RENAME_SWAP))
        fileop_tell_will_rename(to->lk_vp, paths->to, paths->from, cred);
    if (!error && to->lk_vp)
        error = call_permit_delete(call, to->lk_dvp, to->lk_vp);
    if (error || !(flags & SYS_RENAME_SWAP))
        return error;
    error = call_permit_dir(call, from->lk_dvp, right_to_add(to->lk_vp), &dir);
    if (!error && moves && vnode_isdir(to->lk_vp))
        error = call_permit(call, to->lk_vp, KAUTH_VNODE_ADD_SUBDIRECTORY);
    return error;
}

static int rename_enter_fs(const struct sys_call *call, struct lookup *from, struct lookup *to,
                           uint32_t flags)
{
    if (!flags)
        return VNOP_RENAME(from->lk_dvp, from->lk_vp, &from->lk_cn, to->lk_dvp, to->lk_vp, &to->lk_cn,
                           call->c_ctx);
    /* Only the file system can exclude or exchange in one step; without its help the answer is no. */
    vfs_rename_flags_t how = flags & SYS_RENAME_SWAP ? VFS_RENAME_SWAP : VFS_RENAME_EXCL;
    return VNOP_RENAMEX(from->lk_dvp, from->lk_vp, &from->lk_cn, to->lk_dvp, to->lk_vp, &to->lk_cn, NULL, how,
                        call->c_ctx);
}

/* Tells the caller who is who now. Best effort: what was renamed is renamed. */
static void tell(const struct sys_call *call, vnode_t moved, vnode_t swapped, struct sys_renamed *out)
{
    if (!out)
        return;
    (void)call_describe(call, moved, &out->moved, NULL);
    if (swapped)
        (void)call_describe(call, swapped, &out->swapped, NULL);
}

static int rename_told(const struct sys_call *call, struct lookup *from, struct lookup *to, uint32_t flags)
{
    struct rename_paths paths = paths_make(from, to);
    kauth_cred_t cred = vfs_context_ucred(call->c_ctx);
    int error = permitted(call, from, to, flags, &paths);
    if (!error)
        error = rename_enter_fs(call, from, to, flags);
    if (!error) {
        fileop_tell_paths(KAUTH_FILEOP_RENAME, paths.from, paths.to, cred);
        if (flags & SYS_RENAME_SWAP)
            fileop_tell_paths(KAUTH_FILEOP_RENAME, paths.to, paths.from, cred);
    }
    paths_free(&paths);
    return error;
}

static int rename_found(const struct sys_call *call, struct lookup *from, struct lookup *to, uint32_t flags,
                        struct sys_renamed *out)
{
    bool swap = (flags & SYS_RENAME_SWAP) != 0;
    int error = names_fit(from, to);
    if (!error && !flags && to->lk_vp && is_no_op(call, from, to))
        goto done;
    if (!error)
        error = types_fit(from, to, flags);
    if (!error && from->lk_vp == to->lk_vp && swap)
        goto done;
    if (!error)
        error = rename_told(call, from, to, flags);
    if (error)
        return error;
    vnode_identity_renamed(from->lk_dvp, from->lk_vp, &from->lk_cn, to->lk_dvp, to->lk_vp, &to->lk_cn,
                           swap ? VFS_RENAME_SWAP : 0);
    if (to->lk_vp && to->lk_vp != from->lk_vp && !swap)
        call_hold_nameless(to->lk_vp, out ? &out->replaced : NULL);
done:
    tell(call, from->lk_vp, swap ? to->lk_vp : NULL, out);
    return 0;
}

/* Has the file system found something else than lookup did? */
static bool found_otherwise(int error, uint32_t flags)
{
    return error == ENOENT || (error == EEXIST && !(flags & SYS_RENAME_EXCL));
}

static int rename_once(const struct sys_call *call, struct lookup lk[2], const struct sys_node *const at[2],
                       const char *const path[2], uint32_t at_flags, uint32_t flags, struct sys_renamed *out,
                       bool *again)
{
    *again = false;
    int error = call_lookup_at(call, &lk[0], at[0], path[0], at_flags, DELETE, false);
    if (error)
        return error;
    error = call_lookup_at(call, &lk[1], at[1], path[1], at_flags, RENAME, false);
    if (error)
        goto out;
    error = rename_found(call, &lk[0], &lk[1], flags, out);
    *again = found_otherwise(error, flags) && !((flags & SYS_RENAME_SWAP) && !lk[1].lk_vp);
    lookup_done(&lk[1]);
out:
    lookup_done(&lk[0]);
    return error;
}

int sys_rename(sys_caller_t *who, const struct sys_node *from_at, const char *from,
               const struct sys_node *to_at, const char *to, uint32_t at_flags, uint32_t rename_flags,
               struct sys_renamed *out)
{
    const struct sys_node *const at[2] = {from_at, to_at};
    const char *const path[2] = {from, to};
    if (rename_flags & ~(SYS_RENAME_EXCL | SYS_RENAME_SWAP) ||
        rename_flags == (SYS_RENAME_EXCL | SYS_RENAME_SWAP))
        return EINVAL;
    if (!from || !*from || !to || !*to)
        return ENOENT;

    struct sys_call call;
    struct lookup lk[2];
    struct sys_renamed told = {0};
    bool again = true;
    int error = 0;
    CALL_ENTER(&call, who);
    for (unsigned attempt = 0; again && attempt < CALL_RETRIES; attempt++)
        error = rename_once(&call, lk, at, path, at_flags, rename_flags, out ? &told : NULL, &again);
    if (!error && out)
        *out = told;
    call_leave(&call);
    return error;
}
