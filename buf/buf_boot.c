// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start and end of the buffers.
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
    return buf_shard_boot(budget);
}

void buf_shutdown(void)
{
    buf_io_shutdown();
    buf_shard_shutdown();
}
