// SPDX-License-Identifier: BSD-2-Clause
/*
 * Devices: the drivers that the disks of the kernel half and kexts register by major number (bdevsw_add,
 * cdevsw_add), and who has which device open.
 *
 * A driver is copied when it is registered and again when it is called, so removing one does not wait for
 * calls under way: as in Darwin, that is the driver's to see to (its d_close has been called, its nodes are
 * gone). Locks: device_lock, see device_internal.h. Called by drivers and by vnode_device.c.
 */
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/systm.h>
#include <string.h>
#include <libkern/libkern.h>

#include "kern/lock_iface.h"
#include "vfs/device_internal.h"
#include "vfs/vnode_internal.h"

#define MAJORS   64
#define NO_MAJOR (-1)

lck_mtx_t device_lock;

static lck_grp_t *group;
static bool char_used[MAJORS], block_used[MAJORS]; /* device_lock, as all below */
static struct cdevsw char_drivers[MAJORS];
static struct bdevsw block_drivers[MAJORS];
static int block_of_char[MAJORS]; /* the block major of the same devices, or NO_MAJOR */

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

/* ---- the tables of drivers ----------------------------------------------------------------------------- */

/* A negative index asks for the first free one from its absolute value on, -1 for any. */
static int free_locked(const bool *used, int index)
{
    if (index == INT_MIN)
        return -1;
    int first = index == -1 ? 0 : index < 0 ? -index : index;
    if (index >= 0)
        return index < MAJORS && !used[index] ? index : -1;
    for (; first < MAJORS; first++) {
        if (!used[first])
            return first;
    }
    return -1;
}

static int isfree(const bool *used, int index)
{
    lck_mtx_lock(&device_lock);
    int found = free_locked(used, index);
    lck_mtx_unlock(&device_lock);
    return found;
}

/* The major number that @driver was copied to, or -1. */
static int add(bool *used, int index, const void *driver, void *table, size_t size, int block_major)
{
    lck_mtx_lock(&device_lock);
    int major = free_locked(used, index);
    if (major >= 0) {
        memcpy((char *)table + (size_t)major * size, driver, size);
        used[major] = true;
        if (table == char_drivers)
            block_of_char[major] = block_major;
    }
    lck_mtx_unlock(&device_lock);
    return major;
}

static int remove(bool *used, int index, const void *driver, const void *table, size_t size)
{
    if (index < 0 || index >= MAJORS)
        return -1;
    lck_mtx_lock(&device_lock);
    bool same = used[index] && memcmp((const char *)table + (size_t)index * size, driver, size) == 0;
    if (same)
        used[index] = false;
    lck_mtx_unlock(&device_lock);
    return same ? index : -1;
}

static bool get(const bool *used, dev_t dev, void *driver, const void *table, size_t size)
{
    unsigned major = (unsigned)major(dev);
    if (major >= MAJORS)
        return false;
    lck_mtx_lock(&device_lock);
    bool found = used[major];
    if (found)
        memcpy(driver, (const char *)table + major * size, size);
    lck_mtx_unlock(&device_lock);
    return found;
}

int cdevsw_isfree(int index)
{
    return isfree(char_used, index);
}

int cdevsw_add(int index, const struct cdevsw *cdevsw)
{
    return add(char_used, index, cdevsw, char_drivers, sizeof(*cdevsw), NO_MAJOR);
}

int cdevsw_add_with_bdev(int index, const struct cdevsw *cdevsw, int bdev)
{
    return add(char_used, index, cdevsw, char_drivers, sizeof(*cdevsw), bdev);
}

int cdevsw_remove(int index, const struct cdevsw *cdevsw)
{
    return remove(char_used, index, cdevsw, char_drivers, sizeof(*cdevsw));
}

int bdevsw_isfree(int index)
{
    return isfree(block_used, index);
}

int bdevsw_add(int index, const struct bdevsw *bdevsw)
{
    return add(block_used, index, bdevsw, block_drivers, sizeof(*bdevsw), NO_MAJOR);
}

int bdevsw_remove(int index, const struct bdevsw *bdevsw)
{
    return remove(block_used, index, bdevsw, block_drivers, sizeof(*bdevsw));
}

bool device_char_get(dev_t dev, struct cdevsw *driver)
{
    return get(char_used, dev, driver, char_drivers, sizeof(*driver));
}

bool device_block_get(dev_t dev, struct bdevsw *driver)
{
    return get(block_used, dev, driver, block_drivers, sizeof(*driver));
}

bool device_block_of_char(dev_t dev, dev_t *block)
{
    unsigned major = (unsigned)major(dev);
    if (major >= MAJORS)
        return false;
    lck_mtx_lock(&device_lock);
    int of = char_used[major] ? block_of_char[major] : NO_MAJOR;
    lck_mtx_unlock(&device_lock);
    *block = of >= 0 ? makedev(of, minor(dev)) : NODEV;
    return of >= 0;
}

