// SPDX-License-Identifier: BSD-2-Clause
/* An error path returns with a mutex held. */
#include "smallfs.h"

static int mistake(struct vnop_read_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);

    lck_mtx_lock(mount->m_second); /* BLAME */
    if (uio_offset(ap->a_uio) == 0)
        return EIO;
    lck_mtx_unlock(mount->m_second);
    return small_read(ap);
}

const struct small_mistake small_mistake = {.read = mistake};
