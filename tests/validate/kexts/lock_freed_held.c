// SPDX-License-Identifier: BSD-2-Clause
/* A lock is freed by its holder. */
#include "smallfs.h"

static int mistake(struct vnop_read_args *ap)
{
    lck_mtx_t *lock = lck_mtx_alloc_init(small_group, LCK_ATTR_NULL);

    lck_mtx_lock(lock);
    lck_mtx_free(lock, small_group); /* BLAME */
    return small_read(ap);
}

const struct small_mistake small_mistake = {.read = mistake};
