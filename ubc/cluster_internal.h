// SPDX-License-Identifier: BSD-2-Clause
/*
 * cluster_internal.h: what the files of cluster I/O offer each other. They move file data between pages and
 * the device: VNOP_BLOCKMAP says where a range lies, VNOP_STRATEGY gets a buffer for each run.
 *
 *   cluster_io.c     one range of memory to or from the device, in as many buffers as it has runs
 *   cluster_page.c   page lists of somebody else: pagein, pageout, and single buffers
 *   cluster_read.c   reading through pages
 *   cluster_fill.c   bringing pages in
 *   cluster_ahead.c  the same before they are asked for
 *   cluster_write.c  writing into pages
 *   cluster_push.c   writing what that left for later
 *   cluster_copy.c   copying between pages and a uio, nothing else
 *
 * Pages are busy from before a transfer begins until it has ended, so nobody sees one half-filled. Whoever
 * has pages busy waits at most for pages with higher numbers (a list for writing), and reading waits for
 * none: it passes busy ones by and looks again with nothing in hand. A reader copies from pages that it
 * holds, with no lock, and waits for nothing meanwhile.
 *
 * Locks: those of ubc_internal.h and no more; none is held over an operation of the file system, a copy, or
 * a transfer.
 */
#ifndef KEXTBED_UBC_CLUSTER_INTERNAL_H
#define KEXTBED_UBC_CLUSTER_INTERNAL_H

#include <sys/buf.h>
#include <sys/uio.h>

#include "ubc/ubc_internal.h"

/* ---- cluster_io.c -------------------------------------------------------------------------------------- */

struct cluster_callback {
    int (*fn)(buf_t bp, void *arg); /* at the end of each buffer; nonzero: an error. Or NULL. */
    void *arg;
};

/* ci_flags */
#define CLUSTER_READ  0x1u
#define CLUSTER_ASYNC 0x2u /* the caller does not wait */

/* One transfer. Legend: [k] the caller's, constant once it has begun; [a] atomic; [f] file lock. */
struct cluster_io {
    vnode_t ci_vp;
    upl_t ci_upl;             /* [k] the memory: mapped meanwhile. Or NULL: */
    uintptr_t ci_data;        /* [k] an address; set from ci_upl */
    uint32_t ci_upl_offset;   /* [k] bytes */
    uint32_t ci_size;         /* [k] bytes of memory */
    off_t ci_offset;          /* [k] in the file, bytes */
    off_t ci_filesize;        /* [k] nothing is moved behind the last device block; read, the rest is zero */
    unsigned ci_flags;        /* [k] CLUSTER_* */
    uint32_t ci_device_block; /* [k] bytes; set */
    struct cluster_callback ci_callback;
    /* Called once, when all has ended, by whoever ends last; the transfer is its own then. */
    void (*ci_ended)(struct cluster_io *io, errno_t error);
    _Atomic(uint32_t) ci_left; /* [a] buffers, and one more while they are being made */
    _Atomic(int) ci_error;     /* [a] the first */
    struct ubc_file *ci_file;  /* [k] cluster_io_run */
    bool ci_done;              /* [f] */
};
/** cluster_io_start - begin a transfer. No lock held. Blocks: VNOP_BLOCKMAP. */
void cluster_io_start(struct cluster_io *io);
/** cluster_io_run - a transfer of pages of @file, and wait for its end. */
errno_t cluster_io_run(struct cluster_io *io, struct ubc_file *file);
/** cluster_size_max - pages of the largest transfer that the device of @vp takes, at most UBC_LIST_MAX. */
unsigned cluster_size_max(vnode_t vp, bool reads);
/** cluster_list_run - the next pages that are in a list: from *@at on, which becomes the first of them.
 * Returns how many; 0: none. */
unsigned cluster_list_run(const struct upl *upl, unsigned *at);

/* ---- cluster_fill.c ------------------------------------------------------------------------------------ */

/* What is read for whom. */
struct cluster_reading {
    vnode_t vp;
    struct ubc_file *file;
    off_t filesize;
    bool aged; /* pages are evicted before others */
    struct cluster_callback callback;
};
/** cluster_fill - bring in missing pages, at most @count from @first on, and copy to @uio, which may be NULL,
 *  what it wants of them. Pages of others are passed by: look again. No lock, no page held. */
