// SPDX-License-Identifier: BSD-2-Clause
/*
 * Character devices from end to end: a driver registered by major number, its nodes in /dev, opened and used
 * through the system-call layer as a program would.
 */
#include <sys/conf.h>
#include <sys/ioctl.h>
#include <sys/proc.h>
#include <sys/select.h>
#include <kern/clock.h>
#include <libkern/libkern.h>
#include <miscfs/devfs/devfs.h>

#include "tests/unit/vfs/sys_fixture.h"
#include "vfs/device_internal.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_iface.h"

/* ---- a driver: what is written can be read again ------------------------------------------------------- */

#define TEST_IOCTL _IOWR('t', 1, int)

struct selinfo { /* the driver's own */
    int waiting;
};
static struct selinfo readers;
static char contents[32];
static size_t filled;
static _Atomic int opens, closes, open_error;
static dev_t last_dev;
static int last_flags, last_type;

static int drv_open(dev_t dev, int flags, int devtype, struct proc *p)
{
    (void)p;
    last_dev = dev;
    last_flags = flags;
    last_type = devtype;
    if (atomic_load(&open_error))
        return atomic_load(&open_error);
    atomic_fetch_add(&opens, 1);
    return 0;
}

static int drv_close(dev_t dev, int flags, int devtype, struct proc *p)
{
    (void)dev, (void)flags, (void)devtype, (void)p;
    atomic_fetch_add(&closes, 1);
    return 0;
}

static int drv_read(dev_t dev, struct uio *uio, int ioflag)
{
    (void)dev, (void)ioflag;
    int error = uiomove(contents, (int)filled, uio);
    filled = 0;
    return error;
}

static int drv_write(dev_t dev, struct uio *uio, int ioflag)
{
    (void)dev, (void)ioflag;
    size_t n = (size_t)uio_resid(uio);
    if (n > sizeof(contents))
        return ENOSPC;
    int error = uiomove(contents, (int)n, uio);
    filled = n;
    selwakeup(&readers);
    return error;
}

static int drv_ioctl(dev_t dev, u_long cmd, caddr_t data, int fflag, struct proc *p)
{
    (void)dev, (void)fflag, (void)p;
    if (cmd != TEST_IOCTL)
        return ENOTTY;
    *(int *)(void *)data += 1;
    return 0;
}

static int drv_select(dev_t dev, int which, void *wql, struct proc *p)
{
    (void)dev;
    if (which != FREAD || filled)
        return 1;
    selrecord(p, &readers, wql);
    return 0;
}

static struct cdevsw driver = {
    .d_open = drv_open,
    .d_close = drv_close,
    .d_read = drv_read,
    .d_write = drv_write,
    .d_ioctl = drv_ioctl,
    .d_stop = eno_stop,
    .d_reset = eno_reset,
    .d_select = drv_select,
    .d_mmap = eno_mmap,
    .d_strategy = eno_strat,
    .d_type = D_TTY,
};

static int major_number;
static void *node;

static void setup(void)
{
    fx_setup();
    filled = 0;
    atomic_store(&opens, 0);
    atomic_store(&closes, 0);
    atomic_store(&open_error, 0);
    major_number = cdevsw_add(-24, &driver);
    node = devfs_make_node(makedev(major_number, 3), DEVFS_CHAR, UID_ROOT, GID_OPERATOR, 0666, "ktest%d", 3);
}

static void teardown(void)
{
    if (node)
        devfs_remove(node);
    KT_ASSERT_EQ(cdevsw_remove(major_number, &driver), major_number);
    fx_teardown();
}

/* ---- the table ----------------------------------------------------------------------------------------- */

static void table__majors__are_given_once(void)
{
    struct cdevsw other = NO_CDEVICE;
    KT_ASSERT_EQ(major_number, 24);
    KT_ASSERT_EQ(cdevsw_isfree(24), -1);
    KT_ASSERT_EQ(cdevsw_isfree(-24), 25);
    KT_ASSERT_EQ(cdevsw_add(24, &other), -1);
    int any = cdevsw_add(-1, &other);
    KT_ASSERT_GE(any, 0);
    KT_ASSERT_EQ(cdevsw_remove(any, &driver), -1); /* somebody else's */
    KT_ASSERT_EQ(cdevsw_remove(any, &other), any);
    KT_ASSERT_EQ(cdevsw_remove(any, &other), -1);
    KT_ASSERT_EQ(cdevsw_add(1000, &other), -1);
    KT_ASSERT_EQ(cdevsw_remove(-1, &other), -1);
    KT_ASSERT_EQ(cdevsw_isfree(1000), -1);
}

