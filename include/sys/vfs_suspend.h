// SPDX-License-Identifier: BSD-2-Clause
/*
 * sys/vfs_suspend.h: suspending a file or a whole mounted file system, so that what it stores may be changed
 * underneath: new operations wait, those in flight finish, dirty data is written, then nobody but the owner
 * gets in until it is resumed.
 *
 * An owner is an address of the caller's choosing; NULL stands for the calling thread. Suspensions of one
 * owner nest; another owner waits until they have ended. Only the owner resumes. What waits is getting a new
 * iocount (or a vfs_busy() hold) from outside; a call that was in the file system when the suspension began
 * gets all the references that it needs to finish.
 *
 * No release of Darwin has these functions, and they can still change: KextbedEvolvingInterfaces asks for
 * them.
 */
#ifndef KPI_SYS_VFS_SUSPEND_H
#define KPI_SYS_VFS_SUSPEND_H

#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/types.h>

#define VFS_SUSPEND_FOREVER 0xffffffffu /* no time-out */

__BEGIN_DECLS
/** vfs_suspend - suspend a mounted file system: drain, VFS_SYNC, the type's own suspend operation if it has
 *  one.
 *  @mp         in  the mount.
 *  @owner      in  on whose behalf; NULL the calling thread.
 *  @timeout_ms in  milliseconds for all waiting together; 0 tries once; VFS_SUSPEND_FOREVER. On a time-out
 *                  nothing is suspended and the log names who still holds it.
 *  @ctx        in  whose call it is, for the flush.
 *  Refs:   the caller has one vfs_busy() hold and no iocount on a vnode of @mp; the suspension keeps @mp
 *          valid until vfs_resume().
 *  Locks:  none held.
 *  Blocks: yes.
 *  Errno:  0; ETIMEDOUT; EINTR; ENOENT it is being unmounted; EDEADLK the caller has an iocount; what the
 *          flush returned.
 *  KPI:    bsd, evolving */
errno_t vfs_suspend(mount_t mp, void *owner, uint32_t timeout_ms, vfs_context_t ctx);
/** vfs_resume - end one vfs_suspend(); the last one lets everybody in again.
 *  @mp    in  the mount.
 *  @owner in  as at vfs_suspend().
 *  Refs:   @mp may be gone afterwards.
 *  Locks:  none held.
 *  Blocks: the type's own resume operation may.
 *  Errno:  0; EINVAL it is not suspended; EPERM by somebody else; ENOENT a forced unmount ended it.
 *  KPI:    bsd, evolving */
errno_t vfs_resume(mount_t mp, void *owner);
/** vnode_suspend - suspend one file: drain, VNOP_FSYNC.
 *  @vp         in  the file.
 *  @owner      in  as vfs_suspend().
 *  @timeout_ms in  as vfs_suspend().
 *  @ctx        in  whose call it is, for the flush.
 *  Refs:   the caller has exactly one iocount on @vp, which it may give up before it resumes; the suspension
 *          keeps a usecount.
 *  Locks:  none held.
 *  Blocks: yes.
 *  Errno:  0; ETIMEDOUT; EINTR; ENOENT the file is gone; EDEADLK the caller has another iocount; what
 *          VNOP_FSYNC returned.
 *  KPI:    bsd, evolving */
errno_t vnode_suspend(vnode_t vp, void *owner, uint32_t timeout_ms, vfs_context_t ctx);
/** vnode_resume - end one vnode_suspend(); the last one lets everybody in again.
 *  @vp    in  the file; no reference of the caller's is needed.
 *  @owner in  as at vnode_suspend().
 *  Refs:   gives the suspension's usecount back.
 *  Locks:  none held.
 *  Blocks: the last usecount may do: VNOP_INACTIVE, VNOP_RECLAIM.
 *  Errno:  0; EINVAL it is not suspended; EPERM by somebody else; ENOENT a forced unmount ended it.
 *  KPI:    bsd, evolving */
errno_t vnode_resume(vnode_t vp, void *owner);
/** vfs_suspend_act - the calling thread acts for @owner: what that one has suspended lets it in. NULL ends
 *  it. A thread always acts for itself.
 *  @owner in  as at vfs_suspend().
 *  Refs:   none.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  whom it acted for before, to be put back.
 *  KPI:    bsd, evolving */
void *vfs_suspend_act(void *owner);
__END_DECLS

#endif /* KPI_SYS_VFS_SUSPEND_H */
