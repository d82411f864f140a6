// SPDX-License-Identifier: BSD-2-Clause
/*
 * log.c: where the kernel half's text goes. The sink is replaced by publishing a pointer to a filled slot, so
 * a logger never sees half of a change; no lock.
 */
#include <errno.h>
#include <unistd.h>

#include "host/posix/posix_internal.h"

struct log_sink {
    void (*sink)(void *arg, int level, const char *text, size_t len);
    void *arg;
};

static void log_to_stderr(void *arg, int level, const char *text, size_t len)
{
    (void)arg;
    (void)level;
    while (len) {
        ssize_t done = write(STDERR_FILENO, text, len);

        if (done < 0) {
            if (errno == EINTR)
                continue;
            return;
        }
        text += done;
        len -= (size_t)done;
    }
}

static struct log_sink slots[2] = {{log_to_stderr, NULL}};
static struct log_sink *_Atomic current = &slots[0];

void host_log(int level, const char *text, size_t len)
{
    struct log_sink *sink = atomic_load_explicit(&current, memory_order_acquire);

    sink->sink(sink->arg, level, text, len);
}

void host_log_set_sink(void (*sink)(void *arg, int level, const char *text, size_t len), void *arg)
{
    struct log_sink *old = atomic_load_explicit(&current, memory_order_relaxed);
    struct log_sink *slot = old == &slots[0] ? &slots[1] : &slots[0];

    slot->sink = sink ? sink : log_to_stderr;
    slot->arg = sink ? arg : NULL;
    atomic_store_explicit(&current, slot, memory_order_release);
}
