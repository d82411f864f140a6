// SPDX-License-Identifier: BSD-2-Clause
/*
 * vnode_internal.h: the vnode as vfs/ knows it: its fields, its reference word, its states, and what the
 * files of this folder offer each other about vnodes. Kexts and the other kernel folders see vnode_t only.
 *
 * References
 *   iocount   short: held across every vnode operation; while there is one the vnode keeps its file
 *   usecount  long: keeps the file's identity between operations (an open file, a child's parent)
 *   v_id      changes when the vnode's file is gone. (vnode, v_id) is a weak reference: vnode_getwithvid()
 *             turns it into an iocount or says ENOENT. Vnodes live in one table that is not freed before
 *             shutdown, so the pointer may always be read
 * Both counts are in v_refs. Getting and putting an iocount is one compare-and-swap on it; only state changes
 * and waits take the vnode lock.
 *
 * Lock order (take downwards only; VFS holds none of them when it enters a vnode or VFS operation)
 *   100  mount list lock     mount_table.c    the list of mounts, mount ids, the table of types
 *   105  suspension lock  suspend.c        who has suspended what; all waiting for that
 *   110  mount lock          mnt_lock         life, busy count, flags and strings of one mount
 *   130  event listener      vfs_event.c      who is told
 *   140  drivers             device_switch.c  and who has which device open
 *   145  descriptors         file_table.c
 *   200  vnode lock          vnode_lock()     a shared pool: NEVER hold two vnode locks at once
 *   300  name cache shard    name_cache.c
 *   310  name string shard   name_string.c
 *   315  free at hand        vnode_table.c    one per way
 *   320  free list           vnode_table.c
 *   330  iocount ledger      iocount_ledger.c one per thread, tests and debugging only
 */
#ifndef KEXTBED_VFS_VNODE_INTERNAL_H
#define KEXTBED_VFS_VNODE_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/errno.h>
#include <sys/mount.h>
#include <sys/vnode.h>
#include <kern/locks.h>

#include "kern/kern_iface.h"
#include "vfs/line_internal.h"

struct componentname;
struct mount;
struct specinfo;

/* ---- the reference word -------------------------------------------------------------------------------- */

/* v_refs, from the low end: 20 bits iocount, 28 bits usecount, 3 bits state, flags. */
#define VREF_IO_ONE      (1ULL << 0)
#define VREF_IO_MASK     0xfffffULL
#define VREF_USE_SHIFT   20
#define VREF_USE_ONE     (1ULL << VREF_USE_SHIFT)
#define VREF_USE_MASK    (0xfffffffULL << VREF_USE_SHIFT)
#define VREF_STATE_SHIFT 48
#define VREF_STATE_MASK  (7ULL << VREF_STATE_SHIFT)
/* Beside the state, so that one test of both finds out who may simply go ahead. */
#define VREF_SUSPENDED (1ULL << 51) /* it or its mount is suspended: suspend_internal.h says who gets in */
#define VREF_WAITED    (1ULL << 52) /* somebody sleeps until the iocount falls: the next put wakes them */
#define VREF_INACTIVE  (1ULL << 53) /* the last usecount went: VNOP_INACTIVE is owed at the last put */
#define VREF_RECYCLE   (1ULL << 54) /* vnode_recycle() was asked for: reclaim at the last put */
#define VREF_TOUCHED   (1ULL << 55) /* used since the recycler last passed by */

static inline uint32_t vref_io(uint64_t refs)
{
    return (uint32_t)(refs & VREF_IO_MASK);
}
static inline uint32_t vref_use(uint64_t refs)
{
    return (uint32_t)((refs & VREF_USE_MASK) >> VREF_USE_SHIFT);
}

/* ---- states: the table of legal transitions is in vnode_state.c ---------------------------------------- */

