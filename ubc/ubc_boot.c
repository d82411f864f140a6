// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start and end of the page cache, and its counters.
 *
 * Called by vfs_boot() and vfs_shutdown(), inside the life of buf/, whose budget it shares.
 */
#include "buf/buf_iface.h"
#include "ubc/ubc_internal.h"

void ubc_boot(uint32_t max_vnodes)
{
    struct buf_counters now;
    buf_counters_get(&now);
    ubc_writer_boot(now.budget);
    ubc_memory_boot();
    ubc_age_boot();
    ubc_file_boot(max_vnodes);
    ubc_map_boot();
    buf_memory_sharer_set(ubc_age_evict);
}

void ubc_shutdown(void)
{
    buf_memory_sharer_set(NULL);
    ubc_map_shutdown();
    ubc_file_shutdown();
    ubc_writer_shutdown();
    ubc_age_shutdown();
    ubc_memory_shutdown();
}

void ubc_counters_get(struct ubc_counters *out)
{
    ubc_file_counters(out);
    ubc_age_counters(out);
    ubc_map_counters(out);
    ubc_writer_counters(out);
}
