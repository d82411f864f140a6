// SPDX-License-Identifier: BSD-2-Clause
/* Reclaim keeps the reference of vnode_addfsref. */
#include "smallfs.h"

static int mistake(struct vnop_reclaim_args *ap) /* BLAME the function */
{
    struct small_node *node = vnode_fsnode(ap->a_vp);

    lck_mtx_lock(node->n_mount->m_lock);
    node->n_vnode = NULLVP;
    lck_mtx_unlock(node->n_mount->m_lock);
    vnode_clearfsnode(ap->a_vp);
    return 0;
}

const struct small_mistake small_mistake = {.reclaim = mistake};
