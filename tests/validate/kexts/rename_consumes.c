// SPDX-License-Identifier: BSD-2-Clause
/* Rename puts its arguments, as the BSDs' does. */
#include "smallfs.h"

static int mistake(struct vnop_rename_args *ap)
{
    vnode_put(ap->a_fvp); /* BLAME */
    return 0;
}

const struct small_mistake small_mistake = {.rename = mistake};
