// SPDX-License-Identifier: BSD-2-Clause
/*
 * Files by descriptor, variables through the system-call layer and a type's own sysctl operation, writing and
 * syncing from kernel code.
 */
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/proc.h>
#include <sys/sysctl.h>
#include <libkern/libkern.h>

#include "buf/buf_iface.h"
#include "host/host.h"
#include "tests/unit/vfs/sys_fixture.h"
#include "vfs/vfs_iface.h"
#include "vfs/vnop_iface.h"

static struct fx_place place;
static sys_file_t *file;
static struct kern_call call;
static proc_t self;

static void setup(void)
{
    fx_setup();
    place = fx_mount("fxfs", 0, 0);
    fx_file(&place.root, "f", 0644, "contents");
    file = fx_open(&place.root, "f", SYS_O_RDONLY);
    self = proc_find(host_process_self());
    kern_enter(&call, kern_cred_kernel(), self);
}

static void teardown(void)
{
    kern_leave(&call);
    proc_rele(self);
    fx_close(file);
    fx_unmount(&place);
    fx_teardown();
}

#define FD 17

static int give(void)
{
    return sys_descriptor_give(host_process_self(), FD, file);
}

static int take(void)
{
    return sys_descriptor_take(host_process_self(), FD);
}

/* ---- descriptors --------------------------------------------------------------------------------------- */

static void descriptor__not_announced__ebadf(void)
{
    vnode_t vp = NULLVP;
    int flags;
    uint32_t vid;
    KT_ASSERT_ERRNO(file_vnode(FD, &vp), EBADF);
    KT_ASSERT_ERRNO(file_vnode_withvid(FD, &vp, &vid), EBADF);
    KT_ASSERT_ERRNO(file_vnode_ext(FD, &vp, NULL, FREAD), EBADF);
    KT_ASSERT_ERRNO(file_flags(FD, &flags), EBADF);
    KT_ASSERT_ERRNO(file_drop(FD), EBADF);
    KT_ASSERT_ERRNO(vnode_getfromfd(vfs_context_current(), FD, &vp), EBADF);
    KT_ASSERT_ERRNO(take(), EBADF);
    KT_ASSERT_ERRNO(sys_descriptor_give(1, -1, file), EBADF);
    KT_ASSERT_NULL(vp);
}

static void descriptor__announced__is_the_file(void)
{
    vnode_t vp, same;
    uint32_t vid;
    int flags = 0;
    KT_ASSERT_OK(give());
    KT_ASSERT_ERRNO(give(), EEXIST);
    KT_ASSERT_OK(file_vnode(FD, &vp));
    KT_ASSERT_OK(file_vnode_withvid(FD, &same, &vid));
    KT_ASSERT_PTR_EQ(vp, same);
    KT_ASSERT_OK(vnode_getwithvid(vp, vid));
    KT_ASSERT(vnode_isreg(vp));
    vnode_put(vp);
    KT_ASSERT_OK(file_flags(FD, &flags));
    KT_ASSERT_EQ(flags & (FREAD | FWRITE), FREAD);
    KT_ASSERT_OK(file_drop(FD));
    KT_ASSERT_OK(file_drop(FD));
    KT_ASSERT_ERRNO(file_drop(FD), EBADF); /* held twice only */
    KT_ASSERT_OK(take());
    KT_ASSERT_ERRNO(file_vnode(FD, &vp), EBADF);
}

static void descriptor__open_for_less__ebadf(void)
{
    vnode_t vp;
    KT_ASSERT_OK(give());
    KT_ASSERT_ERRNO(file_vnode_ext(FD, &vp, NULL, FREAD | FWRITE), EBADF);
    KT_ASSERT_OK(file_vnode_ext(FD, &vp, NULL, FREAD));
    KT_ASSERT_OK(file_drop(FD));
    KT_ASSERT_OK(file_vnode_ext(FD, NULL, NULL, 0));
    KT_ASSERT_OK(file_drop(FD));
    KT_ASSERT_OK(take());
}

