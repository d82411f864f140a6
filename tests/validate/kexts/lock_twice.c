// SPDX-License-Identifier: BSD-2-Clause
/* A function that takes a lock is called with the lock held. */
#include "smallfs.h"

static void count(struct small_mount *mount)
{
    lck_mtx_lock(mount->m_lock); /* BLAME */
    lck_mtx_unlock(mount->m_lock);
}

static int mistake(struct vnop_read_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);

    lck_mtx_lock(mount->m_lock);
    count(mount);
    lck_mtx_unlock(mount->m_lock);
    return small_read(ap);
}

const struct small_mistake small_mistake = {.read = mistake};
