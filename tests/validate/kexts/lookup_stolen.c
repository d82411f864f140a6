// SPDX-License-Identifier: BSD-2-Clause
/* Lookup returns a vnode of which it took no iocount. */
#include "smallfs.h"

static int mistake(struct vnop_lookup_args *ap) /* BLAME the function */
{
    if (ap->a_cnp->cn_nameptr[0] != 'f')
        return small_lookup(ap);
    *ap->a_vpp = ap->a_dvp;
    return 0;
}

const struct small_mistake small_mistake = {.lookup = mistake};
