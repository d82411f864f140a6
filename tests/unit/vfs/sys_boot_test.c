// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start and end of the kernel half, callers, counters, the log, files changed behind the host's back.
 */
#include <sys/syslog.h>

#include "tests/unit/vfs/sys_fixture.h"

static void boot__twice__is_refused(void)
{
    const struct sys_boot args = {0};
    KT_ASSERT_ERRNO(sys_boot(&args), EBUSY);
    KT_ASSERT_OK(fx_error(NULL, "/", 0));
}

static void boot__bad_arguments__are_refused(void)
{
    fx_teardown();
    KT_ASSERT_ERRNO(sys_boot(&(struct sys_boot){.max_vnodes = 7}), EINVAL);
    KT_ASSERT_ERRNO(sys_boot(&(struct sys_boot){.flags = 0x80}), EINVAL);
    KT_ASSERT_ERRNO(sys_boot(&(struct sys_boot){.cache_bytes = 1000}), EINVAL);
    KT_ASSERT_ERRNO(sys_shutdown(), EBUSY); /* it is not up */
    fx_setup_sized(8);
    KT_ASSERT_OK(fx_error(NULL, "/mnt", 0));
}

static void shutdown__while_in_use__is_refused(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    KT_ASSERT_ERRNO(sys_shutdown(), EBUSY);
    fx_file(&place.root, "f", 0644, NULL);
    fx_unmount(&place);
    KT_ASSERT_ERRNO(sys_shutdown(), EBUSY); /* types are registered */
    KT_ASSERT_OK(fx_error(NULL, "/", 0));
}

static void caller__limits__are_checked(void)
{
    sys_caller_t *who;
    uint32_t groups[70] = {0};
    KT_ASSERT_ERRNO(sys_caller_create(NULL, &who), EINVAL);
    KT_ASSERT_ERRNO(sys_caller_create(&(struct sys_identity){.ngroups = 1}, &who), EINVAL);
    KT_ASSERT_ERRNO(sys_caller_create(&(struct sys_identity){.flags = 0x100}, &who), EINVAL);
    KT_ASSERT_ERRNO(sys_caller_create(&(struct sys_identity){.pid = -1}, &who), EINVAL);
    for (uint32_t i = 0; i < 70; i++)
        groups[i] = 1000 + i;
    KT_ASSERT_OK(sys_caller_create(&(struct sys_identity){.uid = 1, .ngroups = 70, .groups = groups}, &who));
    sys_caller_retain(who);
    sys_caller_release(who);
    sys_caller_release(who);
    sys_caller_release(NULL);
    sys_caller_release(sys_caller_kernel());
    KT_ASSERT_OK(fx_error(NULL, "/", 0));
}

static void caller__group_beyond_the_64th__does_not_count(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    uint32_t groups[65];
    struct sys_node f = fx_file(&place.root, "f", 0040, NULL);
    for (uint32_t i = 0; i < 65; i++)
        groups[i] = 1000 + i;
    sys_caller_t *who = fx_user_in(501, 20, groups, 65);
    fx_chown(&place.root, "f", 0, 1063);
    KT_ASSERT_OK(sys_access(who, &f, 4));
    fx_chown(&place.root, "f", 0, 1064);
    KT_ASSERT_ERRNO(sys_access(who, &f, 4), EACCES);
    fx_unmount(&place);
}

static void counters__follow_what_is_held(void)
{
    struct sys_counters a, b;
    struct fx_place place = fx_mount("fxfs", 0, 0);
    fx_unmount(&place); /* from now on the directory with the places to mount on is known */
    sys_counters_get(&a);
    KT_ASSERT_EQ(a.mounts, 0);
    KT_ASSERT_EQ(a.file_systems, 3);
    place = fx_mount("fxfs", 0, 0);
    fx_file(&place.root, "f", 0644, NULL);
    sys_file_t *file = fx_open(&place.root, "f", SYS_O_RDONLY);
    sys_counters_get(&b);
    KT_ASSERT_EQ(b.mounts, 1);
    KT_ASSERT_EQ(b.open_files, 1);
    KT_ASSERT_EQ(b.usecounts - a.usecounts, 2); /* the open, and the root as its parent */
    KT_ASSERT_EQ(b.iocounts, 0);
    KT_ASSERT_GT(b.vnodes, a.vnodes);
    KT_ASSERT_GT(b.vnodes_created, a.vnodes_created);
    KT_ASSERT_GT(b.kernel_bytes, a.kernel_bytes);
    fx_close(file);
    fx_unmount(&place);
    sys_counters_get(&b);
    KT_ASSERT_EQ(b.usecounts, a.usecounts);
    KT_ASSERT_EQ(b.vnodes, a.vnodes);
}

