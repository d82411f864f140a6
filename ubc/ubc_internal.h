// SPDX-License-Identifier: BSD-2-Clause
/*
 * ubc_internal.h: pages, who has which, and what the files of this folder offer each other.
 *
 * A page belongs to (vnode, index), 4 KiB each. It is valid once its contents are the file's, dirty while
 * they differ from what the file system has stored. Busy is a flag and a wait, never a held lock: whoever
 * made a page busy (always for a page list, struct upl) owns its memory and contents until it is committed or
 * aborted. Readers may hold a page that is not busy: it then neither changes nor goes until they let go.
 *
 * Who takes several pages of a file takes them in ascending order. So two that want the same pages never wait
 * for each other, as long as none has one list of a file while it makes another.
 *
 * Lock order (take downwards only; none is held over VNOP_PAGEOUT or a wait for a page)
 *   360  pages of a file   ubc_file.c    one for each vnode that has used the cache
 *   365  dirty files       ubc_writer.c  which files of which mount have dirty pages, and who waits for them
 *   370  age queues        ubc_age.c     which pages may be evicted; eviction only tries a file's lock
 *   380  page memory       ubc_memory.c
 * buf/ comes after: its budget (rank 400 and up) is asked with none of these held.
 */
#ifndef KEXTBED_UBC_UBC_INTERNAL_H
#define KEXTBED_UBC_UBC_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/kauth.h>
#include <sys/queue.h>
#include <sys/ubc.h>
#include <sys/vnode.h>
#include <kern/locks.h>
#include <kern/thread_call.h>
#include <mach/memory_object_types.h>

#include "kern/kern_iface.h"
#include "kern/lock_iface.h"
#include "ubc/ubc_iface.h"

#define UBC_PAGE      4096u
#define UBC_SHIFT     12u
#define UBC_LIST_MAX  256u /* pages of one list */
#define UBC_INDEX_END (UINT64_MAX >> UBC_SHIFT)

/* ---- ubc_memory.c: memory for contents ----------------------------------------------------------------- */

struct ubc_chunk;
struct ubc_memory {
    uint8_t *um_data;
    struct ubc_chunk *um_chunk;
};
void ubc_memory_boot(void);
void ubc_memory_shutdown(void);
/** ubc_memory_take - @count (at most UBC_LIST_MAX) pages in one piece, not cleared; given back one by one.
 *  Charged to the budget, for which others may be evicted. No lock held. Blocks: no. */
struct ubc_memory ubc_memory_take(unsigned count);
/** ubc_memory_at - page @i of a piece. */
static inline struct ubc_memory ubc_memory_at(struct ubc_memory piece, unsigned i)
{
    return (struct ubc_memory){piece.um_data + (size_t)i * UBC_PAGE, piece.um_chunk};
}
/** ubc_memory_give - give one page back. */
void ubc_memory_give(struct ubc_memory page);

/* ---- ubc_tree.c: numbers to pointers, in order --------------------------------------------------------- */

struct ubc_tree {
    void *ut_root;
    unsigned ut_height; /* 0: empty */
};
void *ubc_tree_find(const struct ubc_tree *tree, uint64_t index);
/** ubc_tree_next - the entry with the least number that is not below @index, or NULL. */
void *ubc_tree_next(const struct ubc_tree *tree, uint64_t index);
/** ubc_tree_insert - there is no entry of that number. Allocates. */
void ubc_tree_insert(struct ubc_tree *tree, uint64_t index, void *entry);
/** ubc_tree_remove - there is one. */
void ubc_tree_remove(struct ubc_tree *tree, uint64_t index);

/* ---- pages --------------------------------------------------------------------------------------------- */

/* p_flags */
#define UP_BUSY    0x01u
#define UP_WANTED  0x02u /* somebody waits, on the page's address */
#define UP_VALID   0x04u
#define UP_DIRTY   0x08u
#define UP_TOUCHED 0x10u /* read since eviction last passed by */
#define UP_QUEUED  0x20u /* on the age queue: valid, clean, not busy */
#define UP_FAILED  0x40u /* the latest attempt to write it has failed, and p_failures counts that */
#define UBC_TRIES  3u    /* so many attempts are made unasked */

