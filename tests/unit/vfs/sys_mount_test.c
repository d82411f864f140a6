// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mounts: failures at each step undo everything, busy places and who holds them, forced unmounts and what is
 * left of open files, update, information, nodes that outlive their mount; start and end of the kernel half;
 * recovery by number.
 */
#include <sys/proc.h>

#include "tests/unit/vfs/sys_fixture.h"

static unsigned names_in(const char *path);

/* ---- failing ------------------------------------------------------------------------------------------- */

static void mount__failing_at_each_step__leaves_nothing(void)
{
    static const enum fx_op steps[] = {FX_MOUNT, FX_START, FX_ROOT};
    const struct sys_mount args = {.type = "fxfs", .special = "none"};
    struct sys_node root;
    uint32_t id = 77;
    struct sys_counters before, after;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        sys_counters_get(&before);
        fx_fail(steps[i], EIO, 1);
        KT_ASSERT_ERRNO(sys_mount(ROOT, &args, &id, &root), EIO);
        KT_ASSERT_EQ(id, 77);
        sys_counters_get(&after);
        KT_ASSERT_EQ(after.mounts, 0);
        KT_ASSERT_EQ(after.usecounts, before.usecounts);
        KT_ASSERT_EQ(names_in("/mnt"), 2);
    }
    /* The last step is the host's own: telling it the root. */
    fx_fail(FX_GETATTR, EIO, 1);
    KT_ASSERT_ERRNO(sys_mount(ROOT, &args, &id, &root), EIO);
    sys_counters_get(&after);
    KT_ASSERT_EQ(after.mounts, 0);
    KT_ASSERT_EQ(names_in("/mnt"), 2);
}

static int mount_error(struct sys_mount args)
{
    uint32_t id;
    return sys_mount(ROOT, &args, &id, NULL);
}

static void mount__bad_arguments__are_refused(void)
{
    char longer[1100];
    memset(longer, 'x', sizeof(longer));
    longer[1099] = '\0';
    KT_ASSERT_ERRNO(mount_error((struct sys_mount){.type = "nofs", .special = "x"}), ENODEV);
    KT_ASSERT_ERRNO(mount_error((struct sys_mount){.type = "", .special = "x"}), EINVAL);
    KT_ASSERT_ERRNO(mount_error((struct sys_mount){.type = NULL, .special = "x"}), EINVAL);
    KT_ASSERT_ERRNO(mount_error((struct sys_mount){.type = "fxfs", .special = NULL}), EINVAL);
    KT_ASSERT_ERRNO(mount_error((struct sys_mount){.type = longer, .special = "x"}), ENAMETOOLONG);
    KT_ASSERT_ERRNO(mount_error((struct sys_mount){.type = "fxfs", .special = longer}), ENAMETOOLONG);
    KT_ASSERT_ERRNO(mount_error((struct sys_mount){.type = "fxfs", .special = "x", .shown_on = longer}),
                    ENAMETOOLONG);
    KT_ASSERT_ERRNO(mount_error((struct sys_mount){.type = "fxfs", .special = "x", .flags = 0x40}), EINVAL);
    KT_ASSERT_ERRNO(mount_error((struct sys_mount){.type = "fxfs", .special = "x", .flags = SYS_MNT_FORCE}),
                    EINVAL);
    KT_ASSERT_ERRNO(mount_error((struct sys_mount){.type = "fxfs", .special = "x", .data_size = 4}), EINVAL);
    KT_ASSERT_ERRNO(mount_error((struct sys_mount){.type = "fxfs", .special = "x", .on = "/nowhere"}),
                    ENOENT);
    /* The argument is read with copyin: too short a one is the file system's to notice, and it does. */
    uint8_t byte = 0;
    KT_ASSERT_ERRNO(
        mount_error((struct sys_mount){.type = "fxfs", .special = "x", .data = &byte, .data_size = 1}),
        EFAULT);
    KT_ASSERT_EQ(names_in("/mnt"), 2);
}

