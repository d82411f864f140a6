// SPDX-License-Identifier: BSD-2-Clause
/*
 * conform.h: what a case of the conformity suite is written with. A case is `static void noun__what__result
 * (void)`; one with a table of rows takes the row's number and runs once for each, in a fresh directory,
 * under its own name.
 *
 * A check that does not hold ends the case by a long jump to the runner: cases keep nothing that would have
 * to be given back, the runner closes files and clears the directory.
 */
#ifndef KEXTBED_TESTS_CONFORM_H
#define KEXTBED_TESTS_CONFORM_H

#include <stdio.h>
#include <string.h>

#include "tests/conform/differences.h"
#include "tests/conform/fs_ops.h"

/* What a file system or a way to it may lack. A case that needs one that is not there is skipped. */
enum feature {
    HAS_XATTR = 1u << 0,
    HAS_SPARSE = 1u << 1,     /* holes take no space */
    HAS_PUNCH = 1u << 2,      /* holes can be made */
    HAS_ALLOCATE = 1u << 3,   /* space can be reserved */
    HAS_DEVICES = 1u << 4,    /* device nodes */
    HAS_SWAP = 1u << 5,       /* rename that exchanges */
    HAS_ATIME = 1u << 6,      /* each read counts as an access at once */
    HAS_LOCKS = 1u << 7,      /* advisory locks */
    HAS_HUGE = 1u << 8,       /* files of more than 2^40 bytes */
    HAS_BIRTH = 1u << 9,      /* time of creation */
    HAS_ZERO = 1u << 10,      /* a range can be zeroed */
    HAS_BIG_FILES = 1u << 11, /* files of more than 4 GiB */
    HAS_SEEK = 1u << 12,      /* SEEK_DATA and SEEK_HOLE know holes */
    HAS_LIVE_SPACE = 1u << 13 /* the space of a file is told as it is now */
};
#define FEATURES_ALL 0x3fffu

struct conform_case {
    const char *name;
    void (*fn)(void);         /* runs once; or */
    void (*row_fn)(unsigned); /* once for each of */
    unsigned rows;
    const char *(*row_name)(unsigned);
};
struct conform_suite {
    const char *name;
    const struct conform_case *cases;
    size_t count;
};
#define CASE(fn)                                                                                             \
    {                                                                                                        \
#fn, fn, NULL, 0, NULL                                                                               \
    }
#define CASE_ROWS(fn, n, naming)                                                                             \
    {                                                                                                        \
#fn, NULL, fn, (unsigned)(n), naming                                                                 \
    }
/* A table whose rows begin with `name`: its naming function is table_name. */
#define ROW_NAMES(table)                                                                                     \
    static const char *table##_name(unsigned row)                                                            \
    {                                                                                                        \
        return table[row].name;                                                                              \
    }
#define CASE_TABLE(fn, table) CASE_ROWS(fn, COUNT_OF(table), table##_name)
#define SUITE(noun, table)                                                                                   \
    extern const struct conform_suite suite_##noun;                                                          \
    const struct conform_suite suite_##noun = {#noun, table, sizeof(table) / sizeof((table)[0])}
#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* ---- the run ------------------------------------------------------------------------------------------- */

extern const struct fs_ops *fs;
extern unsigned features; /* HAS_* */
extern enum world conform_world;

_Noreturn void conform_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void conform_skip(const char *reason);
void conform_need(unsigned needed); /* skips where one of these HAS_* is missing */
const char *conform_errno_name(int error);
void conform_check_errno(const char *file, int line, const char *what, int got, int expected);

#define CHECK_ERR(expected, call) conform_check_errno(__FILE__, __LINE__, #call, (call), (expected))
#define CHECK_OK(call)            CHECK_ERR(0, call)
#define CHECK(cond)                                                                                          \
    do {                                                                                                     \
        if (!(cond))                                                                                         \
            conform_fail(__FILE__, __LINE__, "does not hold: %s", #cond);                                    \
    } while (0)
#define CHECK_EQ(left, right)                                                                                \
    do {                                                                                                     \
        int64_t left_ = (int64_t)(left), right_ = (int64_t)(right);                                          \
        if (left_ != right_)                                                                                 \
            conform_fail(__FILE__, __LINE__, "%s is %lld (0%llo), expected %lld (0%llo)", #left,             \
                         (long long)left_, (unsigned long long)left_, (long long)right_,                     \
                         (unsigned long long)right_);                                                        \
    } while (0)

/* ---- users and short forms (helpers.c) ----------------------------------------------------------------- */

extern const struct user root_user, alice, bob, carol; /* alice and carol share group GROUP_TEAM */
#define ROOT  (&root_user)
#define ALICE (&alice)
#define BOB   (&bob)
#define CAROL (&carol)
enum { UID_ALICE = 40011, UID_BOB = 40012, UID_CAROL = 40013 };
enum { GROUP_ALICE = 41011, GROUP_BOB = 41012, GROUP_CAROL = 41013, GROUP_TEAM = 41099 };

/* Fail the case unless they succeed. */
void make_file(const struct user *who, const char *path, uint32_t mode, const char *contents);
void make_dir(const struct user *who, const char *path, uint32_t mode);
void make_owned(const char *path, uint32_t uid, uint32_t gid, uint32_t mode); /* a file with this owner */
int open_ok(const struct user *who, const char *path, uint32_t oflags, uint32_t mode);
int open_err(const struct user *who, const char *path, uint32_t oflags, uint32_t mode);
void close_ok(int fd);
size_t read_ok(int fd, void *buf, size_t len, int64_t off);
void write_ok(int fd, const void *buf, size_t len, int64_t off);
struct sys_attr stat_of(const char *path); /* as root, not following */
struct sys_attr fstat_of(int fd);
void check_contents(const char *path, const char *expected);
bool exists(const char *path);
void set_times(const char *path, int64_t atime, int64_t mtime); /* whole seconds */
/* Waits until the coarse clock is past a time that a file system gave, which may come from a finer one, or
 * from before the clock was set back: what happens now is later. */
void tick_past(struct sys_time last);
bool time_before(struct sys_time a, struct sys_time b);
bool time_equal(struct sys_time a, struct sys_time b);
void fill_name(char *buf, char c, size_t len); /* NUL-terminated */
/* Removes everything below `path` (NULL: below the case's directory). */
int tree_clear(const char *path);

#endif
