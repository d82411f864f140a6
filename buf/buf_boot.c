// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start and end of the buffers, and their counters.
 *
 * Called by vfs_boot() and vfs_shutdown(), after kern/ is up and before any vnode is made.
 */
#include <sys/errno.h>
#include <mach/vm_param.h>

#include "buf/buf_internal.h"

#define BUDGET_SHARE 16u /* of what the kernel believes to have as memory */

int buf_boot(uint64_t budget)
{
    if (!budget)
        budget = max_mem / BUDGET_SHARE;
    if (budget < BUF_BUDGET_MIN)
        return EINVAL;
    buf_memory_boot();
    buf_file_boot();
    buf_shard_boot(budget);
    buf_get_boot(budget);
    buf_flush_boot(budget);
    return 0;
}

void buf_shutdown(void)
{
    buf_flush_shutdown();
    buf_io_shutdown();
    buf_shard_shutdown();
    buf_file_shutdown();
    buf_memory_shutdown();
}

void buf_counters_get(struct buf_counters *out)
{
    *out = (struct buf_counters){0};
    buf_io_counters(out);
    buf_file_counters(out);
    buf_get_counters(out);
}
