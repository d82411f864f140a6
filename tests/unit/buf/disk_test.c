// SPDX-License-Identifier: BSD-2-Clause
/*
 * Disks as devices: nodes, controls, raw and buffered bytes, buffers through strategy, and mounts that lie on
 * one.
 */
#include <sys/buf.h>
#include <sys/conf.h>
#include <sys/disk.h>
#include <sys/fcntl.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <libkern/libkern.h>
#include <miscfs/devfs/devfs.h>
#include <vfs/vfs_support.h>

#include "tests/unit/buf/memdisk.h"
#include "tests/unit/vfs/sys_fixture.h"
#include "vfs/vnop_iface.h"

static struct memdisk disk;
static uint32_t unit;
static char node[SYS_DISK_NODE_MAX];
static bool attached;

static void attach_as(bool writable, bool read_only, sys_caller_t *who)
{
    memdisk_make(&disk, writable);
    const struct sys_disk args = {.disk = &disk.disk, .read_only = read_only};
    KT_ASSERT_OK(sys_disk_attach(who, &args, &unit, node));
    attached = true;
}

static void attach(void)
{
    attach_as(true, false, ROOT);
    KT_ASSERT_STR(node, "/dev/disk0");
}

static void detach(void)
{
    KT_ASSERT_OK(sys_disk_detach(unit));
    KT_ASSERT(disk.closed);
    memdisk_free(&disk);
    attached = false;
}

static void teardown(void)
{
    if (attached)
        detach();
    fx_teardown();
}

static int open_error(sys_caller_t *who, const char *path, uint32_t oflags)
{
    sys_file_t *file;
    int error = sys_open(who, NULL, path, 0, oflags, 0, &file, NULL, NULL);
    if (!error)
        sys_close(who, file);
    return error;
}

/* ---- nodes --------------------------------------------------------------------------------------------- */

static void attach__gives_two_nodes_and_detach_takes_them(void)
{
    sys_caller_t *user = fx_user(501, 20, 0), *other = fx_user(502, 20, 0);
    attach_as(true, false, user);
    struct sys_attr block = fx_stat(NULL, "/dev/disk0"), raw = fx_stat(NULL, "/dev/rdisk0");
    KT_ASSERT(block.type == SYS_VBLK && block.mode == 0640 && block.uid == 501 && block.gid == 20);
    KT_ASSERT(raw.type == SYS_VCHR && raw.mode == 0640 && raw.rdev == block.rdev);
    KT_ASSERT(isdisk((dev_t)block.rdev, VBLK) && isdisk((dev_t)raw.rdev, VCHR));
    KT_ASSERT_ERRNO(open_error(other, "/dev/disk0", SYS_O_RDWR), EACCES);
    KT_ASSERT_OK(open_error(user, "/dev/disk0", SYS_O_RDWR));
    sys_file_t *file = fx_open(NULL, "/dev/rdisk0", SYS_O_RDONLY);
    KT_ASSERT_ERRNO(sys_disk_detach(unit), EBUSY);
    KT_ASSERT_ERRNO(sys_shutdown(), EBUSY);
    fx_close(file);
    detach();
    KT_ASSERT(!fx_exists(NULL, "/dev/disk0") && !fx_exists(NULL, "/dev/rdisk0"));
    KT_ASSERT_ERRNO(sys_disk_detach(unit), ENOENT);
    KT_ASSERT_ERRNO(sys_disk_detach(100000), ENOENT);
}

static void attach__in_the_way_or_senseless__is_refused(void)
{
    char why[100] = "", name[SYS_DISK_NODE_MAX];
    struct sys_disk args = {.path = "relative", .why = why, .why_size = sizeof(why)};
    KT_ASSERT_ERRNO(sys_disk_attach(ROOT, &args, &unit, name), EINVAL);
    args.path = "/nowhere/at/all";
    KT_ASSERT_ERRNO(sys_disk_attach(ROOT, &args, &unit, name), ENOENT);
    KT_ASSERT_NOT_NULL(strnstr(why, args.path, sizeof(why)));
    void *taken = devfs_make_node(makedev(40, 1), DEVFS_CHAR, 0, 0, 0600, "rdisk0");
    memdisk_make(&disk, true);
    args.disk = &disk.disk;
    KT_ASSERT_ERRNO(sys_disk_attach(ROOT, &args, &unit, name), EBUSY);
    KT_ASSERT_NOT_NULL(strnstr(why, "rdisk0", sizeof(why)));
    KT_ASSERT(!disk.closed && !fx_exists(NULL, "/dev/disk0"));
    devfs_remove(taken);
    memdisk_free(&disk);
}

static void read_only__is_not_opened_for_writing(void)
{
    attach_as(true, true, ROOT);
    KT_ASSERT_EQ(fx_stat(NULL, node).mode, 0440u);
    KT_ASSERT_ERRNO(open_error(ROOT, "/dev/disk0", SYS_O_RDWR), EACCES);
    KT_ASSERT_ERRNO(open_error(ROOT, "/dev/rdisk0", SYS_O_WRONLY), EACCES);
    KT_ASSERT_OK(open_error(ROOT, "/dev/disk0", SYS_O_RDONLY));
}

