// SPDX-License-Identifier: BSD-2-Clause
/* Each getattr leaves a usecount. */
#include "smallfs.h"

static int mistake(struct vnop_getattr_args *ap)
{
    (void)vnode_ref(ap->a_vp); /* BLAME */
    return small_getattr(ap);
}

const struct small_mistake small_mistake = {.getattr = mistake};