enum vnode_state {
    VNODE_FREE,  /* no file, on the free list. Counts are 0 */
    VNODE_INIT,  /* vnode_create() fills it in; nobody else can find it */
    VNODE_LIVE,  /* has a file */
    VNODE_DRAIN, /* being reclaimed: waits until its reclaimer's iocount is the only one */
    VNODE_TERM,  /* being reclaimed: CLOSE, FSYNC, INACTIVE, RECLAIM run; others wait for the end */
    VNODE_DEAD,  /* its file is gone, somebody still refers to it; every operation fails */
};
const char *vnode_state_name(enum vnode_state state);
static inline enum vnode_state vref_state(uint64_t refs)
{
    return (enum vnode_state)((refs & VREF_STATE_MASK) >> VREF_STATE_SHIFT);
}
#define VREF_STATE(state) ((uint64_t)(state) << VREF_STATE_SHIFT)
/* Is @flag, one of the bits beside the state, set? By a shift, which needs no 64-bit constant in a register.
 */
static inline bool vref_has(uint64_t refs, uint64_t flag)
{
    return ((refs >> VREF_STATE_SHIFT) & (flag >> VREF_STATE_SHIFT)) != 0;
}
/* Alive, and not suspended. */
static inline bool vref_is_open(uint64_t refs)
{
    return ((refs >> VREF_STATE_SHIFT) & 15u) == VNODE_LIVE;
}
/* Does a put have to look whether somebody waits for it: VREF_SUSPENDED or VREF_WAITED? */
static inline bool vref_is_watched(uint64_t refs)
{
    return ((refs >> (VREF_STATE_SHIFT + 3)) & 3u) != 0;
}
_Static_assert(VREF_SUSPENDED >> VREF_STATE_SHIFT == 8 && VREF_WAITED >> VREF_STATE_SHIFT == 16,
               "vref_is_open and vref_is_watched know where these are");

/* ---- the vnode ----------------------------------------------------------------------------------------- */

typedef int (**vnode_vector_t)(void *);

#define VNODE_SHORT_NAME 16u /* bytes; a name up to this long lies in the vnode itself */

/* What a vnode is called, in v_namelen bytes. */
union vnode_name {
    char vn_short[VNODE_SHORT_NAME]; /* not terminated */
    const char *vn_long;             /* one reference of vfs_addname() */
};

/* Field legend: [i] constant for the life of the table, [a] atomic, [v] vnode lock, [f] fixed while an
 * iocount is held (written by vnode_create before the vnode can be found and by its reclaimer alone), [l]
 * free list lock. */
struct vnode {
    /* The first line: what a hit in the name cache and a call of an operation read. Nothing in it changes
     * while the file is merely used, so that all CPUs can have it at once. */
    _Atomic(uint32_t) v_id;            /* [a] never 0 */
    uint32_t v_index;                  /* [i] place in the table */
    _Atomic(uint32_t) v_flag;          /* [a] VF_* */
    _Atomic(uint8_t) v_type;           /* [a] enum vtype; VBAD when there is no file */
    _Atomic(uint8_t) v_tag;            /* [a] enum vtagtype */
    uint16_t v_namelen;                /* [v] 0: it has no name */
    vnode_vector_t v_op;               /* [f] */
    void *v_data;                      /* [f] the file system's own node; 0 after vnode_clearfsnode() */
    _Atomic(struct mount *) v_mount;   /* [a] mount_dead when there is no file */
    _Atomic(struct mount *) v_mounted; /* [a] written under [v]: what is mounted on this directory */
    /* Name cache entries made under another value are stale: those in this directory, those that lead to this
     * vnode, the negative ones in it. Never reset. The last is odd once there is one of the present value. */
    _Atomic(uint32_t) v_cache_dir_gen, v_cache_name_gen, v_cache_neg_gen; /* [a] */
    dev_t v_rdev;                                                         /* [f] VBLK, VCHR */