/* Field legend: [f] file lock, [q] age queue lock, [k] constant, [o] whoever has it busy, else [f]. */
struct ubc_page {
    union {
        TAILQ_ENTRY(ubc_page) p_aged;  /* [q] while queued */
        TAILQ_ENTRY(ubc_page) p_apart; /* while in no file: its finder's list */
    };
    struct ubc_file *p_file;    /* [k] */
    uint64_t p_index;           /* [k] */
    uint32_t p_flags;           /* [f] */
    uint32_t p_holds;           /* [f] */
    uint32_t p_failures;        /* [f] attempts to write it that failed, since it was last made dirty */
    struct ubc_memory p_memory; /* [o] */
};
TAILQ_HEAD(ubc_page_queue, ubc_page);

/** ubc_pages_make - @count pages in no file, their memory in one piece. No lock held. */
void ubc_pages_make(struct ubc_page_queue *out, unsigned count);
/** ubc_pages_free - free pages that are in no file. */
void ubc_pages_free(struct ubc_page_queue *pages);

/* ---- what cluster I/O remembers of a file: cluster_internal.h ------------------------------------------ */

#define CLUSTER_DELAYED 16u
struct cluster_range {
    uint64_t first, end; /* pages */
};
/* All [f]. */
struct cluster_state {
    /* Where the file ends for a write whose ubc_setsize() is still to come; 0: there is none. */
    off_t cs_eof;
    /* Written by cluster_write() and left for later: ascending, apart. They may cover what is clean. */
    struct cluster_range cs_delayed[CLUSTER_DELAYED];
    unsigned cs_count;
    unsigned cs_writes; /* of runs of pages, under way */
    /* How it is read, in pages: where the last read began, where it ended, how far apart the last two began;
     * how much is read ahead, and up to where that has been. */
    uint64_t cs_last, cs_next, cs_stride;
    uint64_t cs_window, cs_ahead;
};

/* ---- ubc_file.c: the pages of a vnode ------------------------------------------------------------------ */

struct ubc_file {
    lck_mtx_t uf_lock;
    struct cluster_state uf_cluster;
    vnode_t uf_vp;                         /* [k] */
    uint32_t uf_vid;                       /* [k] */
    struct ubc_mount *uf_mount;            /* [k] outlives all pages of its files */
    struct ubc_tree uf_tree;               /* [f] */
    uint64_t uf_pages;                     /* [f] */
    _Atomic(uint64_t) uf_dirty;            /* [f] to write */
    kauth_cred_t uf_cred;                  /* [f] for writing back; set once */
    _Atomic(uint32_t) uf_refs;             /* the vnode and each list */
    uint32_t uf_maps;                      /* [f] mappings in programs that are known of */
    bool uf_map_writable, uf_was_writable; /* [f] one is, or has been, for writing */
    bool uf_map_changing;                  /* [f] the file system is being told */
    /* While uf_dirty: [w], the lock of dirty files. */
    TAILQ_ENTRY(ubc_file) uf_listed;
    uint64_t uf_dirty_ns; /* no dirty page has been so since before that, unless writing it was tried */
};
void ubc_file_boot(uint32_t max_vnodes);
void ubc_file_shutdown(void);
void ubc_file_counters(struct ubc_counters *out);
/** ubc_file_find - the record of @vp, or NULL. It stays as long as the vnode keeps its file. */
struct ubc_file *ubc_file_find(vnode_t vp);
/** ubc_file_get - the same, made if there is none. @vp is a regular file. */
struct ubc_file *ubc_file_get(vnode_t vp);
void ubc_file_retain(struct ubc_file *file);
void ubc_file_release(struct ubc_file *file);

/* All with the file's lock held. */
/** ubc_page_find - the page of that number, or NULL. */
struct ubc_page *ubc_page_find(struct ubc_file *file, uint64_t index);
/** ubc_page_first - the first one from @index on, below @end, or NULL. */
struct ubc_page *ubc_page_first(struct ubc_file *file, uint64_t index, uint64_t end);
/** ubc_page_in_use - does somebody have it, busy or held? */
static inline bool ubc_page_in_use(const struct ubc_page *page)
{
    return (page->p_flags & UP_BUSY) || page->p_holds;
}
/** ubc_page_wait - wait until it may be another's. The lock is dropped meanwhile, and the page may be gone
 * afterwards: look it up again. */
