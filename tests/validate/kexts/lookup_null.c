// SPDX-License-Identifier: BSD-2-Clause
/* Lookup succeeds without a vnode. */
#include "smallfs.h"

static int mistake(struct vnop_lookup_args *ap) /* BLAME the function */
{
    *ap->a_vpp = NULLVP;
    return 0;
}

const struct small_mistake small_mistake = {.lookup = mistake};
