// SPDX-License-Identifier: BSD-2-Clause
/* The root is returned with one iocount for the caller and one for nobody. */
#include "smallfs.h"

static int mistake(mount_t mp, vnode_t *vpp, vfs_context_t context)
{
    struct small_mount *mount = vfs_fsprivate(mp);
    int error = small_vnode(&mount->m_nodes[SMALL_ROOT], vpp);

    (void)context;
    if (!error)
        (void)vnode_get(*vpp); /* BLAME */
    return error;
}

const struct small_mistake small_mistake = {.root = mistake};