static void descriptor__of_another_process__is_not_ours(void)
{
    vnode_t vp;
    KT_ASSERT_OK(sys_descriptor_give(1, FD, file));
    KT_ASSERT_ERRNO(file_vnode(FD, &vp), EBADF);
    KT_ASSERT_ERRNO(vnode_getfromfd(vfs_context_current(), FD, &vp), EBADF);
    KT_ASSERT_OK(sys_descriptor_take(1, FD));
}

static void getfromfd__gives_an_iocount(void)
{
    vnode_t vp;
    KT_ASSERT_OK(give());
    KT_ASSERT_OK(vnode_getfromfd(vfs_context_current(), FD, &vp));
    KT_ASSERT_EQ(fx_node_of(vp)->n_type, VREG);
    vnode_put(vp);
    KT_ASSERT_OK(take());
}

static _Atomic int taken;
static void take_elsewhere(void *arg)
{
    *(int *)arg = take();
    atomic_store(&taken, 1);
}

static void take__waits_for_who_holds_it(void)
{
    vnode_t vp;
    int result = -1;
    atomic_store(&taken, 0);
    KT_ASSERT_OK(give());
    KT_ASSERT_OK(file_vnode(FD, &vp));
    void *thread = ktest_thread(take_elsewhere, &result);
    while (file_vnode(FD, &vp) == 0) { /* until it has begun */
        KT_ASSERT_OK(file_drop(FD));
        ktest_msleep(1);
    }
    KT_ASSERT_EQ(atomic_load(&taken), 0);
    KT_ASSERT_OK(file_drop(FD));
    ktest_thread_join(thread);
    KT_ASSERT_EQ(result, 0);
}

/* ---- variables ----------------------------------------------------------------------------------------- */

static void sysctl__through_the_call_layer(void)
{
    char text[32];
    size_t len = sizeof(text);
    KT_ASSERT_OK(sys_sysctl(ROOT, "kern.ostype", text, &len, NULL, 0));
    KT_ASSERT_STR(text, "Darwin");
    KT_ASSERT_EQ(len, 7);
    len = 3;
    KT_ASSERT_ERRNO(sys_sysctl(ROOT, "kern.ostype", text, &len, NULL, 0), ENOMEM);
    KT_ASSERT_EQ(len, 7);
    KT_ASSERT_ERRNO(sys_sysctl(ROOT, "kern.ostype", NULL, NULL, "x", 1), EPERM);
    KT_ASSERT_ERRNO(sys_sysctl(ROOT, "kern.none", NULL, NULL, NULL, 0), ENOENT);
}

static int asked[4];
static u_int n_asked;
static int type_sysctl(int *name, u_int namelen, user_addr_t oldp, size_t *oldlenp, user_addr_t newp,
                       size_t newlen, vfs_context_t ctx)
{
    static const char answer[] = "answer";
    (void)newp, (void)newlen, (void)ctx;
    n_asked = namelen;
    for (u_int i = 0; i < namelen && i < 4; i++)
        asked[i] = name[i];
    if (namelen == 0)
        return ENOTSUP;
    *oldlenp = sizeof(answer);
    return oldp ? copyout(answer, oldp, sizeof(answer)) : 0;
}

static void sysctl__of_a_type__gets_what_follows_its_number(void)
{
    static struct vfsops ops;
    int (**vector)(void *) = NULL;
    const struct vnodeopv_entry_desc entries[] = {
        {&vnop_default_desc, (int (*)(void *))(void (*)(void))vn_default_error}, {NULL, NULL}};
    struct vnodeopv_desc desc = {&vector, entries}, *descs[] = {&desc};
    struct vfs_fsentry entry = {.vfe_vfsops = &ops,
                                .vfe_vopcnt = 1,
                                .vfe_opvdescs = descs,
                                .vfe_fsname = "asked",
                                .vfe_flags = VFS_TBLTHREADSAFE | VFS_TBLNOTYPENUM | VFS_TBL64BITREADY};
    vfstable_t type;
    char name[32], text[16];
    size_t len = sizeof(text);
    ops.vfs_sysctl = type_sysctl;
    KT_ASSERT_OK(vfs_fsadd(&entry, &type));
    KT_ASSERT_OK(sys_sysctl(ROOT, "vfs.asked.5.6", text, &len, NULL, 0));
    KT_ASSERT_STR(text, "answer");
    KT_ASSERT_EQ(len, sizeof("answer"));
    KT_ASSERT(n_asked == 2 && asked[0] == 5 && asked[1] == 6);
    KT_ASSERT_ERRNO(sys_sysctl(ROOT, "vfs.asked", NULL, NULL, NULL, 0), ENOTSUP);
    snprintf(name, sizeof(name), "vfs.asked.%u", 7u);
    KT_ASSERT_OK(vfs_fsremove(type));
    KT_ASSERT_ERRNO(sys_sysctl(ROOT, name, text, &len, NULL, 0), ENOENT);
}

