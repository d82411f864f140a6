// SPDX-License-Identifier: BSD-2-Clause
/*
 * case_xattr.c: extended attributes.
 */
#include "tests/conform/conform.h"

static size_t get(const char *path, const char *name, char *buf, size_t size)
{
    size_t len = 0;

    CHECK_OK(fs->getxattr(ROOT, path, name, buf, size, &len));
    return len;
}

static void file_make(void)
{
    conform_need(HAS_XATTR);
    make_owned("f", UID_ALICE, GROUP_ALICE, 0644);
}

static const struct {
    const char *name;
    size_t len;
} lengths[] = {{"0", 0},       {"1", 1},       {"255", 255},     {"256", 256},
               {"4095", 4095}, {"4096", 4096}, {"65535", 65535}, {"65536", 65536}};
ROW_NAMES(lengths)

static void value__comes_back(unsigned row)
{
    static char value[65536], back[65536];
    size_t len = lengths[row].len, told = 0;

    file_make();
    memset(value, 'v', len);
    CHECK_OK(fs->setxattr(ROOT, "f", "user.one", value, len, 0));
    CHECK_OK(fs->getxattr(ROOT, "f", "user.one", NULL, 0, &told));
    CHECK_EQ(told, len);
    CHECK_EQ(get("f", "user.one", back, sizeof(back)), len);
    CHECK(memcmp(value, back, len) == 0);
    if (len > 1)
        CHECK_ERR(SYS_ERANGE, fs->getxattr(ROOT, "f", "user.one", back, len - 1, &told));
}

static void value__is_replaced(void)
{
    char buf[64];

    file_make();
    CHECK_OK(fs->setxattr(ROOT, "f", "user.one", "first value", 11, 0));
    CHECK_OK(fs->setxattr(ROOT, "f", "user.one", "2nd", 3, 0));
    CHECK_EQ(get("f", "user.one", buf, sizeof(buf)), 3);
    CHECK(memcmp(buf, "2nd", 3) == 0);
}

static void flags__say_whether_it_must_be_there(void)
{
    file_make();
    CHECK_ERR(SYS_ENOATTR, fs->setxattr(ROOT, "f", "user.one", "x", 1, SYS_XATTR_REPLACE));
    CHECK_OK(fs->setxattr(ROOT, "f", "user.one", "x", 1, SYS_XATTR_CREATE));
    CHECK_ERR(SYS_EEXIST, fs->setxattr(ROOT, "f", "user.one", "y", 1, SYS_XATTR_CREATE));
    CHECK_OK(fs->setxattr(ROOT, "f", "user.one", "z", 1, SYS_XATTR_REPLACE));
    char c;
    CHECK_EQ(get("f", "user.one", &c, 1), 1);
    CHECK_EQ(c, 'z');
}

static void absent__is_enoattr(void)
{
    char c;
    size_t len;

    file_make();
    CHECK_ERR(SYS_ENOATTR, fs->getxattr(ROOT, "f", "user.none", &c, 1, &len));
    CHECK_ERR(SYS_ENOATTR, fs->getxattr(ROOT, "f", "user.none", NULL, 0, &len));
    CHECK_ERR(SYS_ENOATTR, fs->removexattr(ROOT, "f", "user.none"));
}

/* How often `name` stands in a list of names. */
static unsigned listed(const char *list, size_t len, const char *name)
{
    unsigned n = 0;

    for (size_t at = 0; at < len; at += strlen(list + at) + 1)
        n += strcmp(list + at, name) == 0;
    return n;
}

static void list__names_them_all(void)
{
    char list[4096], name[32];
    size_t len = 0, told = 0;

    file_make();
    CHECK_OK(fs->listxattr(ROOT, "f", list, sizeof(list), &len));
    CHECK_EQ(listed(list, len, "user.0"), 0);
    for (unsigned i = 0; i < 50; i++) {
        snprintf(name, sizeof(name), "user.%u", i);
        CHECK_OK(fs->setxattr(ROOT, "f", name, name, strlen(name), 0));
    }
    CHECK_OK(fs->removexattr(ROOT, "f", "user.7"));
    CHECK_OK(fs->listxattr(ROOT, "f", list, sizeof(list), &len));
    CHECK_OK(fs->listxattr(ROOT, "f", NULL, 0, &told));
    CHECK_EQ(told, len);
    for (unsigned i = 0; i < 50; i++) {
        snprintf(name, sizeof(name), "user.%u", i);
        CHECK_EQ(listed(list, len, name), i != 7);
    }
    CHECK_ERR(SYS_ERANGE, fs->listxattr(ROOT, "f", list, len - 1, &told));
}

