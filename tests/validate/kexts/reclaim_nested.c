// SPDX-License-Identifier: BSD-2-Clause
/* Reclaim has another vnode recycled, and so reclaims inside a reclaim. */
#include "smallfs.h"

static int mistake_getattr(struct vnop_getattr_args *ap)
{
    vnode_t other;

    if (small_vnode(&small_mount_of(ap->a_vp)->m_nodes[SMALL_OTHER], &other) == 0)
        vnode_put(other);
    return small_getattr(ap);
}

static int mistake_reclaim(struct vnop_reclaim_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);

    for (int i = SMALL_DIR; i < SMALL_COUNT; i++) {
        vnode_t vp = mount->m_nodes[i].n_vnode;
        if (vp && vp != ap->a_vp)
            vnode_recycle(vp); /* BLAME */
    }
    return small_reclaim(ap);
}

const struct small_mistake small_mistake = {.getattr = mistake_getattr, .reclaim = mistake_reclaim};
