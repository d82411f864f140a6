// SPDX-License-Identifier: BSD-2-Clause
/* A usecount is released that nobody took: the opener's goes. */
#include "smallfs.h"

static int mistake(struct vnop_read_args *ap)
{
    vnode_rele(ap->a_vp); /* BLAME */
    return small_read(ap);
}

const struct small_mistake small_mistake = {.read = mistake};
