// SPDX-License-Identifier: BSD-2-Clause
/* The iocount of the directory that lookup takes is left behind where the name is not found. */
#include "smallfs.h"

static int mistake(struct vnop_lookup_args *ap)
{
    int error = small_lookup(ap);

    if (error)
        (void)vnode_get(ap->a_dvp); /* BLAME */
    return error;
}

const struct small_mistake small_mistake = {.lookup = mistake};