static void mount__that_wants_a_disk__is_told_there_is_none(void)
{
    struct {
        uint64_t fspec;
        struct fx_args rest;
    } data = {0};
    char why[128] = "";
    struct sys_mount args = {.type = "fxdisk",
                             .special = "/dev/disk1",
                             .data = &data,
                             .data_size = sizeof(data),
                             .why = why,
                             .why_size = sizeof(why)};
    KT_ASSERT_ERRNO(mount_error(args), ENOENT);
    KT_ASSERT_NOT_NULL(strnstr(why, "fxdisk wants a block device", sizeof(why)));
    args.special = "/dev";
    KT_ASSERT_ERRNO(mount_error(args), ENOTBLK);
    args.data_size = 4;
    KT_ASSERT_ERRNO(mount_error(args), EINVAL);
    /* A node of the right type, behind which there is nothing. */
    const struct sys_mount other = {.type = "fxfs", .special = "x", .on = "/dev"};
    uint32_t id;
    struct sys_node root;
    KT_ASSERT_OK(sys_mount(ROOT, &other, &id, &root));
    KT_ASSERT_OK(sys_mknod(ROOT, &root, "disk1", 0, SYS_VBLK, 0600, 5, NULL, NULL));
    args.special = "/dev/disk1";
    args.data_size = sizeof(data);
    KT_ASSERT_ERRNO(mount_error(args), ENXIO);
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
}

static void mount__on_a_taken_place__is_busy(void)
{
    struct sys_mount args = {.type = "fxfs", .special = "x", .on = "/place"};
    struct sys_node root;
    uint32_t id, id2;
    KT_ASSERT_OK(sys_mkdir(ROOT, NULL, "/place", 0, 0755, NULL, NULL));
    KT_ASSERT_OK(sys_mount(ROOT, &args, &id, &root));
    KT_ASSERT_ERRNO(sys_mount(ROOT, &args, &id2, NULL), EBUSY);
    fx_file(&root, "f", 0644, NULL);
    args.on = "/place/f";
    KT_ASSERT_ERRNO(sys_mount(ROOT, &args, &id2, NULL), ENOTDIR);
    /* On a directory of the mount: which is then in use. */
    fx_mkdir(&root, "d", 0755);
    args.on = "/place/d";
    KT_ASSERT_OK(sys_mount(ROOT, &args, &id2, NULL));
    KT_ASSERT_NE(id, id2);
    KT_ASSERT_ERRNO(sys_unmount(ROOT, id, 0, NULL, 0), EBUSY);
    KT_ASSERT_OK(sys_unmount(ROOT, id2, 0, NULL, 0));
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
    KT_ASSERT_OK(sys_rmdir(ROOT, NULL, "/place", 0, NULL));
}

/* ---- unmounting ---------------------------------------------------------------------------------------- */

static bool mentions(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (; *text; text++) {
        if (strncmp(text, word, len) == 0)
            return true;
    }
    return false;
}

static void unmount__while_in_use__says_by_what_and_changes_nothing(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    char why[300] = "";
    fx_file(&place.root, "held", 0644, "data");
    sys_file_t *file = fx_open(&place.root, "held", SYS_O_RDONLY);
    char buf[4];
    KT_ASSERT_ERRNO(sys_unmount(ROOT, place.id, 0, why, sizeof(why)), EBUSY);
    KT_ASSERT(mentions(why, "held"));
    KT_ASSERT_EQ(fx_read(file, buf, 4, 0), 4);
    KT_ASSERT_OK(fx_error(&place.root, "held", 0));
    KT_ASSERT_ERRNO(sys_unmount(ROOT, place.id, 0, why, 5), EBUSY); /* a short buffer holds its start */
    KT_ASSERT_LT(strlen(why), 5);
    KT_ASSERT_ERRNO(sys_unmount(ROOT, place.id, 0, NULL, 0), EBUSY);
    fx_close(file);
    fx_unmount(&place);
    KT_ASSERT_ERRNO(sys_unmount(ROOT, place.id, 0, why, sizeof(why)), ENOENT);
    KT_ASSERT_ERRNO(sys_unmount(ROOT, place.id, 0x10, NULL, 0), EINVAL);
}

