// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading directories, each case with a file system that gives cookies and with one that does not: order and
 * completeness, going on from any position, changes under way, several readers, entries that are wrong.
 */
#include "tests/unit/vfs/sys_fixture.h"

static const char *const types[] = {"fxfs", "fxplain"};

/* What a listing saw. */
struct seen {
    unsigned count, room;  /* entries; how many may still come before the reader is full */
    int64_t cookies[4096]; /* behind each entry */
    uint64_t ids[4096];
    char names[4096][8];
    unsigned kinds[8];
    int (*inside)(struct seen *seen, const struct sys_dirent *ent); /* called for each entry */
    void *arg;
};
static struct seen one, two; /* large */

static int note(void *arg, const struct sys_dirent *ent)
{
    struct seen *seen = arg;
    if (!seen->room)
        return 1;
    if (seen->inside && seen->inside(seen, ent))
        return 1;
    KT_ASSERT_LT(seen->count, 4096);
    KT_ASSERT_EQ(strlen(ent->name), ent->namelen);
    seen->room--;
    seen->cookies[seen->count] = ent->cookie;
    seen->ids[seen->count] = ent->fileid;
    seen->kinds[ent->type]++;
    memset(seen->names[seen->count], 0, 8);
    memcpy(seen->names[seen->count], ent->name, ent->namelen < 7 ? ent->namelen : 7);
    seen->count++;
    return 0;
}

static void clear(struct seen *seen)
{
    memset(seen, 0, sizeof(*seen));
    seen->room = ~0u;
}

static bool list_from(sys_file_t *dir, int64_t cookie, struct seen *seen)
{
    bool eof = false;
    KT_ASSERT_OK(sys_readdir(ROOT, dir, cookie, note, seen, &eof));
    return eof;
}

static void number_name(char *name, unsigned i)
{
    name[0] = 'f';
    for (int d = 4; d >= 1; d--, i /= 10)
        name[d] = (char)('0' + i % 10);
    name[5] = '\0';
}

static void fill(const struct sys_node *dir, unsigned count)
{
    char name[8];
    for (unsigned i = 0; i < count; i++) {
        number_name(name, i);
        KT_ASSERT_OK(sys_mknod(ROOT, dir, name, SYS_AT_COMPONENT, SYS_VREG, 0644, 0, NULL, NULL));
    }
}

static bool has(const struct seen *seen, const char *name)
{
    for (unsigned i = 0; i < seen->count; i++) {
        if (strcmp(seen->names[i], name) == 0)
            return true;
    }
    return false;
}

/* ---- whole listings ------------------------------------------------------------------------------------ */

static void list_all_kinds(const char *type)
{
    struct fx_place place = fx_mount(type, 0, 0);
    fx_mkdir(&place.root, "dir", 0755);
    fx_file(&place.root, "file", 0644, NULL);
    fx_symlink(&place.root, "link", "x");
    KT_ASSERT_OK(sys_mknod(ROOT, &place.root, "fifo", 0, SYS_VFIFO, 0644, 0, NULL, NULL));
    KT_ASSERT_OK(sys_mknod(ROOT, &place.root, "sock", 0, SYS_VSOCK, 0644, 0, NULL, NULL));
    KT_ASSERT_OK(sys_mknod(ROOT, &place.root, "chr", 0, SYS_VCHR, 0644, 0x1000002, NULL, NULL));
    KT_ASSERT_OK(sys_mknod(ROOT, &place.root, "blk", 0, SYS_VBLK, 0644, 3, NULL, NULL));
    sys_file_t *dir = fx_open(&place.root, "", SYS_O_RDONLY | SYS_O_DIRECTORY);
    clear(&one);
    KT_ASSERT(list_from(dir, 0, &one));
    KT_ASSERT_EQ(one.count, 9);
    KT_ASSERT_STR(one.names[0], ".");
    KT_ASSERT_STR(one.names[1], "..");
    KT_ASSERT_EQ(one.ids[0], place.root.fileid);
    KT_ASSERT_EQ(one.kinds[SYS_VDIR], 3);
    for (unsigned t = SYS_VREG; t <= SYS_VFIFO; t++)
        KT_ASSERT_GE(one.kinds[t], 1);
    /* At the end there is nothing more, and it is the end. */
    clear(&two);
    KT_ASSERT(list_from(dir, one.cookies[8], &two));
    KT_ASSERT_EQ(two.count, 0);
    fx_close(dir);
    fx_unmount(&place);
}