static void switch__block_majors__are_given_once(void)
{
    struct bdevsw other = NO_BDEVICE;
    int major = bdevsw_add(-14, &other);
    KT_ASSERT_EQ(major, 15); /* 14 are the disks */
    KT_ASSERT_EQ(bdevsw_isfree(15), -1);
    KT_ASSERT_EQ(bdevsw_isfree(16), 16);
    KT_ASSERT_EQ(bdevsw_add(15, &other), -1);
    KT_ASSERT(!isdisk(makedev(15, 0), VBLK));
    KT_ASSERT_EQ(bdevsw_remove(14, &other), -1);
    KT_ASSERT_EQ(bdevsw_remove(15, &other), 15);
    KT_ASSERT(!isdisk(makedev(15, 0), VBLK) && !isdisk(makedev(14, 0), VREG));
}

/* ---- inside a call, with the block device open --------------------------------------------------------- */

static struct kern_call call;
static vfs_context_t ctx;

static vnode_t device_open(const char *path, int mode)
{
    vnode_t vp;
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    ctx = vfs_context_current();
    KT_ASSERT_OK(vnode_open(path, mode, 0, 0, &vp, ctx));
    return vp;
}

static void device_close(vnode_t vp, int mode)
{
    KT_ASSERT_OK(vnode_close(vp, mode, ctx));
    kern_leave(&call);
}

static uint64_t ask(vnode_t vp, u_long command)
{
    uint64_t value = 0;
    KT_ASSERT_OK(VNOP_IOCTL(vp, command, (caddr_t)&value, FREAD, ctx));
    return value;
}

static void controls__tell_what_the_disk_is(void)
{
    attach();
    vnode_t vp = device_open(node, FREAD | FWRITE);
    KT_ASSERT_EQ(ask(vp, DKIOCGETBLOCKSIZE), 512u);
    KT_ASSERT_EQ(ask(vp, DKIOCGETBLOCKCOUNT), MEMDISK_SIZE / 512);
    KT_ASSERT_EQ(ask(vp, DKIOCGETPHYSICALBLOCKSIZE), 4096u);
    KT_ASSERT_EQ(ask(vp, DKIOCISWRITABLE), 1u);
    KT_ASSERT_EQ(ask(vp, DKIOCISFORMATTED), 1u);
    KT_ASSERT_EQ(ask(vp, DKIOCISVIRTUAL), 1u);
    KT_ASSERT_EQ(ask(vp, DKIOCISSOLIDSTATE), 1u);
    KT_ASSERT_EQ(ask(vp, DKIOCISLOWPOWERMODE), 0u);
    KT_ASSERT_EQ(ask(vp, DKIOCGETBSDUNIT), 0u);
    KT_ASSERT_EQ(ask(vp, DKIOCGETBASE), 0u);
    KT_ASSERT_EQ(ask(vp, DKIOCGETLOCATION), DK_LOCATION_EXTERNAL);
    KT_ASSERT_EQ(ask(vp, DKIOCGETTHROTTLEMASK), 1u);
    KT_ASSERT_EQ(ask(vp, DKIOCGETFEATURES),
                 DK_FEATURE_BARRIER | DK_FEATURE_FORCE_UNIT_ACCESS | DK_FEATURE_UNMAP);
    KT_ASSERT_EQ(ask(vp, DKIOCGETMAXBLOCKCOUNTREAD), MEMDISK_TRANSFER / 512);
    KT_ASSERT_EQ(ask(vp, DKIOCGETMAXBYTECOUNTWRITE), MEMDISK_TRANSFER);
    KT_ASSERT_EQ(ask(vp, DKIOCGETMAXSEGMENTCOUNTREAD), 16u);
    KT_ASSERT_EQ(ask(vp, DKIOCGETMAXSEGMENTBYTECOUNTREAD), MEMDISK_TRANSFER);
    KT_ASSERT_EQ(ask(vp, DKIOCGETMINSEGMENTALIGNMENTBYTECOUNT), 1u);
    KT_ASSERT_EQ(ask(vp, DKIOCGETMAXSEGMENTADDRESSABLEBITCOUNT), 64u);
    KT_ASSERT_ERRNO(VNOP_IOCTL(vp, DKIOCEJECT, NULL, FREAD, ctx), ENOTTY);

    uint32_t block = 2048;
    KT_ASSERT_OK(VNOP_IOCTL(vp, DKIOCSETBLOCKSIZE, (caddr_t)&block, FREAD, ctx));
    KT_ASSERT_EQ(ask(vp, DKIOCGETBLOCKCOUNT), MEMDISK_SIZE / 2048);
    block = 1000;
    KT_ASSERT_ERRNO(VNOP_IOCTL(vp, DKIOCSETBLOCKSIZE, (caddr_t)&block, FREAD, ctx), EINVAL);
    device_close(vp, FREAD | FWRITE);
    vp = device_open("/dev/rdisk0", FREAD);
    KT_ASSERT_EQ(ask(vp, DKIOCGETBLOCKSIZE), 512u); /* forgotten with the last close */
    device_close(vp, FREAD);
}

