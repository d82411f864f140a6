// SPDX-License-Identifier: BSD-2-Clause
/*
 * Lookup, the single step: one component in one directory. Permission to search, the name cache, VNOP_LOOKUP
 * with the componentname that file systems expect, and what "." and ".." mean at the border of a mount.
 * lookup_path.c makes paths out of these steps.
 *
 * The host's usual request, one name in one directory, takes the short way through lookup_run(): nothing is
 * copied and a hit in the name cache is all there is to do.
 *
 * No lock is held over any call; several threads may look up the same name. Called by lookup_path.c and
 * sys_*.c.
 */
#include <sys/errno.h>
#include <sys/namei.h>
#include <sys/vnode_if.h>
#include <string.h>

#include "vfs/lookup_internal.h"
#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"
#include "vfs/vnop_iface.h"

/* The componentname of one step. Names may enter the cache unless they are about to go away; those on the way
 * always may. */
static void name_set(struct lookup *lk, char *name, size_t len, bool last)
{
    struct componentname *cn = &lk->lk_cn;
    cn->cn_nameiop = last ? lk->lk_op : LOOKUP;
    cn->cn_flags = 0;
    if (!last || lk->lk_op == LOOKUP || lk->lk_op == CREATE)
        cn->cn_flags |= MAKEENTRY;
    if (last)
        cn->cn_flags |= ISLASTCN;
    if (last && lk->lk_op != LOOKUP)
        cn->cn_flags |= WANTPARENT;
    if (lk->lk_flags & LOOKUP_FOLLOW)
        cn->cn_flags |= FOLLOW;
    cn->cn_reserved1 = cn->cn_reserved2 = NULL;
    cn->cn_pnbuf = name;
    cn->cn_pnlen = (int)len + 1;
    cn->cn_nameptr = name;
    cn->cn_namelen = (int)len;
    cn->cn_hash = 0;
    cn->cn_consume = 0;
}

static int step_dot(struct lookup *lk, vnode_t dvp, bool last, vnode_t *vpp)
{
    if (last)
        lk->lk_last = LOOKUP_LAST_DOT;
    int error = vnode_get(dvp);
    if (!error)
        *vpp = dvp;
    return error;
}

/* ".." at the root of a mount is that of the directory it covers; at the root of all it is that root. */
static int step_dotdot(struct lookup *lk, vnode_t *dvpp, bool last, vnode_t *vpp)
{
    if (last)
        lk->lk_last = LOOKUP_LAST_DOTDOT;
    if (vnode_isvroot(*dvpp)) {
        int error = vnode_cross_up(dvpp, lk->lk_ctx);
        if (error)
            return error;
        if (vnode_isvroot(*dvpp)) {
            error = vnode_get(*dvpp);
            if (!error)
                *vpp = *dvpp;
            return error;
        }
    }
    lk->lk_cn.cn_nameiop = LOOKUP;
    lk->lk_cn.cn_flags = (lk->lk_cn.cn_flags & ~(uint32_t)WANTPARENT) | ISDOTDOT | MAKEENTRY;
    return VNOP_LOOKUP(*dvpp, vpp, &lk->lk_cn, lk->lk_ctx);
}

static int step_name(struct lookup *lk, vnode_t dvp, vnode_t *vpp)
{
    struct componentname *cn = &lk->lk_cn;
    /* For anything but finding it, the file system must see the last name itself: it may note where it
     * stands. */
    if (cn->cn_nameiop == LOOKUP) {
        int hit = cache_lookup(dvp, vpp, cn);
        if (hit == -1)
            return 0;
        if (hit)
            return hit;
    }
    int error = VNOP_LOOKUP(dvp, vpp, cn, lk->lk_ctx);
    if (error == EJUSTRETURN) {
        *vpp = NULL;
        error = cn->cn_nameiop == CREATE || cn->cn_nameiop == RENAME ? 0 : ENOENT;
    }
    if (!error && *vpp)
        vnode_identity_found(*vpp, dvp, cn);
    return error;
}

int lookup_step(struct lookup *lk, vnode_t *dvpp, char *name, size_t len, bool last, vnode_t *vpp)
{
    *vpp = NULL;
    if (len > SYS_NAME_MAX)
        return ENAMETOOLONG;
    if (!vnode_isdir(*dvpp))
        return ENOTDIR;
    if (!(lk->lk_flags & LOOKUP_PREAUTH)) {
        int error = vnode_authorize(*dvpp, NULL, KAUTH_VNODE_SEARCH, lk->lk_ctx);
        if (error)
            return error;
    }
    name_set(lk, name, len, last);
    if (name[0] == '.' && len == 1)
        return step_dot(lk, *dvpp, last, vpp);
    if (name[0] == '.' && name[1] == '.' && len == 2)
        return step_dotdot(lk, dvpp, last, vpp);
    return step_name(lk, *dvpp, vpp);
}
