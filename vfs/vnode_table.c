// SPDX-License-Identifier: BSD-2-Clause
/*
 * The vnode table: one array of vnodes, as long as the bound, allocated at boot and never freed before
 * shutdown, so that a pointer to a vnode may be read for ever. Slots come into use as they are needed.
 *
 * A new vnode comes from the free list, else from a slot never used, else from the recycler: a clock hand
 * that goes round the table, passes by what was touched since it last came (and takes the mark away), and
 * claims the first vnode that nothing refers to. There is no list of unused vnodes to keep, so using and
 * leaving a vnode touches no shared line.
 *
 * Reclaiming calls into the file system, so vnode_balance() does it ahead of need, where the caller holds
 * nothing; in vnode_create() it happens only if that was not enough. When all vnodes are in use, creation
 * waits a while for one to become free and then fails with ENFILE, and the log tells by whom.
 *
 * Threads that make and lose vnodes all the time do not meet at the free list: each has a few free vnodes at
 * hand, in the way that its number leads to. Whoever finds none elsewhere takes one from there before it
 * reclaims one. A small table has no such stock, nor has one that is validated.
 *
 * Locks: ways (rank 315), free list lock (rank 320). Vnode locks are a pool of mutexes, shared by the vnodes
 * of equal index modulo its size.
 */
#include <sys/syslog.h>
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "kern/lock_iface.h"
#include "validate/validate_iface.h"
#include "ubc/ubc_iface.h"
#include "vfs/mount_internal.h"
#include "vfs/suspend_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnode_internal.h"

#define LOCK_POOL_SIZE  256u
#define DEFAULT_VNODES  65536u
#define MINIMUM_VNODES  8u
#define RESERVE_DIVISOR 8u  /* vnode_balance() keeps an eighth of the table free... */
#define RESERVE_MAX     64u /* ...but no more than this */
#define BALANCE_BATCH   16u
#define BALANCE_STEPS   1024u /* vnodes that one call of vnode_balance() looks at for each that it reclaims */
#define BALANCE_SKIP    32    /* calls that do nothing after one that found nothing */
#define WAIT_ROUNDS     20u   /* of a tenth of a second each, before ENFILE */
#define WAYS            8u
#define WAY_ROOM        16u /* free vnodes at hand in each... */
#define WAY_SHARE       8u  /* ...unless that would make more than this part of the table in all */
#define NESTING_MAX     4u  /* vnode_create() inside a reclaim inside vnode_create()... */
#define HOLDERS_LOGGED  8u

int desiredvnodes = DEFAULT_VNODES;

/* What every call reads is apart from what many calls change. */
static struct {
    struct vnode *slots;       /* constant after boot */
    void *memory;              /* constant after boot: what they lie in */
    uint32_t max;              /* constant after boot */
    uint32_t reserve;          /* constant after boot */
    uint32_t boot;             /* constant after boot: part of a weak reference */
    uint32_t way_room;         /* constant after boot */
    _Atomic(uint32_t) used;    /* slots that were ever in use; grows under free_lock */
    _Atomic(uint32_t) waiting; /* threads that look for a vnode and may have to sleep */
    lck_grp_t *group;          /* constant after boot */
    struct {
        lck_mtx_t free_lock;
        struct vnode *free_head;     /* free_lock */
        _Atomic(uint32_t) available; /* on the free list or never used; changes under free_lock */
        _Atomic(uint32_t) hand;
        _Atomic(int32_t) balance_skip; /* a race may make it negative, which means 0 */
        uint64_t news;                 /* free_lock: counts what the waiting are told of */
    } __attribute__((aligned(LINE_BYTES)));
    struct vnode_way {
        lck_mtx_t lock;
        struct vnode *head;      /* lock */
        _Atomic(uint32_t) count; /* lock, to change: free vnodes at hand */
        _Atomic(uint64_t) created, recycled;
    } __attribute__((aligned(LINE_BYTES))) ways[WAYS];
    struct {
        lck_mtx_t lock;
    } __attribute__((aligned(LINE_BYTES))) pool[LOCK_POOL_SIZE];
} table;

