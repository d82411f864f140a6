// SPDX-License-Identifier: BSD-2-Clause
/*
 * buf_internal.h: the buffer as buf/ knows it: its fields, who may touch which of them when, and what the
 * files of this folder offer each other. Everybody else sees buf_t.
 *
 * Two kinds of buffer
 *   I/O buffer     buf_alloc, buf_clone: a header for one transfer of somebody else's memory; never found by
 *                  anybody, busy from its making to buf_free
 *   cached buffer  buf_getblk and those who call it: the contents of one block, found by (vnode, logical
 *                  block), with memory of its own. buf_geteblk makes one that belongs to no block
 *
 * Busy is a flag and a wait, never a held lock. Whoever made a buffer busy owns it until brelse, bwrite,
 * bawrite, bdwrite or free, and hands it on: to the device over a transfer, to the completion of an
 * asynchronous one. So everything but what the shard lock covers has one owner at any time and needs no lock.
 *
 * Lock order (take downwards only; none is held over VNOP_STRATEGY, a callback, or a wait for a buffer)
 *   400  buffer shard      buf_shard.c   a shard of the cache: its hash chains, its queues, b_life
 *   410  buffers of files  buf_file.c    a shard of the files: their lists of buffers, their errors
 *   420  buffer memory     buf_memory.c  pieces of one size
 *   430  flusher           buf_flush.c   when it runs next
 *   440  disks             disk.c        which there are, who uses them; disk_internal.h
 * The folders above may hold locks of theirs below 400; kern/ comes after.
 */
#ifndef KEXTBED_BUF_BUF_INTERNAL_H
#define KEXTBED_BUF_BUF_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/buf.h>
#include <sys/queue.h>
#include <sys/vnode.h>
#include <kern/locks.h>

#include "buf/buf_iface.h"
#include "kern/kern_iface.h"
#include "kern/lock_iface.h"

struct buf_file;
struct buf_shard;
struct buf_memory_slab;

/* b_life: what the shard lock covers. */
#define BL_BUSY   0x1u  /* somebody owns it */
#define BL_WANTED 0x2u  /* somebody waits until it is not busy, on the buffer's address */
#define BL_DONE   0x4u  /* no transfer is under way: the last one has ended */
#define BL_WAITED 0x8u  /* its owner waits for BL_DONE, on the address of b_life */
#define BL_OUTPUT 0x10u /* it is being written: busy until that has ended */
#define BL_QUEUED 0x20u /* on its shard's clean queue, or with BL_AGED on the aged one */
#define BL_AGED   0x40u

/* b_state: the owner's. */
#define BS_IOBUF     0x001u /* of buf_alloc or buf_clone */
#define BS_VALID     0x002u /* the contents are the block's */
#define BS_INVALID   0x004u /* buf_markinvalid: dropped at release, whatever else is said */
#define BS_FROMCACHE 0x008u /* was valid when it was got */
#define BS_AGED      0x010u /* evicted before others */
#define BS_EINTR     0x020u
#define BS_CALLBACK  0x040u /* b_iodone is set */
#define BS_LATE      0x080u /* being written for an earlier bdwrite: its error belongs to whoever syncs */
#define BS_ANONYMOUS 0x100u /* of buf_geteblk */
#define BS_PLACED    0x200u /* b_blkno is the device's, whatever it is */

/* What a caller may ask for and set; B_WRITE is the absence of B_READ. */
#define BUF_FLAGS_SEEN                                                                                       \
    (B_READ | B_ASYNC | B_NOCACHE | B_DELWRI | B_LOCKED | B_PHYS | B_CLUSTER | B_PAGEIO | B_META | B_RAW |   \
     B_FUA | B_PASSIVE | B_IOSTREAMING | B_THROTTLED_IO | B_ENCRYPTED_IO | B_STATICCONTENT)
#define BUF_FLAGS_SET                                                                                        \
    (B_READ | B_ASYNC | B_NOCACHE | B_LOCKED | B_PHYS | B_PAGEIO | B_RAW | B_FUA | B_PASSIVE | B_IOSTREAMING)

/* Field legend: [s] shard lock, [f] file lock, [o] the owner, [k] fixed while it can be found in the cache.
 */
