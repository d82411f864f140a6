// SPDX-License-Identifier: BSD-2-Clause
/* Two locks of one class, those of two files, are taken in both orders. */
#include "smallfs.h"

static void nest(struct small_node *first, struct small_node *second)
{
    lck_rw_lock_exclusive(first->n_lock);
    lck_rw_lock_shared(second->n_lock); /* BLAME */
    lck_rw_unlock_shared(second->n_lock);
    lck_rw_unlock_exclusive(first->n_lock);
}

static int mistake_read(struct vnop_read_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);

    nest(&mount->m_nodes[SMALL_FILE], &mount->m_nodes[SMALL_OTHER]);
    return small_read(ap);
}

static int mistake_write(struct vnop_write_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);

    nest(&mount->m_nodes[SMALL_OTHER], &mount->m_nodes[SMALL_FILE]);
    return small_write(ap);
}

const struct small_mistake small_mistake = {.read = mistake_read, .write = mistake_write};
