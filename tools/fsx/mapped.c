// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guarded copies: SIGBUS raised by the copy jumps back into it. A SIGBUS from anywhere else keeps its default
 * meaning. No locks; all state is thread-local.
 */
#include "tools/fsx/mapped.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>

static _Thread_local sigjmp_buf copy_landing;
static _Thread_local volatile sig_atomic_t copy_running;

static void bus_error(int signal_number)
{
    if (copy_running) {
        copy_running = 0;
        siglongjmp(copy_landing, 1);
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void mapped_install(void)
{
    struct sigaction action = {.sa_handler = bus_error};

    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

bool mapped_copy(void *to, const void *from, size_t len)
{
    if (sigsetjmp(copy_landing, 1) != 0)
        return false;
    copy_running = 1;
    memcpy(to, from, len);
    copy_running = 0;
    return true;
}
