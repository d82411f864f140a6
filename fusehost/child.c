// SPDX-License-Identifier: BSD-2-Clause
/*
 * Children that do what may block; see child.h. A child that did not end in time is killed, but while the
 * host waits for an answer of a file system's it cannot die: it is remembered and collected later.
 *
 * Lock: left.mutex, a leaf over the children that are still to be collected.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fusehost/child.h"

#define LEFT_MAX 64u

static struct {
    pthread_mutex_t mutex;
    pid_t pids[LEFT_MAX];
    unsigned n;
} left = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void left_collect(void)
{
    pthread_mutex_lock(&left.mutex);
    for (unsigned i = 0; i < left.n;) {
        if (waitpid(left.pids[i], NULL, WNOHANG) != 0)
            left.pids[i] = left.pids[--left.n];
        else
            i++;
    }
    pthread_mutex_unlock(&left.mutex);
}

/* Beyond the table's room a child stays a zombie until we end. */
static void left_add(pid_t pid)
{
    pthread_mutex_lock(&left.mutex);
    if (left.n < LEFT_MAX)
        left.pids[left.n++] = pid;
    pthread_mutex_unlock(&left.mutex);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether the process behind @pidfd ended in time. */
static bool end_await(int pidfd, int timeout_ms, void (*tick)(void *arg), void *tick_arg, int tick_ms)
{
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    int64_t until = now_ms() + timeout_ms;

    for (;;) {
        int64_t rest = timeout_ms < 0 ? INT32_MAX : until - now_ms();
        int64_t slice = tick && rest > tick_ms ? tick_ms : rest;
        int n = poll(&ended, 1, slice > 0 ? (int)slice : 0);

        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
        if (timeout_ms >= 0 && now_ms() >= until)
            return false;
        if (n == 0 && tick)
            tick(tick_arg);
    }
}

int fh_child_run(int (*fn)(void *arg), void *arg, int timeout_ms, void (*tick)(void *arg), void *tick_arg,
                 int tick_ms)
{
    int status = 0;

    left_collect();
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        syscall(SYS_close_range, 3u, ~0u, 0u);
        _exit(fn(arg));
    }
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    bool ended = pidfd >= 0 && end_await(pidfd, timeout_ms, tick, tick_arg, tick_ms);
    if (pidfd >= 0)
        close(pidfd);
    if (!ended) {
        kill(pid, SIGKILL);
        left_add(pid);
        return -ETIMEDOUT;
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}