static void listing__of_every_kind__is_complete(void)
{
    list_all_kinds(types[0]);
    list_all_kinds(types[1]);
}

static void list_large(const char *type)
{
    char name[8];
    struct fx_place place = fx_mount(type, 0, 0);
    fill(&place.root, 3000); /* more than a chunk holds */
    sys_file_t *dir = fx_open(&place.root, "", SYS_O_RDONLY);
    clear(&one);
    KT_ASSERT(list_from(dir, 0, &one));
    KT_ASSERT_EQ(one.count, 3002);
    for (unsigned i = 0; i < 3000; i++) {
        number_name(name, i);
        KT_ASSERT_STR(one.names[i + 2], name);
    }
    /* In small pieces, as a host asks, it is the same; the file system is not asked for each piece. */
    uint32_t before = atomic_load(&fx_calls[FX_READDIR]);
    clear(&two);
    int64_t cookie = 0;
    bool eof = false;
    while (!eof) {
        two.room = 7;
        eof = list_from(dir, cookie, &two);
        cookie = two.cookies[two.count - 1];
    }
    KT_ASSERT_EQ(two.count, 3002);
    KT_ASSERT_MEM(one.names, two.names, sizeof(one.names));
    KT_ASSERT_LE(atomic_load(&fx_calls[FX_READDIR]) - before, 5);
    fx_close(dir);
    fx_unmount(&place);
}

static void listing__of_3000__comes_in_chunks_and_pieces(void)
{
    list_large(types[0]);
    list_large(types[1]);
}

static void list_anywhere(const char *type)
{
    struct fx_place place = fx_mount(type, 0, 0);
    fill(&place.root, 2000);
    sys_file_t *dir = fx_open(&place.root, "", SYS_O_RDONLY);
    clear(&one);
    list_from(dir, 0, &one);
    uint64_t random = ktest_seed() | 1;
    for (int i = 0; i < 200; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        unsigned at = (unsigned)(random >> 33) % 2000;
        clear(&two);
        two.room = 1;
        list_from(dir, one.cookies[at], &two);
        KT_ASSERT_EQ(two.count, 1);
        KT_ASSERT_STR(two.names[0], one.names[at + 1]);
    }
    fx_close(dir);
    fx_unmount(&place);
}

static void listing__goes_on_from_any_cookie(void)
{
    list_anywhere(types[0]);
    list_anywhere(types[1]);
}

/* ---- changes ------------------------------------------------------------------------------------------- */

/* Removing what has been listed, as rm -r does, must not make anything be missed. */
static void list_and_remove(const char *type)
{
    struct fx_place place = fx_mount(type, 0, 0);
    fill(&place.root, 2500);
    sys_file_t *dir = fx_open(&place.root, "", SYS_O_RDONLY);
    int64_t cookie = 0;
    bool eof = false;
    unsigned removed = 0;
    while (!eof) {
        clear(&one);
        one.room = 10;
        eof = list_from(dir, cookie, &one);
        for (unsigned i = 0; i < one.count; i++) {
            cookie = one.cookies[i];
            if (one.names[i][0] != '.') {
                KT_ASSERT_OK(sys_unlink(ROOT, &place.root, one.names[i], SYS_AT_COMPONENT, NULL));
                removed++;
            }
        }
    }
    KT_ASSERT_EQ(removed, 2500);
    clear(&one);
    KT_ASSERT(list_from(dir, 0, &one)); /* from the start again: as it is now */
    KT_ASSERT_EQ(one.count, 2);
    fx_close(dir);
    fx_unmount(&place);
}

