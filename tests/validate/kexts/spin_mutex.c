// SPDX-License-Identifier: BSD-2-Clause
/* A mutex that was taken as a spin lock is held while bytes are copied to the user. */
#include "smallfs.h"

static int mistake(struct vnop_read_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);

    lck_mtx_lock_spin(mount->m_second);
    int error = uiomove("letters", 7, ap->a_uio); /* BLAME */
    lck_mtx_unlock(mount->m_second);
    return error;
}

const struct small_mistake small_mistake = {.read = mistake};
