// SPDX-License-Identifier: BSD-2-Clause
/*
 * Set-up, tear-down and short forms for the cases of the system-call layer. Every case boots the kernel half
 * and takes it down again, and whatever is then left of memory, locks, credentials or references fails it.
 */
#include "tests/unit/vfs/sys_fixture.h"
#include "vfs/vfs_iface.h"

#define CALLERS_MAX 16

static struct kern_leak_counts before;
static sys_caller_t *callers[CALLERS_MAX];
static unsigned caller_count;
static bool case_is_running;

void fx_warm_up(void)
{
    KT_ASSERT_OK(sys_boot(NULL));
    KT_ASSERT_OK(sys_shutdown());
}

void fx_setup_sized(uint32_t max_vnodes)
{
    const struct sys_boot args = {.max_vnodes = max_vnodes, .flags = SYS_BOOT_LEDGER};
    if (case_is_running)
        KT_SKIP("a case before this one failed and left the kernel half as it was");
    case_is_running = true;
    kern_leak_counts(&before);
    KT_ASSERT_OK(sys_boot(&args));
    fx_types_add();
    caller_count = 0;
    atomic_store(&fx_access_answer, 0);
}

void fx_setup(void)
{
    fx_setup_sized(256);
}

static void check_nothing_left(void)
{
    struct kern_leak_counts after;
    kern_leak_counts(&after);
    KT_ASSERT_EQ(after.memory_blocks, before.memory_blocks);
    KT_ASSERT_EQ(after.memory_bytes, before.memory_bytes);
    KT_ASSERT_EQ(after.locks, before.locks);
    KT_ASSERT_EQ(after.lock_groups, before.lock_groups);
    KT_ASSERT_EQ(after.creds, before.creds);
    KT_ASSERT_EQ(after.procs, before.procs);
    KT_ASSERT_EQ(after.contexts, before.contexts);
    KT_ASSERT_EQ(after.uios, before.uios);
}

void fx_teardown(void)
{
    struct sys_counters counts;
    while (caller_count)
        sys_caller_release(callers[--caller_count]);
    sys_counters_get(&counts);
    KT_ASSERT_EQ(counts.iocounts, 0);
    KT_ASSERT_EQ(counts.usecounts, 0);
    KT_ASSERT_EQ(counts.open_files, 0);
    KT_ASSERT_EQ(counts.mounts, 0);
    fx_types_remove();
    KT_ASSERT_OK(sys_shutdown());
    check_nothing_left();
    case_is_running = false;
}

struct fx_place fx_mount(const char *type, uint32_t options, uint64_t flags)
{
    struct fx_args args = {.options = options};
    const struct sys_mount mount = {.type = type,
                                    .special = "none",
                                    .shown_on = "/somewhere",
                                    .flags = flags,
                                    .data = &args,
                                    .data_size = sizeof(args)};
    struct fx_place place;
    KT_ASSERT_OK(sys_mount(ROOT, &mount, &place.id, &place.root));
    return place;
}

void fx_unmount(const struct fx_place *place)
{
    char why[200] = "";
    int error = sys_unmount(ROOT, place->id, 0, why, sizeof(why));
    if (error)
        ktest_note(why);
    KT_ASSERT_OK(error);
}

sys_caller_t *fx_user_in(uint32_t uid, uint32_t gid, const uint32_t *groups, uint32_t ngroups)
{
    const struct sys_identity id = {.uid = uid, .gid = gid, .groups = groups, .ngroups = ngroups};
    KT_ASSERT_LT(caller_count, CALLERS_MAX);
    KT_ASSERT_OK(sys_caller_create(&id, &callers[caller_count]));
    return callers[caller_count++];
}

sys_caller_t *fx_user(uint32_t uid, uint32_t gid, uint32_t flags)
{
    const struct sys_identity id = {.uid = uid, .gid = gid, .flags = flags};
    KT_ASSERT_LT(caller_count, CALLERS_MAX);
    KT_ASSERT_OK(sys_caller_create(&id, &callers[caller_count]));
    return callers[caller_count++];
}

