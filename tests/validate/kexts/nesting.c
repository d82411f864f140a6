// SPDX-License-Identifier: BSD-2-Clause
/*
 * No mistake: locks of one class, one inside the other, in every way that is right. In both orders only under
 * a third lock, after one of them was made anew, and after a directory was moved; else by address.
 */
#include "smallfs.h"

static int calls;       /* one thread */
static boolean_t moved; /* by a rename */

static void nest(lck_rw_t *first, lck_rw_t *second)
{
    lck_rw_lock_exclusive(first);
    lck_rw_lock_exclusive(second);
    lck_rw_unlock_exclusive(second);
    lck_rw_unlock_exclusive(first);
}

static void nest_by_turns(lck_rw_t *first, lck_rw_t *second)
{
    nest(calls % 2 ? first : second, calls % 2 ? second : first);
}

static __attribute__((noinline)) lck_rw_t *lock_make(void)
{
    lck_rw_t *lock = lck_rw_alloc_init(small_group, LCK_ATTR_NULL);

    __asm__ volatile("");
    return lock;
}

/* Two that live for a moment: the next time the allocator gives the same memory. */
static void nest_new(void)
{
    lck_rw_t *pair[2];

    for (int i = 0; i < 2; i++)
        pair[i] = lock_make();
    nest_by_turns(pair[0] < pair[1] ? pair[0] : pair[1], pair[0] < pair[1] ? pair[1] : pair[0]);
    for (int i = 0; i < 2; i++)
        lck_rw_free(pair[i], small_group);
}

static void nest_all(struct small_mount *mount)
{
    lck_rw_t *file = mount->m_nodes[SMALL_FILE].n_lock, *other = mount->m_nodes[SMALL_OTHER].n_lock;
    lck_rw_t *root = mount->m_nodes[SMALL_ROOT].n_lock, *dir = mount->m_nodes[SMALL_DIR].n_lock;

    calls++;
    nest(file < other ? file : other, file < other ? other : file);
    nest(moved ? dir : root, moved ? root : dir);

    lck_mtx_lock(mount->m_lock);
    nest_by_turns(root, file);
    lck_mtx_unlock(mount->m_lock);

    nest_new();
}

static int nesting_lookup(struct vnop_lookup_args *ap)
{
    int error = small_lookup(ap);

    return error == EROFS ? EJUSTRETURN : error;
}

static int nesting_read(struct vnop_read_args *ap)
{
    nest_all(small_mount_of(ap->a_vp));
    return small_read(ap);
}

static int nesting_write(struct vnop_write_args *ap)
{
    nest_all(small_mount_of(ap->a_vp));
    return small_write(ap);
}

static int nesting_rename(struct vnop_rename_args *ap)
{
    if (vnode_isdir(ap->a_fvp))
        moved = !moved;
    return 0;
}

const struct small_mistake small_mistake = {
    .lookup = nesting_lookup, .read = nesting_read, .write = nesting_write, .rename = nesting_rename};
