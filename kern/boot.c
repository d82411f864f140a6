// SPDX-License-Identifier: BSD-2-Clause
/*
 * boot.c: the order in which kern/ comes up and goes down, and the sum of what must be nothing after a test.
 */
#include <stdatomic.h>
#include <string.h>
#include <sys/errno.h>

#include "kern/cred_internal.h"
#include "kern/iolock_internal.h"
#include "kern/control_internal.h"
#include "kern/kauth_scope_internal.h"
#include "kern/kern_iface.h"
#include "kern/lock_internal.h"
#include "kern/log_internal.h"
#include "kern/memory_internal.h"
#include "kern/panic_internal.h"
#include "kern/select_internal.h"
#include "kern/sleep_internal.h"
#include "kern/sysctl_internal.h"
#include "kern/thread_call_internal.h"
#include "kern/thread_internal.h"
#include "kern/timeout_internal.h"
#include "kern/uio_iface.h"

static _Atomic bool booted;

static int boot_host(void)
{
    static const struct host_upcalls upcalls = {.thread_exit = thread_exit_upcall,
                                                .fault = panic_fault_upcall};
    int status = host_init(HOST_VERSION, &upcalls);

    return status == HOST_OK ? 0 : status == HOST_ENOMEM ? ENOMEM : ENODEV;
}

/* What survives a shutdown: threads keep their blocks, so the tables behind them are made once. */
static int boot_once(void)
{
    static bool done;
    int error;

    if (done)
        return 0;
    error = boot_host();
    if (error)
        return error;
    log_init();
    os_log_init();
    thread_init();
    sleep_init();
    memory_init();
    lock_group_init();
    cred_init();
    proc_init();
    context_init();
    thread_call_init();
    timeout_init();
    kauth_scope_init();
    control_init();
    select_init();
    sysctl_init();
    done = true;
    return 0;
}

int kern_boot(void)
{
    int error;

    if (atomic_exchange(&booted, true))
        return EALREADY;
    error = boot_once();
    if (!error)
        error = thread_call_start();
    if (error)
        atomic_store(&booted, false);
    if (error)
        return error;
    iolock_start();
    kauth_scope_start();
    return 0;
}

void kern_shutdown(void)
{
    if (!atomic_load(&booted))
        return;
    thread_call_stop();
    kauth_scope_stop();
    iolock_stop();
    atomic_store(&booted, false);
}

void kern_leak_counts(struct kern_leak_counts *counts)
{
    struct kern_memory_stats memory;

    memset(counts, 0, sizeof *counts);
    /* First what gives memory back that has ended. */
    lock_counts(counts);
    counts->malloc_tags = memory_tag_counted();
    kern_memory_stats(&memory);
    counts->memory_bytes = memory.bytes;
    counts->memory_blocks = memory.blocks;
    counts->threads = thread_kernel_count();
    counts->thread_calls = thread_call_count();
    counts->creds = kern_cred_count();
    counts->procs = kern_proc_count();
    counts->contexts = context_count();
    counts->uios = kern_uio_count();
}

uint32_t kern_owner_thread_count(uint32_t owner)
{
    return thread_kernel_owner_count(owner) + thread_call_owner_count(owner);
}
