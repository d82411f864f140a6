// SPDX-License-Identifier: BSD-2-Clause
/* vnode_create with a mutex held, which reclaim takes too. */
#include "smallfs.h"

static int mistake(struct vnop_lookup_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_dvp);
    vnode_t vp = NULLVP;

    if (mount->m_nodes[SMALL_OTHER].n_vnode)
        return small_lookup(ap);
    lck_mtx_lock(mount->m_second);
    int error = small_vnode_create(&mount->m_nodes[SMALL_OTHER], &vp); /* BLAME */
    mount->m_nodes[SMALL_OTHER].n_vnode = vp;
    lck_mtx_unlock(mount->m_second);
    if (!error)
        vnode_put(vp);
    return small_lookup(ap);
}

const struct small_mistake small_mistake = {.lookup = mistake};