static void names__are_told_apart(void)
{
    char c;

    file_make();
    CHECK_OK(fs->setxattr(ROOT, "f", "user.a", "1", 1, 0));
    CHECK_OK(fs->setxattr(ROOT, "f", "user.A", "2", 1, 0));
    CHECK_OK(fs->setxattr(ROOT, "f", "user.ab", "3", 1, 0));
    CHECK_EQ(get("f", "user.a", &c, 1), 1);
    CHECK_EQ(c, '1');
    CHECK_EQ(get("f", "user.A", &c, 1), 1);
    CHECK_EQ(c, '2');
}

static void attributes__stay_with_the_file(void)
{
    char c;

    file_make();
    CHECK_OK(fs->setxattr(ROOT, "f", "user.one", "x", 1, 0));
    CHECK_OK(fs->link(ROOT, "f", "g"));
    CHECK_OK(fs->rename(ROOT, "f", "h", 0));
    CHECK_OK(fs->truncate(ROOT, "h", 0));
    CHECK_EQ(get("g", "user.one", &c, 1), 1);
    CHECK_EQ(get("h", "user.one", &c, 1), 1);
    CHECK_OK(fs->unlink(ROOT, "g"));
    CHECK_OK(fs->unlink(ROOT, "h"));
    make_file(ROOT, "h", 0644, "");
    size_t len;
    CHECK_ERR(SYS_ENOATTR, fs->getxattr(ROOT, "h", "user.one", &c, 1, &len));
}

static void directories__have_them_too(void)
{
    char c;

    conform_need(HAS_XATTR);
    make_dir(ROOT, "d", 0755);
    CHECK_OK(fs->setxattr(ROOT, "d", "user.one", "x", 1, 0));
    CHECK_EQ(get("d", "user.one", &c, 1), 1);
    CHECK_OK(fs->removexattr(ROOT, "d", "user.one"));
}

static const struct {
    const char *name;
    const struct user *who;
    uint32_t mode;
    bool reads, writes;
} rights[] = {
    {"owner", ALICE, 0600, true, true},
    {"owner without writing", ALICE, 0400, true, false},
    {"owner without reading", ALICE, 0200, false, true},
    {"other", BOB, 0644, true, false},
    {"other without rights", BOB, 0600, false, false},
    {"other with all", BOB, 0666, true, true},
    {"root", ROOT, 0, true, true},
};
ROW_NAMES(rights)

static void rights__are_those_to_the_contents(unsigned row)
{
    const struct user *who = rights[row].who;
    char c;
    size_t len;

    file_make();
    CHECK_OK(fs->setxattr(ROOT, "f", "user.one", "x", 1, 0));
    CHECK_OK(fs->chmod(ROOT, "f", rights[row].mode));
    CHECK_ERR(rights[row].reads ? 0 : SYS_EACCES, fs->getxattr(who, "f", "user.one", &c, 1, &len));
    CHECK_ERR(rights[row].writes ? 0 : SYS_EACCES, fs->setxattr(who, "f", "user.two", "y", 1, 0));
    CHECK_ERR(rights[row].writes ? 0 : SYS_EACCES, fs->removexattr(who, "f", "user.one"));
}

static void setting__moves_the_change_time(void)
{
    file_make();
    struct sys_attr before = stat_of("f");
    tick_past(before.ctime);
    CHECK_OK(fs->setxattr(ROOT, "f", "user.one", "x", 1, 0));
    struct sys_attr after = stat_of("f");
    CHECK(time_before(before.ctime, after.ctime));
    CHECK(time_equal(before.mtime, after.mtime));
}

static void long_name__is_refused(void)
{
    char name[300] = "user.";

    file_make();
    fill_name(name + 5, 'n', 255);
    int error = fs->setxattr(ROOT, "f", name, "x", 1, 0);
    CHECK(error == SYS_ERANGE || error == SYS_ENAMETOOLONG);
}

static const struct conform_case cases[] = {
    CASE_TABLE(value__comes_back, lengths),
    CASE(value__is_replaced),
    CASE(flags__say_whether_it_must_be_there),
    CASE(absent__is_enoattr),
    CASE(list__names_them_all),
    CASE(names__are_told_apart),
    CASE(attributes__stay_with_the_file),
    CASE(directories__have_them_too),
    CASE_TABLE(rights__are_those_to_the_contents, rights),
    CASE(setting__moves_the_change_time),
    CASE(long_name__is_refused),
};
SUITE(xattr, cases);