errno_t cluster_fill(const struct cluster_reading *reading, uint64_t first, unsigned count, struct uio *uio);
#define CLUSTER_FILL_LIST (UPL_FILE_IO | UPL_RET_ONLY_ABSENT | UPL_NOBLOCK)
/** cluster_fill_init - a transfer that fills pages @at to @at + @count of a list. @flags beyond CLUSTER_READ.
 */
void cluster_fill_init(struct cluster_io *io, const struct cluster_reading *reading, struct upl *upl,
                       unsigned at, unsigned count, unsigned flags);
/** cluster_fill_commit - the flags for giving such pages back. */
static inline int cluster_fill_commit(bool aged)
{
    return UPL_COMMIT_FREE_ON_EMPTY | (aged ? UPL_COMMIT_INACTIVATE : 0);
}

/* ---- cluster_ahead.c ----------------------------------------------------------------------------------- */

/** cluster_fill_ahead - begin to bring in the missing ones of [@first, @end). Does not wait. */
void cluster_fill_ahead(const struct cluster_reading *reading, uint64_t first, uint64_t end);
/** cluster_read_ahead - [@from, @to), bytes, was read: begin to bring in what will be read next, if that can
 *  be told from this read and those before. */
void cluster_read_ahead(const struct cluster_reading *reading, off_t from, off_t to);

/* ---- cluster_write.c ----------------------------------------------------------------------------------- */

/** cluster_eof - where the file ends: at @filesize, as its file system says, or where a write that is under
 *  way has gone beyond. What may be written is known only by who has the pages busy. Locks: the file's. */
off_t cluster_eof(struct ubc_file *file, off_t filesize);

/* ---- cluster_copy.c ------------------------------------------------------------------------------------ */

#define CLUSTER_HOLD 64u
/** cluster_hold - hold up to @max valid pages in a row from @first on, waiting for the first alone.
 *  Returns how many; 0: the first is not there. */
unsigned cluster_hold(struct ubc_file *file, uint64_t first, unsigned max, struct ubc_page **pages);
void cluster_unhold(struct ubc_file *file, struct ubc_page *const *pages, unsigned count);
/** cluster_move - between @uio and @bytes of pages that the caller has, from byte @within of the first on. */
errno_t cluster_move(struct ubc_page *const *pages, uint32_t within, uint64_t bytes, struct uio *uio);

/* ---- cluster_push.c ------------------------------------------------------------------------------------ */

/** cluster_delay - pages of [@first, @end) are dirty and left for later. File lock held. Returns the range
 * that they are part of now. */
struct cluster_range cluster_delay(struct ubc_file *file, uint64_t first, uint64_t end);
/** cluster_undelay - they are not left any more. File lock held. */
void cluster_undelay(struct ubc_file *file, uint64_t first, uint64_t end);
/** cluster_write_out - write the dirty pages of [@first, @end). With @waits until they are, also those that
 *  others write. An error that the caller is not told is noted with the vnode. *@any: some were written. */
errno_t cluster_write_out(struct ubc_file *file, uint64_t first, uint64_t end, bool waits,
                          struct cluster_callback callback, bool *any);
/** cluster_pages_write - write pages @at to @at + @count of a list of dirty ones, which are clean afterwards
 *  or stay dirty, and are given back. Returns at once; an error is noted with the vnode and with @group. */
struct cluster_group {
    uint32_t left; /* [f] */
    errno_t error; /* [f] the first */
};
struct cluster_pages {
    struct ubc_file *file;
    struct upl *upl;
    unsigned at, count;
    off_t filesize;
    unsigned commit_flags; /* UPL_COMMIT_* beyond those that go without saying */
    struct cluster_callback callback;
    struct cluster_group *group; /* who waits and is told instead of the vnode, or NULL */
};
void cluster_pages_write(const struct cluster_pages *pages);
/** cluster_writes_wait - until at most @most such writes of the file are under way, and what the others have
 *  to say is said. */
void cluster_writes_wait(struct ubc_file *file, unsigned most);
/** cluster_group_wait - until all has ended; the first error. */
errno_t cluster_group_wait(struct ubc_file *file, struct cluster_group *group);

#endif