static _Thread_local unsigned nesting; /* reclaims by vnode_table_take() under way on this thread */

/* ---- start and end ------------------------------------------------------------------------------------- */

static void way_boot(struct vnode_way *way)
{
    lck_mtx_init(&way->lock, table.group, LCK_ATTR_NULL);
    way->head = NULL;
    atomic_store(&way->count, 0);
    atomic_store(&way->created, 0);
    atomic_store(&way->recycled, 0);
}

int vnode_table_boot(uint32_t max_vnodes)
{
    uint32_t max = max_vnodes ? max_vnodes : DEFAULT_VNODES;
    if (max < MINIMUM_VNODES || max > INT32_MAX)
        return EINVAL;
    table.memory = kern_alloc_try(PAIR_ROOM((size_t)max * sizeof(struct vnode)), "vnode table");
    if (!table.memory)
        return ENOMEM;
    table.slots = pair_align(table.memory);
    table.max = max;
    table.boot++;
    table.reserve = max / RESERVE_DIVISOR < RESERVE_MAX ? max / RESERVE_DIVISOR : RESERVE_MAX;
    table.free_head = NULL;
    atomic_store(&table.used, 0);
    atomic_store(&table.available, max);
    atomic_store(&table.hand, 0);
    atomic_store(&table.balance_skip, 0);
    table.way_room = max / WAY_SHARE / WAYS < WAY_ROOM ? 0 : WAY_ROOM;
    table.group = lck_grp_alloc_init("vfs.vnode", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&table.free_lock, table.group, LCK_ATTR_NULL);
    for (unsigned i = 0; i < WAYS; i++)
        way_boot(&table.ways[i]);
    for (unsigned i = 0; i < LOCK_POOL_SIZE; i++)
        lck_mtx_init(&table.pool[i].lock, table.group, LCK_ATTR_NULL);
    desiredvnodes = (int)max;
    return 0;
}

void vnode_table_shutdown(void)
{
    for (unsigned i = 0; i < LOCK_POOL_SIZE; i++)
        lck_mtx_destroy(&table.pool[i].lock, table.group);
    for (unsigned i = 0; i < WAYS; i++)
        lck_mtx_destroy(&table.ways[i].lock, table.group);
    lck_mtx_destroy(&table.free_lock, table.group);
    lck_grp_free(table.group);
    kern_free(table.memory, PAIR_ROOM((size_t)table.max * sizeof(struct vnode)));
    table.slots = NULL;
    atomic_store(&table.used, 0);
}

static lck_mtx_t *lock_of(const struct vnode *vp)
{
    return &table.pool[vp->v_index % LOCK_POOL_SIZE].lock;
}

void vnode_lock(struct vnode *vp)
{
    lck_mtx_lock(lock_of(vp));
}

void vnode_unlock(struct vnode *vp)
{
    lck_mtx_unlock(lock_of(vp));
}

int vnode_sleep(struct vnode *vp, void *channel, int flags, const char *why, unsigned ticks)
{
    struct timespec ts = {.tv_sec = ticks / 100, .tv_nsec = (long)(ticks % 100) * 10000000};
    return msleep(channel, lock_of(vp), PVFS | flags, why, ticks ? &ts : NULL);
}

uint32_t vnode_table_count(void)
{
    return atomic_load_explicit(&table.used, memory_order_acquire);
}

struct vnode *vnode_table_at(uint32_t index)
{
    return &table.slots[index];
}

void vnode_id_next(struct vnode *vp)
{
    uint32_t id = atomic_load_explicit(&vp->v_id, memory_order_relaxed) + 1;
    atomic_store_explicit(&vp->v_id, id ? id : 1, memory_order_relaxed);
}

/* ---- weak references ----------------------------------------------------------------------------------- */

