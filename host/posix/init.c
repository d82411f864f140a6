// SPDX-License-Identifier: BSD-2-Clause
/*
 * init.c: start of the host side, and the record of the upcalls that the kernel half gave.
 * Called once by the kernel half's boot; holds no lock.
 */
#include "host/posix/posix_internal.h"

struct host_upcalls host_upcalls_given;

int host_init(uint32_t version, const struct host_upcalls *upcalls)
{
    static _Atomic bool initialised;
    int error;

    if (version != HOST_VERSION || !upcalls || !upcalls->thread_exit || !upcalls->fault)
        return HOST_EINVAL;
    if (atomic_exchange(&initialised, true))
        return HOST_EINVAL;
    host_upcalls_given = *upcalls;
    spin_looks = host_ncpu() > 1 ? SPIN_LOOKS : 0;
    error = thread_table_init();
    if (!error)
        error = arena_init();
    if (!error)
        error = fault_init();
    if (!error)
        error = sample_init();
    if (!error)
        (void)host_thread_self();
    return error;
}
