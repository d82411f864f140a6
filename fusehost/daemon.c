// SPDX-License-Identifier: BSD-2-Clause
/*
 * The shared kernel process: command line, the lock that keeps it single, going into the background, serving
 * until it is told to stop. Runs on the initial thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fusehost/control.h"
#include "fusehost/fusehost.h"
#include "fusehost/log.h"

#define LOCK_TRIES 100u /* of 20 ms each */

#define DEFAULT_LOG "/run/kextbed/kernel.log"

struct daemon_options {
    struct fh_boot_args boot;
    const char *socket, *pidfile;
    bool foreground;
};

static const char usage_text[] =
    "usage: fusehost [-f] [--socket PATH] [--pidfile PATH] [--log PATH|syslog] [--vnodes N]\n"
    "                [--cache-size SIZE] [--ledger]\n"
    "                [--validate[=panic|warn|off]] [--exceptions FILE] [--hang SECONDS]\n"
    "\n"
    "The kernel process: serves kexts' file systems and takes requests from kextload and kextbed.\n"
    "  -f, --foreground  stay in the foreground, log to standard error\n"
    "  --socket PATH     listen there (" FH_DEFAULT_SOCKET ")\n"
    "  --pidfile PATH    lock and process id (" FH_DEFAULT_PIDFILE " for root, else none)\n"
    "  --log PATH        append messages to that file; \"syslog\" for the host's log. In the background\n"
    "                    SOCKET.log where --socket is given, else the host's or " DEFAULT_LOG "\n"
    "  --vnodes N        bound of the vnode table, at least 8\n"
    "  --cache-size SIZE memory for cached blocks and pages, at least 8m; k, m, g\n"
    "  --ledger          keep the ledger of references; a leak is a panic (always in a debug build)\n"
    "  --validate[=POLICY]  check every lock and reference of kexts: panic (the default), warn, off\n"
    "  --exceptions FILE findings of the validator that are allowed\n"
    "  --hang SECONDS    tell of operations that last longer, with the validator (30)\n"
    "Exit status: 0 ended as told, 1 could not start, 16 a mount in use was cut off, 17 one is running "
    "already,\n"
    "64 usage, 70 panic.\n";

static bool number_parse(const char *text, uint32_t min, uint32_t *out)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value < min || value > INT_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

/* @which: 0 --validate, 1 --exceptions, 2 --hang. */
static bool validate_option(int which, struct fh_validate *out)
{
    if (which == 0) {
        out->policy = optarg ? optarg : "panic";
        if (fh_validate_policy_known(out->policy))
            return true;
        fprintf(stderr, "fusehost: --validate=%s: panic, warn or off\n", optarg);
        return false;
    }
    if (which == 1) {
        out->exceptions = optarg;
        return true;
    }
    if (number_parse(optarg, 1, &out->hang_s))
        return true;
    fprintf(stderr, "fusehost: --hang %s: not a number of seconds\n", optarg);
    return false;
}

/* Returns -1 to go on, else the exit code. */
static int options_parse(int argc, char **argv, struct daemon_options *out)
{
    enum { SOCKET = 256, PIDFILE, LOG, VNODES, CACHE_SIZE, LEDGER, VALIDATE, EXCEPTIONS, HANG };
    static const struct option longs[] = {
        {"foreground", no_argument, NULL, 'f'},
        {"socket", required_argument, NULL, SOCKET},
        {"pidfile", required_argument, NULL, PIDFILE},
        {"log", required_argument, NULL, LOG},
        {"vnodes", required_argument, NULL, VNODES},
        {"cache-size", required_argument, NULL, CACHE_SIZE},
        {"ledger", no_argument, NULL, LEDGER},
        {"validate", optional_argument, NULL, VALIDATE},
        {"exceptions", required_argument, NULL, EXCEPTIONS},
        {"hang", required_argument, NULL, HANG},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int opt;

    out->pidfile = geteuid() == 0 ? FH_DEFAULT_PIDFILE : NULL;
    while ((opt = getopt_long(argc, argv, "fh", longs, NULL)) != -1) {
        switch (opt) {
        case 'f':
            out->foreground = true;
            break;
        case SOCKET:
            out->socket = optarg;
            break;
        case PIDFILE:
            out->pidfile = optarg;
            break;
        case LOG:
            out->boot.log_file = optarg;
            break;
        case VNODES:
            if (!number_parse(optarg, 8, &out->boot.max_vnodes)) {
                fprintf(stderr, "fusehost: --vnodes %s: not a number of at least 8\n", optarg);
                return FH_EXIT_USAGE;
            }
            break;
        case CACHE_SIZE:
            if (!fh_cache_size_read(optarg, &out->boot.cache_bytes)) {
                fprintf(stderr, "fusehost: --cache-size %s: " FH_CACHE_SIZE_WANTED "\n", optarg);
                return FH_EXIT_USAGE;
            }
            break;
        case LEDGER:
            out->boot.ledger = true;
            break;
        case VALIDATE:
        case EXCEPTIONS:
        case HANG:
            if (!validate_option(opt - VALIDATE, &out->boot.validate))
                return FH_EXIT_USAGE;
            break;
        case 'h':
            fputs(usage_text, stdout);
            return FH_EXIT_OK;
        default:
            fputs(usage_text, stderr);
            return FH_EXIT_USAGE;
        }
    }
    if (optind != argc) {
        fprintf(stderr, "fusehost: unexpected argument %s\n%s", argv[optind], usage_text);
        return FH_EXIT_USAGE;
    }
    return -1;
}

/* ---- the lock ------------------------------------------------------------------------------------------ */

/* Errno: 0, also where it is there already. */
static int folder_make(const char *path)
{
    char folder[PATH_MAX];
    int error = 0;

    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash && slash != folder) {
        *slash = '\0';
        error = mkdir(folder, 0755) != 0 && errno != EEXIST ? errno : 0;
    }
    return error;
}