uint64_t vnode_weak(vnode_t vp)
{
    return (uint64_t)table.boot << 32 | (vp->v_index + 1);
}

int vnode_weak_get(uint64_t weak, uint32_t vid, vnode_t *vpp)
{
    *vpp = NULLVP;
    uint32_t index = (uint32_t)weak - 1; /* 0 wraps to an index that no table has */
    if (weak >> 32 != table.boot || index >= vnode_table_count())
        return ENOENT;
    int error = vnode_get_iocount(&table.slots[index], vid, VGET_VID | VGET_NODEAD | VGET_CATCH);
    if (!error)
        *vpp = &table.slots[index];
    return error;
}

/* ---- free vnodes --------------------------------------------------------------------------------------- */

static void slot_init(struct vnode *vp, uint32_t index)
{
    vp->v_index = index;
    vp->v_op = vnode_dead_vector;
    atomic_store_explicit(&vp->v_id, 1, memory_order_relaxed);
    atomic_store_explicit(&vp->v_type, VBAD, memory_order_relaxed);
    atomic_store_explicit(&vp->v_mount, &mount_dead, memory_order_relaxed);
}

static struct vnode_way *way_mine(void)
{
    return &table.ways[kern_thread_number(kern_thread()) % WAYS];
}

/* A free vnode that is at hand, or NULL. */
static struct vnode *way_take(struct vnode_way *way)
{
    if (atomic_load_explicit(&way->count, memory_order_relaxed) == 0)
        return NULL;
    lck_mtx_lock(&way->lock);
    struct vnode *vp = way->head;
    if (vp) {
        way->head = vp->v_next_free;
        vp->v_next_free = NULL;
        atomic_fetch_sub_explicit(&way->count, 1, memory_order_relaxed);
    }
    lck_mtx_unlock(&way->lock);
    return vp;
}

static bool way_give(struct vnode_way *way, struct vnode *vp)
{
    if (validate_on() || atomic_load_explicit(&way->count, memory_order_relaxed) >= table.way_room)
        return false;
    lck_mtx_lock(&way->lock);
    vp->v_next_free = way->head;
    way->head = vp;
    atomic_fetch_add_explicit(&way->count, 1, memory_order_relaxed);
    lck_mtx_unlock(&way->lock);
    return true;
}

/* From the free list or a slot never used. NULL: the table is full. */
static struct vnode *take_listed(void)
{
    if (atomic_load_explicit(&table.available, memory_order_relaxed) == 0)
        return NULL;
    lck_mtx_lock(&table.free_lock);
    struct vnode *vp = table.free_head;
    uint32_t used = atomic_load_explicit(&table.used, memory_order_relaxed);
    /* The validator wants a vnode without a file to stay one for long, so that using it is seen. */
    if (vp && !(validate_on() && used < table.max)) {
        table.free_head = vp->v_next_free;
        vp->v_next_free = NULL;
    } else if (used < table.max) {
        vp = &table.slots[used];
        slot_init(vp, used);
        atomic_store_explicit(&table.used, used + 1, memory_order_release);
    }
    if (vp)
        atomic_fetch_sub_explicit(&table.available, 1, memory_order_relaxed);
    lck_mtx_unlock(&table.free_lock);
    return vp;
}

/* A free vnode from wherever there is one. NULL: the table is full. */
static struct vnode *take_free(void)
{
    struct vnode *vp = way_take(way_mine());
    if (!vp)
        vp = take_listed();
    for (unsigned i = 0; !vp && i < WAYS; i++)
        vp = way_take(&table.ways[i]);
    return vp;
}

/* Free list lock held. */
static void tell_waiting(void)
{
    table.news++;
    if (atomic_load(&table.waiting))
        wakeup(&table.waiting);
}

