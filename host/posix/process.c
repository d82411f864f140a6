// SPDX-License-Identifier: BSD-2-Clause
/*
 * process.c: what the host knows of processes, from /proc. No state.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/posix/posix_internal.h"

int32_t host_process_self(void)
{
    return getpid();
}

const char *host_process_name(void)
{
    return program_invocation_short_name;
}

/* One line: pid (name) state ppid pgrp session ... the start time is field 22. The name may hold anything,
 * ')' too. */
static bool process_parse_stat(char *line, struct host_process_info *info)
{
    char *open = strchr(line, '('), *close = strrchr(line, ')');
    char state;
    unsigned long long start_time;

    if (!open || !close || close < open)
        return false;
    *close = '\0';
    (void)snprintf(info->name, sizeof info->name, "%s", open + 1);
    if (sscanf(close + 1, " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &state, &info->ppid, &info->pgid, &info->sid, &start_time) != 5)
        return false;
    info->start_time = start_time;
    info->exiting = state == 'Z' || state == 'X';
    return true;
}

/* The whole of a small file under /proc/@pid, terminated. False: no such process. */
static bool process_read(int32_t pid, const char *file, char *buf, size_t size)
{
    char path[48];
    ssize_t len;
    int fd;

    if (pid <= 0)
        return false;
    (void)snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    len = read(fd, buf, size - 1);
    (void)close(fd);
    if (len <= 0)
        return false;
    buf[len] = '\0';
    return true;
}

int host_process_ids(int32_t pid, uint32_t *uid, uint32_t *gid, uint32_t *groups, unsigned *n_groups)
{
    char status[8192], *at, *end;
    unsigned room = *n_groups, n = 0;

    *n_groups = 0;
    if (!process_read(pid, "status", status, sizeof status))
        return HOST_ENOENT;
    at = strstr(status, "\nUid:");
    if (!at || sscanf(at, "\nUid: %*u %u", uid) != 1)
        return HOST_ENOENT;
    at = strstr(at, "\nGid:");
    if (!at || sscanf(at, "\nGid: %*u %u", gid) != 1)
        return HOST_ENOENT;
    at = strstr(at, "\nGroups:");
    for (at = at ? at + sizeof "\nGroups:" - 1 : NULL; at && n < room; at = end) {
        unsigned long group;

        while (*at == ' ' || *at == '\t')
            at++;
        group = strtoul(at, &end, 10);
        if (end == at)
            break;
        groups[n++] = (uint32_t)group;
    }
    *n_groups = n;
    return HOST_OK;
}

int host_process_info(int32_t pid, struct host_process_info *info)
{
    char line[1024];

    memset(info, 0, sizeof *info);
    info->pid = pid;
    if (!process_read(pid, "stat", line, sizeof line))
        return HOST_ENOENT;
    return process_parse_stat(line, info) ? HOST_OK : HOST_ENOENT;
}

/* BSD's numbers; 0 where the host has no such signal. */
static const int signal_numbers[32] = {
    [1] = SIGHUP,     [2] = SIGINT,   [3] = SIGQUIT,   [4] = SIGILL,   [5] = SIGTRAP,  [6] = SIGABRT,
    [8] = SIGFPE,     [9] = SIGKILL,  [10] = SIGBUS,   [11] = SIGSEGV, [12] = SIGSYS,  [13] = SIGPIPE,
    [14] = SIGALRM,   [15] = SIGTERM, [16] = SIGURG,   [17] = SIGSTOP, [18] = SIGTSTP, [19] = SIGCONT,
    [20] = SIGCHLD,   [21] = SIGTTIN, [22] = SIGTTOU,  [23] = SIGIO,   [24] = SIGXCPU, [25] = SIGXFSZ,
    [26] = SIGVTALRM, [27] = SIGPROF, [28] = SIGWINCH, [30] = SIGUSR1, [31] = SIGUSR2,
};

int host_process_signal(int32_t pid, int signum)
{
    if (pid <= 0)
        return HOST_ENOENT;
    if (signum < 0 || signum >= 32 || (signum > 0 && !signal_numbers[signum]))
        return HOST_EINVAL;
    if (kill(pid, signal_numbers[signum]) == 0)
        return HOST_OK;
    return errno == ESRCH ? HOST_ENOENT : HOST_EPERM;
}