void ubc_page_wait(struct ubc_page *page);
/** ubc_page_release - one hold less. */
void ubc_page_release(struct ubc_page *page);
/** ubc_page_insert - a page of ubc_pages_make() becomes that of a number which has none, busy. */
void ubc_page_insert(struct ubc_file *file, struct ubc_page *page, uint64_t index);
/** ubc_page_claim - make it busy; nobody has it. */
void ubc_page_claim(struct ubc_page *page);
/** ubc_page_unclaim - the owner lets go. @aged: it is evicted before others. */
void ubc_page_unclaim(struct ubc_page *page, bool aged);
void ubc_page_set_dirty(struct ubc_page *page, bool dirty);
/** ubc_page_failed - an attempt to write it has failed. True: the first one. */
bool ubc_page_failed(struct ubc_page *page);
/** ubc_page_drop - out of the file, onto @dead: nobody else has it. */
void ubc_page_drop(struct ubc_page *page, struct ubc_page_queue *dead);
/** ubc_file_drop - drop the pages of [@first, @end), with @dirty also dirty ones, waiting for those in use.
 * The lock is dropped meanwhile. */
void ubc_file_drop(struct ubc_file *file, uint64_t first, uint64_t end, bool dirty,
                   struct ubc_page_queue *dead);

/* ---- ubc_push.c: writing what is dirty ------------------------------------------------------------------
 */

struct ubc_push {
    struct ubc_file *file;
    uint64_t at, end; /* pages still to be looked at */
    int flags;        /* UBC_* */
    bool unasked;     /* pages that failed UBC_TRIES times are passed by */
    bool stops;       /* at the first error, with @at at its run */
    /* What came of it, added up: pages written or on their way, that failed, that were passed by. */
    uint64_t written, failed, passed;
    errno_t error; /* the first one */
};
/** ubc_push_run - write the range by VNOP_PAGEOUT, each run of neighbours once. An error is noted with the
 *  vnode (buf_error_note) where a page fails for the first time. The caller has an iocount, no lock. */
void ubc_push_run(struct ubc_push *push);

/* ---- ubc_writer.c: writing back -------------------------------------------------------------------------
 */

/* What came of a look at the dirty files of a mount. */
struct ubc_pass {
    uint64_t written, failed, passed; /* pages, as in struct ubc_push */
    errno_t error;
};

/* Legend: [w] lock of dirty files, [k] constant, [a] atomic. */
struct ubc_mount {
    TAILQ_ENTRY(ubc_mount) um_list;                /* [w] */
    TAILQ_HEAD(ubc_file_queue, ubc_file) um_files; /* [w] with dirty pages, ascending uf_dirty_ns */
    uint64_t um_count;                             /* [w] of them */
    thread_call_t um_call;                         /* [k] */
    _Atomic(uint64_t) um_dirty;                    /* [a] pages */
    _Atomic(uint64_t) um_reserved;                 /* [a] pages that writes under way may make dirty */
    _Atomic(uint32_t) um_waiters;                  /* [a] changes under [w] */
    _Atomic(bool) um_urgent;                       /* [a] it is entered for all that is dirty */
    bool um_scheduled, um_running, um_stopping;    /* [w] */
    uint64_t um_begun, um_ended;                   /* [w] passes over all that is dirty */
    struct ubc_pass um_last;                       /* [w] the latest of these */
    errno_t um_error;                              /* [w] the latest error */
};
void ubc_writer_boot(uint64_t budget);
void ubc_writer_shutdown(void);
void ubc_writer_counters(struct ubc_counters *out);
/** ubc_mount_get - the record of @vp's mount, made if there is none. It stays until ubc_mount_gone(). */
struct ubc_mount *ubc_mount_get(vnode_t vp);
/** ubc_writer_dirtied, ubc_writer_cleaned - one more, one less page of @file is dirty. File lock held.
 *  @changes  it is the first, or the last. */