static void table__code_of_a_driver__is_in_use(void)
{
    char why[80];
    const char *code = (const char *)(uintptr_t)drv_open;
    KT_ASSERT(vfs_range_in_use(code, code + 1, why, sizeof(why)));
    KT_ASSERT_STR(why, "character device major 24 is registered");
    KT_ASSERT(!device_range_in_use(why, why + 1, NULL, 0));
}

/* ---- nodes --------------------------------------------------------------------------------------------- */

static void node__has_owner_mode_and_number(void)
{
    struct sys_attr attr = fx_stat(NULL, "/dev/ktest3");
    KT_ASSERT_EQ(attr.type, SYS_VCHR);
    KT_ASSERT_EQ(attr.mode, 0666u);
    KT_ASSERT_EQ(attr.uid, 0u);
    KT_ASSERT_EQ(attr.gid, (uint32_t)GID_OPERATOR);
    KT_ASSERT_EQ(attr.rdev, (uint32_t)makedev(24, 3));
    KT_ASSERT_EQ(attr.nlink, 1u);
}

static int listed;
static int list_one(void *arg, const struct sys_dirent *ent)
{
    (void)arg;
    if (strcmp(ent->name, "ktest3") == 0 && ent->type == SYS_VCHR)
        listed++;
    return 0;
}

static void node__is_listed_and_goes(void)
{
    bool eof;
    sys_file_t *dir = fx_open(NULL, "/dev", SYS_O_RDONLY);
    listed = 0;
    KT_ASSERT_OK(sys_readdir(ROOT, dir, 0, list_one, NULL, &eof));
    KT_ASSERT_EQ(listed, 1);
    fx_close(dir);
    devfs_remove(node);
    KT_ASSERT_ERRNO(fx_error(NULL, "/dev/ktest3", 0), ENOENT);
    devfs_remove(node); /* a stale handle is only logged */
    node = NULL;
    KT_ASSERT_OK(fx_error(NULL, "/dev", 0));
}

static void node__name_taken_or_impossible__null(void)
{
    KT_ASSERT_NULL(devfs_make_node(1, DEVFS_CHAR, 0, 0, 0600, "ktest%d", 3));
    KT_ASSERT_NULL(devfs_make_node(1, DEVFS_CHAR, 0, 0, 0600, "ktest3/below"));
    KT_ASSERT_NULL(devfs_make_node(1, DEVFS_CHAR, 0, 0, 0600, "%s", ""));
    KT_ASSERT_NULL(devfs_make_node(1, 7, 0, 0, 0600, "odd"));
    KT_ASSERT_NULL(devfs_make_node(1, DEVFS_CHAR, 0, 0, 0600, "%0300d", 1));
}

static void node__in_a_directory__makes_it(void)
{
    void *deep = devfs_make_node(makedev(24, 4), DEVFS_BLOCK, 5, 6, 0600, "ktest/disk/%u", 1);
    KT_ASSERT_NOT_NULL(deep);
    KT_ASSERT_EQ(fx_stat(NULL, "/dev/ktest/disk").type, SYS_VDIR);
    struct sys_attr attr = fx_stat(NULL, "/dev/ktest/disk/1");
    KT_ASSERT(attr.type == SYS_VBLK && attr.uid == 5 && attr.gid == 6);
    KT_ASSERT_ERRNO(
        sys_open(ROOT, NULL, "/dev/ktest/disk/1", 0, SYS_O_RDWR, 0, &(sys_file_t *){NULL}, NULL, NULL),
        ENXIO); /* no block device */
    devfs_remove(deep);
    KT_ASSERT_ERRNO(fx_error(NULL, "/dev/ktest/disk/1", 0), ENOENT);
}

/* A kext that forgets its nodes does not keep the kernel from ending. */
static void node__forgotten__goes_with_the_tree(void)
{
    KT_ASSERT_NOT_NULL(devfs_make_node(makedev(24, 9), DEVFS_CHAR, 0, 0, 0600, "forgotten"));
    KT_ASSERT_OK(fx_error(NULL, "/dev/forgotten", 0));
}

/* ---- use ----------------------------------------------------------------------------------------------- */

static void open__tells_the_driver_and_close_the_last(void)
{
    sys_file_t *one = fx_open(NULL, "/dev/ktest3", SYS_O_RDWR), *two;
    KT_ASSERT_EQ(last_dev, makedev(24, 3));
    KT_ASSERT_EQ(last_flags & (FREAD | FWRITE), FREAD | FWRITE);
    KT_ASSERT_EQ(last_type, S_IFCHR);
    two = fx_open(NULL, "/dev/ktest3", SYS_O_RDONLY);
    KT_ASSERT_EQ(atomic_load(&opens), 2);
    fx_close(one);
    KT_ASSERT_EQ(atomic_load(&closes), 0);
    fx_close(two);
    KT_ASSERT_EQ(atomic_load(&closes), 1);
}

