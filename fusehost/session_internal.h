// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a session is made of; for the files of this folder that serve it.
 *
 * Lock order, outermost first (none is held while the kernel half or the FUSE library is called, except
 * where a line says so):
 *   sessions.mutex       session.c      the list of sessions
 *   session.mutex        session.c      state, workers
 *   files shard          file_handle.c  open handles, for the end of a session
 *   lazy shard           lazy_file.c
 *   node shard, aliases  node_table.c
 *   invalidator.mutex    invalidate.c
 */
#ifndef KEXTBED_FUSEHOST_SESSION_INTERNAL_H
#define KEXTBED_FUSEHOST_SESSION_INTERNAL_H

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <sys/uio.h>

#include "fusehost/caller.h"
#include "fusehost/crew.h"
#include "fusehost/file_handle.h"
#include "fusehost/invalidate.h"
#include "fusehost/lazy_file.h"
#include "fusehost/node_table.h"
#include "fusehost/options.h"
#include "fusehost/session.h"
#include "fusehost/stats.h"
#include "vfs/syscalls.h"

/* The largest READ and WRITE that the host may send. */
#define FH_MAX_IO (1u << 20)

enum fh_session_state {
    FH_STARTING, /* mounted in the kernel half, the host's mount or its first request is awaited */
    FH_RUNNING,
    FH_ENDING, /* the connection is gone, everything is being given back */
    FH_ENDED,
};

/* One thread that serves requests. Only the thread itself touches its members, but for those marked. It stays
 * in the list, and its descriptor open, until the connection ends. */
struct fh_worker {
    struct fh_session *session;
    struct fh_worker *next;  /* session.mutex */
    _Atomic uint64_t unique; /* the request that it serves now, 0: none; read by whoever interrupts it */
    struct {                 /* that request, for reports: flight.c */
        _Atomic uint32_t op, pid;
        _Atomic uint64_t nodeid, since_ms;
    } flight;
    uint32_t host_thread; /* host_thread_id(); set before the first request */
    pthread_t thread;
    int fd;        /* its own clone of the connection, or the session's */
    void *in_base; /* allocation behind `in` */
    char *in;      /* one request; a write's data starts on a page boundary */
    char *out;     /* a reply's data; grown to the largest asked for */
    size_t out_size;
    uint32_t raw_flags; /* WRITE: write_flags, which the library does not pass on */
    struct fh_crew_member member;
    struct fh_caller_cache callers;
    struct fh_stats stats;
};

struct fh_session {
    _Atomic uint32_t refs;
    struct fh_session *next; /* sessions.mutex */

    /* Constant from before the first request. */
    char *dir, *type, *special, *options_text;
    struct fh_options options;
    struct sys_mount_info info;
    uint32_t mount_id;
    uint32_t disk_unit;  /* where has_disk: its special is this disk of the kernel half */
    bool has_disk;       /* ends under the mutex */
    bool disk_read_only; /* the image or device was opened for reading, for as long as the mount lasts */
    struct host_disk *test_disk; /* where the disk is a test device; session_testdisk.c's lock */
    uint32_t stands_on;          /* the mount of ours that its special lies on; 0: none */
    bool exact;                  /* else fast */
    bool no_open;                /* OPEN, OPENDIR, CREATE and FLUSH are answered ENOSYS */
    bool writeback;              /* set while the host's first request is answered */
    bool expire;                 /* the host can expire names without cutting off what is mounted below */
    sys_caller_t *kernel_caller;
    struct fuse_session *fuse;
    int fd;
    unsigned dev_major, dev_minor; /* of the host's mount; minor 0: unknown */
    int panic_slot;                /* mutex once it runs; -1: none */
    pthread_t supervisor;
    _Atomic uint32_t keeper; /* host_thread_id() of who mounts, then of who ends it; for reports */

    struct fh_node_table nodes;
    struct fh_file_list files;
    struct fh_lazy_cache lazies;
    struct fh_invalidator invalidator;

    pthread_mutex_t mutex;
    pthread_cond_t changed; /* state, running */
    enum fh_session_state state;
    bool answered;             /* the host's first request: it was up, also if it has ended since */
    int error;                 /* how it ended */
    struct fh_worker *workers; /* all that were ever started */
    _Atomic unsigned n_workers;
    unsigned running; /* workers whose loop has not ended */
    char busy[256];   /* why the kernel half could not unmount */
    bool forced;
    bool slow, stuck;    /* a stop gave up waiting for the end; a forced one did */
    struct fh_crew crew; /* which of them read */
    _Atomic bool stopping;
};

