// SPDX-License-Identifier: BSD-2-Clause
/*
 * ktest_runner.c: makes cmocka tests of kernel-side suites and provides what ktest.h promises.
 *
 *   usage: PROGRAM [--boot] [--list] [--filter PATTERN]
 *
 * --boot brings the kernel half up through sys_boot() first and shuts it down at the end (a busy shutdown is
 * a failure). The exit status is 77 when every case was skipped. No locks: cases run one after the other on
 * the initial thread.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/host.h"
#include "tests/support/ktest_runner.h"
#include "tests/support/rest.h"
#include "vfs/syscalls.h"

#define SKIP_STATUS  77
#define PANIC_STATUS 70
#define REST_WAIT_S  10
#define REPORT_MAX   ((size_t)1 << 20)
#define LOG_KEPT     ((size_t)16 << 10)

/* A test program without vfs/ has no such symbols and may not ask for --boot. */
extern int sys_boot(const struct sys_boot *args) __attribute__((weak));
extern int sys_shutdown(void) __attribute__((weak));

struct planned_case {
    const struct ktest_suite *suite;
    const struct ktest_case *test;
};

static const int fault_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
#define N_FAULT_SIGNALS (sizeof fault_signals / sizeof fault_signals[0])

static struct sigaction kernel_actions[N_FAULT_SIGNALS];
static bool in_case;
static size_t n_skipped;
static uint64_t seed;

/* ---- the kernel's log: kept, and shown when a case fails ----------------------------------------------- */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_kept[LOG_KEPT];
static size_t log_len;

static void log_sink(void *arg, int level, const char *text, size_t len)
{
    (void)arg;
    if (level == HOST_LOG_PANIC) {
        /* May be a signal handler, may be a child: nothing but the system call. */
        (void)!write(STDERR_FILENO, text, len);
        return;
    }
    (void)pthread_mutex_lock(&log_lock);
    if (len > LOG_KEPT - log_len)
        log_len = 0;
    if (len <= LOG_KEPT) {
        memcpy(log_kept + log_len, text, len);
        log_len += len;
    }
    (void)pthread_mutex_unlock(&log_lock);
}

static void log_forget(void)
{
    (void)pthread_mutex_lock(&log_lock);
    log_len = 0;
    (void)pthread_mutex_unlock(&log_lock);
}

static void log_show(void)
{
    (void)pthread_mutex_lock(&log_lock);
    if (log_len)
        print_error("the kernel's log in this case:\n%.*s\n", (int)log_len, log_kept);
    log_len = 0;
    (void)pthread_mutex_unlock(&log_lock);
}

/* ---- what ktest.h promises ----------------------------------------------------------------------------- */

static _Noreturn void fail_now(const char *file, int line)
{
    if (!in_case) {
        (void)fprintf(stderr, "%s:%d: failed before the first case\n", file, line);
        exit(1);
    }
    log_show();
    print_error("seed: KTEST_SEED=%" PRIu64 "\n", seed);
    _fail(file, line);
    abort();
}

_Noreturn void ktest_fail(const char *file, int line, const char *text)
{
    print_error("assertion failed: %s\n", text);
    fail_now(file, line);
}

_Noreturn void ktest_fail_values(const char *file, int line, const char *expr, uint64_t left, uint64_t right)
{
    print_error("assertion failed: %s\n    left:  %" PRId64 " (0x%" PRIx64 ")\n    right: %" PRId64
                " (0x%" PRIx64 ")\n",
                expr, (int64_t)left, left, (int64_t)right, right);
    fail_now(file, line);
}

_Noreturn void ktest_fail_strings(const char *file, int line, const char *expr, const char *left,
                                  const char *right)
{
    print_error("assertion failed: %s\n    left:  \"%s\"\n    right: \"%s\"\n", expr, left ? left : "(null)",
                right ? right : "(null)");
    fail_now(file, line);
}

_Noreturn void ktest_skip(const char *file, int line, const char *reason)
{
    print_message("skipped: %s (%s:%d)\n", reason, file, line);
    n_skipped++;
    _skip(file, line);
    abort();
}

void ktest_note(const char *text)
{
    print_message("note: %s\n", text);
}

struct started_thread {
    pthread_t handle;
    void (*fn)(void *arg);
    void *arg;
};

static void *thread_body(void *value)
{
    struct started_thread *thread = value;

    thread->fn(thread->arg);
    return NULL;
}

void *ktest_thread(void (*fn)(void *arg), void *arg)
{
    struct started_thread *thread = malloc(sizeof *thread);

    if (!thread)
        ktest_fail(__FILE__, __LINE__, "no memory for a thread");
    thread->fn = fn;
    thread->arg = arg;
    if (pthread_create(&thread->handle, NULL, thread_body, thread))
        ktest_fail(__FILE__, __LINE__, "pthread_create failed");
    return thread;
}

void ktest_thread_join(void *value)
{
    struct started_thread *thread = value;

    (void)pthread_join(thread->handle, NULL);
    free(thread);
}

void ktest_msleep(unsigned ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    while (nanosleep(&left, &left) && errno == EINTR)
        ;
}

bool ktest_rests(void)
{
    return rest_seen();
}

void ktest_rest(void)
{
    if (!rest_await(REST_WAIT_S))
        ktest_fail(__FILE__, __LINE__, "some thread does not come to rest");
}

uint64_t ktest_seed(void)
{
    return seed;
}

/* ---- panics in a child --------------------------------------------------------------------------------- */

