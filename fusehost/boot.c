// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start and end of the kernel half in this process, and what the initial thread does in between: wait for a
 * signal, for somebody's wish to stop, or for the last unmount.
 *
 * All three arrive on descriptors, so that nothing runs in signal context. No locks; see fusehost.h for who
 * calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "fusehost/errno_map.h"
#include "fusehost/fusehost.h"
#include "fusehost/log.h"
#include "fusehost/panic.h"
#include "fusehost/session_internal.h"
#include "kext/kext_control.h"

/* A build for debugging keeps the ledger whether asked to or not. */
#ifdef NDEBUG
#define LEDGER_ALWAYS false
#else
#define LEDGER_ALWAYS true
#endif

#define SESSIONS_MAX 1024u
#define SYNC_WAIT_S  5

static int signal_fd = -1;
static int event_fd = -1; /* stop requests and unmounts */
static _Atomic bool stop_asked;

static int signals_prepare(void)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    int err = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (err)
        return err;
    signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
    event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return signal_fd < 0 || event_fd < 0 ? errno : 0;
}

static int kernel_boot(const struct fh_boot_args *args, char *err, size_t errlen)
{
    struct sys_boot boot = {
        .max_vnodes = args->max_vnodes,
        .flags = args->ledger || LEDGER_ALWAYS ? SYS_BOOT_LEDGER : 0,
        .changed = fh_changed,
    };
    int error = sys_boot(&boot);

    if (!error && (error = kext_control_boot()) != 0)
        sys_shutdown();
    if (error)
        snprintf(err, errlen, "the kernel half does not start: %s", fh_errno_name(error));
    return fh_errno_to_host(error);
}

int fh_boot(const struct fh_boot_args *args, char *err, size_t errlen)
{
    int error = fh_log_open(args->log_file);

    if (error) {
        snprintf(err, errlen, "log %s: %s", args->log_file, strerror(error));
        return error;
    }
    error = signals_prepare();
    if (error) {
        snprintf(err, errlen, "signals: %s", strerror(error));
        return error;
    }
    fh_panic_prepare();
    fh_session_limit_vnodes(args->max_vnodes);
    return kernel_boot(args, err, errlen);
}

/* ---- the end ------------------------------------------------------------------------------------------- */

struct sync_job {
    _Atomic int refs;
    sem_t done;
    char dir[];
};

static void sync_job_release(struct sync_job *job)
{
    if (atomic_fetch_sub(&job->refs, 1) == 1) {
        sem_destroy(&job->done);
        free(job);
    }
}

static void *sync_main(void *arg)
{
    struct sync_job *job = arg;
    int fd = open(job->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        syncfs(fd);
        close(fd);
    }
    sem_post(&job->done);
    sync_job_release(job);
    return NULL;
}

/* Has the host write back what it holds of a mount that is about to be cut off. A file system that hangs is
 * not waited for: cutting the connection ends that thread as well. */
static void sync_within(const char *dir, int seconds)
{
    struct sync_job *job = malloc(sizeof(*job) + strlen(dir) + 1);
    struct timespec until;
    pthread_t thread;

    if (!job)
        return;
    atomic_init(&job->refs, 2);
    sem_init(&job->done, 0, 0);
    strcpy(job->dir, dir);
    if (pthread_create(&thread, NULL, sync_main, job) != 0) {
        atomic_store(&job->refs, 1);
    } else {
        pthread_detach(thread);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += seconds;
        while (sem_timedwait(&job->done, &until) != 0 && errno == EINTR)
            ;
    }
    sync_job_release(job);
}

static bool session_end(struct fh_session *session, bool force)
{
    char err[512];

    if (fh_session_stop(session, 0, err, sizeof(err)) == 0)
        return true;
    fh_log(FH_LOG_WARNING, "%s\n", err);
    if (!force)
        return false;
    sync_within(fh_session_dir(session), SYNC_WAIT_S);
    if (fh_session_stop(session, FH_STOP_FORCE, err, sizeof(err)) != 0)
        fh_log(FH_LOG_ERROR, "%s\n", err);
    return false;
}

bool fh_unmount_all(bool force)
{
    struct fh_session **all = calloc(SESSIONS_MAX, sizeof(struct fh_session *));
    size_t n = all ? fh_session_list(all, SESSIONS_MAX) : 0;
    bool clean = true;

    while (n-- > 0) { /* the newest first: it may be mounted inside an older one */
        clean = session_end(all[n], force) && clean;
        fh_session_release(all[n]);
    }
    free(all);
    return clean;
}

/* A session may have ended while something inside the kernel half still held its mount. */
static void leftovers_unmount(void)
{
    uint32_t ids[64];
    size_t n = sys_mount_list(ids, 64);

    for (size_t i = 0; i < n && i < 64; i++) {
        struct sys_mount_info info;

        if (sys_mount_info(ids[i], &info) != 0 || !info.shown_on[0])
            continue;
        int err = sys_unmount(sys_caller_kernel(), ids[i], SYS_MNT_FORCE, NULL, 0);
        fh_log(FH_LOG_WARNING, "a mount of %s, once on %s, was left: %s\n", info.type, info.shown_on,
               err ? fh_errno_name(err) : "taken away by force");
    }
}

int fh_halt(bool force)
{
    char text[1024] = "";
    struct kext_control_reply reply = {.text = text, .size = sizeof(text)};
    bool clean = fh_unmount_all(force);

    if (!clean && !force)
        return EBUSY;
    leftovers_unmount();
    int err = kext_control_shutdown(&reply);
    if (err)
        fh_log(FH_LOG_ERROR, "kexts stay loaded: %s%s%s\n", fh_errno_name(err), text[0] ? ": " : "", text);
    else if ((err = sys_shutdown()) != 0)
        fh_log(FH_LOG_ERROR, "the kernel half does not shut down: %s\n", fh_errno_name(err));
    return clean ? 0 : EBUSY;
}

/* ---- waiting ------------------------------------------------------------------------------------------- */

void fh_wake_initial_thread(void)
{
    uint64_t one = 1;

    if (event_fd >= 0) {
        ssize_t n = write(event_fd, &one, sizeof(one));
        (void)n; /* full: it is awake already */
    }
}

void fh_stop_request(void)
{
    atomic_store(&stop_asked, true);
    fh_wake_initial_thread();
}

int fh_signals_wait(bool until_unmounted)
{
    struct pollfd fds[2] = {{.fd = signal_fd, .events = POLLIN}, {.fd = event_fd, .events = POLLIN}};

    for (;;) {
        struct signalfd_siginfo info;
        uint64_t drained;

        if (atomic_exchange(&stop_asked, false))
            return SIGTERM;
        if (until_unmounted && fh_session_count() == 0)
            return 0;
        if (poll(fds, 2, -1) < 0)
            continue;
        if ((fds[1].revents & POLLIN) && read(event_fd, &drained, sizeof(drained)) < 0)
            continue;
        if ((fds[0].revents & POLLIN) && read(signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
            return (int)info.ssi_signo;
    }
}