static void controls__flush_and_give_blocks_back(void)
{
    dk_synchronize_t sync = {.options = DK_SYNCHRONIZE_OPTION_BARRIER};
    dk_extent_t extents[] = {{100, 2000}, {8192, 4096}, {MEMDISK_SIZE - 512, 512}};
    dk_unmap_t unmap = {.extents = extents, .extentsCount = 3};
    attach();
    vnode_t vp = device_open(node, FREAD | FWRITE);
    KT_ASSERT_OK(VNOP_IOCTL(vp, DKIOCSYNCHRONIZECACHE, NULL, FREAD, ctx));
    KT_ASSERT_OK(VNOP_IOCTL(vp, DKIOCSYNCHRONIZE, (caddr_t)&sync, FREAD, ctx));
    KT_ASSERT_EQ(atomic_load(&disk.flushes), 2u);
    sync.options = 0x80;
    KT_ASSERT_ERRNO(VNOP_IOCTL(vp, DKIOCSYNCHRONIZE, (caddr_t)&sync, FREAD, ctx), EINVAL);
    uint8_t kept = disk.bytes[511], gone = disk.bytes[8192 + 77];
    KT_ASSERT_OK(VNOP_IOCTL(vp, DKIOCUNMAP, (caddr_t)&unmap, FWRITE, ctx));
    KT_ASSERT_EQ(atomic_load(&disk.unmaps), 3u);
    KT_ASSERT(disk.bytes[511] == kept && gone && !disk.bytes[8192 + 77] && !disk.bytes[512]);
    extents[2].length = 1024;
    KT_ASSERT_ERRNO(VNOP_IOCTL(vp, DKIOCUNMAP, (caddr_t)&unmap, FWRITE, ctx), EINVAL);
    device_close(vp, FREAD | FWRITE);
}

/* ---- bytes --------------------------------------------------------------------------------------------- */

static void raw__whole_blocks__go_straight(void)
{
    static uint8_t out[200 * 512], in[sizeof(out)];
    attach();
    sys_file_t *file = fx_open(NULL, "/dev/rdisk0", SYS_O_RDWR);
    memset(out, 0x42, sizeof(out));
    KT_ASSERT_OK(fx_write(file, out, sizeof(out), 512));
    KT_ASSERT_EQ(memcmp(disk.bytes + 512, out, sizeof(out)), 0);
    KT_ASSERT_EQ(fx_read(file, in, sizeof(in), 512), sizeof(in));
    KT_ASSERT_EQ(memcmp(in, out, sizeof(in)), 0);
    KT_ASSERT_EQ(fx_read(file, in, 100, 0), -EINVAL);
    KT_ASSERT_EQ(fx_read(file, in, 512, 100), -EINVAL);
    KT_ASSERT_ERRNO(fx_write(file, out, 100, 0), EINVAL);
    /* The end. */
    KT_ASSERT_EQ(fx_read(file, in, 1024, MEMDISK_SIZE - 512), 512);
    KT_ASSERT_EQ(fx_read(file, in, 512, MEMDISK_SIZE), 0);
    KT_ASSERT_EQ(fx_read(file, in, 512, (int64_t)MEMDISK_SIZE * 8), 0);
    KT_ASSERT_ERRNO(fx_write(file, out, 512, MEMDISK_SIZE), ENOSPC);
    fx_close(file);
}

static void raw__memory_in_odd_pieces__is_copied(void)
{
    static uint8_t one[300], two[724];
    const struct sys_iovec iov[] = {{one, sizeof(one)}, {two, sizeof(two)}};
    size_t done;
    attach();
    sys_file_t *file = fx_open(NULL, "/dev/rdisk0", SYS_O_RDWR);
    KT_ASSERT_OK(sys_pread(NULL, file, iov, 2, 2048, &done));
    KT_ASSERT_EQ(done, 1024u);
    KT_ASSERT(!memcmp(one, disk.bytes + 2048, 300) && !memcmp(two, disk.bytes + 2348, 724));
    memset(one, 1, sizeof(one));
    memset(two, 2, sizeof(two));
    KT_ASSERT_OK(sys_pwrite(NULL, file, iov, 2, 4096, &done));
    KT_ASSERT(!memcmp(one, disk.bytes + 4096, 300) && !memcmp(two, disk.bytes + 4396, 724));
    fx_close(file);
}

