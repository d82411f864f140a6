// SPDX-License-Identifier: BSD-2-Clause
/*
 * /dev as kexts see it: device nodes that they put into the kernel's own tree (devfs_make_node) and take away
 * again. A node is a name, an owner and a number; who answers for the number is device_switch.c's business.
 *
 * A handle is one of this file's own, so that one that is stale or was never given is noticed. Locks:
 * rootfs_lock (rank 50) over the handles, see rootfs_internal.h. Called by kexts and by rootfs.c.
 */
#include <stdarg.h>
#include <sys/errno.h>
#include <sys/stat.h>
#include <sys/syslog.h>
#include <string.h>
#include <libkern/libkern.h>
#include <miscfs/devfs/devfs.h>

#include "kern/kern_iface.h"
#include "vfs/rootfs_internal.h"
#include "vfs/vnode_internal.h"

#define DEV_PATH_MAX 256

struct devfs_handle {
    struct devfs_handle *next;
    struct rootfs_node *node; /* holds a reference */
};
static struct devfs_handle *handles; /* rootfs_lock */
static struct rootfs_node *dev_dir;  /* rootfs_lock: /dev, NULL while there is no tree */

void devfs_attach(struct rootfs_node *dev)
{
    lck_mtx_lock(&rootfs_lock);
    dev_dir = dev;
    lck_mtx_unlock(&rootfs_lock);
}

void devfs_detach(void)
{
    struct devfs_handle *handle;
    lck_mtx_lock(&rootfs_lock);
    dev_dir = NULL;
    while ((handle = handles) != NULL) {
        handles = handle->next;
        rootfs_node_rele_locked(handle->node);
        kern_free(handle, sizeof(*handle));
    }
    lck_mtx_unlock(&rootfs_lock);
}

/* ---- making -------------------------------------------------------------------------------------------- */

/* Takes the first name off *path: its length, 0 where there is none. */
static size_t part_take(const char **path, const char **name)
{
    size_t len = 0;
    while (**path == '/')
        ++*path;
    *name = *path;
    while ((*path)[len] && (*path)[len] != '/')
        len++;
    *path += len;
    return len;
}

/* The directory @name in @dir, made where it is missing; NULL: it is taken by something else. No lock held.
 * Refs: the caller has one on @dir and gets one on the result. */
static struct rootfs_node *directory_get(struct rootfs_node *dir, const char *name, size_t len)
{
    const struct rootfs_new args = {.name = name, .namelen = len, .mode = ROOTFS_MODE, .type = VDIR};
    struct rootfs_node *fresh = rootfs_node_make(&args);
    lck_mtx_lock(&rootfs_lock);
    struct rootfs_node *node = rootfs_node_find_locked(dir, name, len);
    if (!node && rootfs_node_enter_locked(dir, fresh) == 0) {
        node = fresh;
        fresh = NULL;
    }
    if (node && node->rn_type != VDIR)
        node = NULL;
    if (node)
        node->rn_refs++;
    if (fresh)
        rootfs_node_rele_locked(fresh);
    lck_mtx_unlock(&rootfs_lock);
    return node;
}

/* The directory that the last name of *path goes into, with a reference; *path is left at that name. */
static struct rootfs_node *parent_get(const char **path, const char **name, size_t *len)
{
    lck_mtx_lock(&rootfs_lock);
    struct rootfs_node *dir = dev_dir;
    if (dir)
        dir->rn_refs++;
    lck_mtx_unlock(&rootfs_lock);
    *len = part_take(path, name);
    while (dir && *len && **path == '/') {
        struct rootfs_node *next = directory_get(dir, *name, *len);
        rootfs_node_rele(dir);
        dir = next;
        *len = part_take(path, name);
    }
    return dir;
}

static struct devfs_handle *node_enter(const char *path, struct rootfs_new *args)
{
    struct devfs_handle *handle = kern_alloc_try(sizeof(*handle), "devfs");
    struct rootfs_node *dir = handle ? parent_get(&path, &args->name, &args->namelen) : NULL;
    int error = dir && args->namelen ? 0 : ENOENT;
    if (!error) {
        handle->node = rootfs_node_make(args);
        lck_mtx_lock(&rootfs_lock);
        error = dev_dir ? rootfs_node_enter_locked(dir, handle->node) : ENOENT;
        if (error) {
            rootfs_node_rele_locked(handle->node);
        } else {
            handle->node->rn_refs++;
            handle->next = handles;
            handles = handle;
        }
        lck_mtx_unlock(&rootfs_lock);
    }
    if (dir)
        rootfs_node_rele(dir);
    if (!error)
        return handle;
    kern_free(handle, sizeof(*handle));
    return NULL;
}

void *devfs_make_node(dev_t dev, int chrblk, uid_t uid, gid_t gid, int perms, const char *fmt, ...)
{
    char path[DEV_PATH_MAX];
    struct rootfs_new args = {.mode = (mode_t)perms & ALLPERMS,
                              .uid = uid,
                              .gid = gid,
                              .type = chrblk == DEVFS_CHAR ? VCHR : VBLK,
                              .rdev = dev};
    va_list ap;
    if (chrblk != DEVFS_CHAR && chrblk != DEVFS_BLOCK)
        return NULL;
    va_start(ap, fmt);
    int len = vsnprintf(path, sizeof(path), fmt, ap);
    va_end(ap);
    if (len < 0 || (size_t)len >= sizeof(path))
        return NULL;
    return node_enter(path, &args);
}

/* ---- removing ------------------------------------------------------------------------------------------ */

/* The vnode that stands for a node that has just lost its name is not to be found again. */
static void vnode_drop(struct rootfs_node *node)
{
    lck_mtx_lock(&rootfs_lock);
    vnode_t vp = node->rn_vnode;
    uint32_t vid = vp ? vnode_vid(vp) : 0;
    lck_mtx_unlock(&rootfs_lock);
    if (!vp || vnode_getwithvid(vp, vid))
        return;
    cache_purge(vp);
    vnode_recycle(vp);
    vnode_put(vp);
}

void devfs_remove(void *handle)
{
    struct devfs_handle *mine = NULL, **at = &handles;
    lck_mtx_lock(&rootfs_lock);
    while (*at && *at != handle)
        at = &(*at)->next;
    if (*at) {
        mine = *at;
        *at = mine->next;
        rootfs_node_remove_locked(mine->node);
    }
    lck_mtx_unlock(&rootfs_lock);
    if (!mine) {
        kern_log(LOG_WARNING, "devfs_remove: %p is no node of /dev\n", handle);
        return;
    }
    vnode_drop(mine->node);
    rootfs_node_rele(mine->node);
    kern_free(mine, sizeof(*mine));
}
