// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a vnode is called and whose child it is: v_name and v_parent, the paths made of them, and the change
 * of both after a rename.
 *
 * v_parent holds a usecount on the parent. A short name lies in the vnode and becomes a shared string when
 * somebody asks for it; a longer one is a reference to a shared string. All of it is under the child's vnode
 * lock; since two vnode locks are never held at once, a parent is taken by (vnode, v_id) after its
 * child's lock was dropped. They are hints: a file with several links has one of its names, one that the
 * file system said nothing about has the name and the parent that a lookup found it by.
 *
 * They are set beside the file system's own locks, so that directories which change places at the same time
 * may be said to lie in each other. In such a circle each would hold the next for ever. It does not come to
 * be: whoever sets a parent looks afterwards whether the way up leads back, and if so forgets that parent. Of
 * those who set the parents of a circle the last one sees it whole.
 *
 * Called by file systems (KPI), lookup, the system-call layer, vnode_lifecycle.c.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/vnode_if.h>
#include <libkern/libkern.h>

#include "vfs/mount_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnode_internal.h"

#define PATH_DEPTH_MAX 4096u /* more than MAXPATHLEN components do not fit a path: a cycle */

static bool name_is_short(size_t len)
{
    return len <= VNODE_SHORT_NAME;
}

static void name_make(union vnode_name *out, const char *name, size_t len)
{
    if (name_is_short(len))
        memcpy(out->vn_short, name, len);
    else
        out->vn_long = vfs_addname(name, (uint32_t)len, 0, 0);
}

static void name_drop(const union vnode_name *name, size_t len)
{
    if (!name_is_short(len))
        vfs_removename(name->vn_long);
}

/* The shared string of a short name; NULL: there is none. */
static const char *name_shared(const union vnode_name *name, size_t len)
{
    return len ? vfs_addname(name->vn_short, (uint32_t)len, 0, 0) : NULL;
}

const char *vnode_name_locked(const struct vnode *vp)
{
    if (!vp->v_namelen)
        return NULL;
    return name_is_short(vp->v_namelen) ? vp->v_name.vn_short : vp->v_name.vn_long;
}

void vnode_identity_make(struct vnode_identity *id, struct vnode *dvp, const struct componentname *cnp)
{
    *id = (struct vnode_identity){.id_parent = dvp && vnode_ref(dvp) == 0 ? dvp : NULL,
                                  .id_namelen = cnp ? (uint16_t)cnp->cn_namelen : 0};
    if (cnp)
        name_make(&id->id_name, cnp->cn_nameptr, id->id_namelen);
}

void vnode_identity_set_locked(struct vnode *vp, const struct vnode_identity *id)
{
    vp->v_parent = id->id_parent;
    vp->v_name = id->id_name;
    vp->v_namelen = id->id_namelen;
}

struct vnode *vnode_identity_drop(struct vnode *vp)
{
    vnode_lock(vp);
    struct vnode *parent = vp->v_parent;
    union vnode_name name = vp->v_name;
    size_t len = vp->v_namelen;
    vp->v_parent = NULL;
    vp->v_namelen = 0;
    vnode_unlock(vp);
    name_drop(&name, len);
    return parent;
}

void vnode_getparent_and_name(struct vnode *vp, struct vnode **dvpp, const char **namep)
{
    uint32_t vid = 0;
    vnode_lock(vp);
    struct vnode *parent = dvpp ? vp->v_parent : NULL;
    if (parent)
        vid = vnode_vid(parent);
    union vnode_name name = vp->v_name;
    size_t len = namep ? vp->v_namelen : 0;
    if (!name_is_short(len))
        name_string_retain(name.vn_long);
    vnode_unlock(vp);
    if (namep)
        *namep = name_is_short(len) ? name_shared(&name, len) : name.vn_long;
    if (dvpp)
        *dvpp = parent && vnode_get_iocount(parent, vid, VGET_VID | VGET_NODEAD) == 0 ? parent : NULL;
}

