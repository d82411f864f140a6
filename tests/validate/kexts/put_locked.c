// SPDX-License-Identifier: BSD-2-Clause
/* The last iocount is put with a mutex held that inactive or reclaim may want. */
#include "smallfs.h"

static int mistake(struct vnop_getattr_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);
    vnode_t other;

    if (small_vnode(&mount->m_nodes[SMALL_OTHER], &other) == 0) {
        lck_mtx_lock(mount->m_lock);
        vnode_put(other); /* BLAME */
        lck_mtx_unlock(mount->m_lock);
    }
    return small_getattr(ap);
}

const struct small_mistake small_mistake = {.getattr = mistake};