static void block__any_bytes__leave_their_neighbours_alone(void)
{
    static uint8_t before[MEMDISK_SIZE], in[700 * 1024];
    attach();
    memcpy(before, disk.bytes, sizeof(before));
    sys_file_t *file = fx_open(NULL, node, SYS_O_RDWR);
    KT_ASSERT_OK(fx_write(file, "hello", 5, 1021));
    memcpy(before + 1021, "hello", 5);
    KT_ASSERT_EQ(memcmp(disk.bytes, before, sizeof(before)), 0);
    KT_ASSERT_EQ(fx_read(file, in, sizeof(in), 333), sizeof(in));
    KT_ASSERT_EQ(memcmp(in, before + 333, sizeof(in)), 0);
    KT_ASSERT_OK(fx_write(file, in, sizeof(in), 70001));
    memcpy(before + 70001, in, sizeof(in));
    KT_ASSERT_EQ(memcmp(disk.bytes, before, sizeof(before)), 0);
    KT_ASSERT_EQ(fx_read(file, in, 100, MEMDISK_SIZE - 10), 10);
    KT_ASSERT_EQ(fx_read(file, in, 100, MEMDISK_SIZE), 0);
    KT_ASSERT_ERRNO(fx_write(file, "x", 1, MEMDISK_SIZE), ENOSPC);
    atomic_store(&disk.fail, HOST_EIO);
    KT_ASSERT_EQ(fx_read(file, in, 100, 0), -EIO);
    KT_ASSERT_ERRNO(fx_write(file, "x", 1, 0), EIO);
    atomic_store(&disk.fail, HOST_OK);
    fx_close(file);
}

struct writer {
    sys_file_t *file;
    int64_t from;
    int failed;
};

static void write_every_other(void *arg)
{
    struct writer *writer = arg;
    for (int64_t at = writer->from; at < 4096; at += 2)
        writer->failed |= fx_write(writer->file, "#", 1, at);
}

static void block__parts_of_one_block_by_two_threads__are_both_there(void)
{
    attach();
    sys_file_t *file = fx_open(NULL, node, SYS_O_RDWR);
    struct writer even = {file, 0, 0}, odd = {file, 1, 0};
    void *threads[] = {ktest_thread(write_every_other, &even), ktest_thread(write_every_other, &odd)};
    ktest_thread_join(threads[0]);
    ktest_thread_join(threads[1]);
    KT_ASSERT(!even.failed && !odd.failed);
    for (int i = 0; i < 4096; i++)
        KT_ASSERT_EQ(disk.bytes[i], '#');
    fx_close(file);
}

/* ---- buffers ------------------------------------------------------------------------------------------- */

static buf_t buffer_on(vnode_t vp, daddr64_t blkno, void *data, uint32_t bytes, int32_t flags)
{
    buf_t bp = buf_alloc(vp);
    buf_setflags(bp, flags | B_RAW);
    buf_setblkno(bp, blkno);
    buf_setcount(bp, bytes);
    buf_setsize(bp, bytes);
    buf_setdataptr(bp, (uintptr_t)data);
    return bp;
}

static int buffer_run(buf_t bp)
{
    KT_ASSERT_OK(VNOP_STRATEGY(bp));
    int error = buf_biowait(bp);
    KT_ASSERT_EQ(buf_resid(bp), error ? buf_count(bp) : 0);
    buf_free(bp);
    return error;
}

static void strategy__moves_blocks_in_any_number_of_requests(void)
{
    static uint8_t data[3 * MEMDISK_TRANSFER + 512];
    attach();
    vnode_t vp = device_open(node, FREAD | FWRITE);
    KT_ASSERT_OK(buffer_run(buffer_on(vp, 6, data, sizeof(data), B_READ)));
    KT_ASSERT_EQ(memcmp(data, disk.bytes + 6 * 512, sizeof(data)), 0);
    KT_ASSERT_EQ(atomic_load(&disk.reads), 4u);
    memset(data, 7, sizeof(data));
    buf_t bp = buffer_on(vp, 100, data, 1024, 0);
    buf_markfua(bp);
    KT_ASSERT_OK(buffer_run(bp));
    KT_ASSERT_EQ(atomic_load(&disk.fua), 1u);
    KT_ASSERT_EQ(memcmp(data, disk.bytes + 100 * 512, 1024), 0);
    uint32_t block = 4096; /* what block numbers count */
    KT_ASSERT_OK(VNOP_IOCTL(vp, DKIOCSETBLOCKSIZE, (caddr_t)&block, 0, ctx));
    KT_ASSERT_OK(buffer_run(buffer_on(vp, 3, data, 512, B_READ)));
    KT_ASSERT_EQ(memcmp(data, disk.bytes + 3 * 4096, 512), 0);
    device_close(vp, FREAD | FWRITE);
}

