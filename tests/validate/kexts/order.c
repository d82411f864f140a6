// SPDX-License-Identifier: BSD-2-Clause
/* Reading takes two mutexes in one order, writing in the other. */
#include "smallfs.h"

static int mistake_read(struct vnop_read_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);

    lck_mtx_lock(mount->m_lock);
    lck_mtx_lock(mount->m_second);
    lck_mtx_unlock(mount->m_second);
    lck_mtx_unlock(mount->m_lock);
    return small_read(ap);
}

static int mistake_write(struct vnop_write_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);

    lck_mtx_lock(mount->m_second);
    lck_mtx_lock(mount->m_lock); /* BLAME */
    lck_mtx_unlock(mount->m_lock);
    lck_mtx_unlock(mount->m_second);
    return small_write(ap);
}

const struct small_mistake small_mistake = {.read = mistake_read, .write = mistake_write};
