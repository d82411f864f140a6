// SPDX-License-Identifier: BSD-2-Clause
/* msleep with a mutex, and a spin lock besides. */
#include "smallfs.h"

static int mistake(struct vnop_read_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);
    struct timespec moment = {.tv_nsec = 1000};

    lck_mtx_lock(mount->m_lock);
    lck_spin_lock(mount->m_spin);
    (void)msleep(mount, mount->m_lock, PINOD, "mistake", &moment); /* BLAME */
    lck_spin_unlock(mount->m_spin);
    lck_mtx_unlock(mount->m_lock);
    return small_read(ap);
}

const struct small_mistake small_mistake = {.read = mistake};
