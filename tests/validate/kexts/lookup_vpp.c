// SPDX-License-Identifier: BSD-2-Clause
/* Lookup fails and leaves *vpp set, with an iocount that nobody will put. */
#include "smallfs.h"

static int mistake(struct vnop_lookup_args *ap)
{
    int error = small_lookup(ap);

    if (error)
        (void)small_vnode(&small_mount_of(ap->a_dvp)->m_nodes[SMALL_ROOT], ap->a_vpp); /* BLAME */
    return error;
}

const struct small_mistake small_mistake = {.lookup = mistake};
