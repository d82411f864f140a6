// SPDX-License-Identifier: BSD-2-Clause
/*
 * The message sink. State is two integers set before there are threads.
 */
#define FUSE_USE_VERSION 312
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fusehost/log.h"
#include "host/host.h"

#define SYSLOG_DAEMON (3 << 3)

static int sink_fd = STDERR_FILENO;
static int syslog_fd = -1;
static __thread struct {
    char *buf;
    size_t size, len;
} capture;

static void log_write(int level, const char *text, size_t len)
{
    if (syslog_fd < 0) {
        while (len) {
            ssize_t n = write(sink_fd, text, len);

            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return;
            text += n;
            len -= (size_t)n;
        }
        return;
    }
    char line[1200];
    int n = snprintf(line, sizeof(line), "<%d>fusehost[%d]: %.*s", SYSLOG_DAEMON | level, (int)getpid(),
                     (int)(len > 1100 ? 1100 : len), text);
    if (n > 0)
        send(syslog_fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void host_sink(void *arg, int level, const char *text, size_t len)
{
    (void)arg;
    log_write(level, text, len);
}

static void fuse_sink(enum fuse_log_level level, const char *fmt, va_list args)
{
    char line[1024];
    int n = vsnprintf(line, sizeof(line), fmt, args);

    if (n > 0 && capture.buf) {
        size_t room = capture.size - capture.len;

        snprintf(capture.buf + capture.len, room, "%s", line);
        capture.len += (size_t)n < room ? (size_t)n : room - 1;
        return;
    }
    if (n > 0)
        log_write((int)level, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

static int syslog_open(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return errno;
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        int err = errno;
        close(fd);
        return err;
    }
    syslog_fd = fd;
    return 0;
}

int fh_log_open(const char *where)
{
    int err = 0;

    if (where && strcmp(where, "syslog") == 0) {
        err = syslog_open();
    } else if (where) {
        int fd = open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

        if (fd < 0)
            err = errno;
        else
            sink_fd = fd;
    }
    if (err)
        return err;
    fuse_set_log_func(fuse_sink);
    host_log_set_sink(host_sink, NULL);
    return 0;
}

void fh_log_capture(char *buf, size_t size)
{
    capture.buf = buf;
    capture.size = size;
    capture.len = 0;
    if (buf)
        buf[0] = '\0';
}

int fh_log_fd(void)
{
    return sink_fd;
}

void fh_log(int level, const char *fmt, ...)
{
    char line[4096];
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    if (n <= 0)
        return;
    size_t len = (size_t)n;
    if (len >= sizeof(line)) {
        len = sizeof(line) - 1;
        line[len - 1] = '\n';
    }
    log_write(level, line, len);
}
