// SPDX-License-Identifier: BSD-2-Clause
/* Memory is asked for, which may sleep, with a spin lock held. */
#include "smallfs.h"

static int mistake(struct vnop_read_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);

    lck_spin_lock(mount->m_spin);
    void *memory = OSMalloc(64, small_tag); /* BLAME */
    lck_spin_unlock(mount->m_spin);
    if (memory)
        OSFree(memory, 64, small_tag);
    return small_read(ap);
}

const struct small_mistake small_mistake = {.read = mistake};