/* A kernel process that panicked holds its lock until its report is written: give it that long. */
static bool lock_take(int fd)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};

    for (unsigned tries = 0; tries < LOCK_TRIES; tries++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

/* The lock lasts as long as the process; its descriptor is never closed. -1: @code is how to end. */
static int pidfile_lock(const char *path, int *code)
{
    char text[32] = "";

    int error = folder_make(path);
    int fd = error ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    *code = FH_EXIT_FAILURE;
    if (fd < 0) {
        fprintf(stderr, "fusehost: %s%s: %s; another place can be named: kextbed start --socket PATH\n",
                error ? "the folder of " : "", path, strerror(error ? error : errno));
        return -1;
    }
    if (!lock_take(fd)) {
        *code = FH_EXIT_RUNNING;
        ssize_t n = read(fd, text, sizeof(text) - 1);

        text[n > 0 ? n : 0] = '\0';
        text[strcspn(text, "\n")] = '\0';
        fprintf(stderr, "fusehost: a kernel process is running already (pid %s)\n",
                text[0] ? text : "unknown");
        close(fd);
        return -1;
    }
    return fd;
}

static void pidfile_write(int fd)
{
    char text[32];
    int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
        fh_log(FH_LOG_WARNING, "the pid file could not be written: %s\n", strerror(errno));
}

/* ---- the background ------------------------------------------------------------------------------------ */

/* Splits off a child; the parent stays until that has started or failed, and ends with its word. Returns, in
 * the child only, the descriptor to say it on; -1: no child. */
static int background_enter(void)
{
    int ends[2];
    char code = FH_EXIT_FAILURE;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid_t pid = fork();
    if (pid < 0)
        return -1;
    if (pid > 0) {
        close(ends[1]);
        ssize_t n = read(ends[0], &code, 1);
        _exit(n == 1 ? code : FH_EXIT_FAILURE);
    }
    close(ends[0]);
    setsid();
    return ends[1];
}

static void background_settle(int ready_fd)
{
    char code = FH_EXIT_OK;
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (chdir("/") != 0 || null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 ||
        dup2(null_fd, STDOUT_FILENO) < 0 || dup2(null_fd, STDERR_FILENO) < 0)
        fh_log(FH_LOG_WARNING, "cannot leave the terminal: %s\n", strerror(errno));
    if (null_fd > STDERR_FILENO)
        close(null_fd);
    ssize_t n = write(ready_fd, &code, 1);
    (void)n; /* whoever started us is gone: nothing lost */
    close(ready_fd);
}

/* ---- serving ------------------------------------------------------------------------------------------- */

static int serve(const struct daemon_options *options, int ready_fd)
{
    struct control_server_args server = {.socket = options->socket, .stop = fh_stop_request};
    char err[1024] = "";

    unsigned cleared = fh_dead_mounts_clear(NULL);
    if (fh_boot(&options->boot, err, sizeof(err)) != 0) {
        fprintf(stderr, "fusehost: %s\n", err);
        return FH_EXIT_FAILURE;
    }
    if (cleared)
        fh_log(FH_LOG_INFO, "cleared %u dead mount%s away\n", cleared, cleared == 1 ? "" : "s");
    fh_exit_remove(options->pidfile);
    fh_exit_remove(options->socket ? options->socket : FH_DEFAULT_SOCKET);
    if (control_server_start(&server, err, sizeof(err)) != 0) {
        fprintf(stderr, "fusehost: %s\n", err);
        fh_halt(true);
        return FH_EXIT_FAILURE;
    }
    fh_log(FH_LOG_INFO, "kernel process %d is ready\n", (int)getpid());
    if (ready_fd >= 0)
        background_settle(ready_fd);
    while (fh_signals_wait(false) == SIGHUP)
        ; /* a terminal that closes is no reason to end */
    fh_watch_begin(FH_WATCH_STOP);
    bool answered = control_server_stop();
    int error = answered ? fh_halt(true) : ETIMEDOUT;
    if (!answered) {
        fh_log(FH_LOG_ERROR,
               "a request of a client does not end: the mounts are unmounted and all else is left\n");
        fh_unmount_all(true);
    }
    if (error == ETIMEDOUT)
        fh_exit_now(FH_EXIT_BUSY);
    return error ? FH_EXIT_BUSY : FH_EXIT_OK;
}

/* A kernel process at a socket of its own writes beside that. */
static const char *log_default(const char *socket)
{
    static char beside[PATH_MAX];

    if (socket && strcmp(socket, FH_DEFAULT_SOCKET) != 0) {
        snprintf(beside, sizeof(beside), "%s.log", socket);
        return beside;
    }
    if (access("/dev/log", W_OK) == 0)
        return "syslog";
    folder_make(DEFAULT_LOG);
    return DEFAULT_LOG;
}

int fh_daemon_main(int argc, char **argv)
{
    struct daemon_options options = {0};
    int code = options_parse(argc, argv, &options);
    int lock_fd = -1, ready_fd = -1;

    if (code >= 0)
        return code;
    if (options.pidfile && (lock_fd = pidfile_lock(options.pidfile, &code)) < 0)
        return code;
    if (!options.foreground) {
        if (!options.boot.log_file)
            options.boot.log_file = log_default(options.socket);
        ready_fd = background_enter();
        if (ready_fd < 0) {
            fprintf(stderr, "fusehost: cannot go into the background: %s\n", strerror(errno));
            return FH_EXIT_FAILURE;
        }
    }
    if (lock_fd >= 0)
        pidfile_write(lock_fd);
    code = serve(&options, ready_fd);
    if (options.pidfile)
        unlink(options.pidfile);
    return code;
}
