// SPDX-License-Identifier: BSD-2-Clause
/* Reclaim forgets to clear a second pointer to the vnode, which is followed later. */
#include "smallfs.h"

static int mistake_getattr(struct vnop_getattr_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);
    vnode_t other;

    if (!mount->m_kept && small_vnode(&mount->m_nodes[SMALL_OTHER], &other) == 0) {
        mount->m_kept = other;
        vnode_recycle(other);
        vnode_put(other);
    }
    return small_getattr(ap);
}

static int mistake_read(struct vnop_read_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);

    if (vnode_fsnode(mount->m_kept) == NULL) /* BLAME */
        return EIO;
    return small_read(ap);
}

const struct small_mistake small_mistake = {.getattr = mistake_getattr, .read = mistake_read};