static void unmount__refused_by_the_file_system__goes_on_serving(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    char why[100];
    fx_fail(FX_UNMOUNT, EBUSY, 1);
    KT_ASSERT_ERRNO(sys_unmount(ROOT, place.id, 0, why, sizeof(why)), EBUSY);
    fx_fail(FX_SYNC, EIO, 1);
    KT_ASSERT_ERRNO(sys_unmount(ROOT, place.id, 0, why, sizeof(why)), EIO);
    fx_file(&place.root, "f", 0644, NULL);
    fx_unmount(&place);
}

static void unmount__forced__takes_open_files_away(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    struct sys_node f = fx_file(&place.root, "f", 0644, "data"), d = fx_mkdir(&place.root, "d", 0755);
    sys_file_t *file = fx_open(&place.root, "f", SYS_O_RDWR), *dir = fx_open(&place.root, "d", SYS_O_RDONLY);
    sys_hold_t *hold;
    char buf[4];
    struct sys_attr attr;
    struct sys_node node;
    int64_t at;
    KT_ASSERT_OK(sys_hold(&f, &hold));
    uint32_t closes = atomic_load(&fx_calls[FX_CLOSE]);
    KT_ASSERT_OK(sys_unmount(ROOT, place.id, SYS_MNT_FORCE, NULL, 0));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_CLOSE]), closes + 2);
    KT_ASSERT_EQ(fx_read(file, buf, 4, 0), -EIO);
    KT_ASSERT_ERRNO(fx_write(file, "x", 1, 0), EIO);
    KT_ASSERT_ERRNO(sys_ftruncate(ROOT, file, 0), EIO);
    KT_ASSERT_ERRNO(sys_fsync(ROOT, file, false), EIO);
    KT_ASSERT_ERRNO(sys_seek(ROOT, file, 0, true, &at), EIO);
    KT_ASSERT_ERRNO(sys_file_node(file, &node), EIO);
    KT_ASSERT_ERRNO(sys_getattr(ROOT, &f, &attr), ESTALE);
    KT_ASSERT_ERRNO(fx_error(&d, "x", SYS_AT_COMPONENT), ESTALE);
    KT_ASSERT_ERRNO(fx_error(&place.root, "f", 0), ESTALE);
    KT_ASSERT_OK(sys_close(ROOT, file)); /* VNOP_CLOSE came when it was taken away */
    KT_ASSERT_OK(sys_close(ROOT, dir));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_CLOSE]), closes + 2);
    sys_hold_release(hold);
    KT_ASSERT_EQ(names_in("/mnt"), 2);
}

static void unmount__of_the_kernels_root__is_refused(void)
{
    char why[100] = "";
    KT_ASSERT_ERRNO(sys_unmount(ROOT, fx_get(NULL, "/").mount_id, SYS_MNT_FORCE, why, sizeof(why)), EBUSY);
    KT_ASSERT(mentions(why, "root"));
}

/* ---- places made for mounts ---------------------------------------------------------------------------- */

static int count_one(void *arg, const struct sys_dirent *ent)
{
    (void)ent;
    ++*(unsigned *)arg;
    return 0;
}

static unsigned names_in(const char *path)
{
    unsigned count = 0;
    bool eof;
    sys_file_t *dir = fx_open(NULL, path, SYS_O_RDONLY);
    KT_ASSERT_OK(sys_readdir(ROOT, dir, 0, count_one, &count, &eof));
    fx_close(dir);
    return count;
}

