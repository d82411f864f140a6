// SPDX-License-Identifier: BSD-2-Clause
/* msleep with a mutex that is not held. */
#include "smallfs.h"

static int mistake(struct vnop_read_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);
    struct timespec moment = {.tv_nsec = 1000};

    (void)msleep(mount, mount->m_lock, PINOD, "mistake", &moment); /* BLAME */
    return small_read(ap);
}

const struct small_mistake small_mistake = {.read = mistake};