    /* The second line: what changes with every use. */
    _Atomic(uint64_t) v_refs;          /* [a] */
    _Atomic(uint32_t) v_writes;        /* [a] vnode_startwrite() not yet done */
    _Atomic(uint32_t) v_writecount;    /* [a] usecounts of opens for writing */
    _Atomic(uint32_t) v_eventcount;    /* [a] usecounts of opens for events only */
    struct vnode *v_parent;            /* [v] holds one usecount on it */
    union vnode_name v_name;           /* [v] */
    _Atomic(struct kthread *) v_owner; /* [a] the thread that reclaims it; may get iocounts meanwhile */
    union {
        _Atomic(off_t) v_filesize; /* [a] of a regular file: what ubc_getsize() says */
        struct vnode *v_next_free; /* [l] while it has no file */
    };
};
_Static_assert(offsetof(struct vnode, v_refs) == LINE_BYTES && sizeof(struct vnode) == 2 * LINE_BYTES,
               "a vnode is two cache lines");

/* v_flag */
#define VF_ROOT      0x00000001u /* root of its mount */
#define VF_SYSTEM    0x00000002u /* file of the file system's own (vnfs_marksystem) */
#define VF_SWAP      0x00000004u
#define VF_FSREF     0x00000008u /* vnode_addfsref() */
#define VF_CACHEABLE 0x00000010u /* names of it may enter the name cache (not VNFS_CANTCACHE) */
#define VF_NOCACHE   0x00000020u /* vnode_setnocache() */
#define VF_NORDAHEAD 0x00000040u
#define VF_MOUNTING  0x00000080u /* vnode_setmountedon(): a device that is mounted */
#define VF_MULTIPATH 0x00000100u /* has several names: v_parent may not be where it was found */
#define VF_STREAM    0x00000200u /* a named stream's vnode */
#define VF_RAGE      0x00000400u /* recycle before others */
#define VF_MONITORED 0x00000800u
#define VF_LISTED    0x00001000u /* whoever looks through the table may take it: set last by vnode_create() */
#define VF_COVERED   0x00002000u /* a directory that something is, or is just being, mounted on */

static inline enum vnode_state vnode_state(struct vnode *vp)
{
    return vref_state(atomic_load_explicit(&vp->v_refs, memory_order_relaxed));
}
static inline bool vnode_flag_is(struct vnode *vp, uint32_t flag)
{
    return (atomic_load_explicit(&vp->v_flag, memory_order_relaxed) & flag) != 0;
}
static inline void vnode_flag_set(struct vnode *vp, uint32_t flag)
{
    atomic_fetch_or_explicit(&vp->v_flag, flag, memory_order_relaxed);
}
static inline void vnode_flag_clear(struct vnode *vp, uint32_t flag)
{
    atomic_fetch_and_explicit(&vp->v_flag, ~flag, memory_order_relaxed);
}
static inline bool vnode_is_mine(struct vnode *vp)
{
    return atomic_load_explicit(&vp->v_owner, memory_order_relaxed) == kern_thread();
}
static inline struct mount *vnode_mount_of(struct vnode *vp)
{
    return atomic_load_explicit(&vp->v_mount, memory_order_acquire);
}

/* ---- vnode_state.c: transitions ------------------------------------------------------------------------ */

/** vnode_state_change - move @vp from @from to @to. A transition that is not in the table, a vnode that is
 *  not in state @from, or counts that do not fit the new state are a panic. The counts may change at the
 *  same moment. FREE to INIT gives one iocount.
 *  Locks:  the vnode lock is held, except from FREE and INIT, which have one owner. */
void vnode_state_change(struct vnode *vp, enum vnode_state from, enum vnode_state to);
/** vnode_state_alone - DRAIN to TERM if the iocount is 1. Vnode lock held. */
bool vnode_state_alone(struct vnode *vp);
/** vnode_state_claim - LIVE to TERM with one iocount, in one step, for a vnode without any reference but the
 *  caller's iocount (@held 1) or without any at all (@held 0). False: it is not one, or its reference word is
 *  not @seen any more. No lock. */
bool vnode_state_claim(struct vnode *vp, uint64_t seen, unsigned held);
/** vnode_state_free - DEAD to FREE, taking away the @last reference (VREF_IO_ONE or VREF_USE_ONE). False:
 *  the word is not @seen any more. No lock. */
bool vnode_state_free(struct vnode *vp, uint64_t seen, uint64_t last);

/* ---- vnode_table.c ------------------------------------------------------------------------------------- */

