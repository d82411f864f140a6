// SPDX-License-Identifier: BSD-2-Clause
/*
 * suspend_internal.h: suspended files and mounts: the records, and what the rest of vfs/ asks of them.
 *
 * What is suspended is marked: VREF_SUSPENDED in the reference word of each vnode, MNTK_SUSPENDED in the
 * mount. The fast paths test their word for the mark together with what they test anyway, so that nothing is
 * paid while nothing is suspended; whoever meets the mark comes here.
 *
 * Who gets in is always decided under the suspension lock, together with taking the reference. The owner,
 * always: the thread itself, or one that acts for it (vfs_suspend_act). A call that began before, while the
 * suspension drains: it may hold references already, and needs more to finish; once nobody holds any, it is
 * like everybody else. A thread without a call, while it drains and flushes: a kext's own thread may have to
 * work for one of the former, or for the flush. Whether it does cannot be told; so that one that merely goes
 * on does not keep a drain from its end, each of its references waits a moment. Everybody else waits until it
 * is over.
 *
 * Lock: the suspension lock (rank 105), above mount and vnode locks, below the mount list's. Sleepers of both
 * kinds (for an end, for a drain) have it as their mutex.
 */
#ifndef KEXTBED_VFS_SUSPEND_INTERNAL_H
#define KEXTBED_VFS_SUSPEND_INTERNAL_H

#include <sys/queue.h>
#include <sys/vfs_suspend.h>

#include "vfs/mount_internal.h"
#include "vfs/vnode_internal.h"

enum suspend_state {
    SUSPEND_DRAINING,
    SUSPEND_FLUSHING,
    SUSPEND_SETTLING, /* drains once more, what worked for the flush */
    SUSPEND_HELD,
    SUSPEND_ENDED, /* by an unmount; the owner has not resumed yet */
};

#define SUSPEND_LABEL 64

/* Field legend: [i] constant, [s] suspension lock. */
struct suspension {
    TAILQ_ENTRY(suspension) s_list; /* [s] */
    struct mount *s_mp;             /* [i] holds a reference */
    struct vnode *s_vp;             /* [i] holds a usecount; NULL: all of s_mp */
    const void *s_owner;            /* [i] */
    char s_label[SUSPEND_LABEL];    /* [i] whose it is, for reports */
    uint64_t s_since_ns;            /* [i] */
    bool s_forgotten;               /* [i] an unmount takes it away: the owner does not resume by pointer */
    enum suspend_state s_state;     /* [s] */
    uint32_t s_depth;               /* [s] */
    bool s_told;                    /* [s] VFS_SUSPEND was called, VFS_RESUME is owed */
    struct kern_call_info *s_calls; /* [s] those in progress when it began, while it drains */
    size_t s_ncalls, s_room;        /* [s] */
};
TAILQ_HEAD(suspension_list, suspension);
extern struct suspension_list suspend_list; /* [s] */

void suspend_boot(void);
void suspend_shutdown(void);
void suspend_lock(void);
void suspend_unlock(void);
/** suspend_sleep - until something ends (@drain false) or a reference is given back (@drain true).
 *  @deadline_ns  0: none.
 *  @flags        0 or PCATCH.
 *  Locks: the suspension lock, dropped meanwhile. Errno: 0; EWOULDBLOCK; EINTR. */
int suspend_sleep(bool drain, uint64_t deadline_ns, int flags);
/** suspend_tell - wake those who wait for an end. Suspension lock held. */
void suspend_tell(void);

/* ---- the gates (suspend.c) ----------------------------------------------------------------------------- */

/** suspend_get - an iocount of @vp, which has the mark. *@taken false (with 0): look again.
 *  @flags  VGET_NOBLOCK, VGET_CATCH. Errno: 0; ENOENT (VGET_NOBLOCK); EINTR. Blocks. */
int suspend_get(struct vnode *vp, unsigned flags, bool *taken);
/** suspend_claim - vnode_state_claim(@vp, @seen, 0) of a vnode with the mark, if the thread gets in. */
bool suspend_claim(struct vnode *vp, uint64_t seen);
/** suspend_busy - a vfs_busy() hold of @mp, which has the mark. As suspend_get(). */
int suspend_busy(struct mount *mp, bool catch, bool *taken);
/** suspend_await - wait until @mp is not suspended for the calling thread. Errno: 0; EINTR. */
int suspend_await(struct mount *mp);
/** suspend_notice - a reference to something with the mark was given back. No lock above rank 105 held. */
void suspend_notice(void);
/** suspend_any - is anything suspended, or about to be? Any thread, no lock. */
bool suspend_any(void);
/** suspend_list_add, suspend_list_remove - put a record on the list, take it off. Suspension lock held. */
void suspend_list_add(struct suspension *s);
void suspend_list_remove(struct suspension *s);
/** suspend_mine - has the calling thread's owner suspended anything? */
bool suspend_mine(void);

/* ---- beginning and ending (suspend_run.c) -------------------------------------------------------------- */

struct suspend_request {
    struct mount *mp;
    struct vnode *vp; /* NULL: all of mp */
    const void *owner;
    const char *label;
    uint32_t timeout_ms;
    uint32_t own_busy; /* vfs_busy() holds of the caller's */
    bool forgotten;
    char *why; /* may be NULL: on ETIMEDOUT, who holds it */
    size_t why_size;
};
int suspend_begin(const struct suspend_request *req, vfs_context_t ctx);
/** suspend_end - one level of @owner's. @vp NULL: of the whole mount @mp. */
int suspend_end(struct mount *mp, struct vnode *vp, const void *owner);
/** suspend_end_owner - everything that @owner suspended and that is forgotten at an unmount. */
void suspend_end_owner(const void *owner);
/** suspend_end_mount - what is suspended of @mp and its vnodes, whoever the owner is. */
void suspend_end_mount(struct mount *mp);
/** suspend_clear - take the mark from what @s marked and nothing else has suspended. Suspension lock held. */
void suspend_clear(struct suspension *s);

/* ---- suspend_report.c ---------------------------------------------------------------------------------- */

/** suspend_report - who keeps @s from being quiet. Suspension lock held. */
void suspend_report(const struct suspension *s, char *why, size_t size);
/** suspend_describe - whose @s is, since when. Suspension lock held. */
void suspend_describe(const struct suspension *s, char *why, size_t size);

#endif
