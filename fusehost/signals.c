// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the initial thread waits for: a signal, somebody's wish to stop, the last unmount. And what is done
 * when a signal comes while it is busy with starting or ending: a watcher thread sees that, cuts all mounts
 * off and ends the process, so that no file system can keep its user from leaving.
 *
 * All of these arrive on descriptors, so that nothing runs in signal context. No locks: descriptors and
 * atomics. The watcher and fh_signals_wait() never read at the same time.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "fusehost/fusehost.h"
#include "fusehost/log.h"
#include "fusehost/mounts.h"
#include "fusehost/panic.h"
#include "fusehost/patience.h"
#include "fusehost/session_internal.h"
#include "host/host.h"

#define SESSIONS_MAX  1024u
#define SYNC_WAIT_MS  3000
#define START_WAIT_MS 3000
#define SYNC_TICK_MS  100
#define REMOVE_MAX    4u

static int signal_fd = -1;
static int event_fd = -1; /* stop requests and unmounts */
static _Atomic bool stop_asked;
static const char *remove_paths[REMOVE_MAX];
static unsigned remove_count;

static struct {
    pthread_t thread;
    int end_fd;           /* readable: the watch is over */
    bool running;         /* the initial thread's */
    enum fh_watch what;   /* constant while it runs */
    uint32_t host_thread; /* the initial thread, for reports */
} watch = {.end_fd = -1};

int fh_signals_prepare(void)
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
    signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch.end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return signal_fd < 0 || event_fd < 0 || watch.end_fd < 0 ? errno : 0;
}

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

/* The next pending signal, or 0. */
static int signal_take(void)
{
    struct signalfd_siginfo info;

    return read(signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info) ? (int)info.ssi_signo : 0;
}

int fh_signals_wait(bool until_unmounted)
{
    struct pollfd fds[2] = {{.fd = signal_fd, .events = POLLIN}, {.fd = event_fd, .events = POLLIN}};

    for (;;) {
        uint64_t drained;
        int signo;

        if (atomic_exchange(&stop_asked, false))
            return SIGTERM;
        if (until_unmounted && fh_session_count() == 0)
            return 0;
        if (poll(fds, 2, -1) < 0)
            continue;
        if ((fds[1].revents & POLLIN) && read(event_fd, &drained, sizeof(drained)) < 0)
            continue;
        if ((fds[0].revents & POLLIN) && (signo = signal_take()) != 0)
            return signo;
    }
}

/* ---- leaving at once ----------------------------------------------------------------------------------- */

void fh_exit_remove(const char *path)
{
    if (path && remove_count < REMOVE_MAX)
        remove_paths[remove_count++] = path;
}

/* What lies on the directories is dead after the abort: detaching it asks nobody. */
static void mounts_detach(void)
{
    struct fh_session **all = calloc(SESSIONS_MAX, sizeof(struct fh_session *));
    size_t n = all ? fh_session_list(all, SESSIONS_MAX) : 0;

    while (n-- > 0) {
        fh_log(FH_LOG_WARNING, "%s: cut off\n", fh_session_dir(all[n]));
        fh_host_unmount_dead(all[n]);
    }
}

void fh_exit_now(int code)
{
    fh_panic_abort_all();
    mounts_detach();
    for (unsigned i = 0; i < remove_count; i++)
        unlink(remove_paths[i]);
    _exit(code);
}

/* ---- the watch ----------------------------------------------------------------------------------------- */

static void sync_tick(void *arg)
{
    int signo = signal_take();

    (void)arg;
    if (signo == SIGINT || signo == SIGTERM)
        fh_exit_now(FH_EXIT_BUSY);
}

static void ending_hurry(void)
{
    struct fh_session **all = calloc(SESSIONS_MAX, sizeof(struct fh_session *));
    size_t n = all ? fh_session_list(all, SESSIONS_MAX) : 0;
    int wait_ms = fh_patience_ms(SYNC_WAIT_MS);

    fh_log(FH_LOG_WARNING,
           "a second signal: what is still mounted is written back for %.1f s at most and cut off\n",
           (double)wait_ms / 1000);
    while (n-- > 0)
        if (!fh_session_is_stuck(all[n]) && all[n]->writeback)
            fh_mount_sync_ticking(fh_session_dir(all[n]), wait_ms, sync_tick, SYNC_TICK_MS);
    fh_exit_now(FH_EXIT_BUSY);
}

/* What is being started gets a moment to come up, and is then ended in the ordinary way. False: it has. */
static bool start_hangs(void)
{
    struct pollfd fds[2] = {{.fd = signal_fd, .events = POLLIN}, {.fd = watch.end_fd, .events = POLLIN}};

    fh_stop_request();
    return poll(fds, 2, fh_patience_ms(START_WAIT_MS)) == 0 || !(fds[1].revents & POLLIN);
}

static void starting_hurry(void)
{
    char where[512];

    sys_call_where(watch.host_thread, where, sizeof(where));
    fh_log(FH_LOG_WARNING, "ended by a signal before the mount was there%s%s\n",
           where[0] ? "; it was waiting in " : "", where);
    fh_exit_now(FH_EXIT_FAILURE);
}

static void *watch_main(void *arg)
{
    struct pollfd fds[2] = {{.fd = signal_fd, .events = POLLIN}, {.fd = watch.end_fd, .events = POLLIN}};

    (void)arg;
    for (;;) {
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents & POLLIN)
            return NULL;
        int signo = signal_take();
        if (signo != SIGINT && signo != SIGTERM)
            continue;
        if (watch.what == FH_WATCH_STOP)
            ending_hurry();
        if (!start_hangs())
            return NULL;
        starting_hurry();
    }
}

void fh_watch_begin(enum fh_watch what)
{
    watch.what = what;
    watch.host_thread = host_thread_id(host_thread_self());
    watch.running = pthread_create(&watch.thread, NULL, watch_main, NULL) == 0;
}

void fh_watch_end(void)
{
    uint64_t count = 1;
    ssize_t n;

    if (!watch.running)
        return;
    n = write(watch.end_fd, &count, sizeof(count));
    pthread_join(watch.thread, NULL);
    n = read(watch.end_fd, &count, sizeof(count));
    (void)n;
    watch.running = false;
}
