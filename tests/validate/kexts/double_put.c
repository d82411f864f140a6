// SPDX-License-Identifier: BSD-2-Clause
/* The iocount of the caller is put: once for the one that was taken, once too often. */
#include "smallfs.h"

static int mistake(struct vnop_getattr_args *ap)
{
    if (vnode_get(ap->a_vp) == 0) {
        vnode_put(ap->a_vp);
        vnode_put(ap->a_vp); /* BLAME */
    }
    return small_getattr(ap);
}

const struct small_mistake small_mistake = {.getattr = mistake};
