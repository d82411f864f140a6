// SPDX-License-Identifier: BSD-2-Clause
/* A reader-writer lock stays held shared. */
#include "smallfs.h"

static int mistake(struct vnop_write_args *ap)
{
    struct small_node *node = vnode_fsnode(ap->a_vp);

    lck_rw_lock_shared(node->n_lock); /* BLAME */
    return small_write(ap);
}

const struct small_mistake small_mistake = {.write = mistake};