struct buf {
    /* What finding, taking and releasing it touch. */
    struct buf *b_hash_next;   /* [s] */
    TAILQ_ENTRY(buf) b_queued; /* [s] clean or aged, while not busy */
    struct buf_shard *b_shard; /* [k] whose lock covers b_life */
    vnode_t b_vp;              /* [k] */
    daddr64_t b_lblkno;        /* [k] */
    uint32_t b_life;           /* [s] BL_* */
    uint32_t b_state;          /* [o] BS_* */
    int32_t b_flags;           /* [o] B_* */
    uint32_t b_count, b_size;  /* [o] bytes: to transfer, of memory */
    uintptr_t b_data;          /* [o] */
    /* A transfer. */
    daddr64_t b_blkno;               /* [o] in device blocks; b_lblkno while it is not known */
    uint32_t b_resid;                /* [o] bytes */
    errno_t b_error;                 /* [o] */
    void (*b_iodone)(buf_t, void *); /* [o] */
    void *b_iodone_arg;              /* [o] */
    void *b_drvdata;                 /* [o] */
    upl_t b_upl;                     /* [o] */
    uint32_t b_upl_offset;           /* [o] bytes */
    dev_t b_dev;                     /* [o] */
    /* What callers keep in it. */
    kauth_cred_t b_rcred, b_wcred;     /* [o] one reference each */
    proc_t b_proc;                     /* [o] none: set while the process waits for the transfer */
    void *b_fsprivate;                 /* [o] */
    uint32_t b_dirty_off, b_dirty_end; /* [o] bytes */
    uint32_t b_redundancy;             /* [o] */
    uint32_t b_lblksize;               /* [o] bytes, 0: the file system says */
    /* The cache's. */
    struct buf_file *b_file;        /* [k] */
    TAILQ_ENTRY(buf) b_listed;      /* [f] the file's clean or dirty list */
    bool b_listed_dirty;            /* [o] which of them */
    uint8_t b_failures;             /* [o] writes in a row */
    uint64_t b_dirty_ns;            /* [f] since when it is dirty */
    uint32_t b_dirty_bytes;         /* [f] what it counts for among the dirty */
    struct buf_memory_slab *b_slab; /* [o] where b_data lies */
    uint32_t b_memory;              /* [o] bytes of memory of its own at b_data; 0: none */
};
TAILQ_HEAD(buf_queue, buf);

static inline bool buf_is_iobuf(const struct buf *bp)
{
    return (bp->b_state & BS_IOBUF) != 0;
}

/* ---- buf_shard.c --------------------------------------------------------------------------------------- */

void buf_shard_boot(uint64_t budget);
void buf_shard_shutdown(void);
/** buf_shard_any - the shard that covers a buffer which nobody can find. */
struct buf_shard *buf_shard_any(const struct buf *bp);
void buf_shard_lock(struct buf_shard *shard);
void buf_shard_unlock(struct buf_shard *shard);
/** buf_shard_sleep - msleep() on @channel with the shard's lock, dropped meanwhile. @flags PCATCH or 0.
 *  @deadline mach_absolute_time() value, 0: none. */
int buf_shard_sleep(struct buf_shard *shard, void *channel, int flags, const char *why, uint64_t deadline);

/* How long to wait for a busy buffer. */
struct buf_wait {
    int bw_slpflag;       /* PCATCH: an interrupt ends it */
    uint64_t bw_deadline; /* mach_absolute_time() value, 0: none */
};
/** buf_wait_make - as slpflag and slptimeo of the KPI say; @ticks of a hundredth of a second, 0: for ever. */
struct buf_wait buf_wait_make(int slpflag, int ticks);
/** buf_acquire - the cached buffer of a block, busy.
 *  @wait  NULL: not for a busy one.
 *  Errno: 0; ENOENT not in the cache; EBUSY (without @wait); EWOULDBLOCK; EINTR. */
int buf_acquire(vnode_t vp, daddr64_t lblkno, const struct buf_wait *wait, struct buf **bpp);
/** buf_cached - is the block in the cache now? */
bool buf_cached(vnode_t vp, daddr64_t lblkno);
/** buf_output_wait - wait until the block is not being written. */
void buf_output_wait(vnode_t vp, daddr64_t lblkno);
/** buf_insert - make a busy buffer with b_file set the cached one of its block. False: there is one. */
bool buf_insert(struct buf *bp);
/** buf_evict_one - take a buffer that nobody has and nobody misses out of the cache: the caller frees it.
 * NULL: none. */
struct buf *buf_evict_one(void);
enum buf_queueing { BUF_QUEUE_NONE, BUF_QUEUE_CLEAN, BUF_QUEUE_AGED };
/** buf_unbusy - the owner lets go of it; it stays in the cache. */
void buf_unbusy(struct buf *bp, enum buf_queueing queueing);
/** buf_remove - the owner takes it out of the cache, to free it: nobody finds it any more. */
void buf_remove(struct buf *bp);

/* ---- buf_file.c ---------------------------------------------------------------------------------------- */

/* The buffers of one vnode. Legend as for struct buf. */
struct buf_file {
    LIST_ENTRY(buf_file) bf_hash;          /* [f] */
    vnode_t bf_vp;                         /* fixed */
    uint32_t bf_vid;                       /* fixed */
    uint32_t bf_error;                     /* [f] buf_error.c */
    struct buf_queue bf_clean, bf_dirty;   /* [f] the dirty one in the order of becoming so */
    size_t bf_clean_count, bf_dirty_count; /* [f] */
};

