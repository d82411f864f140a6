// SPDX-License-Identifier: BSD-2-Clause
/* Three locks in a circle that no two operations close. */
#include "smallfs.h"

static int mistake_getattr(struct vnop_getattr_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);
    struct small_node *node = vnode_fsnode(ap->a_vp);

    lck_rw_lock_exclusive(node->n_lock);
    lck_mtx_lock(mount->m_second);
    lck_mtx_unlock(mount->m_second);
    lck_rw_unlock_exclusive(node->n_lock);
    return small_getattr(ap);
}

static int mistake_read(struct vnop_read_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);

    lck_mtx_lock(mount->m_second);
    lck_mtx_lock(mount->m_lock);
    lck_mtx_unlock(mount->m_lock);
    lck_mtx_unlock(mount->m_second);
    return small_read(ap);
}

static int mistake_write(struct vnop_write_args *ap)
{
    struct small_mount *mount = small_mount_of(ap->a_vp);
    struct small_node *node = vnode_fsnode(ap->a_vp);

    lck_mtx_lock(mount->m_lock);
    lck_rw_lock_shared(node->n_lock); /* BLAME */
    lck_rw_unlock_shared(node->n_lock);
    lck_mtx_unlock(mount->m_lock);
    return small_write(ap);
}

const struct small_mistake small_mistake = {
    .getattr = mistake_getattr, .read = mistake_read, .write = mistake_write};