static void mount__without_a_place__gets_one_for_its_life(void)
{
    struct fx_place a = fx_mount("fxfs", 0, 0), b = fx_mount("fxplain", 0, 0);
    KT_ASSERT_EQ(names_in("/mnt"), 4);
    KT_ASSERT_NE(a.id, b.id);
    KT_ASSERT_EQ(fx_get(&a.root, "..").fileid, fx_get(NULL, "/mnt").fileid);
    fx_unmount(&a);
    KT_ASSERT_EQ(names_in("/mnt"), 3);
    fx_unmount(&b);
    KT_ASSERT_EQ(names_in("/mnt"), 2);
    KT_ASSERT_OK(sys_mkdir(ROOT, NULL, "/mnt/own", 0, 0755, NULL, NULL));
    const struct sys_mount args = {.type = "fxfs", .special = "x", .on = "/mnt/own"};
    uint32_t id;
    KT_ASSERT_OK(sys_mount(ROOT, &args, &id, NULL));
    KT_ASSERT_OK(sys_unmount(ROOT, id, 0, NULL, 0));
    KT_ASSERT_EQ(names_in("/mnt"), 3); /* a place that somebody made stays */
    KT_ASSERT_OK(sys_rmdir(ROOT, NULL, "/mnt/own", 0, NULL));
}

/* ---- update -------------------------------------------------------------------------------------------- */

static void update__changes_flags_or_nothing(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    struct sys_mount args = {
        .type = "fxfs", .special = "x", .flags = SYS_MNT_UPDATE | SYS_MNT_RDONLY | SYS_MNT_NOEXEC};
    struct sys_mount_info info;
    uint32_t id = place.id;
    fx_fail(FX_MOUNT, EIO, 1);
    KT_ASSERT_ERRNO(sys_mount(ROOT, &args, &id, NULL), EIO);
    KT_ASSERT_OK(sys_mount_info(place.id, &info));
    KT_ASSERT_EQ(info.flags & (SYS_MNT_RDONLY | SYS_MNT_NOEXEC), 0);
    KT_ASSERT_OK(sys_mount(ROOT, &args, &id, NULL));
    KT_ASSERT_EQ(id, place.id);
    KT_ASSERT_OK(sys_mount_info(place.id, &info));
    KT_ASSERT_EQ(info.flags & (SYS_MNT_RDONLY | SYS_MNT_NOEXEC), SYS_MNT_RDONLY | SYS_MNT_NOEXEC);
    args.flags = SYS_MNT_UPDATE;
    KT_ASSERT_OK(sys_mount(ROOT, &args, &id, NULL));
    fx_file(&place.root, "f", 0644, NULL);
    args.type = "fxplain";
    KT_ASSERT_ERRNO(sys_mount(ROOT, &args, &id, NULL), EINVAL);
    id = 9999;
    KT_ASSERT_ERRNO(sys_mount(ROOT, &args, &id, NULL), EINVAL);
    args.on = "/dev";
    KT_ASSERT_ERRNO(sys_mount(ROOT, &args, &id, NULL), EINVAL);
    args.type = "rootfs";
    args.on = "/";
    KT_ASSERT_ERRNO(sys_mount(ROOT, &args, &id, NULL), EINVAL);
    fx_unmount(&place);
}

/* ---- information --------------------------------------------------------------------------------------- */