extern const struct fuse_lowlevel_ops fh_ops;

/* loop.c */
/** fh_loop_run - serve requests until the connection ends; returns 0, or the errno that ended it. */
int fh_loop_run(struct fh_session *session);
/** fh_worker_current - the calling worker. NULL on any other thread. */
struct fh_worker *fh_worker_current(void);
/** fh_worker_out - the worker's reply buffer, at least @size bytes, page-aligned. NULL: no memory. */
void *fh_worker_out(struct fh_worker *worker, size_t size);
/** fh_loop_hooks - make the library's replies go through the workers' own descriptors. After the mount. */
int fh_loop_hooks(struct fh_session *session);

/* negotiate.c */
void fh_negotiate(void *userdata, struct fuse_conn_info *conn);
/** fh_negotiate_patch - add to the answer of the first request what the library cannot express. */
void fh_negotiate_patch(const struct iovec *iov, int count);

/* host_mount.c */
/** fh_host_mount - attach session.fuse to session.dir; sets fd and the device numbers. */
int fh_host_mount(struct fh_session *session, char *err, size_t errlen);
/** fh_host_unmount - take it away as umount(8) would; EBUSY with the users' names in @err. */
int fh_host_unmount(struct fh_session *session, bool force, char *err, size_t errlen);
/** fh_host_unmount_dead - the connection is gone; detach what is left of the mount. */
void fh_host_unmount_dead(struct fh_session *session);

/* node_recover.c */
/** fh_node_pin - the vnode that stands for @node, found again if it was recycled, and held so that it stays.
 *  @at    out  its reference.
 *  @hold  out  owes sys_hold_release().
 *  Darwin errno; ESTALE the file no longer exists. Blocks. */
int fh_node_pin(struct fh_session *session, struct fh_node *node, struct sys_node *at, sys_hold_t **hold);

/* session.c */
/** fh_session_enlist - put it into the list; false: another one is mounted on the same directory. */
bool fh_session_enlist(struct fh_session *session);
void fh_session_delist(struct fh_session *session);
/** fh_session_supervise - the supervisor thread's function; ends a reference. */
void *fh_session_supervise(void *session);
/** fh_session_answered - the first request was answered: the mount is usable. */
void fh_session_answered(struct fh_session *session);
/** fh_session_by_mount - the running session of a mount. NULL: none. Owes a release. */
struct fh_session *fh_session_by_mount(uint32_t mount_id);

/* session_disk.c */
/** fh_session_disk_attach - give the special its disk, if the type wants one.
 *  @special  in: the name in the kernel half's tree; out: the disk's node, where one was attached.
 *  Darwin errno; @why gets a sentence. Blocks. */
int fh_session_disk_attach(struct fh_session *session, sys_caller_t *who, char special[SYS_PATH_MAX],
                           char *why, size_t why_size);
/** fh_session_disk_detach - the mount is gone: so is its disk, if it had one. */
void fh_session_disk_detach(struct fh_session *session);

/* session_testdisk.c */
/** fh_session_testdisk_make - open the special with the test device of the options on it.
 *  Darwin errno; @why gets a sentence. Blocks. */
int fh_session_testdisk_make(struct fh_session *session, bool read_only, struct host_disk **disk, char *why,
                             size_t why_size);
/** fh_session_testdisk_forget - it is about to be closed, if there is one. */
void fh_session_testdisk_forget(struct fh_session *session);

/* session_start.c */
/** fh_session_limit_vnodes - how many vnodes the kernel half may have; before the first mount. */
void fh_session_limit_vnodes(uint32_t max_vnodes);

/* signals.c */
/** fh_signals_prepare - block the signals and open what they arrive on. Errno (host). */
int fh_signals_prepare(void);
/** fh_wake_initial_thread - a session left the list: whoever waits for the last one looks again. */
void fh_wake_initial_thread(void);

/* stats.c */
void fh_session_stats_sum(struct fh_session *session, struct fh_stats_sum *sum);

#endif
