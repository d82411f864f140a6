// SPDX-License-Identifier: BSD-2-Clause
/*
 * The scope of operations on files: kexts that listen to it are told what was done, in every mode and
 * whoever the caller is. It is news and no question, so what they answer has no meaning. Arguments, as on
 * Darwin:
 *
 *   OPEN, EXEC    vnode, path               after success
 *   CLOSE         vnode, path, flags        before VNOP_CLOSE; flags say whether this open file was written
 *   DELETE        vnode, path it had        after success
 *   WILL_RENAME   vnode, from, to           before the rights are asked for
 *   RENAME        from, to                  after success; of two that were exchanged by rename, both ways
 *   LINK          path of the file, new     after success
 *
 * EXCHANGE is never told: no call of this layer exchanges the data of two files.
 *
 * Paths are those of the kernel's own tree, as vn_getpath() tells them. What has none that VFS knows is not
 * told of.
 *
 * No lock; the scope is made at boot and taken down at shutdown. Called by sys_*.c and vfs_open.c.
 */
#include <sys/errno.h>
#include <sys/param.h>
#include <string.h>

#include "kern/kern_iface.h"
#include "vfs/fileop_internal.h"

static kauth_scope_t fileop_scope;

int fileop_scope_boot(void)
{
    fileop_scope = kauth_register_scope(KAUTH_SCOPE_FILEOP, NULL, NULL);
    return fileop_scope ? 0 : ENOMEM;
}

void fileop_scope_shutdown(void)
{
    kauth_deregister_scope(fileop_scope);
    fileop_scope = NULL;
}

bool fileop_is_heard(void)
{
    return kern_fileop_listeners() != 0;
}

/* ---- paths --------------------------------------------------------------------------------------------- */

void fileop_path_free(char *path)
{
    kern_free(path, MAXPATHLEN);
}

char *fileop_path_of(vnode_t vp)
{
    int len = MAXPATHLEN;
    if (!fileop_is_heard())
        return NULL;
    char *path = kern_alloc_try(MAXPATHLEN, "fileop path");
    if (path && vn_getpath(vp, path, &len)) {
        fileop_path_free(path);
        path = NULL;
    }
    return path;
}

char *fileop_path(vnode_t dvp, const struct componentname *cnp)
{
    char *path = fileop_path_of(dvp);
    if (!path)
        return NULL;
    size_t at = strlen(path), len = (size_t)cnp->cn_namelen;
    if (at > 1)
        path[at++] = '/';
    if (at + len >= MAXPATHLEN) {
        fileop_path_free(path);
        return NULL;
    }
    memcpy(path + at, cnp->cn_nameptr, len);
    path[at + len] = 0;
    return path;
}

/* ---- telling ------------------------------------------------------------------------------------------- */

static void tell(kauth_action_t action, uintptr_t arg0, uintptr_t arg1, uintptr_t arg2, kauth_cred_t cred)
{
    (void)kauth_authorize_action(fileop_scope, cred, action, arg0, arg1, arg2, 0);
}

void fileop_tell_file(kauth_action_t action, vnode_t vp, unsigned flags, kauth_cred_t cred)
{
    char *path = fileop_path_of(vp);
    if (path)
        tell(action, (uintptr_t)vp, (uintptr_t)path, flags, cred);
    fileop_path_free(path);
}

void fileop_tell_delete(vnode_t vp, const char *path, kauth_cred_t cred)
{
    if (path)
        tell(KAUTH_FILEOP_DELETE, (uintptr_t)vp, (uintptr_t)path, 0, cred);
}

void fileop_tell_will_rename(vnode_t vp, const char *from, const char *to, kauth_cred_t cred)
{
    if (from && to)
        tell(KAUTH_FILEOP_WILL_RENAME, (uintptr_t)vp, (uintptr_t)from, (uintptr_t)to, cred);
}

void fileop_tell_paths(kauth_action_t action, const char *first, const char *second, kauth_cred_t cred)
{
    if (first && second)
        tell(action, (uintptr_t)first, (uintptr_t)second, 0, cred);
}
