// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kernel process as a whole: start and end of the kernel half inside this program, the daemon, and the
 * foreground run with kernel, kext and mount in one process.
 *
 * Callers: main.c of fusehost and of the tools, on the initial thread, before and after everything else.
 */
#ifndef KEXTBED_FUSEHOST_FUSEHOST_H
#define KEXTBED_FUSEHOST_FUSEHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fusehost/session.h"
#include "fusehost/validator.h"

/* Where the shared kernel process listens and keeps its lock unless told otherwise. */
#define FH_DEFAULT_SOCKET  "/run/kextbed/control"
#define FH_DEFAULT_PIDFILE "/run/kextbed/kernel.pid"

/* Exit codes of the kernel process. A panic ends it with FH_EXIT_PANIC, whoever caused it. */
#define FH_EXIT_OK      0
#define FH_EXIT_FAILURE 1  /* could not start, load or mount; the message says why */
#define FH_EXIT_BUSY    16 /* asked to end, but a mount was in use and was cut off */
#define FH_EXIT_RUNNING 17 /* another kernel process has the lock */
#define FH_EXIT_USAGE   64
#define FH_EXIT_PANIC   70

struct fh_boot_args {
    uint32_t max_vnodes;  /* 0: the default */
    uint64_t cache_bytes; /* for cached blocks and pages; 0: the default */
    bool ledger;          /* keep the ledger of references */
    struct fh_validate validate;
    const char *log_file; /* NULL: standard error; "syslog": the host's log */
};

/** fh_cache_size_read - the operand of --cache-size as bytes: a number, with k, m or g behind it, that is at
 * least FH_CACHE_SIZE_MIN and no more than the machine has memory. False: it is not. */
bool fh_cache_size_read(const char *text, uint64_t *out);
#define FH_CACHE_SIZE_MIN (8ull << 20)
#define FH_CACHE_SIZE_WANTED                                                                                 \
    "a size from 8m to the machine's memory is needed, in bytes or with k, m or g behind it"

/** fh_boot - bring up the kernel half: log, panic hook, sys_boot(). Blocks all signals that fh_signals_wait()
 * takes, so call it before any thread exists. Returns 0 or a host errno with a sentence in @err. */
int fh_boot(const struct fh_boot_args *args, char *err, size_t errlen);

/** fh_unmount_all - unmount everything, the newest mount first. @force: cut off busy ones, after writing back
 * what can be. Returns whether none was busy. */
bool fh_unmount_all(bool force);

/** fh_halt - unmount everything and end the kernel half. @force: cut off busy mounts, after writing back what
 * can be. Returns 0; EBUSY a mount was in use (cut off when @force, else all is as it was); ETIMEDOUT
 * something in the kernel half or in a kext does not end, which is logged: fh_exit_now() is all that is left.
 */
int fh_halt(bool force);

/** fh_signals_wait - sleep until SIGINT, SIGTERM or SIGHUP (returned), or until no session is left (returns
 * 0) if
 *  @until_unmounted. */
int fh_signals_wait(bool until_unmounted);

enum fh_watch {
    FH_WATCH_START, /* a signal lets the start go on for three seconds, as if it came afterwards; then, or
                       after another, it ends the process, which has nothing to lose yet */
    FH_WATCH_STOP,  /* another signal writes back for three seconds, cuts the mounts off and ends the process
                     */
};
/** fh_watch_begin - from here to fh_watch_end() the initial thread is busy and may get stuck in a kext:
 * SIGINT and SIGTERM do what @what says. Initial thread. */
void fh_watch_begin(enum fh_watch what);
void fh_watch_end(void);

/** fh_exit_remove - a file that fh_exit_now() removes; @path is kept. At most four. */
void fh_exit_remove(const char *path);
/** fh_exit_now - abort all connections, so that whoever waits gets an error, take the mounts away and end the
 * process with @code, whatever its threads are doing. Any thread. */
void fh_exit_now(int code) __attribute__((noreturn));

/** fh_stop_request - make fh_signals_wait() return SIGTERM, as `kextbed stop` does. Any thread. */
void fh_stop_request(void);

/* How far a foreground run came. */
enum fh_run_stage { FH_RUN_BOOT, FH_RUN_LOAD, FH_RUN_MOUNT, FH_RUN_SERVE };

/* One foreground run: boot, load, mount, serve until a signal or an unmount, halt. */
struct fh_run_args {
    struct fh_boot_args boot;
    struct fh_mount_request mount;
    /* Loads the kexts once the kernel half is up. False: it could not, and says why itself. */
    bool (*load)(void *arg);
    /* The mount answers now. May be NULL. */
    void (*ready)(void *arg, struct fh_session *session);
    /* After the last unmount, before the kernel half goes down: unload what load() loaded. False: something
     * of it still runs. May be NULL. */
    bool (*unload)(void *arg);
    void *arg;
    enum fh_run_stage stage; /* out: where it failed, FH_RUN_SERVE otherwise */
    int error;               /* out: a host errno, where boot or mount failed */
};
/** fh_run - do it; messages go to standard error. The first signal unmounts if nobody uses the mount, the
 * second cuts users off. Returns an exit code above. */
int fh_run(struct fh_run_args *args);

/** fh_daemon_main - the program `fusehost`; returns its exit code. */
int fh_daemon_main(int argc, char **argv);

/** fh_dead_mounts_clear - detach mounts of ours that a kernel process left behind when it died. @dir: only
 * the one there; NULL: all. Returns how many were cleared. */
unsigned fh_dead_mounts_clear(const char *dir);

#endif
