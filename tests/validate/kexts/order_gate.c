// SPDX-License-Identifier: BSD-2-Clause
/* Two locks of one class are taken in both orders, and the third that would make this right is taken once
 * only. */
#include "smallfs.h"

static int mistake_read(struct vnop_read_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);
    struct small_node *file = &mount->m_nodes[SMALL_FILE], *other = &mount->m_nodes[SMALL_OTHER];

    lck_mtx_lock(mount->m_second);
    lck_rw_lock_shared(file->n_lock);
    lck_rw_lock_exclusive(other->n_lock);
    lck_rw_unlock_exclusive(other->n_lock);
    lck_rw_unlock_shared(file->n_lock);
    lck_mtx_unlock(mount->m_second);
    return small_read(ap);
}

static int mistake_write(struct vnop_write_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);
    struct small_node *file = &mount->m_nodes[SMALL_FILE], *other = &mount->m_nodes[SMALL_OTHER];

    lck_rw_lock_exclusive(other->n_lock);
    lck_rw_lock_exclusive(file->n_lock); /* BLAME */
    lck_rw_unlock_exclusive(file->n_lock);
    lck_rw_unlock_exclusive(other->n_lock);
    return small_write(ap);
}

const struct small_mistake small_mistake = {.read = mistake_read, .write = mistake_write};
