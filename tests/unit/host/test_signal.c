// SPDX-License-Identifier: BSD-2-Clause
/*
 * host_process_signal: BSD's number arrives as the host's signal of the same name.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "host/host.h"

#define NO_PID 0x3fffffff

static volatile sig_atomic_t caught;

static void note(int signo)
{
    caught = signo;
}

/* The signal that arrives when this process is sent @number; @host is the one that is expected. */
static int arrives(int number, int host)
{
    struct sigaction action = {.sa_handler = note}, before;

    caught = 0;
    assert_int_equal(sigaction(host, &action, &before), 0);
    assert_int_equal(host_process_signal(getpid(), number), HOST_OK);
    assert_int_equal(sigaction(host, &before, NULL), 0);
    return caught;
}

/* The same for one that cannot be caught. */
static void signal__that_ends_a_process__ends_it(void **state)
{
    int status;
    pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if (child == 0) {
        for (;;)
            pause();
    }
    assert_int_equal(host_process_signal(child, 17), HOST_OK);
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    assert_int_equal(host_process_signal(child, 9), HOST_OK);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(host_process_signal(child, 0), HOST_ENOENT);
}

static void signal__each_number__is_the_hosts_of_that_name(void **state)
{
    static const struct {
        int bsd, host;
    } pairs[] = {{1, SIGHUP},    {2, SIGINT},   {3, SIGQUIT},  {4, SIGILL},   {5, SIGTRAP},    {6, SIGABRT},
                 {8, SIGFPE},    {10, SIGBUS},  {11, SIGSEGV}, {12, SIGSYS},  {13, SIGPIPE},   {14, SIGALRM},
                 {15, SIGTERM},  {16, SIGURG},  {18, SIGTSTP}, {19, SIGCONT}, {20, SIGCHLD},   {21, SIGTTIN},
                 {22, SIGTTOU},  {23, SIGIO},   {24, SIGXCPU}, {25, SIGXFSZ}, {26, SIGVTALRM}, {27, SIGPROF},
                 {28, SIGWINCH}, {30, SIGUSR1}, {31, SIGUSR2}};

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        assert_int_equal(arrives(pairs[i].bsd, pairs[i].host), pairs[i].host);
}

static void signal__nobody_or_nothing__says_so(void **state)
{
    (void)state;
    assert_int_equal(host_process_signal(getpid(), 0), HOST_OK);
    assert_int_equal(host_process_signal(NO_PID, 0), HOST_ENOENT);
    assert_int_equal(host_process_signal(0, 15), HOST_ENOENT); /* not our own group */
    assert_int_equal(host_process_signal(-1, 15), HOST_ENOENT);
    assert_int_equal(host_process_signal(getpid(), 7), HOST_EINVAL);  /* SIGEMT */
    assert_int_equal(host_process_signal(getpid(), 29), HOST_EINVAL); /* SIGINFO */
    assert_int_equal(host_process_signal(getpid(), 32), HOST_EINVAL);
    assert_int_equal(host_process_signal(getpid(), -1), HOST_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signal__each_number__is_the_hosts_of_that_name),
        cmocka_unit_test(signal__that_ends_a_process__ends_it),
        cmocka_unit_test(signal__nobody_or_nothing__says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
