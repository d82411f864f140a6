// SPDX-License-Identifier: BSD-2-Clause
/*
 * panic.c: the end of the process in an orderly way: who panics first, the host program's hook, the time
 * limit, the exit. Everything here may run in a signal handler with any lock of the process held by anybody.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "host/posix/posix_internal.h"

#define REPORT_LIMIT_SECONDS 10u

static void (*_Atomic panic_hook)(void *arg);
static void *_Atomic panic_hook_arg;
static void (*_Atomic panic_detail)(void *const *pcs, size_t n, bool first_is_exact);
static pthread_t *_Atomic panic_thread;
static pthread_t panic_thread_storage;
static _Atomic bool panic_claimed;
static volatile sig_atomic_t panic_exit_code;

void host_panic_hook_set(void (*hook)(void *arg), void *arg)
{
    atomic_store(&panic_hook_arg, arg);
    atomic_store(&panic_hook, hook);
}

static void panic_limit(int signo)
{
    (void)signo;
    host_die(panic_exit_code);
}

static void panic_set_limit(int exit_code)
{
    struct sigaction action;
    sigset_t set;

    panic_exit_code = exit_code;
    memset(&action, 0, sizeof action);
    action.sa_handler = panic_limit;
    action.sa_flags = SA_ONSTACK;
    (void)sigaction(SIGALRM, &action, NULL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGALRM);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    (void)alarm(REPORT_LIMIT_SECONDS);
}

bool host_panic_begin(int exit_code)
{
    void (*hook)(void *arg);

    if (atomic_exchange(&panic_claimed, true)) {
        pthread_t *first = atomic_load(&panic_thread);

        if (first && pthread_equal(*first, pthread_self()))
            return false;
        for (;;)
            (void)pause();
    }
    panic_thread_storage = pthread_self();
    atomic_store(&panic_thread, &panic_thread_storage);
    panic_set_limit(exit_code);
    hook = atomic_load(&panic_hook);
    if (hook)
        hook(atomic_load(&panic_hook_arg));
    return true;
}

void host_panic_detail_set(void (*fn)(void *const *pcs, size_t n, bool first_is_exact))
{
    atomic_store(&panic_detail, fn);
}

void host_panic_detail(void *const *pcs, size_t n, bool first_is_exact)
{
    void (*fn)(void *const *, size_t, bool) = atomic_load(&panic_detail);

    if (fn)
        fn(pcs, n, first_is_exact);
}

_Noreturn void host_die(int exit_code)
{
    _exit(exit_code);
}
