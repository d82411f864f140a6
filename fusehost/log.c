// SPDX-License-Identifier: BSD-2-Clause
/*
 * The message sink. A file gets the time (UTC) and our process id in front of each line, the system's log and
 * a terminal as they are. Of a panic a short word goes to standard error and into a note, for whoever does
 * not look into the log: both are written with system calls alone.
 *
 * State is set before there are threads, but for one flag: whether the file's last line has ended.
 */
#define FUSE_USE_VERSION 312
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "fusehost/log.h"
#include "host/host.h"

#define SYSLOG_DAEMON (3 << 3)

static int sink_fd = STDERR_FILENO;
static int syslog_fd = -1;
static const char *sink_name; /* of a file, or "syslog"; NULL: standard error */
static _Atomic bool line_open;
static const char *note_path;
static _Atomic bool panic_noted;

struct capture {
    char *buf;
    size_t size, len;
};
/* What this thread's library says, and what the kernel half says on this thread. */
static __thread struct capture capture, heard;

static void write_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        text += n;
        len -= (size_t)n;
    }
}

static void digits(char *at, unsigned value, unsigned width)
{
    for (; width; width--, value /= 10)
        at[width - 1] = (char)('0' + value % 10);
}

/* "2026-01-31T09:05:07.123Z". The library's calendar takes a lock that a panic may have interrupted. */
static void time_format(char out[25])
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    long days = (long)(now.tv_sec / 86400), seconds = (long)(now.tv_sec % 86400);
    /* Years begin in March here, so that the day that may be missing is the last one. */
    long shifted = days + 719468, era = shifted / 146097, of_era = shifted % 146097;
    long year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    long of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;

    memcpy(out, "0000-00-00T00:00:00.000Z", 25);
    digits(out + 8, (unsigned)(of_year - (153 * month + 2) / 5 + 1), 2);
    month = month < 10 ? month + 3 : month - 9;
    digits(out, (unsigned)(year + era * 400 + (month <= 2)), 4);
    digits(out + 5, (unsigned)month, 2);
    digits(out + 11, (unsigned)(seconds / 3600), 2);
    digits(out + 14, (unsigned)(seconds / 60 % 60), 2);
    digits(out + 17, (unsigned)(seconds % 60), 2);
    digits(out + 20, (unsigned)(now.tv_nsec / 1000000), 3);
}

/* One write a line, so that threads' lines do not mix. */
static void file_write(const char *text, size_t len)
{
    char line[1400];

    while (len) {
        const char *newline = memchr(text, '\n', len);
        size_t part = newline ? (size_t)(newline - text) + 1 : len, used = 0;

        if (!atomic_exchange(&line_open, !newline)) {
            time_format(line);
            used = 24 + (size_t)snprintf(line + 24, 16, " [%d] ", (int)getpid());
        }
        size_t fits = part < sizeof(line) - used ? part : sizeof(line) - used;
        memcpy(line + used, text, fits);
        write_all(sink_fd, line, used + fits);
        write_all(sink_fd, text + fits, part - fits);
        text += part;
        len -= part;
    }
}

/* The first thing that a panic says is its reason. */
static void panic_note(const char *text, size_t len)
{
    const char *where = sink_name ? sink_name : "standard error of the kernel process";
    int fd;

    if (atomic_exchange(&panic_noted, true))
        return;
    if (sink_name) {
        write_all(STDERR_FILENO, text, len);
        write_all(STDERR_FILENO, "the report is in ", 17);
        write_all(STDERR_FILENO, where, strlen(where));
        write_all(STDERR_FILENO, "\n", 1);
    }
    if (!note_path)
        return;
    fd = open(note_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    write_all(fd, text, len);
    write_all(fd, where, strlen(where));
    write_all(fd, "\n", 1);
    close(fd);
}

static void log_write(int level, const char *text, size_t len)
{
    if (level == HOST_LOG_PANIC)
        panic_note(text, len);
    if (syslog_fd < 0) {
        if (sink_name)
            file_write(text, len);
        else
            write_all(sink_fd, text, len);
        return;
    }
    char line[1200];
    int n = snprintf(line, sizeof(line), "<%d>fusehost[%d]: %.*s", SYSLOG_DAEMON | level, (int)getpid(),
                     (int)(len > 1100 ? 1100 : len), text);
    if (n > 0)
        send(syslog_fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void capture_add(struct capture *to, const char *text, size_t len)
{
    size_t room = to->size - 1 - to->len;

    if (len > room)
        len = room;
    memcpy(to->buf + to->len, text, len);
    to->len += len;
    to->buf[to->len] = '\0';
}

static void host_sink(void *arg, int level, const char *text, size_t len)
{
    (void)arg;
    if (heard.buf)
        capture_add(&heard, text, len);
    log_write(level, text, len);
}

static void fuse_sink(enum fuse_log_level level, const char *fmt, va_list args)
{
    char line[1024];
    int n = vsnprintf(line, sizeof(line), fmt, args);

    if (n > 0 && capture.buf) {
        capture_add(&capture, line, strlen(line));
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
    sink_name = where;
    fuse_set_log_func(fuse_sink);
    host_log_set_sink(host_sink, NULL);
    return 0;
}

void fh_log_capture(char *buf, size_t size)
{
    capture = (struct capture){.buf = buf, .size = size};
    if (buf)
        buf[0] = '\0';
}

void fh_log_tee(char *buf, size_t size)
{
    heard = (struct capture){.buf = buf, .size = size};
    if (buf)
        buf[0] = '\0';
}

void fh_log_panic_note(const char *path)
{
    note_path = path;
    if (path)
        unlink(path);
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