static void open__under_two_names__is_one_device(void)
{
    void *alias = devfs_make_node(makedev(24, 3), DEVFS_CHAR, 0, 0, 0600, "alias");
    sys_file_t *one = fx_open(NULL, "/dev/ktest3", SYS_O_RDWR),
               *two = fx_open(NULL, "/dev/alias", SYS_O_RDWR);
    fx_close(one);
    KT_ASSERT_EQ(atomic_load(&closes), 0);
    fx_close(two);
    KT_ASSERT_EQ(atomic_load(&closes), 1);
    devfs_remove(alias);
}

static void open__refused__leaves_nothing_open(void)
{
    sys_file_t *file;
    atomic_store(&open_error, EBUSY);
    KT_ASSERT_ERRNO(sys_open(ROOT, NULL, "/dev/ktest3", 0, SYS_O_RDWR, 0, &file, NULL, NULL), EBUSY);
    KT_ASSERT_EQ(atomic_load(&closes), 0);
    atomic_store(&open_error, 0);
    KT_ASSERT_ERRNO(sys_open(ROOT, NULL, "/dev/ktest3", 0, SYS_O_DIRECTORY, 0, &file, NULL, NULL), ENOTDIR);
    KT_ASSERT_ERRNO(sys_open(fx_user(501, 20, 0), NULL, "/dev/ktest3/x", 0, 0, 0, &file, NULL, NULL),
                    ENOTDIR);
}

static void io__goes_to_the_driver(void)
{
    char text[16] = "";
    sys_file_t *file = fx_open(NULL, "/dev/ktest3", SYS_O_RDWR);
    KT_ASSERT_OK(fx_write(file, "hello", 5, 0));
    KT_ASSERT_EQ(fx_read(file, text, sizeof(text), 0), 5);
    KT_ASSERT_STR(text, "hello");
    KT_ASSERT_EQ(fx_read(file, text, sizeof(text), 0), 0);
    fx_close(file);
}

static void ioctl_and_select__go_to_the_driver(void)
{
    struct kern_call call;
    struct kern_select select;
    vnode_t vp;
    int number = 41;
    uint64_t soon;
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    vfs_context_t ctx = vfs_context_current();
    KT_ASSERT_OK(vnode_open("/dev/ktest3", FREAD | FWRITE, 0, 0, &vp, ctx));
    KT_ASSERT_OK(VNOP_IOCTL(vp, TEST_IOCTL, (caddr_t)&number, FREAD, ctx));
    KT_ASSERT_EQ(number, 42);
    KT_ASSERT_ERRNO(VNOP_IOCTL(vp, _IO('t', 9), NULL, FREAD, ctx), ENOTTY);
    kern_select_begin(&select);
    KT_ASSERT_EQ(VNOP_SELECT(vp, FWRITE, 0, &select, ctx), 1);
    KT_ASSERT_EQ(VNOP_SELECT(vp, FREAD, 0, &select, ctx), 0);
    clock_interval_to_deadline(5, 1000000, &soon);
    KT_ASSERT_ERRNO(kern_select_wait(&select, soon), EWOULDBLOCK);
    KT_ASSERT_OK(vn_rdwr(UIO_WRITE, vp, contents, 4, 0, UIO_SYSSPACE, 0, kern_cred_kernel(), NULL, kernproc));
    KT_ASSERT_OK(kern_select_wait(&select, UINT64_MAX));
    KT_ASSERT_EQ(VNOP_SELECT(vp, FREAD, 0, &select, ctx), 1);
    kern_select_end(&select);
    KT_ASSERT_OK(vnode_close(vp, FREAD | FWRITE, ctx));
    kern_leave(&call);
    KT_ASSERT_EQ(atomic_load(&closes), 1);
}

/* The node may go while the device is open: who has it open keeps it. */
static void removed_while_open__works_until_closed(void)
{
    sys_file_t *file = fx_open(NULL, "/dev/ktest3", SYS_O_RDWR);
    devfs_remove(node);
    node = NULL;
    KT_ASSERT_OK(fx_write(file, "x", 1, 0));
    fx_close(file);
    KT_ASSERT_EQ(atomic_load(&closes), 1);
}

