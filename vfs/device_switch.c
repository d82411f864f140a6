// SPDX-License-Identifier: BSD-2-Clause
/*
 * Character devices: the drivers that kexts register by major number (cdevsw_add), and who has which device
 * open.
 *
 * A driver is copied when it is registered and again when it is called, so cdevsw_remove() does not wait for
 * calls under way: as in Darwin, that is the driver's to see to (its d_close has been called, its nodes are
 * gone). Locks: device_lock, see device_internal.h. Called by kexts and by vnode_device.c.
 */
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>
#include <string.h>
#include <libkern/libkern.h>

#include "kern/lock_iface.h"
#include "vfs/device_internal.h"
#include "vfs/vnode_internal.h"

#define MAJORS 64

lck_mtx_t device_lock;

static lck_grp_t *group;
static struct {
    struct cdevsw driver;
    bool used;
} majors[MAJORS]; /* device_lock */

void device_boot(void)
{
    group = lck_grp_alloc_init("vfs.device", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&device_lock, group, LCK_ATTR_NULL);
}

void device_shutdown(void)
{
    lck_mtx_destroy(&device_lock, group);
    lck_grp_free(group);
}

/* ---- the table of drivers ------------------------------------------------------------------------------ */

/* A negative index asks for the first free one from its absolute value on, -1 for any. */
static int free_locked(int index)
{
    int first = index == -1 ? 0 : index < 0 ? -index : index;
    if (index >= 0)
        return index < MAJORS && !majors[index].used ? index : -1;
    for (; first < MAJORS; first++) {
        if (!majors[first].used)
            return first;
    }
    return -1;
}

int cdevsw_isfree(int index)
{
    lck_mtx_lock(&device_lock);
    int found = index == INT_MIN ? -1 : free_locked(index);
    lck_mtx_unlock(&device_lock);
    return found;
}

int cdevsw_add(int index, const struct cdevsw *cdevsw)
{
    if (index == INT_MIN)
        return -1;
    lck_mtx_lock(&device_lock);
    int major = free_locked(index);
    if (major >= 0) {
        majors[major].driver = *cdevsw;
        majors[major].used = true;
    }
    lck_mtx_unlock(&device_lock);
    return major;
}

int cdevsw_remove(int index, const struct cdevsw *cdevsw)
{
    if (index < 0 || index >= MAJORS)
        return -1;
    lck_mtx_lock(&device_lock);
    bool same =
        majors[index].used && memcmp(&majors[index].driver, cdevsw, sizeof(majors[index].driver)) == 0;
    if (same)
        majors[index].used = false;
    lck_mtx_unlock(&device_lock);
    return same ? index : -1;
}

bool device_char_get(dev_t dev, struct cdevsw *driver)
{
    unsigned major = (unsigned)major(dev);
    if (major >= MAJORS)
        return false;
    lck_mtx_lock(&device_lock);
    bool used = majors[major].used;
    if (used)
        *driver = majors[major].driver;
    lck_mtx_unlock(&device_lock);
    return used;
}

static bool driver_in_range(const struct cdevsw *driver, const void *start, const void *end)
{
    const uintptr_t functions[] = {
        (uintptr_t)driver->d_open,     (uintptr_t)driver->d_close,  (uintptr_t)driver->d_read,
        (uintptr_t)driver->d_write,    (uintptr_t)driver->d_ioctl,  (uintptr_t)driver->d_stop,
        (uintptr_t)driver->d_reset,    (uintptr_t)driver->d_select, (uintptr_t)driver->d_mmap,
        (uintptr_t)driver->d_strategy, (uintptr_t)driver->d_ttys};
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (functions[i] >= (uintptr_t)start && functions[i] < (uintptr_t)end)
            return true;
    }
    return false;
}

bool device_range_in_use(const void *start, const void *end, char *why, size_t why_size)
{
    int major = 0;
    lck_mtx_lock(&device_lock);
    while (major < MAJORS && !(majors[major].used && driver_in_range(&majors[major].driver, start, end)))
        major++;
    lck_mtx_unlock(&device_lock);
    if (major < MAJORS && why)
        snprintf(why, why_size, "character device major %d is registered", major);
    return major < MAJORS;
}

/* ---- who has what open --------------------------------------------------------------------------------- */

static struct device_turn *turns; /* device_lock */

struct device_open { /* one vnode's opens */
    struct device_open *next;
    vnode_t vp;
    dev_t dev;
    uint32_t count;
};
static struct device_open *opens; /* device_lock */

static bool busy_locked(dev_t dev)
{
    const struct device_turn *turn = turns;
    while (turn && turn->dt_dev != dev)
        turn = turn->dt_next;
    return turn != NULL;
}

void device_turn_begin(struct device_turn *turn, dev_t dev)
{
    lck_mtx_lock(&device_lock);
    while (busy_locked(dev))
        msleep(&turns, &device_lock, PVFS, "device turn", NULL);
    *turn = (struct device_turn){turns, dev};
    turns = turn;
    lck_mtx_unlock(&device_lock);
}

void device_turn_end(struct device_turn *turn)
{
    struct device_turn **at = &turns;
    lck_mtx_lock(&device_lock);
    while (*at != turn)
        at = &(*at)->dt_next;
    *at = turn->dt_next;
    wakeup(&turns);
    lck_mtx_unlock(&device_lock);
}

static struct device_open **find_locked(vnode_t vp, dev_t dev)
{
    struct device_open **at = &opens;
    while (*at && ((*at)->vp != vp || (*at)->dev != dev))
        at = &(*at)->next;
    return at;
}

void device_opened(vnode_t vp, dev_t dev)
{
    struct device_open *fresh = kern_alloc(sizeof(*fresh), "device");
    lck_mtx_lock(&device_lock);
    struct device_open *open = *find_locked(vp, dev);
    if (open) {
        open->count++;
    } else {
        *fresh = (struct device_open){opens, vp, dev, 1};
        opens = fresh;
        fresh = NULL;
    }
    lck_mtx_unlock(&device_lock);
    kern_free(fresh, sizeof(*fresh));
}

bool device_closed(vnode_t vp, dev_t dev, bool all)
{
    lck_mtx_lock(&device_lock);
    struct device_open **at = find_locked(vp, dev), *open = *at;
    bool gone = open && (all || --open->count == 0), last = gone;
    if (gone)
        *at = open->next;
    for (const struct device_open *other = opens; other && last; other = other->next)
        last = other->dev != dev;
    lck_mtx_unlock(&device_lock);
    if (gone)
        kern_free(open, sizeof(*open));
    return last;
}
