// SPDX-License-Identifier: BSD-2-Clause
/* A second vnode_addfsref. */
#include "smallfs.h"

static int mistake(struct vnop_getattr_args *ap)
{
    vnode_addfsref(ap->a_vp); /* BLAME */
    return small_getattr(ap);
}

const struct small_mistake small_mistake = {.getattr = mistake};