static void removal__of_what_was_listed__hides_nothing(void)
{
    list_and_remove(types[0]);
    list_and_remove(types[1]);
}

static void list_again(const char *type)
{
    struct fx_place place = fx_mount(type, 0, 0);
    sys_file_t *dir = fx_open(&place.root, "", SYS_O_RDONLY);
    clear(&one);
    list_from(dir, 0, &one);
    KT_ASSERT_EQ(one.count, 2);
    fx_file(&place.root, "new", 0644, NULL);
    clear(&one);
    list_from(dir, 0, &one);
    KT_ASSERT(has(&one, "new"));
    fx_close(dir);
    fx_unmount(&place);
}

static void start_over__sees_what_is_new(void)
{
    list_again(types[0]);
    list_again(types[1]);
}

static int look_it_up(struct seen *seen, const struct sys_dirent *ent)
{
    struct sys_node node;
    const struct fx_place *place = seen->arg;
    KT_ASSERT_OK(sys_lookup(ROOT, &place->root, ent->name, 0, &node, NULL));
    if (strcmp(ent->name, ".."))
        KT_ASSERT_EQ(node.fileid, ent->fileid);
    return 0;
}

static int look_up_the_entry(struct seen *seen, const struct sys_dirent *ent)
{
    struct sys_node node, same;
    struct sys_attr attr;
    const struct fx_place *place = seen->arg;
    if (ent->name[0] == '.') {
        KT_ASSERT_ERRNO(sys_dirent_lookup(ent, &node, &attr), EINVAL);
        return 0;
    }
    KT_ASSERT_OK(sys_dirent_lookup(ent, &node, &attr));
    KT_ASSERT_OK(sys_lookup(ROOT, &place->root, ent->name, 0, &same, NULL));
    KT_ASSERT_EQ(node.fileid, ent->fileid);
    KT_ASSERT_EQ(attr.fileid, ent->fileid);
    KT_ASSERT_EQ(node.vnode, same.vnode);
    KT_ASSERT_EQ(node.vid, same.vid);
    KT_ASSERT_OK(sys_unlink(ROOT, &place->root, ent->name, 0, NULL));
    KT_ASSERT_ERRNO(sys_dirent_lookup(ent, &node, &attr), ENOENT);
    return 0;
}

static void emit__may_look_up_what_it_is_given(void)
{
    for (unsigned t = 0; t < 2; t++) {
        struct fx_place place = fx_mount(types[t], 0, 0);
        fill(&place.root, 40);
        sys_file_t *dir = fx_open(&place.root, "", SYS_O_RDONLY);
        clear(&one);
        one.inside = look_it_up;
        one.arg = &place;
        KT_ASSERT(list_from(dir, 0, &one));
        KT_ASSERT_EQ(one.count, 42);
        clear(&one);
        one.inside = look_up_the_entry;
        one.arg = &place;
        KT_ASSERT(list_from(dir, 0, &one));
        KT_ASSERT_EQ(one.count, 42);
        fx_close(dir);
        fx_unmount(&place);
    }
}

static int close_nothing(struct seen *seen, const struct sys_dirent *ent)
{
    sys_file_t *dir = seen->arg;
    bool eof;
    (void)ent;
    clear(&two);
    return sys_readdir(ROOT, dir, 0, note, &two, &eof); /* replaces the chunk that is being emitted */
}

static void emit__may_read_the_same_directory(void)
{
    for (unsigned t = 0; t < 2; t++) {
        struct fx_place place = fx_mount(types[t], 0, 0);
        fill(&place.root, 30);
        sys_file_t *dir = fx_open(&place.root, "", SYS_O_RDONLY);
        clear(&one);
        one.inside = close_nothing;
        one.arg = dir;
        KT_ASSERT(list_from(dir, 0, &one));
        KT_ASSERT_EQ(one.count, 32);
        fx_close(dir);
        fx_unmount(&place);
    }
}

