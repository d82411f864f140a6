// SPDX-License-Identifier: BSD-2-Clause
/*
 * No memory: the n-th allocation of a call fails, for every n until the call gets through. Each time it must
 * answer ENOMEM (or what the file system makes of it) and keep nothing; the tear-down counts.
 */
#include "tests/unit/vfs/sys_fixture.h"

#define TRIES 50

static struct fx_place place;

static void setup(void)
{
    fx_setup();
    place = fx_mount("fxfs", 0, 0);
    fx_file(&place.root, "f", 0644, "data");
}

static void teardown(void)
{
    kern_memory_fail_after(0);
    fx_unmount(&place);
    fx_teardown();
}

/* Runs @body with the first, second... allocation failing, until it succeeds. At least one attempt must have
 * failed. */
static void fail_each(int (*body)(void))
{
    unsigned n = 1;
    int error = ENOMEM;
    for (; error && n < TRIES; n++) {
        kern_memory_fail_after(n);
        error = body();
        kern_memory_fail_after(0);
        KT_ASSERT(error == 0 || error == ENOMEM);
    }
    KT_ASSERT_OK(error);
    KT_ASSERT_GT(n, 2);
}

static int open_and_close(void)
{
    sys_file_t *file;
    int error = sys_open(ROOT, &place.root, "f", 0, SYS_O_RDWR, 0, &file, NULL, NULL);
    return error ? error : sys_close(ROOT, file);
}

static void open__without_memory__keeps_nothing(void)
{
    fail_each(open_and_close);
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_OPEN]), atomic_load(&fx_calls[FX_CLOSE]));
}

static int make_caller(void)
{
    sys_caller_t *who;
    int error = sys_caller_create(&(struct sys_identity){.uid = 4711}, &who);
    if (!error)
        sys_caller_release(who);
    return error;
}

static void caller__without_memory__is_not_made(void)
{
    fail_each(make_caller);
}

static sys_file_t *dir;

static int ignore(void *arg, const struct sys_dirent *ent)
{
    (void)arg;
    (void)ent;
    return 0;
}

static int list(void)
{
    bool eof;
    return sys_readdir(ROOT, dir, 0, ignore, NULL, &eof);
}

static void readdir__without_memory__can_be_tried_again(void)
{
    static const char *const types[] = {"fxfs", "fxplain"};
    char name[4] = "00";
    for (unsigned t = 0; t < 2; t++) {
        struct fx_place other = fx_mount(types[t], 0, 0);
        for (unsigned i = 0; i < 60; i++) {
            name[0] = (char)('0' + i / 10), name[1] = (char)('0' + i % 10);
            fx_mkdir(&other.root, name, 0755);
        }
        dir = fx_open(&other.root, "", SYS_O_RDONLY);
        fail_each(list);
        fx_close(dir);
        fx_unmount(&other);
    }
}

static const struct ktest_case cases[] = {
    KT_CASE(open__without_memory__keeps_nothing),
    KT_CASE(caller__without_memory__is_not_made),
    KT_CASE(readdir__without_memory__can_be_tried_again),
};
SYS_SUITE(sys_memory, cases);