static void strategy__what_cannot_be__is_the_buffers_error(void)
{
    static uint8_t data[1024];
    attach();
    vnode_t vp = device_open(node, FREAD | FWRITE);
    KT_ASSERT_ERRNO(buffer_run(buffer_on(vp, MEMDISK_SIZE / 512, data, 512, B_READ)), ENXIO);
    KT_ASSERT_ERRNO(buffer_run(buffer_on(vp, MEMDISK_SIZE / 512 - 1, data, 1024, 0)), ENXIO);
    KT_ASSERT_ERRNO(buffer_run(buffer_on(vp, INT64_MAX, data, 512, B_READ)), ENXIO);
    KT_ASSERT_ERRNO(buffer_run(buffer_on(vp, -1, data, 512, B_READ)), EINVAL);
    KT_ASSERT_ERRNO(buffer_run(buffer_on(vp, 0, data, 100, B_READ)), EINVAL);
    KT_ASSERT_OK(buffer_run(buffer_on(vp, 0, data, 0, B_READ)));
    atomic_store(&disk.fail, HOST_EIO);
    KT_ASSERT_ERRNO(buffer_run(buffer_on(vp, 0, data, 512, B_READ)), EIO);
    atomic_store(&disk.fail, HOST_ENOSPC);
    KT_ASSERT_ERRNO(buffer_run(buffer_on(vp, 0, data, 512, 0)), ENOSPC);
    atomic_store(&disk.fail, HOST_OK);
    device_close(vp, FREAD | FWRITE);
    detach();
    attach_as(false, false, ROOT);
    vp = device_open(node, FREAD);
    KT_ASSERT_ERRNO(buffer_run(buffer_on(vp, 0, data, 512, 0)), EACCES);
    device_close(vp, FREAD);
}

/* Requests that succeed and have done a part: the rest is asked for again. */
static void short_requests__are_finished(void)
{
    static uint8_t out[2 * MEMDISK_TRANSFER + 1024], in[sizeof(out)];
    attach();
    vnode_t vp = device_open(node, FREAD | FWRITE);
    memset(out, 0x5a, sizeof(out));
    atomic_store(&disk.most, 1536);
    KT_ASSERT_OK(buffer_run(buffer_on(vp, 8, out, sizeof(out), 0)));
    KT_ASSERT_EQ(memcmp(disk.bytes + 8 * 512, out, sizeof(out)), 0);
    KT_ASSERT_EQ(disk.bytes[8 * 512 + sizeof(out)],
                 (uint8_t)((8 * 512 + sizeof(out)) / 512 + (8 * 512 + sizeof(out)) * 3));
    KT_ASSERT_OK(buffer_run(buffer_on(vp, 8, in, sizeof(in), B_READ)));
    KT_ASSERT_EQ(memcmp(in, out, sizeof(in)), 0);
    device_close(vp, FREAD | FWRITE);
    sys_file_t *file = fx_open(NULL, "/dev/rdisk0", SYS_O_RDWR);
    memset(out, 0x3c, sizeof(out));
    KT_ASSERT_OK(fx_write(file, out, sizeof(out), 4096));
    KT_ASSERT_EQ(memcmp(disk.bytes + 4096, out, sizeof(out)), 0);
    memset(in, 0, sizeof(in));
    KT_ASSERT_EQ(fx_read(file, in, sizeof(in), 4096), (int64_t)sizeof(in));
    KT_ASSERT_EQ(memcmp(in, out, sizeof(in)), 0);
    fx_close(file);
}

/* One that succeeds and does nothing at all has failed, and the buffer tells how far it got. */
static void short_requests__that_do_nothing__have_failed(void)
{
    static uint8_t data[3 * MEMDISK_TRANSFER];
    attach();
    vnode_t vp = device_open(node, FREAD | FWRITE);
    atomic_store(&disk.stuck_at, MEMDISK_TRANSFER + 2048);
    for (int reads = 0; reads < 2; reads++) {
        buf_t bp = buffer_on(vp, 0, data, sizeof(data), reads ? B_READ : 0);
        KT_ASSERT_OK(VNOP_STRATEGY(bp));
        KT_ASSERT_ERRNO(buf_biowait(bp), EIO);
        KT_ASSERT_EQ(buf_resid(bp), sizeof(data) - MEMDISK_TRANSFER - 2048);
        buf_free(bp);
    }
    device_close(vp, FREAD | FWRITE);
    sys_file_t *file = fx_open(NULL, "/dev/rdisk0", SYS_O_RDWR);
    KT_ASSERT_EQ(fx_read(file, data, sizeof(data), MEMDISK_TRANSFER + 2048), -EIO);
    KT_ASSERT_ERRNO(fx_write(file, data, 512, MEMDISK_TRANSFER + 2048), EIO);
    fx_close(file);
}

static void ended(buf_t bp, void *arg)
{
    *(int *)arg = buf_error(bp) ? buf_error(bp) : -1;
    buf_free(bp);
}

/* A device is closed while a transfer is under way: the disk stays until that has ended. */
static void detach_later(void *arg)
{
    *(int *)arg = sys_disk_detach(unit);
}

static void strategy__under_way__detaching_waits(void)
{
    static uint8_t data[2 * MEMDISK_TRANSFER];
    int end = 0, detached = -1;
    attach();
    vnode_t vp = device_open(node, FREAD);
    atomic_store(&disk.hold, true);
    buf_t bp = buffer_on(vp, 0, data, sizeof(data), B_READ | B_ASYNC);
    KT_ASSERT_OK(buf_setcallback(bp, ended, &end));
    KT_ASSERT_OK(VNOP_STRATEGY(bp));
    KT_ASSERT_EQ(end, 0);
    device_close(vp, FREAD);
    void *thread = ktest_thread(detach_later, &detached);
    ktest_msleep(20);
    KT_ASSERT(!disk.closed);
    memdisk_release(&disk);
    ktest_thread_join(thread);
    KT_ASSERT_EQ(end, -1);
    KT_ASSERT(!detached && disk.closed);
    KT_ASSERT_EQ(memcmp(data, disk.bytes, sizeof(data)), 0);
    KT_ASSERT_EQ(atomic_load(&disk.async), 2u);
    memdisk_free(&disk);
    attached = false;
}