static void kernel_handlers_restore(void)
{
    for (size_t i = 0; i < N_FAULT_SIGNALS; i++)
        (void)sigaction(fault_signals[i], &kernel_actions[i], NULL);
}

static _Noreturn void panic_child(int report_fd, void (*fn)(void *arg), void *arg)
{
    (void)dup2(report_fd, STDERR_FILENO);
    kernel_handlers_restore();
    fn(arg);
    _exit(0);
}

static size_t panic_read_report(int fd, char *report)
{
    size_t len = 0;

    /* A report that is too long is cut, but read to its end: the child must not block in a write. */
    for (;;) {
        char rest[4096];
        bool full = len == REPORT_MAX - 1;
        ssize_t got = full ? read(fd, rest, sizeof rest) : read(fd, report + len, REPORT_MAX - 1 - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        if (!full)
            len += (size_t)got;
    }
    report[len] = '\0';
    return len;
}

void ktest_expect_panic(const char *file, int line, void (*fn)(void *arg), void *arg, const char *text)
{
    int ends[2], status = 0;
    char *report = malloc(REPORT_MAX);
    const char *wrong = NULL;
    pid_t child;

    if (!report || pipe(ends))
        ktest_fail(file, line, "cannot watch a child");
    (void)fflush(NULL);
    child = fork();
    if (child < 0)
        ktest_fail(file, line, "fork failed");
    if (child == 0)
        panic_child(ends[1], fn, arg);
    (void)close(ends[1]);
    (void)panic_read_report(ends[0], report);
    (void)close(ends[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != PANIC_STATUS)
        wrong = "expected a panic, the child ended otherwise";
    else if (!strstr(report, text))
        wrong = "the panic report lacks the expected text";
    if (wrong)
        print_error("expected in the report: \"%s\"\nstatus 0x%x, report:\n%s\n", text, status, report);
    free(report);
    if (wrong)
        ktest_fail(file, line, wrong);
}

/* ---- running ------------------------------------------------------------------------------------------- */

static void run_case(void **state)
{
    const struct planned_case *planned = *state;

    in_case = true;
    log_forget();
    /* cmocka puts its own signal handlers in place for each case; a fault should give the kernel's full
     * report. */
    kernel_handlers_restore();
    if (planned->suite->setup)
        planned->suite->setup();
    planned->test->fn();
    if (planned->suite->teardown)
        planned->suite->teardown();
}

static size_t count_cases(void)
{
    size_t n = 0;

    for (size_t i = 0; ktest_suites[i]; i++)
        n += ktest_suites[i]->n_cases;
    return n;
}

static struct CMUnitTest *plan_cases(size_t n, struct planned_case *planned)
{
    struct CMUnitTest *tests = calloc(n ? n : 1, sizeof *tests);
    size_t at = 0;

    for (size_t i = 0; tests && ktest_suites[i]; i++) {
        for (size_t j = 0; j < ktest_suites[i]->n_cases; j++, at++) {
            char *name = NULL;

            planned[at] = (struct planned_case){ktest_suites[i], &ktest_suites[i]->cases[j]};
            if (asprintf(&name, "%s.%s", planned[at].suite->name, planned[at].test->name) < 0)
                abort();
            tests[at].name = name;
            tests[at].test_func = run_case;
            tests[at].initial_state = &planned[at];
        }
    }
    return tests;
}

static void seed_choose(void)
{
    const char *given = getenv("KTEST_SEED");

    if (given)
        seed = strtoull(given, NULL, 0);
    else if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = (uint64_t)time(NULL);
}

static int boot_kernel(void)
{
    struct sys_boot args = {.flags = SYS_BOOT_LEDGER};

    if (!sys_boot || !sys_shutdown) {
        (void)fprintf(stderr, "--boot: this program has no system-call layer\n");
        return 1;
    }
    return sys_boot(&args);
}

int main(int argc, char **argv)
{
    size_t n = count_cases();
    struct planned_case *planned = calloc(n ? n : 1, sizeof *planned);
    struct CMUnitTest *tests = plan_cases(n, planned);
    bool boot = false;
    int failed;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--boot") == 0) {
            boot = true;
        } else if (strcmp(argv[i], "--filter") == 0 && i + 1 < argc) {
            cmocka_set_test_filter(argv[++i]);
        } else if (strcmp(argv[i], "--list") == 0) {
            for (size_t j = 0; j < n; j++)
                (void)printf("%s\n", tests[j].name);
            return 0;
        } else {
            (void)fprintf(stderr, "usage: %s [--boot] [--list] [--filter PATTERN]\n", argv[0]);
            return 2;
        }
    }
    seed_choose();
    host_log_set_sink(log_sink, NULL);
    if (boot && boot_kernel() != 0)
        return 1;
    for (size_t i = 0; ktest_suites[i]; i++)
        if (ktest_suites[i]->boot)
            ktest_suites[i]->boot();
    for (size_t i = 0; i < N_FAULT_SIGNALS; i++)
        (void)sigaction(fault_signals[i], NULL, &kernel_actions[i]);
    failed = _cmocka_run_group_tests("kernel", tests, n, NULL, NULL);
    if (boot && sys_shutdown() != 0) {
        (void)fprintf(stderr, "the kernel would not shut down after the tests\n");
        failed++;
    }
    for (size_t i = 0; i < n; i++)
        free((void *)(uintptr_t)tests[i].name);
    free(tests);
    free(planned);
    if (failed)
        return 1;
    return n && n_skipped == n ? SKIP_STATUS : 0;
}