vnode_t vnode_getparent(vnode_t vp)
{
    struct vnode *parent;
    vnode_getparent_and_name(vp, &parent, NULL);
    return parent;
}

const char *vnode_getname(vnode_t vp)
{
    const char *name;
    vnode_getparent_and_name(vp, NULL, &name);
    return name;
}

void vnode_putname(const char *name)
{
    if (name)
        vfs_removename(name);
}

/* ---- change -------------------------------------------------------------------------------------------- */

/* @missing_only: unless it has a name. */
static void name_change(struct vnode *vp, const char *name, int name_len, bool missing_only)
{
    union vnode_name drop = {{0}};
    uint16_t len = 0;
    if (name) {
        len = name_len > 0 ? (uint16_t)name_len : (uint16_t)strlen(name);
        name_make(&drop, name, len);
    }
    vnode_lock(vp);
    if (!missing_only || !vp->v_namelen) {
        union vnode_name new = drop;
        uint16_t new_len = len;
        drop = vp->v_name;
        len = vp->v_namelen;
        vp->v_name = new;
        vp->v_namelen = new_len;
    }
    vnode_unlock(vp);
    name_drop(&drop, len);
}

/* The parent of a vnode, to look at only. */
static struct vnode *parent_peek(struct vnode *vp)
{
    vnode_lock(vp);
    struct vnode *parent = vp->v_parent;
    vnode_unlock(vp);
    return parent;
}

/* Does the way up from @vp come back to it? Nothing is held on the way: vnodes are never freed, and if one
 * becomes another file meanwhile, there was no circle. */
static bool is_own_ancestor(struct vnode *vp)
{
    const struct vnode *mark = NULL; /* moved on ever more rarely, it is met again in a circle without @vp */
    struct vnode *at = parent_peek(vp);
    for (uint64_t steps = 0, next = 1; at && at != vp && at != mark; steps++) {
        if (steps == next) {
            mark = at;
            next *= 2;
        }
        at = parent_peek(at);
    }
    return at == vp;
}

static void parent_forget(struct vnode *vp, struct vnode *dvp)
{
    vnode_lock(vp);
    bool same = vp->v_parent == dvp;
    if (same)
        vp->v_parent = NULL;
    vnode_unlock(vp);
    if (same)
        vnode_rele(dvp);
}

/* @missing_only: unless it has a parent. */
static void parent_change(struct vnode *vp, struct vnode *dvp, bool missing_only)
{
    if (dvp == vp || (dvp && vnode_ref(dvp) != 0))
        dvp = NULL;
    struct vnode *drop = dvp;
    vnode_lock(vp);
    if (!missing_only || !vp->v_parent) {
        drop = vp->v_parent;
        vp->v_parent = dvp;
    }
    vnode_unlock(vp);
    if (drop)
        vnode_rele(drop);
    if (dvp && is_own_ancestor(vp))
        parent_forget(vp, dvp);
}

void vnode_update_identity(vnode_t vp, vnode_t dvp, const char *name, int name_len, uint32_t name_hashval,
                           int flags)
{
    (void)name_hashval;
    if (flags & VNODE_UPDATE_PURGE)
        cache_purge(vp);
    else if (flags & VNODE_UPDATE_CACHE)
        cache_purge_name(vp);
    if (flags & VNODE_UPDATE_NAME)
        name_change(vp, name, name_len, false);
    if (flags & VNODE_UPDATE_PARENT)
        parent_change(vp, dvp, false);
}

void vnode_identity_found(struct vnode *vp, struct vnode *dvp, const struct componentname *cnp)
{
    if (vp == dvp || vnode_flag_is(vp, VF_ROOT) || vnode_flag_is(vp, VF_MULTIPATH))
        return;
    vnode_lock(vp);
    bool nameless = !vp->v_namelen, orphan = !vp->v_parent;
    vnode_unlock(vp);
    if (nameless)
        name_change(vp, cnp->cn_nameptr, cnp->cn_namelen, true);
    if (orphan)
        parent_change(vp, dvp, true);
}