int vnode_table_boot(uint32_t max_vnodes);
void vnode_table_shutdown(void);
void vnode_lock(struct vnode *vp);
void vnode_unlock(struct vnode *vp);
/** vnode_sleep - msleep() on @channel with @vp's lock, which is dropped and taken again. @flags 0 or
 *  PCATCH.
 *  @ticks  100ths of a second, 0 forever. */
int vnode_sleep(struct vnode *vp, void *channel, int flags, const char *why, unsigned ticks);
/** vnode_table_count - slots ever used: indices below it are vnodes. */
uint32_t vnode_table_count(void);
struct vnode *vnode_table_at(uint32_t index);
/** vnode_table_take - a vnode without a file, in state INIT with one iocount, reclaiming an unused one when
 *  the bound is reached. Blocks. Errno: 0; ENFILE everything is in use (the holders are logged). */
int vnode_table_take(struct vnode **vpp);
/** vnode_table_give - a vnode in state FREE goes to the free list. */
void vnode_table_give(struct vnode *vp);
/** vnode_table_idle - a vnode lost its last reference; wakes those who wait for one. Cheap. */
void vnode_table_idle(void);
struct vfs_counters;
/** vnode_table_counters - the figures about vnodes and their references. */
void vnode_table_counters(struct vfs_counters *out);
/** vnode_id_next - another identity for @vp. */
void vnode_id_next(struct vnode *vp);

/* ---- vnode_refs.c -------------------------------------------------------------------------------------- */

/* What vnode_get_iocount() does about a vnode that is not simply alive. */
#define VGET_VID     0x1u  /* the identity must be the one given */
#define VGET_NODEAD  0x2u  /* a dead vnode is ENOENT */
#define VGET_AHEAD   0x4u  /* go ahead of a drain */
#define VGET_NOBLOCK 0x8u  /* ENOENT instead of waiting */
#define VGET_PATIENT 0x10u /* wait for whatever goes on, also while the mount is being unmounted */
#define VGET_CATCH   0x20u /* an interrupt ends the wait for a suspension: for the first step of a call */
/** vnode_get_iocount - take an iocount. @flags VGET_*. Errno: 0; ENOENT; ENODEV (with VGET_VID) its mount
 *  goes away; EINTR (with VGET_CATCH). */
int vnode_get_iocount(struct vnode *vp, uint32_t vid, unsigned flags);
struct vnode_identity;
/** vnode_born - INIT to LIVE, as @id: others may get iocounts from here on; the creator keeps its own. */
void vnode_born(struct vnode *vp, const struct vnode_identity *id);
/** vnode_ref_ext - a usecount for an open with @fmode (FWRITE, O_EVTONLY are counted too). Caller holds an
 *  iocount or usecount. */
int vnode_ref_ext(struct vnode *vp, int fmode);
void vnode_rele_ext(struct vnode *vp, int fmode);
/** vnode_iocount, vnode_usecount - the counts now; for reports and tests. */
uint32_t vnode_iocount(struct vnode *vp);
uint32_t vnode_usecount(struct vnode *vp);
/** vnode_describe - "name (VREG on memfs /mnt/a, LIVE, 1 iocount, 2 usecounts)"; for reports, racy. */
void vnode_describe(struct vnode *vp, char *buf, size_t size);

/* ---- vnode_lifecycle.c --------------------------------------------------------------------------------- */

/** vnode_reclaim_held - take @vp's file away. Returns the parent whose usecount the caller has to give back
 *  once the lock is dropped, or NULL. Does nothing (NULL) when somebody else reclaims or has reclaimed it.
 *  @flags  DOCLOSE, REVOKEALL.
 *  Refs:   the caller has one iocount and keeps it. Blocks: until it is the only one.
 *  Locks:  the vnode lock is held; it is dropped and taken again. */
struct vnode *vnode_reclaim_held(struct vnode *vp, int flags);
/** vnode_reclaim_last - reclaim a vnode that vnode_state_claim() gave to the holder of its only iocount, who
 *  keeps it. No lock held. Returns the parent whose usecount the caller has to give back, or NULL. */