int isdisk(dev_t dev, int type)
{
    struct cdevsw chars;
    struct bdevsw blocks;
    if (type == VCHR)
        return device_char_get(dev, &chars) && chars.d_type == D_DISK;
    return type == VBLK && device_block_get(dev, &blocks) && blocks.d_type == D_DISK;
}

static bool any_in_range(const uintptr_t *functions, size_t count, const void *start, const void *end)
{
    for (size_t i = 0; i < count; i++) {
        if (functions[i] >= (uintptr_t)start && functions[i] < (uintptr_t)end)
            return true;
    }
    return false;
}

static bool char_in_range(const struct cdevsw *driver, const void *start, const void *end)
{
    const uintptr_t functions[] = {
        (uintptr_t)driver->d_open,     (uintptr_t)driver->d_close,  (uintptr_t)driver->d_read,
        (uintptr_t)driver->d_write,    (uintptr_t)driver->d_ioctl,  (uintptr_t)driver->d_stop,
        (uintptr_t)driver->d_reset,    (uintptr_t)driver->d_select, (uintptr_t)driver->d_mmap,
        (uintptr_t)driver->d_strategy, (uintptr_t)driver->d_ttys};
    return any_in_range(functions, sizeof(functions) / sizeof(functions[0]), start, end);
}

static bool block_in_range(const struct bdevsw *driver, const void *start, const void *end)
{
    const uintptr_t functions[] = {(uintptr_t)driver->d_open,     (uintptr_t)driver->d_close,
                                   (uintptr_t)driver->d_strategy, (uintptr_t)driver->d_ioctl,
                                   (uintptr_t)driver->d_dump,     (uintptr_t)driver->d_psize};
    return any_in_range(functions, sizeof(functions) / sizeof(functions[0]), start, end);
}

bool device_range_in_use(const void *start, const void *end, char *why, size_t why_size)
{
    const char *kind = NULL;
    int number = 0;
    lck_mtx_lock(&device_lock);
    for (int i = 0; i < MAJORS && !kind; i++) {
        number = i;
        if (char_used[i] && char_in_range(&char_drivers[i], start, end))
            kind = "character";
        else if (block_used[i] && block_in_range(&block_drivers[i], start, end))
            kind = "block";
    }
    lck_mtx_unlock(&device_lock);
    if (kind && why)
        snprintf(why, why_size, "%s device major %d is registered", kind, number);
    return kind != NULL;
}

/* ---- who has what open --------------------------------------------------------------------------------- */

static struct device_turn *turns; /* device_lock */

struct device_open { /* one vnode's opens */
    struct device_open *next;
    vnode_t vp;
    struct device_id id;
    uint32_t count;
};
static struct device_open *opens; /* device_lock */

static bool same(struct device_id one, struct device_id other)
{
    return one.di_dev == other.di_dev && one.di_block == other.di_block;
}

static bool busy_locked(struct device_id id)
{
    const struct device_turn *turn = turns;
    while (turn && !same(turn->dt_id, id))
        turn = turn->dt_next;
    return turn != NULL;
}

void device_turn_begin(struct device_turn *turn, struct device_id id)
{
    lck_mtx_lock(&device_lock);
    while (busy_locked(id))
        msleep(&turns, &device_lock, PVFS, "device turn", NULL);
    *turn = (struct device_turn){turns, id};
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

static struct device_open **find_locked(vnode_t vp, struct device_id id)
{
    struct device_open **at = &opens;
    while (*at && ((*at)->vp != vp || !same((*at)->id, id)))
        at = &(*at)->next;
    return at;
}

void device_opened(vnode_t vp, struct device_id id)
{
    struct device_open *fresh = kern_alloc(sizeof(*fresh), "device");
    lck_mtx_lock(&device_lock);
    struct device_open *open = *find_locked(vp, id);
    if (open) {
        open->count++;
    } else {
        *fresh = (struct device_open){opens, vp, id, 1};
        opens = fresh;
        fresh = NULL;
    }
    lck_mtx_unlock(&device_lock);
    kern_free(fresh, sizeof(*fresh));
}

bool device_closes_last(vnode_t vp, struct device_id id, bool all)
{
    lck_mtx_lock(&device_lock);
    const struct device_open *open = *find_locked(vp, id);
    bool last = open && (all || open->count == 1);
    lck_mtx_unlock(&device_lock);
    return last;
}

bool device_closed(vnode_t vp, struct device_id id, bool all)
{
    lck_mtx_lock(&device_lock);
    struct device_open **at = find_locked(vp, id), *open = *at;
    bool gone = open && (all || --open->count == 0), last = gone;
    if (gone)
        *at = open->next;
    for (const struct device_open *other = opens; other && last; other = other->next)
        last = !same(other->id, id);
    lck_mtx_unlock(&device_lock);
    if (gone)
        kern_free(open, sizeof(*open));
    return last;
}