/* ---- mounts -------------------------------------------------------------------------------------------- */

struct disk_args {
    uint64_t fspec;
    struct fx_args rest;
};
static struct disk_args data;

static int disk_mount(sys_caller_t *who, const char *special, uint64_t flags, uint32_t *id)
{
    char why[200] = "";
    const struct sys_mount args = {.type = "fxdisk",
                                   .special = special,
                                   .shown_on = "/somewhere",
                                   .flags = flags,
                                   .data = &data,
                                   .data_size = sizeof(data),
                                   .why = why,
                                   .why_size = sizeof(why)};
    return sys_mount(who, &args, id, NULL);
}

static void mount__keeps_others_off_the_disk(void)
{
    uint32_t id, second;
    attach();
    KT_ASSERT_OK(disk_mount(ROOT, node, 0, &id));
    void *alias = devfs_make_node((dev_t)fx_stat(NULL, node).rdev, DEVFS_BLOCK, 0, 0, 0600, "alias");
    KT_ASSERT_ERRNO(open_error(ROOT, node, SYS_O_RDONLY), EBUSY);
    KT_ASSERT_ERRNO(open_error(ROOT, "/dev/alias", SYS_O_RDWR), EBUSY);
    KT_ASSERT_ERRNO(open_error(ROOT, "/dev/rdisk0", SYS_O_RDWR), EBUSY);
    KT_ASSERT_OK(open_error(ROOT, "/dev/rdisk0", SYS_O_RDONLY));
    KT_ASSERT_ERRNO(disk_mount(ROOT, node, 0, &second), EBUSY);
    KT_ASSERT_ERRNO(disk_mount(ROOT, "/dev/alias", SYS_MNT_RDONLY, &second), EBUSY);
    KT_ASSERT_ERRNO(sys_disk_detach(unit), EBUSY);
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
    KT_ASSERT_OK(open_error(ROOT, "/dev/alias", SYS_O_RDWR));
    KT_ASSERT_OK(disk_mount(ROOT, "/dev/alias", 0, &id));
    KT_ASSERT_OK(sys_unmount(ROOT, id, SYS_MNT_FORCE, NULL, 0));
    devfs_remove(alias);
}

static void mount__of_what_may_not_be__changes_nothing(void)
{
    uint32_t id;
    sys_caller_t *user = fx_user(501, 20, 0);
    attach();
    KT_ASSERT_ERRNO(disk_mount(ROOT, "/dev/rdisk0", 0, &id), ENOTBLK);
    KT_ASSERT_ERRNO(disk_mount(user, node, 0, &id), EACCES);
    for (enum fx_op op = FX_MOUNT; op <= FX_ROOT; op++) {
        fx_fail(op, EIO, 1);
        KT_ASSERT_ERRNO(disk_mount(ROOT, node, 0, &id), EIO);
        KT_ASSERT_OK(open_error(ROOT, node, SYS_O_RDWR));
    }
    sys_file_t *file = fx_open(NULL, node, SYS_O_RDONLY);
    KT_ASSERT_OK(disk_mount(ROOT, node, 0, &id)); /* whoever has it open already keeps it */
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
    fx_close(file);
}

static void mount__knows_its_device_and_limits(void)
{
    struct vfsioattr attr;
    uint32_t id;
    attach();
    KT_ASSERT_OK(disk_mount(ROOT, node, 0, &id));
    struct sys_node root;
    KT_ASSERT_OK(sys_mount_root(id, &root));
    vnode_t vp = fx_vnode_of(&root, "");
    mount_t mp = vnode_mount(vp);
    vfs_ioattr(mp, &attr);
    KT_ASSERT_EQ(attr.io_devblocksize, 512u);
    KT_ASSERT_EQ(attr.io_maxreadcnt, MEMDISK_TRANSFER);
    KT_ASSERT_EQ(attr.io_maxwritecnt, MEMDISK_TRANSFER);
    KT_ASSERT_EQ(attr.io_segreadcnt, 16u);
    KT_ASSERT_EQ(attr.io_flags, VFS_IOATTR_FLAGS_FUA | VFS_IOATTR_FLAGS_UNMAP);
    KT_ASSERT_EQ(vfs_devblocksize(mp), 512);
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
}

static void mount__of_a_disk_that_is_read_only__stays_so(void)
{
    uint32_t id;
    const struct sys_mount change = {.type = "fxdisk",
                                     .special = "/not/looked/at",
                                     .flags = SYS_MNT_UPDATE,
                                     .data = &data,
                                     .data_size = sizeof(data)};
    attach_as(false, false, ROOT);
    KT_ASSERT_ERRNO(disk_mount(ROOT, node, 0, &id), EACCES);
    KT_ASSERT_OK(disk_mount(ROOT, node, SYS_MNT_RDONLY, &id));
    KT_ASSERT_ERRNO(sys_mount(ROOT, &change, &id, NULL), EROFS);
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
}