void vnode_table_give(struct vnode *vp)
{
    struct vnode_way *way = way_mine();
    atomic_fetch_add_explicit(&way->recycled, 1, memory_order_relaxed);
    if (way_give(way, vp)) {
        vnode_table_idle(); /* who waits looks into the ways after saying so */
        return;
    }
    lck_mtx_lock(&table.free_lock);
    vp->v_next_free = table.free_head;
    table.free_head = vp;
    atomic_fetch_add_explicit(&table.available, 1, memory_order_relaxed);
    tell_waiting();
    lck_mtx_unlock(&table.free_lock);
}

void vnode_table_idle(void)
{
    if (__builtin_expect(atomic_load(&table.waiting) == 0, 1))
        return;
    lck_mtx_lock(&table.free_lock);
    tell_waiting();
    lck_mtx_unlock(&table.free_lock);
}

/* ---- recycling ----------------------------------------------------------------------------------------- */

/* Move the hand on, at most @steps, which count down, until it has claimed a vnode. NULL: it has not.
 * @dirty: also one with dirty pages, which it would lose if they can't be written. */
static struct vnode *claim_unused(uint64_t *steps, bool dirty)
{
    uint32_t used = vnode_table_count();
    for (; *steps > 0; --*steps) {
        struct vnode *vp =
            &table.slots[atomic_fetch_add_explicit(&table.hand, 1, memory_order_relaxed) % used];
        uint64_t refs = atomic_load_explicit(&vp->v_refs, memory_order_relaxed);
        if (vref_state(refs) != VNODE_LIVE || (refs & (VREF_IO_MASK | VREF_USE_MASK)))
            continue;
        if (!dirty && ubc_vnode_dirty(vp))
            continue;
        if ((refs & VREF_TOUCHED) && !vnode_flag_is(vp, VF_RAGE))
            atomic_fetch_and_explicit(&vp->v_refs, ~VREF_TOUCHED, memory_order_relaxed);
        else if (refs & VREF_SUSPENDED ? suspend_claim(vp, refs) : vnode_state_claim(vp, refs, 0))
            return vp;
    }
    return NULL;
}

/* Reclaim one unused vnode, which is FREE then and on no list. NULL: none found in @steps. */
static struct vnode *recycle_one(uint64_t *steps, bool dirty)
{
    struct vnode *vp = claim_unused(steps, dirty);
    if (!vp)
        return NULL;
    nesting++;
    struct vnode *parent = vnode_reclaim_claimed(vp);
    if (parent)
        vnode_rele(parent);
    nesting--;
    return vp;
}

/* Not more than once round the table: a second time would meet its own marks and claim what the caller has
 * found a moment ago and is about to use. */
void vnode_balance(void)
{
    uint64_t round = vnode_table_count();
    for (unsigned i = 0; i < BALANCE_BATCH; i++) {
        if (__builtin_expect(atomic_load_explicit(&table.available, memory_order_relaxed) >= table.reserve,
                             1))
            return;
        if (atomic_load_explicit(&table.balance_skip, memory_order_relaxed) > 0) {
            atomic_fetch_sub_explicit(&table.balance_skip, 1, memory_order_relaxed);
            return;
        }
        uint64_t most = round < BALANCE_STEPS ? round : BALANCE_STEPS, left = most;
        struct vnode *vp = recycle_one(&left, false);
        round -= most - left;
        if (!vp) {
            /* Nearly all are in use: looking at every call would cost more than it brings. */
            atomic_store_explicit(&table.balance_skip, BALANCE_SKIP, memory_order_relaxed);
            return;
        }
        vnode_table_give(vp);
    }
}