void buf_file_boot(void);
void buf_file_shutdown(void);
/** buf_file_get - the record of @vp, made if there is none. It stays until buf_file_forget(). */
struct buf_file *buf_file_get(vnode_t vp);
/** buf_file_lock - the record with its lock held, or NULL and no lock. */
struct buf_file *buf_file_lock(vnode_t vp);
void buf_file_unlock(struct buf_file *file);
/** buf_file_forget - @vp has no buffers any more and loses its file. */
void buf_file_forget(vnode_t vp);
/** buf_file_list, buf_file_unlist - it comes into the cache, clean, or leaves it. Shard lock held. */
void buf_file_list(struct buf *bp);
void buf_file_unlist(struct buf *bp);
/** buf_file_mark - move a buffer that the caller owns to the dirty or the clean list. False: it is there. */
bool buf_file_mark(struct buf *bp, bool dirty);
uint64_t buf_file_dirty_bytes(void);
void buf_file_counters(struct buf_counters *out);

/* Blocks of one vnode as they were at one moment, ascending. */
struct buf_blocks {
    daddr64_t *bb_keys;
    size_t bb_count, bb_room;
};
#define BUF_BLOCKS_CLEAN 0x1u
#define BUF_BLOCKS_DIRTY 0x2u
/** buf_blocks_take - which blocks of @vp are in the cache. @before: dirty ones only if they have been since
 * that moment; 0: all. */
void buf_blocks_take(struct buf_blocks *out, vnode_t vp, unsigned which, uint64_t before);
void buf_blocks_drop(struct buf_blocks *blocks);
/** buf_files_dirty_each - call @fn for vnodes with a buffer that has been dirty since @before, with an
 * iocount, which those that are suspended or being reclaimed do not give. No lock held. */
void buf_files_dirty_each(void (*fn)(vnode_t vp, uint64_t before), uint64_t before);

/* ---- buf_memory.c -------------------------------------------------------------------------------------- */

void buf_memory_boot(void);
void buf_memory_shutdown(void);
/** buf_memory_room - the bytes that a piece for @size takes. */
uint32_t buf_memory_room(uint32_t size);
/** buf_memory_take - a piece for @size bytes, not cleared; aligned to its size, to 4 KiB where that is more.
 * Never NULL. @slabp goes to buf_memory_give(). */
void *buf_memory_take(uint32_t size, struct buf_memory_slab **slabp);
void buf_memory_give(void *piece, struct buf_memory_slab *slab);

/* ---- buf_get.c ----------------------------------------------------------------------------------------- */

void buf_get_boot(uint64_t budget);
void buf_get_counters(struct buf_counters *out);
/** buf_get - as buf_getblk. @wait NULL: NULL for a busy one. */
struct buf *buf_get(vnode_t vp, daddr64_t blkno, int size, const struct buf_wait *wait, int operation);
/** buf_resize - give a buffer room for @size bytes: what it has stays, the rest is zero. */
void buf_resize(struct buf *bp, uint32_t size);
/** buf_destroy - the owner frees a cached or anonymous buffer, whatever it says. */
void buf_destroy(struct buf *bp);
/** buf_over_budget - is more memory in use than there should be? */
bool buf_over_budget(void);

/* ---- buf_write.c --------------------------------------------------------------------------------------- */

/** buf_write_ended - the transfer of a cached buffer that was written has ended; b_error says how. */
void buf_write_ended(struct buf *bp);

/* ---- buf_flush.c --------------------------------------------------------------------------------------- */

void buf_flush_boot(uint64_t budget);
void buf_flush_shutdown(void);
enum buf_crowd {
    BUF_CROWD_NONE,
    BUF_CROWD_WRITE, /* so much is dirty that the caller has to write this one itself, */
    BUF_CROWD_WAIT,  /* and wait until that is done */
};
/** buf_flush_wanted - a buffer has become dirty: see that it is written in time. */
enum buf_crowd buf_flush_wanted(void);
/** buf_flush_pressed - there is no clean buffer left: write dirty ones, soon. Does not block. */
void buf_flush_pressed(void);

/* ---- buf_io.c ------------------------------------------------------------------------------------------ */

/** buf_header_make - a busy buffer on @vp with nothing in it. @state as in b_state. */
struct buf *buf_header_make(vnode_t vp, uint32_t state);
void buf_header_free(struct buf *bp);
/** buf_creds_drop - give up the credentials of a transfer. */
void buf_creds_drop(struct buf *bp);
/** buf_transfer_begin - a transfer of @bp is about to be handed to a strategy routine. */
void buf_transfer_begin(struct buf *bp);
void buf_io_counters(struct buf_counters *out);
void buf_io_shutdown(void);

#endif