static void info__tells_what_was_mounted(void)
{
    struct fx_place place = fx_mount("fxfs", 0, SYS_MNT_NOSUID);
    struct sys_mount_info info;
    struct sys_statfs stat;
    struct sys_node root;
    uint32_t ids[4];
    KT_ASSERT_OK(sys_mount_info(place.id, &info));
    KT_ASSERT_STR(info.type, "fxfs");
    KT_ASSERT_STR(info.special, "none");
    KT_ASSERT_STR(info.shown_on, "/somewhere");
    KT_ASSERT_EQ(info.mount_id, place.id);
    KT_ASSERT_EQ(info.flags & SYS_MNT_NOSUID, SYS_MNT_NOSUID);
    KT_ASSERT(info.has_open && info.has_close && info.has_vget && info.has_xattr);
    KT_ASSERT_GE(info.vnodes, 1);
    KT_ASSERT_GE(info.vnode_ops, 1);
    KT_ASSERT_OK(sys_statfs(ROOT, place.id, &stat));
    KT_ASSERT_EQ(stat.bsize, FX_BLOCK);
    KT_ASSERT_EQ(stat.blocks, 1000);
    KT_ASSERT_EQ(stat.bfree, 600);
    KT_ASSERT_EQ(stat.bavail, 500);
    KT_ASSERT_EQ(stat.files, 70);
    KT_ASSERT_EQ(stat.ffree, 30);
    KT_ASSERT_EQ(stat.namemax, 200);
    KT_ASSERT_STR(stat.type, "fxfs");
    KT_ASSERT_NE(stat.fsid, 0);
    KT_ASSERT_OK(sys_mount_root(place.id, &root));
    KT_ASSERT_EQ(root.fileid, place.root.fileid);
    KT_ASSERT_EQ(root.vid, place.root.vid);
    KT_ASSERT_EQ(sys_mount_list(ids, 4), 1);
    KT_ASSERT_EQ(ids[0], place.id);
    KT_ASSERT_EQ(sys_mount_list(NULL, 0), 1);
    KT_ASSERT_OK(sys_sync(ROOT, place.id, true));
    KT_ASSERT_OK(sys_statfs(ROOT, root.mount_id, &stat));
    fx_unmount(&place);
    KT_ASSERT_ERRNO(sys_mount_info(place.id, &info), ENOENT);
    KT_ASSERT_ERRNO(sys_statfs(ROOT, place.id, &stat), ENOENT);
    KT_ASSERT_ERRNO(sys_mount_root(place.id, &root), ENOENT);
    KT_ASSERT_ERRNO(sys_sync(ROOT, place.id, false), ENOENT);
    KT_ASSERT_OK(sys_statfs(ROOT, fx_get(NULL, "/").mount_id, &stat));
}

/* ---- weak references ----------------------------------------------------------------------------------- */

static void node__of_what_is_gone__is_stale_and_never_another(void)
{
    struct sys_node nodes[40], found;
    struct sys_attr attr;
    char name[4] = "f00";
    fx_teardown();
    fx_setup_sized(16); /* so few that everything is recycled all the time */
    struct fx_place place = fx_mount("fxfs", 0, 0);
    for (unsigned i = 0; i < 40; i++) {
        name[1] = (char)('0' + i / 10), name[2] = (char)('0' + i % 10);
        nodes[i] = fx_file(&place.root, name, 0644, NULL);
    }
    unsigned stale = 0;
    for (unsigned i = 0; i < 40; i++) {
        int error = sys_getattr(ROOT, &nodes[i], &attr);
        stale += error != 0;
        /* It is found again by its number, and is the same file; but it may be gone again before it is used.
         */
        for (int tries = 0; error && tries < 100; tries++) {
            KT_ASSERT_ERRNO(error, ESTALE);
            KT_ASSERT_OK(sys_recover(ROOT, place.id, nodes[i].fileid, &found, NULL));
            KT_ASSERT_EQ(found.fileid, nodes[i].fileid);
            error = sys_getattr(ROOT, &found, &attr);
        }
        KT_ASSERT_OK(error);
        KT_ASSERT_EQ(attr.fileid, nodes[i].fileid);
    }
    KT_ASSERT_GE(stale, 24);
    fx_unmount(&place);
    for (unsigned i = 0; i < 40; i++)
        KT_ASSERT_ERRNO(sys_getattr(ROOT, &nodes[i], &attr), ESTALE);
    KT_ASSERT_ERRNO(sys_recover(ROOT, place.id, nodes[0].fileid, &found, NULL), ESTALE);
}

/* With nearly all vnodes held, each call looks for some to reclaim before it begins: not what the one before
 * has found, or who finds first and uses then would never get anywhere. */