static void log_holders(void)
{
    char line[192];
    unsigned logged = 0, held = 0;
    kern_log(LOG_ERR, "vfs: all %u vnodes are in use; raise the bound or find out who keeps them:\n",
             table.max);
    for (uint32_t i = 0; i < vnode_table_count(); i++) {
        struct vnode *vp = &table.slots[i];
        if (!(atomic_load_explicit(&vp->v_refs, memory_order_relaxed) & (VREF_IO_MASK | VREF_USE_MASK)))
            continue;
        held++;
        if (logged < HOLDERS_LOGGED) {
            vnode_describe(vp, line, sizeof(line));
            kern_log(LOG_ERR, "vfs:   %s\n", line);
            logged++;
        }
    }
    if (held > logged)
        kern_log(LOG_ERR, "vfs:   and %u more\n", held - logged);
}

/* A vnode in state FREE and on no list, without waiting. NULL: all are in use. */
static struct vnode *take_now(void)
{
    struct vnode *vp = take_free();
    if (vp || nesting >= NESTING_MAX)
        return vp;
    uint64_t twice_round = 2 * (uint64_t)vnode_table_count(), again = twice_round;
    vp = recycle_one(&twice_round, false);
    if (!vp)
        vp = recycle_one(&again, true);
    if (vp)
        atomic_fetch_add_explicit(&way_mine()->recycled, 1, memory_order_relaxed);
    return vp;
}

static uint64_t news_now(void)
{
    lck_mtx_lock(&table.free_lock);
    uint64_t news = table.news;
    lck_mtx_unlock(&table.free_lock);
    return news;
}

/* The same, waiting for one to become free or unused for a while. */
static struct vnode *take_waiting(void)
{
    struct timespec tenth = {.tv_sec = 0, .tv_nsec = 100000000};
    struct vnode *vp = NULL;
    atomic_fetch_add(&table.waiting, 1);
    for (unsigned round = 0; round < WAIT_ROUNDS; round++) {
        if (suspend_any() && !suspend_mine())
            round = 0; /* what is suspended may be what could be reclaimed */
        uint64_t news = news_now();
        vp = take_now();
        if (vp)
            break;
        lck_mtx_lock(&table.free_lock);
        if (table.news == news)
            msleep(&table.waiting, &table.free_lock, PVFS, "vnode table", &tenth);
        lck_mtx_unlock(&table.free_lock);
    }
    atomic_fetch_sub(&table.waiting, 1);
    return vp;
}

int vnode_table_take(struct vnode **vpp)
{
    struct vnode *vp = take_now();
    if (!vp)
        vp = take_waiting();
    *vpp = vp;
    if (!vp) {
        log_holders();
        return ENFILE;
    }
    vnode_state_change(vp, VNODE_FREE, VNODE_INIT);
    atomic_store_explicit(&vp->v_writecount, 0, memory_order_relaxed);
    atomic_store_explicit(&vp->v_eventcount, 0, memory_order_relaxed);
    atomic_store_explicit(&vp->v_writes, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&way_mine()->created, 1, memory_order_relaxed);
    return 0;
}

/* ---- counters ------------------------------------------------------------------------------------------ */

void vnode_table_counters(struct vfs_counters *out)
{
    uint32_t unused = atomic_load_explicit(&table.available, memory_order_relaxed);
    out->vnodes_created = out->vnodes_recycled = 0;
    for (unsigned i = 0; i < WAYS; i++) {
        unused += atomic_load_explicit(&table.ways[i].count, memory_order_relaxed);
        out->vnodes_created += atomic_load_explicit(&table.ways[i].created, memory_order_relaxed);
        out->vnodes_recycled += atomic_load_explicit(&table.ways[i].recycled, memory_order_relaxed);
    }
    out->vnodes = unused < table.max ? table.max - unused : 0;
    out->iocounts = out->usecounts = 0;
    struct mount *root = mount_root();
    for (uint32_t i = 0; i < vnode_table_count(); i++) {
        uint64_t refs = atomic_load_explicit(&table.slots[i].v_refs, memory_order_relaxed);
        if (!(refs & (VREF_IO_MASK | VREF_USE_MASK)) || vnode_mount_of(&table.slots[i]) == root)
            continue;
        out->iocounts += vref_io(refs);
        out->usecounts += vref_use(refs);
    }
}