struct vnode *vnode_reclaim_last(struct vnode *vp);
/** vnode_reclaim_claimed - reclaim a vnode that vnode_state_claim() gave; it is FREE afterwards. No lock
 *  held. Returns the parent whose usecount the caller has to give back, or NULL. */
struct vnode *vnode_reclaim_claimed(struct vnode *vp);
/** vnode_reclaim_told - after vnode_reclaim_held(), once the vnode lock is dropped: whoever drains the mount
 *  looks again. */
void vnode_reclaim_told(void);
extern vnode_vector_t vnode_dead_vector;

/* ---- vnode_identity.c: names and parents --------------------------------------------------------------- */

/** vnode_identity_drop - forget name and parent (reclaim). Returns the parent whose usecount the caller
 *  gives back. */
struct vnode *vnode_identity_drop(struct vnode *vp);
struct vnode_identity {
    struct vnode *id_parent; /* a usecount, or NULL */
    union vnode_name id_name;
    uint16_t id_namelen;
};
/** vnode_identity_make - whose child a new vnode will be (@dvp, of which a usecount is taken, or NULL) and
 * what it will be called (@cnp, or NULL). */
void vnode_identity_make(struct vnode_identity *id, struct vnode *dvp, const struct componentname *cnp);
/** vnode_identity_set_locked - make @id that of @vp, which has none. Vnode lock held. */
void vnode_identity_set_locked(struct vnode *vp, const struct vnode_identity *id);
/** vnode_identity_found - VNOP_LOOKUP found @vp as @cnp in @dvp: that is its name and its parent where it has
 *  none and the file system has not said that it has several. Refs: iocounts on both. Blocks: no. */
void vnode_identity_found(struct vnode *vp, struct vnode *dvp, const struct componentname *cnp);
/** vnode_name_locked - what @vp is called, v_namelen bytes; NULL: it has no name. Vnode lock held. */
const char *vnode_name_locked(const struct vnode *vp);
/** vnode_getparent_and_name - the two as they belonged together at one moment; either may come back NULL.
 *  Refs:   an iocount on *dvpp, a reference (vnode_putname) on *namep. */
void vnode_getparent_and_name(struct vnode *vp, struct vnode **dvpp, const char **namep);

/** vnode_path - vn_getpath(), or with @in_volume the path from the root of the vnode's volume; "/" is the
 * root.
 */
int vnode_path(struct vnode *vp, char *pathbuf, int *len, bool in_volume);

/* ---- name_cache.c -------------------------------------------------------------------------------------- */

int name_cache_boot(uint32_t max_entries);
void name_cache_shutdown(void);
uint64_t name_cache_count(void);
/** cache_purgevfs - drop the entries of @mp's vnodes, and all that are stale. For a mount that goes. */
void cache_purgevfs(struct mount *mp);
/** cache_generation, cache_enter_with_gen - cache_enter() only if nothing of @dvp's mount has been purged
 *  since the generation was read: for names that were looked up without a lock of the file system's that
 *  keeps them true. */
uint32_t cache_generation(struct vnode *dvp);
void cache_enter_with_gen(struct vnode *dvp, struct vnode *vp, struct componentname *cnp, uint32_t gen);
/** cache_forget - cache_purge() of a vnode that loses its file anyway. */
void cache_forget(struct vnode *vp);
/** cache_sweep - take out what is stale now instead of when somebody meets it, so that counts and memory
 *  are exact. */
void cache_sweep(void);
/** cache_purge_name - drop the entries that lead to @vp; those in it stay. */
void cache_purge_name(struct vnode *vp);
/** cache_hash - the hash of a name as cn_hash carries it; never 0. */
uint32_t cache_hash(const char *name, size_t len);

/* ---- name_string.c ------------------------------------------------------------------------------------- */

int name_string_boot(void);
void name_string_shutdown(void);
uint64_t name_string_count(void);
/** name_string_retain - one more reference to a string that vfs_addname() gave. */
void name_string_retain(const char *name);

#endif