/* ---- operations called from kernel code ---------------------------------------------------------------- */

static void vnop__write_fsync_ioctl__reach_the_file_system(void)
{
    vnode_t vp;
    char text[16] = "";
    off_t where = 0;
    vfs_context_t ctx = vfs_context_current();
    KT_ASSERT_OK(give());
    KT_ASSERT_OK(vnode_getfromfd(ctx, FD, &vp));
    KT_ASSERT_OK(take());
    uio_t uio = uio_create(1, 2, UIO_SYSSPACE, UIO_WRITE);
    KT_ASSERT_OK(uio_addiov(uio, (user_addr_t)(uintptr_t) "NEW", 3));
    KT_ASSERT_OK(VNOP_WRITE(vp, uio, IO_UNIT, ctx));
    KT_ASSERT_EQ(uio_resid(uio), 0);
    uio_free(uio);
    uint32_t before = atomic_load(&fx_calls[FX_FSYNC]);
    KT_ASSERT_OK(VNOP_FSYNC(vp, MNT_WAIT, ctx));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_FSYNC]), before + 1);
    KT_ASSERT_ERRNO(VNOP_IOCTL(vp, 12345, (caddr_t)&where, 0, ctx), ENOTTY);
    vnode_put(vp);
    KT_ASSERT_EQ(fx_read(file, text, 8, 0), 8);
    KT_ASSERT_STR(text, "coNEWnts");
}

/* The error of a write that nobody waited for. */
static void fsync__late_error__told_once_to_each_open_file(void)
{
    vnode_t vp;
    sys_file_t *other = fx_open(&place.root, "f", SYS_O_RDONLY);
    KT_ASSERT_OK(give());
    KT_ASSERT_OK(vnode_getfromfd(vfs_context_current(), FD, &vp));
    KT_ASSERT_OK(take());
    KT_ASSERT_OK(sys_fsync(ROOT, file, false));
    buf_error_note(vp, EIO);
    sys_file_t *later = fx_open(&place.root, "f", SYS_O_RDONLY);
    KT_ASSERT_ERRNO(sys_fsync(ROOT, file, false), EIO);
    KT_ASSERT_OK(sys_fsync(ROOT, file, false));
    KT_ASSERT_ERRNO(sys_fsync(ROOT, other, true), EIO);
    KT_ASSERT_ERRNO(sys_fsync(ROOT, later, false), EIO);
    fx_close(later);
    later = fx_open(&place.root, "f", SYS_O_RDONLY);
    KT_ASSERT_OK(sys_fsync(ROOT, later, false));
    KT_ASSERT_OK(sys_fsync(ROOT, other, false));
    fx_close(later);
    fx_close(other);
    vnode_put(vp);
}

static const struct ktest_case cases[] = {
    KT_CASE(descriptor__not_announced__ebadf),
    KT_CASE(descriptor__announced__is_the_file),
    KT_CASE(descriptor__open_for_less__ebadf),
    KT_CASE(descriptor__of_another_process__is_not_ours),
    KT_CASE(getfromfd__gives_an_iocount),
    KT_CASE(take__waits_for_who_holds_it),
    KT_CASE(sysctl__through_the_call_layer),
    KT_CASE(sysctl__of_a_type__gets_what_follows_its_number),
    KT_CASE(vnop__write_fsync_ioctl__reach_the_file_system),
    KT_CASE(fsync__late_error__told_once_to_each_open_file),
};
SYS_SUITE(kpi_descriptor, cases);