/* ---- what is wrong ------------------------------------------------------------------------------------- */

static void listing__that_is_garbled__is_an_error(void)
{
    for (unsigned t = 0; t < 2; t++) {
        struct fx_place place = fx_mount(types[t], FX_GARBLE_DIR, 0);
        sys_file_t *dir = fx_open(&place.root, "", SYS_O_RDONLY);
        bool eof = true;
        clear(&one);
        KT_ASSERT_ERRNO(sys_readdir(ROOT, dir, 0, note, &one, &eof), EIO);
        KT_ASSERT_EQ(one.count, 0);
        KT_ASSERT(eof); /* untouched */
        fx_close(dir);
        fx_unmount(&place);
    }
}

static void listing__error_of_the_file_system__comes_through(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    sys_file_t *dir = fx_open(&place.root, "", SYS_O_RDONLY), *file;
    bool eof;
    fill(&place.root, 5);
    fx_fail(FX_READDIR, EIO, 1);
    clear(&one);
    KT_ASSERT_ERRNO(sys_readdir(ROOT, dir, 0, note, &one, &eof), EIO);
    KT_ASSERT_OK(sys_readdir(ROOT, dir, 0, note, &one, &eof));
    KT_ASSERT_EQ(one.count, 7);
    KT_ASSERT_ERRNO(sys_readdir(ROOT, dir, -1, note, &one, &eof), EINVAL);
    file = fx_open(&place.root, "f0001", SYS_O_RDONLY);
    KT_ASSERT_ERRNO(sys_readdir(ROOT, file, 0, note, &one, &eof), ENOTDIR);
    fx_close(file);
    fx_close(dir);
    fx_unmount(&place);
}

static void listing__of_a_removed_directory__is_empty(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    fx_mkdir(&place.root, "d", 0755);
    sys_file_t *dir = fx_open(&place.root, "d", SYS_O_RDONLY);
    KT_ASSERT_OK(sys_rmdir(ROOT, &place.root, "d", 0, NULL));
    clear(&one);
    KT_ASSERT(list_from(dir, 0, &one));
    KT_ASSERT_ERRNO(fx_error(&place.root, "d", 0), ENOENT);
    fx_close(dir);
    fx_unmount(&place);
}

static void listing__of_the_kernels_root__is_like_any(void)
{
    sys_file_t *dir = fx_open(NULL, "/", SYS_O_RDONLY);
    clear(&one);
    KT_ASSERT(list_from(dir, 0, &one));
    KT_ASSERT_EQ(one.count, 4);
    KT_ASSERT(has(&one, "dev"));
    KT_ASSERT(has(&one, "mnt"));
    clear(&two);
    two.room = 3;
    KT_ASSERT(!list_from(dir, 0, &two));
    clear(&one);
    KT_ASSERT(list_from(dir, two.cookies[2], &one));
    KT_ASSERT_EQ(one.count, 1);
    fx_close(dir);
}

static const struct ktest_case cases[] = {
    KT_CASE(listing__of_every_kind__is_complete),
    KT_CASE(listing__of_3000__comes_in_chunks_and_pieces),
    KT_CASE(listing__goes_on_from_any_cookie),
    KT_CASE(removal__of_what_was_listed__hides_nothing),
    KT_CASE(start_over__sees_what_is_new),
    KT_CASE(emit__may_look_up_what_it_is_given),
    KT_CASE(emit__may_read_the_same_directory),
    KT_CASE(listing__that_is_garbled__is_an_error),
    KT_CASE(listing__error_of_the_file_system__comes_through),
    KT_CASE(listing__of_a_removed_directory__is_empty),
    KT_CASE(listing__of_the_kernels_root__is_like_any),
};
FX_SUITE(sys_readdir, cases);
