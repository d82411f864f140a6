// SPDX-License-Identifier: BSD-2-Clause
/*
 * sample.c: where another thread is. That thread gets a signal and walks its own stack in the handler; what
 * waits in a system call goes on waiting afterwards. One question at a time.
 *
 * The answer is written to memory of this file's, so that one that comes too late harms nobody. Lock:
 * sample_lock, a leaf, over the whole question.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "host/posix/posix_internal.h"

#define SAMPLE_SIGNAL  (SIGRTMIN + 3)
#define SAMPLE_WAIT_NS 200000000u
#define SAMPLE_MAX     64u

enum { SAMPLE_IDLE, SAMPLE_ASKED, SAMPLE_TAKING, SAMPLE_TAKEN };

static pthread_mutex_t sample_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic uint32_t sample_state, sample_id;
static void *sample_pcs[SAMPLE_MAX];
static size_t sample_count;

static void sample_handler(int signo, siginfo_t *info, void *context)
{
    const greg_t *regs = ((const ucontext_t *)context)->uc_mcontext.gregs;
    struct host_thread *self = thread_self_if_known();
    uint32_t asked = SAMPLE_ASKED;
    int error = errno;

    (void)signo;
    (void)info;
    if (!self || self->id != atomic_load(&sample_id) ||
        !atomic_compare_exchange_strong(&sample_state, &asked, SAMPLE_TAKING))
        return;
    sample_count = host_backtrace_from((uintptr_t)regs[REG_RIP], (uintptr_t)regs[REG_RBP],
                                       (uintptr_t)regs[REG_RSP], sample_pcs, SAMPLE_MAX);
    atomic_store(&sample_state, SAMPLE_TAKEN);
    futex_wake(&sample_state, 1);
    errno = error;
}

int sample_init(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_sigaction = sample_handler;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    (void)sigfillset(&action.sa_mask);
    return sigaction(SAMPLE_SIGNAL, &action, NULL) ? HOST_EINVAL : HOST_OK;
}

static bool sample_await(void)
{
    uint64_t until = host_time_mono_ns() + SAMPLE_WAIT_NS;
    uint32_t state;

    while ((state = atomic_load(&sample_state)) != SAMPLE_TAKEN) {
        bool late = !futex_wait(&sample_state, state, state == SAMPLE_ASKED ? until : HOST_FOREVER);

        if (late && atomic_compare_exchange_strong(&sample_state, &state, SAMPLE_IDLE))
            return false;
    }
    return true;
}

size_t host_thread_backtrace(uint32_t id, void **pcs, size_t max)
{
    size_t n = 0;

    if (id == host_thread_id(host_thread_self()))
        return 0;
    (void)pthread_mutex_lock(&sample_lock);
    atomic_store(&sample_id, id);
    atomic_store(&sample_state, SAMPLE_ASKED);
    if (thread_signal(id, SAMPLE_SIGNAL) && sample_await()) {
        n = sample_count < max ? sample_count : max;
        memcpy(pcs, sample_pcs, n * sizeof *pcs);
    }
    atomic_store(&sample_state, SAMPLE_IDLE);
    (void)pthread_mutex_unlock(&sample_lock);
    return n;
}