static void counters__while_it_is_down__are_those_of_kern(void)
{
    struct sys_counters counts;
    fx_teardown();
    sys_counters_get(&counts);
    KT_ASSERT_EQ(counts.vnodes, 0);
    KT_ASSERT_GE(counts.credentials, 1);
    fx_setup();
}

static void log__comes_in_whole_lines(void)
{
    static char buf[65536];
    char small[24];
    uint64_t seq = 0;
    while (sys_log_read(&seq, buf, sizeof(buf)))
        ;
    kern_log(LOG_INFO, "first line\n");
    kern_log(LOG_INFO, "second line\n");
    uint64_t start = seq;
    size_t len = sys_log_read(&seq, small, sizeof(small));
    KT_ASSERT_GT(len, 0);
    KT_ASSERT_EQ(small[len - 1], '\n');
    KT_ASSERT_EQ(small[len], '\0');
    size_t all = len;
    while ((len = sys_log_read(&seq, small, sizeof(small))))
        all += len;
    KT_ASSERT_EQ(sys_log_read(&start, buf, sizeof(buf)), all);
    KT_ASSERT_EQ(start, seq);
    KT_ASSERT_EQ(sys_log_read(&seq, buf, 1), 0);
    /* A line longer than the buffer comes in pieces rather than never. */
    kern_log(LOG_INFO, "a line that is quite a bit longer than the small buffer of this case\n");
    KT_ASSERT_EQ(sys_log_read(&seq, small, sizeof(small)), sizeof(small) - 1);
    while (sys_log_read(&seq, small, sizeof(small)))
        ;
}

/* ---- told of changes ----------------------------------------------------------------------------------- */

static struct {
    unsigned count;
    uint32_t mount_id;
    uint64_t fileid;
    char name[8];
} heard;

static void hear(void *arg, uint32_t mount_id, uint64_t fileid, uint64_t parent_fileid, const char *name)
{
    (void)parent_fileid;
    KT_ASSERT_PTR_EQ(arg, &heard);
    heard.count++;
    heard.mount_id = mount_id;
    heard.fileid = fileid;
    if (name)
        memcpy(heard.name, name, strnlen(name, 7));
}

static void changed__host_is_told_number_and_name(void)
{
    struct kern_call call;
    vnode_t vp;
    fx_teardown();
    memset(&heard, 0, sizeof(heard));
    /* As fx_setup(), with a listener. */
    const struct sys_boot args = {.max_vnodes = 64, .changed = hear, .changed_arg = &heard};
    KT_ASSERT_OK(sys_boot(&args));
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    KT_ASSERT_OK(vnode_lookup("/dev", 0, &vp, vfs_context_current()));
    KT_ASSERT_OK(vnode_notify(vp, 1, NULL));
    KT_ASSERT_EQ(heard.count, 1);
    KT_ASSERT_EQ(heard.mount_id, fx_get(NULL, "/").mount_id);
    KT_ASSERT_EQ(heard.fileid, fx_get(NULL, "/dev").fileid);
    KT_ASSERT_STR(heard.name, "dev");
    vnode_put(vp);
    kern_leave(&call);
    KT_ASSERT_OK(sys_shutdown());
    fx_setup();
}

static const struct ktest_case cases[] = {
    KT_CASE(boot__twice__is_refused),
    KT_CASE(boot__bad_arguments__are_refused),
    KT_CASE(shutdown__while_in_use__is_refused),
    KT_CASE(caller__limits__are_checked),
    KT_CASE(caller__group_beyond_the_64th__does_not_count),
    KT_CASE(counters__follow_what_is_held),
    KT_CASE(counters__while_it_is_down__are_those_of_kern),
    KT_CASE(log__comes_in_whole_lines),
    KT_CASE(changed__host_is_told_number_and_name),
};
FX_SUITE(sys_boot, cases);
