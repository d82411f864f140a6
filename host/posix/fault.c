// SPDX-License-Identifier: BSD-2-Clause
/*
 * fault.c: processor exceptions and abort() become the kernel half's fault upcall, on an alternate stack per
 * thread so that a stack overflow can still be reported. No locks.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "host/posix/posix_internal.h"

/* Large because the report (DWARF lookups included) runs on it; pages that are not touched cost nothing. */
#define SIGNAL_STACK_SIZE ((size_t)256 << 10)
#define PAGE_FAULT_WRITE  2u /* bit of the processor's error code */

static const struct {
    int signo;
    const char *what;
} fault_signals[] = {
    {SIGSEGV, "segmentation fault"},  {SIGBUS, "bus error"}, {SIGILL, "illegal instruction"},
    {SIGFPE, "arithmetic exception"}, {SIGABRT, "abort"},
};

#define N_FAULT_SIGNALS (sizeof fault_signals / sizeof fault_signals[0])

static void fault_handler(int signo, siginfo_t *info, void *context)
{
    const greg_t *regs = ((const ucontext_t *)context)->uc_mcontext.gregs;
    struct host_fault fault = {.signo = signo, .what = "signal"};

    for (size_t i = 0; i < N_FAULT_SIGNALS; i++)
        if (fault_signals[i].signo == signo)
            fault.what = fault_signals[i].what;
    fault.pc = (uintptr_t)regs[REG_RIP];
    fault.fp = (uintptr_t)regs[REG_RBP];
    fault.sp = (uintptr_t)regs[REG_RSP];
    if (signo == SIGSEGV || signo == SIGBUS) {
        fault.addr = (uintptr_t)info->si_addr;
        fault.write = (uint64_t)regs[REG_ERR] & PAGE_FAULT_WRITE;
    }
    host_upcalls_given.fault(&fault);
    host_die(128 + signo); /* the upcall does not return */
}

#if defined(__SANITIZE_THREAD__)
#define FAULT_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FAULT_TSAN 1
#endif
#endif

#ifdef FAULT_TSAN
/* The report of a fault allocates, in a handler; ThreadSanitizer would write pages about each allocation. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "report_signal_unsafe=0";
}
#endif

int fault_init(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_sigaction = fault_handler;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < N_FAULT_SIGNALS; i++)
        if (sigaction(fault_signals[i].signo, &action, NULL))
            return HOST_EINVAL;
    return HOST_OK;
}

void fault_stack_install(struct host_thread *self)
{
    stack_t ours = {.ss_size = SIGNAL_STACK_SIZE}, before;
    void *stack = mmap(NULL, SIGNAL_STACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    self->signal_stack = NULL;
    self->previous_signal_stack = NULL;
    if (stack == MAP_FAILED)
        return; /* the thread works without; only a stack overflow in it goes unreported */
    ours.ss_sp = stack;
    if (sigaltstack(&ours, &before)) {
        (void)munmap(stack, SIGNAL_STACK_SIZE);
        return;
    }
    self->signal_stack = stack;
    if (!(before.ss_flags & SS_DISABLE)) {
        self->previous_signal_stack = before.ss_sp;
        self->previous_signal_stack_size = before.ss_size;
    }
}

void fault_stack_remove(struct host_thread *self)
{
    stack_t back = {.ss_flags = SS_DISABLE};

    if (!self->signal_stack)
        return;
    if (self->previous_signal_stack) {
        back.ss_flags = 0;
        back.ss_sp = self->previous_signal_stack;
        back.ss_size = self->previous_signal_stack_size;
    }
    (void)sigaltstack(&back, NULL);
    (void)munmap(self->signal_stack, SIGNAL_STACK_SIZE);
    self->signal_stack = NULL;
}
