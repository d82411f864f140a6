// SPDX-License-Identifier: BSD-2-Clause
/* Embeds locks in a structure of its own, as sources that define KERNEL_PRIVATE do. */
#include <kern/locks.h>
#include <mach/kmod.h>

kern_return_t embedded_start(kmod_info_t *ki, void *data);
kern_return_t embedded_stop(kmod_info_t *ki, void *data);

#define MARK 0x5a5aa5a55a5aa5a5ul

static struct {
    unsigned long before;
    lck_mtx_t mutex;
    unsigned long between;
    lck_rw_t rw;
    unsigned long beyond;
    decl_lck_spin_data(, spin);
    unsigned long after;
} it = {.before = MARK, .between = MARK, .beyond = MARK, .after = MARK};
static lck_grp_t *group;

static int marks_intact(void)
{
    return it.before == MARK && it.between == MARK && it.beyond == MARK && it.after == MARK;
}

kern_return_t embedded_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    group = lck_grp_alloc_init("embedded", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&it.mutex, group, LCK_ATTR_NULL);
    lck_rw_init(&it.rw, group, LCK_ATTR_NULL);
    lck_spin_init(&it.spin, group, LCK_ATTR_NULL);
    lck_mtx_lock(&it.mutex);
    lck_rw_lock_exclusive(&it.rw);
    lck_spin_lock(&it.spin);
    lck_spin_unlock(&it.spin);
    lck_rw_unlock_exclusive(&it.rw);
    lck_mtx_unlock(&it.mutex);
    return marks_intact() ? KERN_SUCCESS : KERN_FAILURE;
}

kern_return_t embedded_stop(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    lck_spin_destroy(&it.spin, group);
    lck_rw_destroy(&it.rw, group);
    lck_mtx_destroy(&it.mutex, group);
    lck_grp_free(group);
    return marks_intact() ? KERN_SUCCESS : KERN_FAILURE;
}
