// SPDX-License-Identifier: BSD-2-Clause
/*
 * FUSE sessions: one per mount of the kernel process. A session owns the FUSE connection, its worker
 * threads, the table of node numbers and the kernel half's mount under it; it ends when somebody unmounts
 * it, when the connection is aborted, or by fh_session_stop(), and then gives all of that back by itself.
 *
 * Callers: the control server, run.c, main.c and tests; any thread, without locks of the kernel half.
 * Errors are positive errno values of the host with a sentence in `err` (may be NULL).
 */
#ifndef KEXTBED_FUSEHOST_SESSION_H
#define KEXTBED_FUSEHOST_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fh_session; /* reference counted */

struct fh_mount_request {
    const char *type;    /* file-system type as its kext registered it */
    const char *special; /* what is mounted; NULL means "none" */
    const char *dir;     /* existing directory of the host, absolute or relative to the caller */
    const char *options; /* comma-separated mount options (options.h), NULL for none */
    const void *data;    /* mount data for the file system; NULL: what fsdata= says, or none */
    size_t data_size;
    uint32_t uid, gid; /* on whose behalf the file system is mounted */
    int32_t pid;
};

/** fh_session_start - mount a file system and serve it.
 *  @request  copied as far as needed.
 *  @out      set on success; the caller owes one fh_session_release(). May be NULL.
 *  @err      a sentence that names what is wrong, on error.
 *  Returns when the mount answers. Blocks: yes.
 *  Errno: ENOENT, ENOTDIR the directory; EBUSY something of ours is mounted there already; EINVAL an option;
 *  ENODEV no such type; EPERM, ENOMEM; whatever VFS_MOUNT answers. */
int fh_session_start(const struct fh_mount_request *request, struct fh_session **out, char *err,
                     size_t errlen);

/* Cut off whoever still uses it, after writing back what can be in five seconds. */
#define FH_STOP_FORCE 0x1u

/** fh_session_stop - unmount, and wait until everything is given back.
 *  Errno: 0, also when it had ended already; EBUSY in use, @err says by whom, and nothing has changed; or it
 * is unmounted or cut off, and @err says which requests or vnodes the file system does not give back: it ends
 * by itself as soon as it does. EPERM. Blocks: yes; without FH_STOP_FORCE for as long as the host has dirty
 * data to write and half a minute more, with it some fifteen seconds at most. */
int fh_session_stop(struct fh_session *session, unsigned flags, char *err, size_t errlen);

/** fh_session_is_slow - a stop took the mount away and gave up waiting for its end, which has not come since.
 */
bool fh_session_is_slow(struct fh_session *session);
/** fh_session_is_stuck - a forced stop gave up waiting, and it has not ended since. */
bool fh_session_is_stuck(struct fh_session *session);
/** fh_session_update - change a mount that is in use.
 *  @options  of ro rw suid nosuid dev nodev exec noexec atime noatime, reload (read-only mounts: forget what
 * is cached), fsdata=TEXT; update, remount and defaults change nothing. What is not named stays.
 *  @bytes    data for the file system instead of fsdata; may be NULL.
 *  Errno: 0; EINVAL an option, or what the file system does not take; EBUSY it is just being changed; EPERM
 * the host's mount cannot be changed by this user; the file system's. @err has a sentence. On an error
 * nothing has changed. */
int fh_session_update(struct fh_session *session, const char *options, const void *bytes, size_t size,
                      char *err, size_t errlen);
/** fh_session_revoke - take a file away from everybody who has it open. @path from the mount's root; a
 * symbolic link is not followed. What the host has cached of it goes. Errno: 0; ENOENT; EBUSY the root
 * itself. */
int fh_session_revoke(struct fh_session *session, const char *path);
/** fh_session_resize - make its file system @bytes large. Errno: 0; ENOTSUP; ENOSPC more is in use; EINVAL;
 * EROFS; EBUSY; @err has a sentence. */
int fh_session_resize(struct fh_session *session, uint64_t bytes, char *err, size_t errlen);

struct testdisk_stats;
/** fh_session_testdisk - look after the test device below the mount.
 *  @cut   its power goes. @plan  what it does from now on; NULL: as before. The plan comes first.
 *  Errno: 0; ENODEV there is none; EINVAL the plan is wrong; EIO; @err has a sentence. Blocks. */
int fh_session_testdisk(struct fh_session *session, bool cut, const char *plan, struct testdisk_stats *stats,
                        char *err, size_t errlen);

/** fh_session_wait - block until the session has ended. Returns 0, or the errno with which it ended. */
int fh_session_wait(struct fh_session *session);

void fh_session_retain(struct fh_session *session);
void fh_session_release(struct fh_session *session);

/** fh_session_find - the running session mounted on @dir (any spelling of the path). ENOENT: none. Owes a
 * release. */
int fh_session_find(const char *dir, struct fh_session **out);
/** fh_session_list - up to @max running sessions, oldest first, each owing a release; returns how many were
 * stored. */
size_t fh_session_list(struct fh_session **out, size_t max);
size_t fh_session_count(void);
/** fh_session_wait_none - block until no session is left or @timeout_ms passed (-1: no limit). True: none
 * left. */
bool fh_session_wait_none(int timeout_ms);

/* What does not change during a session's life; valid while the caller holds a reference. */
const char *fh_session_dir(const struct fh_session *session);
const char *fh_session_type(const struct fh_session *session);
const char *fh_session_special(const struct fh_session *session);
const char *fh_session_options(const struct fh_session *session); /* as asked for, "" for none */
uint32_t fh_session_mount_id(const struct fh_session *session);

/** fh_session_waiting - the requests that have not been answered for at least @age_ms, as text: operation,
 * node, process, and where in the kext. Returns how many. Slow where there are any. */
unsigned fh_session_waiting(struct fh_session *session, unsigned age_ms, char *buf, size_t size);

/** fh_session_stats_json - the mount's statistics as one JSON object on one line; the caller frees it. NULL:
 * no memory. */
char *fh_session_stats_json(struct fh_session *session);

#endif
