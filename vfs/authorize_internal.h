// SPDX-License-Identifier: BSD-2-Clause
/*
 * authorize_internal.h: the parts of the permission decision that the system-call layer uses directly, so
 * that it fetches a file's attributes once and decides several questions with them. The KPI's
 * vnode_authorize() and vnode_authattr() are made of the same parts.
 */
#ifndef KEXTBED_VFS_AUTHORIZE_INTERNAL_H
#define KEXTBED_VFS_AUTHORIZE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/kauth.h>
#include <sys/vnode.h>

/* What a decision about one file needs to know of it. */
struct authorize_attr {
    enum vtype aa_type;
    uid_t aa_uid;
    gid_t aa_gid;
    mode_t aa_mode;    /* 07777 */
    uint32_t aa_flags; /* UF_*, SF_* */
};

/** authorize_attr_get - fetch @attr of @vp. A file system that knows no owners or modes gives everybody
 * everything; one mounted without ownership gives the caller's own ids. Caller holds an iocount. Errno: the
 * file system's. Blocks. */
int authorize_attr_get(vnode_t vp, struct authorize_attr *attr, vfs_context_t ctx);
/** authorize_mount - what the mount forbids @vp: EROFS for a change on a read-only one, EACCES for execution
 * where MNT_NOEXEC. Needs no attribute. */
int authorize_mount(vnode_t vp, kauth_action_t action);
/** authorize_immutable - what the file flags in @attr forbid, to the superuser too: EPERM. */
int authorize_immutable(const struct authorize_attr *attr, kauth_action_t action);
/** authorize_mode - the POSIX decision on @attr alone: EACCES, or EPERM for what only the owner or the
 * superuser may do. KAUTH_VNODE_DELETE is not decided here. */
int authorize_mode(const struct authorize_attr *attr, kauth_action_t action, vfs_context_t ctx);
/** authorize_delete - may a name in directory @dir that leads to @file be taken away? EACCES, EPERM (sticky,
 * flags).
 *  @preauthorised: only the flags are looked at. */
int authorize_delete(const struct authorize_attr *dir, const struct authorize_attr *file, bool preauthorised,
                     vfs_context_t ctx);
/** authorize_setattr - as vnode_authattr(), with the file's attributes at hand.
 *  @preauthorised: the host, which knows all groups of the caller, has judged a set-group-id bit already. */
int authorize_setattr(const struct authorize_attr *attr, struct vnode_attr *vap, kauth_action_t *action,
                      bool preauthorised, vfs_context_t ctx);
/** authorize_set_ids_written - the set-id bits of @mode that go when other than the superuser changes the
 * contents. */
mode_t authorize_set_ids_written(mode_t mode);
/** authorize_new - complete @vap for a new object in directory @dir: owner, group and set-id bits as POSIX
 * and Linux have them. va_type and va_mode are set by the caller. EPERM: an owner or group that the caller
 * may not give. */
int authorize_new(const struct authorize_attr *dir, struct vnode_attr *vap, bool preauthorised,
                  vfs_context_t ctx);
/** authorize_heard - let those who listen to KAUTH_SCOPE_VNODE speak too, after VFS decided @error (0:
 * granted). Returns the answer that counts. Costs one load where nobody listens. Caller holds iocounts and no
 * lock. Blocks: if a listener does. Errno: 0; @error; EACCES or what the denying listener set. */
int authorize_heard(vnode_t vp, vnode_t dvp, kauth_action_t action, int error, vfs_context_t ctx);
int authorize_scope_boot(void);
void authorize_scope_shutdown(void);
/** authorize_is_super - is the context the superuser's? */
bool authorize_is_super(vfs_context_t ctx);
/** authorize_is_member - does the context's credential belong to group @gid? */
bool authorize_is_member(vfs_context_t ctx, gid_t gid);

#endif