/* ---- to the medium ------------------------------------------------------------------------------------- */

/* fsync of a device, of a file whose file system does not know F_FULLFSYNC, and a sync of the mount. */
static void sync__reaches_the_medium(void)
{
    uint32_t id;
    struct sys_node root;
    attach();
    sys_file_t *file = fx_open(NULL, node, SYS_O_RDWR);
    KT_ASSERT_OK(fx_write(file, "x", 1, 0));
    KT_ASSERT_EQ(atomic_load(&disk.flushes), 0u);
    KT_ASSERT_OK(sys_fsync(NULL, file, false));
    KT_ASSERT_EQ(atomic_load(&disk.flushes), 1u);
    fx_close(file);
    KT_ASSERT_EQ(atomic_load(&disk.flushes), 1u); /* nothing was written since */
    file = fx_open(NULL, "/dev/rdisk0", SYS_O_RDWR);
    KT_ASSERT_OK(sys_fsync(NULL, file, true));
    KT_ASSERT_EQ(atomic_load(&disk.flushes), 2u);
    fx_close(file);
    KT_ASSERT_OK(disk_mount(ROOT, node, 0, &id));
    KT_ASSERT_OK(sys_mount_root(id, &root));
    file = fx_open(&root, ".", SYS_O_RDONLY);
    KT_ASSERT_OK(sys_fsync(NULL, file, false));
    KT_ASSERT_EQ(atomic_load(&disk.flushes), 3u);
    fx_close(file);
    KT_ASSERT_OK(sys_sync(ROOT, id, false));
    KT_ASSERT_EQ(atomic_load(&disk.flushes), 3u);
    KT_ASSERT_OK(sys_sync(ROOT, id, true));
    KT_ASSERT_EQ(atomic_load(&disk.flushes), 4u);
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
}

struct syncer {
    vnode_t vp;
    int waitfor;
    _Atomic int error; /* -1: under way */
};

static void sync_it(void *arg)
{
    struct syncer *syncer = arg;
    struct kern_call mine;
    kern_enter(&mine, kern_cred_kernel(), kern_proc_kernel());
    int error = VNOP_FSYNC(syncer->vp, syncer->waitfor, vfs_context_current());
    kern_leave(&mine);
    atomic_store(&syncer->error, error);
}

/* Whoever asks for the data alone waits for its writes too: a flush that follows covers what has ended. */
static void fsync__of_the_data_alone__waits_for_its_writes(void)
{
    static const int waits[] = {MNT_WAIT, MNT_DWAIT};
    buf_t bp;
    attach();
    vnode_t vp = device_open(node, FREAD | FWRITE);
    for (int i = 0; i < 2; i++) {
        KT_ASSERT_OK(buf_meta_bread(vp, 8, 512, vfs_context_ucred(ctx), &bp));
        memset((void *)buf_dataptr(bp), 'a' + i, 512);
        KT_ASSERT_OK(buf_bdwrite(bp));
        atomic_store(&disk.hold, true);
        struct syncer syncer = {vp, waits[i], -1};
        void *thread = ktest_thread(sync_it, &syncer);
        while (!atomic_load(&disk.held))
            ktest_msleep(1);
        ktest_msleep(20); /* time enough to return too early */
        KT_ASSERT_EQ(atomic_load(&syncer.error), -1);
        atomic_store(&disk.hold, false);
        memdisk_release(&disk);
        ktest_thread_join(thread);
        KT_ASSERT_EQ(atomic_load(&syncer.error), 0);
        KT_ASSERT_EQ(disk.bytes[8 * 512], 'a' + i);
    }
    device_close(vp, FREAD | FWRITE);
}

/* Whoever closes a disk last asks for what nobody asked for before, and hears whether it got there. */
static void close__the_last__reaches_the_medium(void)
{
    static uint8_t room[512];
    buf_t bp;
    attach();
    sys_file_t *file = fx_open(NULL, "/dev/rdisk0", SYS_O_RDWR),
               *other = fx_open(NULL, "/dev/rdisk0", SYS_O_RDONLY);
    KT_ASSERT_OK(fx_write(file, room, sizeof(room), 0));
    fx_close(file);
    KT_ASSERT_EQ(atomic_load(&disk.flushes), 0u);
    fx_close(other);
    KT_ASSERT_EQ(atomic_load(&disk.flushes), 1u);
    for (int fails = 0; fails < 2; fails++) {
        vnode_t vp = device_open(node, FREAD | FWRITE);
        KT_ASSERT_OK(buf_meta_bread(vp, 9, 512, vfs_context_ucred(ctx), &bp));
        KT_ASSERT_OK(buf_bdwrite(bp));
        atomic_store(&disk.fail, fails ? HOST_EIO : HOST_OK);
        KT_ASSERT_ERRNO(vnode_close(vp, FREAD | FWRITE, ctx), fails ? EIO : 0);
        kern_leave(&call);
        KT_ASSERT_GE(atomic_load(&disk.flushes), 2u);
    }
    atomic_store(&disk.fail, HOST_OK);
    KT_ASSERT_OK(open_error(ROOT, node, SYS_O_RDWR)); /* which was told once */
}

