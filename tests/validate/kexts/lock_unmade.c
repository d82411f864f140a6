// SPDX-License-Identifier: BSD-2-Clause
/* A lock is used that was never initialised. */
#include "smallfs.h"

static int mistake(struct vnop_read_args *ap)
{
    static uint64_t memory[16];

    lck_mtx_lock((lck_mtx_t *)(void *)memory); /* BLAME */
    lck_mtx_unlock((lck_mtx_t *)(void *)memory);
    return small_read(ap);
}

const struct small_mistake small_mistake = {.read = mistake};
