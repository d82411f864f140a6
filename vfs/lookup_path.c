// SPDX-License-Identifier: BSD-2-Clause
/*
 * Lookup, the way: components of a path one after the other, symbolic links, mount points, trailing slashes,
 * limits.
 *
 * A path is copied into the lookup's own buffer, where the text of a symbolic link replaces the component
 * that named it. A trailing slash asks for a directory, and for following the link that it stands behind,
 * when a file is only looked for; a name that is to be made, removed or renamed is never followed for its
 * slash.
 *
 * One iocount is held on the directory reached so far; no locks. Called by sys_*.c and vfs_open.c.
 */
#include <sys/errno.h>
#include <sys/uio.h>
#include <string.h>

#include "kern/kern_iface.h"
#include "vfs/lookup_internal.h"
#include "vfs/mount_internal.h"
#include "vfs/sys_internal.h"
#include "vfs/vnode_internal.h"
#include "vfs/vnop_iface.h"

void lookup_init(struct lookup *lk, vfs_context_t ctx, uint32_t op, uint32_t flags)
{
    lk->lk_ctx = ctx;
    lk->lk_op = op;
    lk->lk_flags = flags;
    lk->lk_dvp = lk->lk_vp = NULL;
    lk->lk_last = LOOKUP_LAST_NAME;
    lk->lk_slash = false;
    lk->lk_links = 0;
    lk->lk_next = NULL;
}

void lookup_done(struct lookup *lk)
{
    if (lk->lk_vp)
        vnode_put(lk->lk_vp);
    if (lk->lk_dvp)
        vnode_put(lk->lk_dvp);
    lk->lk_vp = lk->lk_dvp = NULL;
}

/* Takes slashes off the end of the path in the buffer; "/" alone becomes "". */
static void strip_slashes(struct lookup *lk, size_t len)
{
    size_t end = len;
    while (end && lk->lk_path[end - 1] == '/')
        end--;
    if (end < len) {
        lk->lk_path[end] = '\0';
        lk->lk_slash = true;
    }
}

/* Puts the target of link @vp in front of what is left of the path at @rest. */
static int link_expand(struct lookup *lk, vnode_t vp, const char *rest)
{
    if ((lk->lk_flags & LOOKUP_NOLINKS) || lk->lk_links++ >= LOOKUP_LINKS_MAX)
        return ELOOP;
    size_t rest_len = strlen(rest);
    size_t room = SYS_PATH_MAX - 1 - rest_len;
    char *tail = lk->lk_path + room; /* where the rest waits, NUL included */
    memmove(tail, rest, rest_len + 1);

    size_t len = 0;
    int error = call_link_read(vp, lk->lk_path, room, &len, lk->lk_ctx);
    if (error)
        return error;
    if (len == 0)
        return ENOENT;
    if (len >= room) /* no byte to spare: it may have been longer */
        return ENAMETOOLONG;
    if (strnlen(lk->lk_path, len) != len)
        return EINVAL;
    memmove(lk->lk_path + len, tail, rest_len + 1);
    lk->lk_next = lk->lk_path;
    return 0;
}

/* Follows link @vp (iocount consumed), which lies in *@dvpp. */
static int link_follow(struct lookup *lk, vnode_t *dvpp, vnode_t vp, const char *rest)
{
    int error = link_expand(lk, vp, rest);
    vnode_put(vp);
    if (error)
        return error;
    bool absolute = lk->lk_path[0] == '/';
    strip_slashes(lk, strlen(lk->lk_path));
    if (!absolute)
        return 0;
    vnode_t root = vfs_rootvnode();
    if (!root)
        return ENOENT;
    vnode_put(*dvpp);
    *dvpp = root;
    return 0;
}

static bool must_follow(const struct lookup *lk, bool last)
{
    if (!last || (lk->lk_flags & LOOKUP_FOLLOW))
        return true;
    return lk->lk_slash && lk->lk_op == LOOKUP;
}