static void revoked__is_closed_once_for_all(void)
{
    struct kern_call call;
    vnode_t vp;
    char byte;
    sys_file_t *one = fx_open(NULL, "/dev/ktest3", SYS_O_RDWR),
               *two = fx_open(NULL, "/dev/ktest3", SYS_O_RDWR);
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    KT_ASSERT_OK(vnode_lookup("/dev/ktest3", 0, &vp, vfs_context_current()));
    KT_ASSERT_OK(vn_revoke(vp, REVOKEALL, vfs_context_current()));
    vnode_put(vp);
    kern_leave(&call);
    KT_ASSERT_EQ(atomic_load(&closes), 1);
    KT_ASSERT_EQ(fx_read(one, &byte, 1, 0), -EIO);
    sys_close(ROOT, one);
    sys_close(ROOT, two);
    KT_ASSERT_EQ(atomic_load(&closes), 1);
    one = fx_open(NULL, "/dev/ktest3", SYS_O_RDWR); /* the device itself is as good as new */
    fx_close(one);
    KT_ASSERT_EQ(atomic_load(&closes), 2);
}

static void no_driver_any_more__enxio(void)
{
    char byte;
    sys_file_t *file = fx_open(NULL, "/dev/ktest3", SYS_O_RDWR);
    KT_ASSERT_EQ(cdevsw_remove(major_number, &driver), major_number);
    KT_ASSERT_EQ(fx_read(file, &byte, 1, 0), -ENXIO);
    KT_ASSERT_ERRNO(fx_write(file, "x", 1, 0), ENXIO);
    fx_close(file);
    KT_ASSERT_EQ(atomic_load(&closes), 0);
    KT_ASSERT_ERRNO(sys_open(ROOT, NULL, "/dev/ktest3", 0, SYS_O_RDWR, 0, &file, NULL, NULL), ENXIO);
    KT_ASSERT_EQ(cdevsw_add(major_number, &driver), major_number);
}

/* ---- threads ------------------------------------------------------------------------------------------- */

static _Atomic int inside, wrong;
static int slow_open(dev_t dev, int flags, int devtype, struct proc *p)
{
    if (atomic_fetch_add(&inside, 1) != 0)
        atomic_fetch_add(&wrong, 1);
    int error = drv_open(dev, flags, devtype, p);
    atomic_fetch_sub(&inside, 1);
    return error;
}

static int slow_close(dev_t dev, int flags, int devtype, struct proc *p)
{
    if (atomic_fetch_add(&inside, 1) != 0)
        atomic_fetch_add(&wrong, 1);
    int error = drv_close(dev, flags, devtype, p);
    atomic_fetch_sub(&inside, 1);
    return error;
}

static void open_and_close(void *arg)
{
    for (int i = 0; i < 200; i++) {
        sys_file_t *file;
        if (sys_open(ROOT, NULL, "/dev/ktest3", 0, SYS_O_RDWR, 0, &file, NULL, NULL) || sys_close(ROOT, file))
            *(int *)arg += 1;
    }
}

static void open_and_close__many_threads__one_at_a_time(void)
{
    struct cdevsw slow = driver;
    void *threads[3];
    int failed[3] = {0};
    slow.d_open = slow_open;
    slow.d_close = slow_close;
    KT_ASSERT_EQ(cdevsw_remove(major_number, &driver), major_number);
    KT_ASSERT_EQ(cdevsw_add(major_number, &slow), major_number);
    atomic_store(&wrong, 0);
    for (int i = 0; i < 3; i++)
        threads[i] = ktest_thread(open_and_close, &failed[i]);
    for (int i = 0; i < 3; i++) {
        ktest_thread_join(threads[i]);
        KT_ASSERT_EQ(failed[i], 0);
    }
    KT_ASSERT_EQ(atomic_load(&wrong), 0);
    KT_ASSERT_EQ(atomic_load(&opens), 600);
    KT_ASSERT_GE(atomic_load(&closes), 1);
    KT_ASSERT_EQ(cdevsw_remove(major_number, &slow), major_number);
    KT_ASSERT_EQ(cdevsw_add(major_number, &driver), major_number);
}

static const struct ktest_case cases[] = {
    KT_CASE(table__majors__are_given_once),
    KT_CASE(table__code_of_a_driver__is_in_use),
    KT_CASE(node__has_owner_mode_and_number),
    KT_CASE(node__is_listed_and_goes),
    KT_CASE(node__name_taken_or_impossible__null),
    KT_CASE(node__in_a_directory__makes_it),
    KT_CASE(node__forgotten__goes_with_the_tree),
    KT_CASE(open__tells_the_driver_and_close_the_last),
    KT_CASE(open__under_two_names__is_one_device),
    KT_CASE(open__refused__leaves_nothing_open),
    KT_CASE(io__goes_to_the_driver),
    KT_CASE(ioctl_and_select__go_to_the_driver),
    KT_CASE(removed_while_open__works_until_closed),
    KT_CASE(revoked__is_closed_once_for_all),
    KT_CASE(no_driver_any_more__enxio),
    KT_CASE(open_and_close__many_threads__one_at_a_time),
};
SYS_SUITE(kpi_device, cases);
