// SPDX-License-Identifier: BSD-2-Clause
/*
 * lookup_internal.h: from a name or a path to a vnode. Used by the system-call layer and by
 * vnode_lookup()/vnode_open().
 *
 * Lookup holds no lock. It holds one iocount on the directory that it stands in, and hands over iocounts in
 * its result.
 */
#ifndef KEXTBED_VFS_LOOKUP_INTERNAL_H
#define KEXTBED_VFS_LOOKUP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/vnode.h>

#include "vfs/syscalls.h"

/* A path may lead through this many symbolic links; one more is ELOOP. */
#define LOOKUP_LINKS_MAX 32

/* lk_flags */
#define LOOKUP_FOLLOW  0x01u /* follow a symbolic link in the last component */
#define LOOKUP_NOCROSS 0x02u /* stay on the directory that something is mounted on, in the last component */
#define LOOKUP_ONENAME 0x04u /* the path is one name: no separators, nothing followed, not copied */
#define LOOKUP_PREAUTH 0x08u /* do not ask for permission to search */
#define LOOKUP_NOWAIT  0x10u /* ENOENT rather than waiting for a mount that goes away */
#define LOOKUP_NOLINKS 0x20u /* ELOOP at any symbolic link */

/* What the last component was, where it was not a name. */
enum lookup_last {
    LOOKUP_LAST_NAME,
    LOOKUP_LAST_NONE, /* the path was empty or all slashes: the start itself */
    LOOKUP_LAST_DOT,
    LOOKUP_LAST_DOTDOT,
};

/* One lookup. Large: lives on the caller's stack; lookup_init() leaves the path buffer alone. */
struct lookup {
    /* asked */
    vfs_context_t lk_ctx;
    uint32_t lk_op;    /* LOOKUP, CREATE, DELETE, RENAME: what the last component is wanted for */
    uint32_t lk_flags; /* LOOKUP_* */
    /* answered */
    vnode_t
        lk_dvp; /* for other than LOOKUP: the directory of the last component; NULL with LOOKUP_LAST_NONE */
    vnode_t lk_vp; /* what was found; NULL: absent, and CREATE or RENAME may go on */
    enum lookup_last lk_last;
    bool lk_slash;              /* the path ended in a slash: only a directory will do */
    struct componentname lk_cn; /* the last component */
    /* on the way */
    unsigned lk_links;
    char *lk_next;
    char lk_path[SYS_PATH_MAX];
};

void lookup_init(struct lookup *lk, vfs_context_t ctx, uint32_t op, uint32_t flags);
/** lookup_run - resolve @path from @start.
 *  @start  a directory for any path that is not empty. Its iocount is consumed, on errors too.
 *  Refs:   lk_dvp and lk_vp carry an iocount each where they are not NULL; lookup_done() puts both. Nothing
 * on errors. Blocks: yes. Errno:  0; ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, EINVAL (one name with a
 * slash); the file system's. */
int lookup_run(struct lookup *lk, vnode_t start, const char *path);
/** lookup_done - put what lookup_run() gave. Allowed after lookup_init() alone. */
void lookup_done(struct lookup *lk);

/** lookup_step - one component of @lk in the directory *@dvpp, whose iocount stays the caller's (".." may
 * exchange it for the covered directory's). @last: it is the last one. Gives an iocount on *@vpp, or NULL
 * there as lk_vp. */
int lookup_step(struct lookup *lk, vnode_t *dvpp, char *name, size_t len, bool last, vnode_t *vpp);

#endif