static void node__just_found__is_there_for_the_next_call(void)
{
    enum { TABLE = 64, SPARE = 6 };
    sys_hold_t *holds[TABLE];
    struct sys_node node;
    struct sys_attr attr;
    unsigned held = 0;
    char name[4] = "p00";
    fx_teardown();
    fx_setup_sized(TABLE);
    struct fx_place place = fx_mount("fxfs", 0, 0);
    fx_file(&place.root, "f", 0644, NULL);
    while (held < TABLE - SPARE) {
        name[1] = (char)('0' + held / 10), name[2] = (char)('0' + held % 10);
        node = fx_file(&place.root, name, 0644, NULL);
        KT_ASSERT_OK(sys_hold(&node, &holds[held++]));
        KT_ASSERT_OK(sys_lookup(ROOT, &place.root, "f", 0, &node, NULL));
        KT_ASSERT_OK(sys_getattr(ROOT, &node, &attr));
    }
    KT_ASSERT_GT(held, TABLE / 2);
    while (held > 0)
        sys_hold_release(holds[--held]);
    fx_unmount(&place);
}

static void node__garbage_and_from_an_earlier_boot__is_stale(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    struct sys_node old = fx_file(&place.root, "f", 0644, NULL), root = fx_get(NULL, "/");
    struct sys_attr attr;
    fx_unmount(&place);
    fx_teardown();
    fx_setup();
    KT_ASSERT_ERRNO(sys_getattr(ROOT, &old, &attr), ESTALE);
    KT_ASSERT_ERRNO(sys_getattr(ROOT, &root, &attr), ESTALE);
    uint64_t random = ktest_seed() | 1;
    for (int i = 0; i < 1000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        const struct sys_node node = {.vnode = random >> (i % 60), .vid = (uint32_t)random};
        KT_ASSERT_ERRNO(sys_getattr(ROOT, &node, &attr), ESTALE);
    }
    KT_ASSERT_ERRNO(sys_getattr(ROOT, &(struct sys_node){0}, &attr), ESTALE);
}

static void recover__of_what_does_not_exist__is_stale(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    struct sys_node f = fx_file(&place.root, "f", 0644, NULL), node;
    KT_ASSERT_OK(sys_recover(ROOT, place.id, place.root.fileid, &node, NULL));
    KT_ASSERT_EQ(node.vnode, place.root.vnode);
    KT_ASSERT_OK(sys_unlink(ROOT, &place.root, "f", 0, NULL));
    KT_ASSERT_ERRNO(sys_recover(ROOT, place.id, f.fileid, &node, NULL), ESTALE);
    KT_ASSERT_ERRNO(sys_recover(ROOT, 9999, 1, &node, NULL), ESTALE);
    KT_ASSERT_ERRNO(sys_recover(ROOT, fx_get(NULL, "/").mount_id, 2, &node, NULL), ENOTSUP);
    fx_fail(FX_VGET, EIO, 1);
    KT_ASSERT_ERRNO(sys_recover(ROOT, place.id, 1, &node, NULL), EIO);
    fx_unmount(&place);
}

static const struct ktest_case cases[] = {
    KT_CASE(mount__failing_at_each_step__leaves_nothing),
    KT_CASE(mount__bad_arguments__are_refused),
    KT_CASE(mount__that_wants_a_disk__is_told_there_is_none),
    KT_CASE(mount__on_a_taken_place__is_busy),
    KT_CASE(unmount__while_in_use__says_by_what_and_changes_nothing),
    KT_CASE(unmount__refused_by_the_file_system__goes_on_serving),
    KT_CASE(unmount__forced__takes_open_files_away),
    KT_CASE(unmount__of_the_kernels_root__is_refused),
    KT_CASE(mount__without_a_place__gets_one_for_its_life),
    KT_CASE(update__changes_flags_or_nothing),
    KT_CASE(info__tells_what_was_mounted),
    KT_CASE(node__of_what_is_gone__is_stale_and_never_another),
    KT_CASE(node__just_found__is_there_for_the_next_call),
    KT_CASE(node__garbage_and_from_an_earlier_boot__is_stale),
    KT_CASE(recover__of_what_does_not_exist__is_stale),
};
FX_SUITE(sys_mount, cases);