static bool must_cross(const struct lookup *lk, bool last)
{
    return !last || (lk->lk_op == LOOKUP && !(lk->lk_flags & LOOKUP_NOCROSS));
}

static int cross(struct lookup *lk, vnode_t *vpp)
{
    if (!vnode_isdir(*vpp) || !atomic_load_explicit(&(*vpp)->v_mounted, memory_order_relaxed))
        return 0;
    return vnode_cross_down(vpp, lk->lk_flags & LOOKUP_NOWAIT ? LK_NOWAIT : 0, lk->lk_ctx);
}

/* The result, with the iocounts of the directory (consumed) and of what was found in it. */
static int finish(struct lookup *lk, vnode_t dvp, vnode_t vp)
{
    if (vp && lk->lk_slash && !vnode_isdir(vp) && lk->lk_op != CREATE) {
        vnode_put(vp);
        vnode_put(dvp);
        return ENOTDIR;
    }
    lk->lk_vp = vp;
    if (lk->lk_op == LOOKUP)
        vnode_put(dvp);
    else
        lk->lk_dvp = dvp;
    return 0;
}

static int finish_none(struct lookup *lk, vnode_t start)
{
    lk->lk_last = LOOKUP_LAST_NONE;
    lk->lk_vp = start;
    lk->lk_cn.cn_nameptr = lk->lk_cn.cn_pnbuf = NULL;
    lk->lk_cn.cn_namelen = lk->lk_cn.cn_pnlen = 0;
    return 0;
}

/* Walks lk_path from @dvp, whose iocount is consumed. */
static int walk(struct lookup *lk, vnode_t dvp)
{
    int error;
    lk->lk_next = lk->lk_path;
    for (;;) {
        char *name = lk->lk_next;
        while (*name == '/')
            name++;
        if (!*name)
            return finish_none(lk, dvp);
        size_t len = 0;
        while (name[len] && name[len] != '/')
            len++;
        bool last = name[len] == '\0';
        vnode_t vp;
        error = lookup_step(lk, &dvp, name, len, last, &vp);
        if (error)
            break;
        if (vp && vnode_islnk(vp) && must_follow(lk, last)) {
            error = link_follow(lk, &dvp, vp, name + len);
            if (error)
                break;
            continue;
        }
        if (vp && must_cross(lk, last) && (error = cross(lk, &vp))) {
            vnode_put(vp);
            break;
        }
        if (last)
            return finish(lk, dvp, vp);
        vnode_put(dvp);
        dvp = vp;
        lk->lk_next = name + len;
    }
    vnode_put(dvp);
    return error;
}

static int run_path(struct lookup *lk, vnode_t start, const char *path)
{
    size_t len = strnlen(path, SYS_PATH_MAX);
    if (len >= SYS_PATH_MAX) {
        vnode_put(start);
        return ENAMETOOLONG;
    }
    memcpy(lk->lk_path, path, len + 1);
    if (path[0] == '/') {
        vnode_put(start);
        start = vfs_rootvnode();
        if (!start)
            return ENOENT;
    }
    strip_slashes(lk, len);
    return walk(lk, start);
}

/* One name: the caller's bytes serve as they are. */
static int run_name(struct lookup *lk, vnode_t dvp, const char *name)
{
    size_t len = 0;
    vnode_t vp = NULL;
    while (len <= SYS_NAME_MAX && name[len] && name[len] != '/')
        len++;
    int error = name[len] == '/' ? EINVAL : lookup_step(lk, &dvp, (char *)(uintptr_t)name, len, true, &vp);
    if (!error && vp && must_cross(lk, true)) {
        error = cross(lk, &vp);
        if (error)
            vnode_put(vp);
    }
    if (error) {
        vnode_put(dvp);
        return error;
    }
    return finish(lk, dvp, vp);
}

int lookup_run(struct lookup *lk, vnode_t start, const char *path)
{
    if (!path || !*path)
        return finish_none(lk, start);
    if (lk->lk_flags & LOOKUP_ONENAME)
        return run_name(lk, start, path);
    return run_path(lk, start, path);
}
