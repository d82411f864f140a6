// SPDX-License-Identifier: BSD-2-Clause
/*
 * fileop_internal.h: telling those who listen to KAUTH_SCOPE_FILEOP what has been done to files. Included by
 * the system-call layer and vfs_open.c. All of it costs one load where nobody listens.
 */
#ifndef KEXTBED_VFS_FILEOP_INTERNAL_H
#define KEXTBED_VFS_FILEOP_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/kauth.h>
#include <sys/vnode.h>

int fileop_scope_boot(void);
void fileop_scope_shutdown(void);
/** fileop_is_heard - does anybody listen? */
bool fileop_is_heard(void);

/** fileop_path - the path, in the kernel's own tree, of the name @cnp in directory @dvp, for fileop_tell_*().
 * NULL: nobody listens, or VFS does not know it. Caller holds an iocount. End with fileop_path_free(). */
char *fileop_path(vnode_t dvp, const struct componentname *cnp);
/** fileop_path_of - the same of a file, as vn_getpath() tells it. */
char *fileop_path_of(vnode_t vp);
/** fileop_path_free - NULL is allowed. */
void fileop_path_free(char *path);

/** fileop_tell_file - OPEN, CLOSE or EXEC of @vp. @flags: KAUTH_FILEOP_CLOSE_* of a close, else 0. Silent
 * where the path is not known, as Darwin is. Caller holds an iocount and no lock. Blocks: if a listener does.
 */
void fileop_tell_file(kauth_action_t action, vnode_t vp, unsigned flags, kauth_cred_t cred);
/** fileop_tell_delete - @vp, which was at @path, has lost that name. */
void fileop_tell_delete(vnode_t vp, const char *path, kauth_cred_t cred);
/** fileop_tell_will_rename - @vp is about to move from @from to @to, if it may. */
void fileop_tell_will_rename(vnode_t vp, const char *from, const char *to, kauth_cred_t cred);
/** fileop_tell_paths - RENAME or LINK, done with these two. */
void fileop_tell_paths(kauth_action_t action, const char *first, const char *second, kauth_cred_t cred);

#endif