void ubc_writer_dirtied(struct ubc_file *file, bool changes);
void ubc_writer_cleaned(struct ubc_file *file, bool changes);
/** ubc_writer_pressed - nothing clean is left to evict: write. No lock held. Does not block. */
void ubc_writer_pressed(void);
/** ubc_writer_pass - write what is dirty on a mount since before @now less the age, or with @all everything,
 *  in the calling thread; one at a time. */
struct ubc_pass ubc_writer_pass(struct ubc_mount *mount, uint64_t now, bool all);
/** ubc_writer_progress - some pages of @mount were written: who waits looks again. No lock held. */
void ubc_writer_progress(struct ubc_mount *mount);
/** ubc_writer_hold - from now on passes are made by ubc_writer_pass() alone, or not any more. For tests. */
void ubc_writer_hold(bool held);
/** ubc_dirty_crowded - so much is dirty that who makes more writes it itself, at once. */
bool ubc_dirty_crowded(void);

/* For ubc_throttle.c. */
uint64_t ubc_dirty_limit(void);
uint64_t ubc_dirty_pages(void); /* of all mounts */
void ubc_dirty_lock(void);
void ubc_dirty_unlock(void);
int ubc_dirty_sleep(struct ubc_mount *mount);         /* 0; EINTR */
void ubc_writer_want_locked(struct ubc_mount *mount); /* a pass over everything that begins from now on */
unsigned ubc_dirty_mounts_locked(void);
void ubc_throttle_boot(void);
uint64_t ubc_throttle_reserved(void); /* pages */
uint64_t ubc_throttle_waits(void);    /* ever */

/* ---- ubc_age.c: eviction ------------------------------------------------------------------------------- */

void ubc_age_boot(void);
void ubc_age_shutdown(void);
void ubc_age_counters(struct ubc_counters *out);
/** ubc_age_queue, ubc_age_unqueue - file lock held. */
void ubc_age_queue(struct ubc_page *page, bool aged);
void ubc_age_unqueue(struct ubc_page *page);
/** ubc_age_settle - wait until eviction is not looking at any page that was queued before. */
void ubc_age_settle(void);
/** ubc_age_evict - throw out clean pages until @bytes are free; returns what was freed. No lock held. */
uint64_t ubc_age_evict(uint64_t bytes);

/* ---- ubc_list.c: page lists ---------------------------------------------------------------------------- */

struct upl {
    struct ubc_file *u_file; /* [k] a reference */
    uint64_t u_first;        /* [k] index of the first page */
    uint32_t u_count;        /* [k] pages, holes included */
    bool u_writes;           /* [k] made to write its pages: they are clean once it is committed */
    uint32_t u_refs;         /* [f] */
    uint32_t u_left;         /* [f] pages not given back */
    uint32_t u_maps;         /* [f] */
    uint8_t *u_base;         /* [f] where it is mapped, while u_maps */
    /* Where pages were moved together, holes need memory too: a bit for each that has some. */
    uint64_t u_filler[UBC_LIST_MAX / 64]; /* [f] */
    struct ubc_memory u_piece;            /* [f] what they are parts of */
    struct ubc_page **u_pages;            /* [f] NULL: a hole, or given back */
    upl_page_info_t *u_info;              /* as it was at the start */
};
/** ubc_list_make - a list of [@first, @first + @count). @flags UPL_*. Blocks: until pages in use are not. */
struct upl *ubc_list_make(struct ubc_file *file, uint64_t first, unsigned count, int flags);
void ubc_list_retain(struct upl *upl);
void ubc_list_release(struct upl *upl);
/** ubc_list_left - how many pages were not given back yet. */
unsigned ubc_list_left(struct upl *upl);

/* ---- ubc_map.c ----------------------------------------------------------------------------------------- */

void ubc_map_boot(void);
void ubc_map_shutdown(void);
void ubc_map_counters(struct ubc_counters *out);
/** ubc_map_forget - give the memory of holes back: the list is freed. */
void ubc_map_forget(struct upl *upl);

#endif
