// SPDX-License-Identifier: BSD-2-Clause
/*
 * The book of long references: who is left when somebody gives one up, and what is known when there are many.
 */
#include <sys/fcntl.h>

#include "tests/support/ktest_kern.h"
#include "vfs/vnode_checked_internal.h"

#define ROWS 128u

static struct vnode file, elsewhere;
static struct long_ref rows[ROWS];

static void begin(void)
{
    elsewhere.v_index = file.v_index; /* in one bucket */
    long_refs_boot();
}

static size_t look(void)
{
    size_t n = long_refs_of(&file, LONG_REF_ANY, rows, ROWS);
    KT_ASSERT(n <= ROWS);
    return n;
}

static uint32_t total(void)
{
    uint32_t sum = 0;
    for (size_t i = look(); i-- > 0;)
        sum += rows[i].count;
    return sum;
}

static void __attribute__((noinline)) take_here(int role)
{
    long_ref_take(&file, LONG_REF_ANY, role);
    __asm__ volatile("");
}

static void __attribute__((noinline)) take_there(int role)
{
    long_ref_take(&file, LONG_REF_ANY, role);
    __asm__ volatile("" ::: "memory");
}

static void taken_alike__share_a_row(void)
{
    begin();
    for (volatile int i = 0; i < 5; i++) /* one place: not to be unrolled */
        take_here(0);
    take_there(0);
    KT_ASSERT_EQ(look(), 2);
    KT_ASSERT_EQ(total(), 6);
    for (int i = 0; i < 6; i++)
        KT_ASSERT(long_ref_drop(&file, LONG_REF_ANY, 0));
    KT_ASSERT_EQ(look(), 0);
    KT_ASSERT(!long_ref_drop(&file, LONG_REF_ANY, 0));
    long_refs_shutdown();
}

static void open_files__first_is_closed__second_is_left(void)
{
    const char first = 0, second = 0;
    begin();
    take_here(FREAD);
    long_ref_own(&file, FREAD, &first);
    take_here(FREAD | O_NONBLOCK);
    long_ref_own(&file, FREAD, &second);
    KT_ASSERT_EQ(look(), 2);
    long_ref_leave(&file, FREAD | O_NONBLOCK, &first);
    KT_ASSERT(long_ref_drop(&file, LONG_REF_ANY, FREAD));
    KT_ASSERT_EQ(look(), 1);
    KT_ASSERT(rows[0].owner == &second);
    KT_ASSERT(long_ref_drop(&file, LONG_REF_ANY, FREAD));
    long_refs_shutdown();
}

static void roles__each_gives_up_its_own(void)
{
    const char opener = 0;
    begin();
    take_here(FREAD);
    long_ref_own(&file, FREAD, &opener);
    take_here(LONG_REF_ROLE_KEXT);
    take_here(0);
    KT_ASSERT(long_ref_drop(&file, LONG_REF_ANY, LONG_REF_ROLE_KEXT));
    KT_ASSERT_EQ(look(), 2);
    KT_ASSERT(rows[0].role != LONG_REF_ROLE_KEXT && rows[1].role != LONG_REF_ROLE_KEXT);
    KT_ASSERT(long_ref_drop(&file, LONG_REF_ANY, 0));
    KT_ASSERT_EQ(look(), 1);
    KT_ASSERT(rows[0].owner == &opener);
    KT_ASSERT(long_ref_drop(&file, LONG_REF_ANY, 0)); /* of no role that is known: what there is */
    KT_ASSERT_EQ(look(), 0);
    long_refs_shutdown();
}

static void many_open_files__number_is_told_and_other_roles_have_room(void)
{
    const unsigned many = LONG_REF_TAKERS_MAX + 10;
    char owners[LONG_REF_TAKERS_MAX + 10];
    unsigned unkept = 0;
    begin();
    for (unsigned i = 0; i < many; i++) {
        take_here(FWRITE);
        long_ref_own(&file, FWRITE, &owners[i]);
    }
    take_here(0);
    KT_ASSERT_EQ(look(), LONG_REF_TAKERS_MAX + 2);
    KT_ASSERT_EQ(total(), many + 1);
    for (size_t i = 0; i < LONG_REF_TAKERS_MAX + 2; i++)
        unkept += rows[i].unkept ? rows[i].count : 0;
    KT_ASSERT_EQ(unkept, 10);

    /* Those that are not kept go first: all others are there then. */
    for (unsigned i = LONG_REF_TAKERS_MAX; i < many; i++) {
        long_ref_leave(&file, FWRITE, &owners[i]);
        KT_ASSERT(long_ref_drop(&file, LONG_REF_ANY, FWRITE));
    }
    KT_ASSERT_EQ(look(), LONG_REF_TAKERS_MAX + 1);
    for (size_t i = 0; i < LONG_REF_TAKERS_MAX + 1; i++)
        KT_ASSERT(!rows[i].unkept && !rows[i].leaving);
    for (unsigned i = 0; i < LONG_REF_TAKERS_MAX; i++) {
        long_ref_leave(&file, FWRITE, &owners[i]);
        KT_ASSERT(long_ref_drop(&file, LONG_REF_ANY, FWRITE));
    }
    KT_ASSERT_EQ(look(), 1);
    KT_ASSERT_EQ(rows[0].role, 0);
    KT_ASSERT(long_ref_drop(&file, LONG_REF_ANY, 0));
    long_refs_shutdown();
}

static void kinds_and_vnodes__are_apart(void)
{
    begin();
    long_ref_take(&file, LONG_REF_FS, 0);
    long_ref_take(&elsewhere, LONG_REF_ANY, 0);
    KT_ASSERT_EQ(look(), 0);
    KT_ASSERT(!long_ref_drop(&file, LONG_REF_ANY, 0));
    KT_ASSERT(long_ref_drop(&file, LONG_REF_FS, 0));
    KT_ASSERT(!long_ref_drop(&file, LONG_REF_FS, 0));
    KT_ASSERT(long_ref_drop(&elsewhere, LONG_REF_ANY, 0));
    long_refs_shutdown();
}

static const struct ktest_case cases[] = {
    KT_CASE(taken_alike__share_a_row),     KT_CASE(open_files__first_is_closed__second_is_left),
    KT_CASE(roles__each_gives_up_its_own), KT_CASE(many_open_files__number_is_told_and_other_roles_have_room),
    KT_CASE(kinds_and_vnodes__are_apart),
};
KT_KERN_SUITE(validate_long_refs, cases);