static void renamed_one(struct vnode *vp, struct vnode *olddir, struct vnode *newdir,
                        struct componentname *cnp)
{
    int flags = VNODE_UPDATE_NAME | VNODE_UPDATE_CACHE;
    if (olddir != newdir)
        flags |= VNODE_UPDATE_PARENT;
    vnode_update_identity(vp, newdir, cnp->cn_nameptr, cnp->cn_namelen, cnp->cn_hash, flags);
}

void vnode_identity_renamed(vnode_t fdvp, vnode_t fvp, struct componentname *fcnp, vnode_t tdvp, vnode_t tvp,
                            struct componentname *tcnp, uint32_t flags)
{
    if (vnode_mount_of(fvp)->mnt_type->vfc_flags & VFS_TBLVNOP_NOUPDATEID_RENAME)
        return;
    /* What was known not to exist in the target directory may exist now. */
    cache_purge_negatives(tdvp);
    if (tvp && !(flags & VFS_RENAME_SWAP))
        cache_purge_name(tvp);
    if (tvp == fvp)
        return;
    renamed_one(fvp, fdvp, tdvp, tcnp);
    if (tvp && (flags & VFS_RENAME_SWAP)) {
        cache_purge_negatives(fdvp);
        renamed_one(tvp, tdvp, fdvp, fcnp);
    }
}

/* ---- paths --------------------------------------------------------------------------------------------- */

/* A path is written from its end towards the start of the buffer. */
struct path_writer {
    char *start, *at;
};

static int path_prepend(struct path_writer *path, const char *name)
{
    size_t len = strlen(name);
    if ((size_t)(path->at - path->start) < len + 1)
        return ENOSPC;
    path->at -= len;
    memcpy(path->at, name, len);
    *--path->at = '/';
    return 0;
}

/* From *vpp one step up, writing the name on the way. Exchanges the iocount. ENOENT: a name or parent is not
 * known. EJUSTRETURN: *vpp is the root of everything, or where @in_volume is set of its volume. */
static int path_step(struct path_writer *path, struct vnode **vpp, bool in_volume)
{
    struct vnode *vp = *vpp, *parent;
    const char *name;
    if (vnode_flag_is(vp, VF_ROOT)) {
        if (in_volume || vnode_mount_of(vp) == mount_root())
            return EJUSTRETURN;
        return vnode_cross_up(vpp, vfs_context_current());
    }
    vnode_getparent_and_name(vp, &parent, &name);
    int error = parent && name ? path_prepend(path, name) : ENOENT;
    vnode_putname(name);
    if (error) {
        if (parent)
            vnode_put(parent);
        return error;
    }
    vnode_put(vp);
    *vpp = parent;
    return 0;
}

int vnode_path(struct vnode *vp, char *pathbuf, int *len, bool in_volume)
{
    if (*len < 2)
        return ENOSPC;
    struct path_writer path = {pathbuf, pathbuf + *len - 1};
    *path.at = 0;
    int error = vnode_get(vp);
    if (error)
        return error;
    for (unsigned depth = 0; !error; depth++)
        error = depth < PATH_DEPTH_MAX ? path_step(&path, &vp, in_volume) : ELOOP;
    vnode_put(vp);
    if (error != EJUSTRETURN)
        return error;
    if (!*path.at)
        *--path.at = '/';
    size_t size = (size_t)(pathbuf + *len - path.at);
    memmove(pathbuf, path.at, size);
    *len = (int)size;
    return 0;
}

int vn_getpath(struct vnode *vp, char *pathbuf, int *len)
{
    return vnode_path(vp, pathbuf, len, false);
}

/* Which extensions make a directory a package is something user space registers, and nobody here does. */
int vn_path_package_check(vnode_t vp, char *path, int pathlen, int *component)
{
    (void)vp;
    if (pathlen < 0 || !path)
        return EINVAL;
    *component = -1;
    return 0;
}