struct sys_node fx_mkdir(const struct sys_node *at, const char *path, uint32_t mode)
{
    struct sys_node node;
    KT_ASSERT_OK(sys_mkdir(ROOT, at, path, 0, mode, &node, NULL));
    return node;
}

sys_file_t *fx_open(const struct sys_node *at, const char *path, uint32_t oflags)
{
    sys_file_t *file;
    KT_ASSERT_OK(sys_open(ROOT, at, path, 0, oflags, 0644, &file, NULL, NULL));
    return file;
}

void fx_close(sys_file_t *file)
{
    KT_ASSERT_OK(sys_close(ROOT, file));
}

struct sys_node fx_file(const struct sys_node *at, const char *path, uint32_t mode, const char *contents)
{
    sys_file_t *file;
    struct sys_node node;
    KT_ASSERT_OK(
        sys_open(ROOT, at, path, 0, SYS_O_RDWR | SYS_O_CREAT | SYS_O_EXCL, mode, &file, &node, NULL));
    if (contents)
        KT_ASSERT_OK(fx_write(file, contents, strlen(contents), 0));
    fx_close(file);
    return node;
}

struct sys_node fx_symlink(const struct sys_node *at, const char *path, const char *target)
{
    struct sys_node node;
    KT_ASSERT_OK(sys_symlink(ROOT, at, path, 0, target, &node, NULL));
    return node;
}

struct sys_node fx_get(const struct sys_node *at, const char *path)
{
    struct sys_node node;
    KT_ASSERT_OK(sys_lookup(ROOT, at, path, 0, &node, NULL));
    return node;
}

vnode_t fx_vnode_of(const struct sys_node *at, const char *path)
{
    struct kern_call call;
    struct sys_node node;
    vnode_t vp;
    KT_ASSERT_OK(sys_lookup(ROOT, at, path, SYS_AT_NOFOLLOW, &node, NULL));
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    KT_ASSERT_OK(vnode_weak_get(node.vnode, node.vid, &vp));
    vnode_put(vp);
    kern_leave(&call);
    return vp;
}

struct sys_attr fx_stat(const struct sys_node *at, const char *path)
{
    struct sys_attr attr;
    KT_ASSERT_OK(sys_lookup(ROOT, at, path, SYS_AT_NOFOLLOW, NULL, &attr));
    return attr;
}

int fx_error(const struct sys_node *at, const char *path, uint32_t at_flags)
{
    struct sys_node node;
    return sys_lookup(ROOT, at, path, at_flags, &node, NULL);
}

bool fx_exists(const struct sys_node *at, const char *path)
{
    return fx_error(at, path, SYS_AT_NOFOLLOW) == 0;
}

int fx_write(sys_file_t *file, const void *data, size_t len, int64_t off)
{
    const struct sys_iovec iov = {(void *)(uintptr_t)data, len};
    size_t done = 0;
    int error = sys_pwrite(ROOT, file, &iov, 1, off, &done);
    if (!error)
        KT_ASSERT_EQ(done, len);
    return error;
}

int64_t fx_read(sys_file_t *file, void *data, size_t len, int64_t off)
{
    const struct sys_iovec iov = {data, len};
    size_t done = 0;
    int error = sys_pread(ROOT, file, &iov, 1, off, &done);
    return error ? -error : (int64_t)done;
}

static void set(const struct sys_node *at, const char *path, const struct sys_attr *attr)
{
    struct sys_node node;
    KT_ASSERT_OK(sys_lookup(ROOT, at, path, SYS_AT_NOFOLLOW, &node, NULL));
    KT_ASSERT_OK(sys_setattr(ROOT, &node, attr, NULL));
}

void fx_chmod(const struct sys_node *at, const char *path, uint32_t mode)
{
    set(at, path, &(struct sys_attr){.mask = SYS_ATTR_MODE, .mode = mode});
}

void fx_chown(const struct sys_node *at, const char *path, uint32_t uid, uint32_t gid)
{
    set(at, path, &(struct sys_attr){.mask = SYS_ATTR_UID | SYS_ATTR_GID, .uid = uid, .gid = gid});
}

void fx_chflags(const struct sys_node *at, const char *path, uint32_t flags)
{
    set(at, path, &(struct sys_attr){.mask = SYS_ATTR_FLAGS, .flags = flags});
}