/* What is kept of a device in buffers. */
static void buffers__of_the_device__are_seen_and_written(void)
{
    static char room[512];
    buf_t bp;
    attach();
    vnode_t vp = device_open(node, FREAD | FWRITE);
    kauth_cred_t cred = vfs_context_ucred(ctx);
    KT_ASSERT_OK(buf_meta_bread(vp, 8, 512, cred, &bp));
    KT_ASSERT_EQ(memcmp((void *)buf_dataptr(bp), disk.bytes + 8 * 512, 512), 0);
    memset((void *)buf_dataptr(bp), 'd', 512);
    KT_ASSERT_OK(buf_bdwrite(bp));
    KT_ASSERT_NE(disk.bytes[8 * 512], 'd');
    KT_ASSERT_OK(vn_rdwr(UIO_READ, vp, room, 100, 8 * 512 + 7, UIO_SYSSPACE, 0, cred, NULL, kernproc));
    KT_ASSERT(room[0] == 'd' && room[99] == 'd');
    KT_ASSERT_OK(vn_rdwr(UIO_WRITE, vp, room + 200, 100, 8 * 512 + 7, UIO_SYSSPACE, 0, cred, NULL, kernproc));
    KT_ASSERT_OK(buf_meta_bread(vp, 8, 512, cred, &bp));
    KT_ASSERT(((char *)buf_dataptr(bp))[0] == 'd' && ((char *)buf_dataptr(bp))[7] == 0);
    memset((void *)buf_dataptr(bp), 'e', 512);
    KT_ASSERT_OK(buf_bdwrite(bp));
    KT_ASSERT_OK(VNOP_FSYNC(vp, MNT_WAIT, ctx));
    KT_ASSERT_EQ(disk.bytes[8 * 512], 'e');
    KT_ASSERT_OK(buf_meta_bread(vp, 9, 512, cred, &bp));
    memset((void *)buf_dataptr(bp), 'f', 512);
    KT_ASSERT_OK(buf_bdwrite(bp));
    struct vnop_bwrite_args write = {.a_desc = &vnop_bwrite_desc};
    for (daddr64_t block = 10; block < 12; block++) { /* both stock operations write */
        KT_ASSERT_OK(buf_meta_bread(vp, block, 512, cred, &bp));
        memset((void *)buf_dataptr(bp), 'h', 512);
        write.a_bp = bp;
        KT_ASSERT_OK(block == 10 ? vn_bwrite(&write) : nop_bwrite(&write));
        KT_ASSERT_EQ(disk.bytes[block * 512], 'h');
    }
    device_close(vp, FREAD | FWRITE); /* the last */
    KT_ASSERT_EQ(disk.bytes[9 * 512], 'f');
    disk.bytes[9 * 512] = 'g';
    vp = device_open(node, FREAD);
    KT_ASSERT_OK(buf_meta_bread(vp, 9, 512, cred, &bp));
    KT_ASSERT_EQ(*(char *)buf_dataptr(bp), 'g');
    buf_brelse(bp);
    device_close(vp, FREAD);
}

static const struct ktest_case cases[] = {
    KT_CASE(buffers__of_the_device__are_seen_and_written),
    KT_CASE(attach__gives_two_nodes_and_detach_takes_them),
    KT_CASE(attach__in_the_way_or_senseless__is_refused),
    KT_CASE(read_only__is_not_opened_for_writing),
    KT_CASE(switch__block_majors__are_given_once),
    KT_CASE(controls__tell_what_the_disk_is),
    KT_CASE(controls__flush_and_give_blocks_back),
    KT_CASE(raw__whole_blocks__go_straight),
    KT_CASE(raw__memory_in_odd_pieces__is_copied),
    KT_CASE(block__any_bytes__leave_their_neighbours_alone),
    KT_CASE(block__parts_of_one_block_by_two_threads__are_both_there),
    KT_CASE(strategy__moves_blocks_in_any_number_of_requests),
    KT_CASE(strategy__what_cannot_be__is_the_buffers_error),
    KT_CASE(short_requests__are_finished),
    KT_CASE(short_requests__that_do_nothing__have_failed),
    KT_CASE(strategy__under_way__detaching_waits),
    KT_CASE(sync__reaches_the_medium),
    KT_CASE(fsync__of_the_data_alone__waits_for_its_writes),
    KT_CASE(close__the_last__reaches_the_medium),
    KT_CASE(mount__keeps_others_off_the_disk),
    KT_CASE(mount__of_what_may_not_be__changes_nothing),
    KT_CASE(mount__knows_its_device_and_limits),
    KT_CASE(mount__of_a_disk_that_is_read_only__stays_so),
};
static void setup(void)
{
    attached = false;
    fx_setup();
}
SYS_SUITE(disk, cases);
