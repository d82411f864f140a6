// SPDX-License-Identifier: BSD-2-Clause
/* A lock is released that the operation did not take. */
#include "smallfs.h"

static int mistake(struct vnop_read_args *ap)
{
    lck_mtx_unlock(small_mount_of(ap->a_vp)->m_second); /* BLAME */
    return small_read(ap);
}

const struct small_mistake small_mistake = {.read = mistake};
